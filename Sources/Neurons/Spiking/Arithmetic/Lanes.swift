import CVector
import Foundation

/// Sixteen neurons side by side in one vector register, single precision.
public struct Lanes: NeuronArithmetic, Sendable {
  public typealias Vector = SIMD16<Float>
  public static let width = 16
  public var values: Vector

  @inline(__always) public init(_ values: Vector) { self.values = values }
  @inline(__always) public init(repeating value: Double) { values = Vector(repeating: Float(value)) }

  @inline(__always) public static func + (a: Lanes, b: Lanes) -> Lanes { Lanes(a.values + b.values) }
  @inline(__always) public static func - (a: Lanes, b: Lanes) -> Lanes { Lanes(a.values - b.values) }
  @inline(__always) public static func * (a: Lanes, b: Lanes) -> Lanes { Lanes(a.values * b.values) }
  @inline(__always) public static func / (a: Lanes, b: Lanes) -> Lanes { Lanes(a.values / b.values) }
  @inline(__always) public func adding(_ constant: Double) -> Lanes { self + Lanes(repeating: constant) }
  @inline(__always) public func scaled(by constant: Double) -> Lanes { self * Lanes(repeating: constant) }

  /// The exponential function to about one unit in the last place, by a polynomial on half an octave.
  @inline(__always) public func exp() -> Lanes {
    // Not `clamped`, which is no single instruction.
    let raised = values.replacing(with: -87.3, where: values .< -87.3)
    let bounded = raised.replacing(with: 88.7, where: raised .> 88.7)
    // Adding and taking away 1.5 · 2²³ rounds to an integer, which stands in the low bits meanwhile.
    let magic = Vector(repeating: 12_582_912)
    let shifted = bounded * 1.442_695_04 + magic
    let octaves = shifted - magic
    let rest = bounded - octaves * 0.693_359_375 + octaves * 2.121_944_4e-4
    var polynomial = rest * 1.987_569_15e-4 + 1.398_199_95e-3
    polynomial = polynomial * rest + 8.333_451_9e-3
    polynomial = polynomial * rest + 4.166_579_6e-2
    polynomial = polynomial * rest + 1.666_666_5e-1
    polynomial = polynomial * rest + 0.5
    let mantissa = polynomial * rest * rest + rest + 1
    let exponent = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &<< 23
    return Lanes(unsafeBitCast(unsafeBitCast(mantissa, to: SIMD16<Int32>.self) &+ exponent, to: Vector.self))
  }

  @inline(__always) public func sigmoid() -> Lanes {
    Lanes(1 / (1 + Lanes(-values).exp().values))
  }

  @inline(__always) public func relu() -> Lanes { Lanes(values.replacing(with: 0, where: values .< 0)) }
  @inline(__always) public func detached() -> Lanes { self }
  @inline(__always) public func absolute() -> Lanes {
    Lanes(values.replacing(with: -values, where: values .< 0))
  }

  /// 1 where at least zero.
  @inline(__always) public func step() -> Lanes {
    Lanes(Vector(repeating: 0).replacing(with: 1, where: values .>= 0))
  }

  @inline(__always) public func spikes(_: SurrogateGradient) -> Lanes { step() }

  @inline(__always) public func graded(upTo top: Double) -> Lanes {
    let clipped = values.clamped(lowerBound: Vector(repeating: 0), upperBound: Vector(repeating: Float(top)))
    return Lanes(clipped.rounded(.toNearestOrEven))
  }

  @inline(__always) public static func select(_ u: Lanes, _ a: Lanes, otherwise b: Lanes) -> Lanes {
    Lanes(b.values.replacing(with: a.values, where: u.values .>= 0))
  }
}

extension Lanes {
  /// Adds `factor · value` in one operation.
  @inline(__always) mutating func add(_ factor: Lanes, times value: Float) {
    values = cajal_fused(values, factor.values, Vector(repeating: value))
  }

  /// Reads sixteen neurons, or the first `count` of them with zeros behind.
  @inline(__always) init(_ source: UnsafePointer<Float>, _ count: Int = Lanes.width) {
    if count == Lanes.width {
      values = UnsafeRawPointer(source).loadUnaligned(as: Vector.self)
    } else {
      values = Vector()
      for lane in 0..<count { values[lane] = source[lane] }
    }
  }

  /// Writes sixteen neurons past the caches; the target is aligned to a vector.
  @inline(__always) func stream(to target: UnsafeMutablePointer<Float>) { cajal_stream(target, values) }

  @inline(__always) func store(to target: UnsafeMutablePointer<Float>, _ count: Int = Lanes.width) {
    if count == Lanes.width {
      UnsafeMutableRawPointer(target).storeBytes(of: values, as: Vector.self)
    } else {
      for lane in 0..<count { target[lane] = values[lane] }
    }
  }
}
