import CVector
import Foundation

/// Eight neurons side by side in one vector register, double precision.
public struct DoubleLanes: VectorLanes, Sendable {
  public typealias Vector = SIMD8<Double>
  public static let width = 8
  public var values: Vector

  @inline(__always) public init(_ values: Vector) { self.values = values }
  @inline(__always) public init(repeating value: Double) { values = Vector(repeating: value) }
  @inline(__always) public init(reading source: UnsafePointer<Double>) {
    values = UnsafeRawPointer(source).loadUnaligned(as: Vector.self)
  }
  @inline(__always) public func write(to target: UnsafeMutablePointer<Double>) {
    UnsafeMutableRawPointer(target).storeBytes(of: values, as: Vector.self)
  }

  @inline(__always) public static func + (a: Self, b: Self) -> Self { Self(a.values + b.values) }
  @inline(__always) public static func - (a: Self, b: Self) -> Self { Self(a.values - b.values) }
  @inline(__always) public static func * (a: Self, b: Self) -> Self { Self(a.values * b.values) }
  @inline(__always) public static func / (a: Self, b: Self) -> Self { Self(a.values / b.values) }
  @inline(__always) public func adding(_ constant: Double) -> Self {
    Self(values + Vector(repeating: constant))
  }
  @inline(__always) public func scaled(by constant: Double) -> Self {
    Self(values * Vector(repeating: constant))
  }

  /// The exponential function to about two units in the last place: Taylor's series to the thirteenth power on half an
  /// octave.
  @inline(__always) public func exp() -> Self {
    let raised = values.replacing(with: -708, where: values .< -708)
    let bounded = raised.replacing(with: 709, where: raised .> 709)
    // Adding and taking away 1.5 · 2⁵² rounds to an integer, which stands in the low bits meanwhile.
    let magic = Vector(repeating: 6_755_399_441_055_744)
    let shifted = bounded * 1.442_695_040_888_963_4 + magic
    let octaves = shifted - magic
    let rest = bounded - octaves * 0.693_147_180_369_123_8 - octaves * 1.908_214_929_270_587_7e-10
    var polynomial = Vector(repeating: 1 / 6_227_020_800)
    polynomial = polynomial * rest + 1 / 479_001_600
    polynomial = polynomial * rest + 1 / 39_916_800
    polynomial = polynomial * rest + 1 / 3_628_800
    polynomial = polynomial * rest + 1 / 362_880
    polynomial = polynomial * rest + 1 / 40_320
    polynomial = polynomial * rest + 1 / 5_040
    polynomial = polynomial * rest + 1 / 720
    polynomial = polynomial * rest + 1 / 120
    polynomial = polynomial * rest + 1 / 24
    polynomial = polynomial * rest + 1 / 6
    polynomial = polynomial * rest + 0.5
    let mantissa = polynomial * rest * rest + rest + 1
    let exponent = unsafeBitCast(shifted, to: SIMD8<Int64>.self) &<< 52
    return Self(unsafeBitCast(unsafeBitCast(mantissa, to: SIMD8<Int64>.self) &+ exponent, to: Vector.self))
  }

  @inline(__always) public func sigmoid() -> Self { Self(1 / (1 + Self(-values).exp().values)) }
  @inline(__always) public func relu() -> Self { Self(values.replacing(with: 0, where: values .< 0)) }
  @inline(__always) public func detached() -> Self { self }
  @inline(__always) public func spikes(_: SurrogateGradient) -> Self {
    Self(Vector(repeating: 0).replacing(with: 1, where: values .>= 0))
  }
  @inline(__always) public func graded(upTo top: Double) -> Self {
    Self(
      values.clamped(lowerBound: Vector(repeating: 0), upperBound: Vector(repeating: top))
        .rounded(.toNearestOrEven))
  }
  @inline(__always) public static func select(_ u: Self, _ a: Self, otherwise b: Self) -> Self {
    Self(b.values.replacing(with: a.values, where: u.values .>= 0))
  }
  @inline(__always) public var fired: UInt32 { cajal_above_half_double(values) }
}
