import CVector
import Statistics

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

  @inline(__always) public func exp() -> Self { Self(VectorMath.exponential(values)) }

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
