import Foundation

/// The numbers that networks are simulated in: `Float` or `Double`.
public protocol SimulationScalar: BinaryFloatingPoint, SIMDScalar, Codable, Sendable {
  /// The sixteen or eight neurons side by side that a step is computed for.
  associatedtype Vector: VectorLanes where Vector.Scalar == Self
  static func exponential(_ value: Self) -> Self
  static func power(_ base: Self, _ exponent: Self) -> Self
}

extension Float: SimulationScalar {
  public typealias Vector = Lanes
  public static func exponential(_ value: Float) -> Float { Foundation.exp(value) }
  public static func power(_ base: Float, _ exponent: Float) -> Float { Foundation.pow(base, exponent) }
}

extension Double: SimulationScalar {
  public typealias Vector = DoubleLanes
  public static func exponential(_ value: Double) -> Double { Foundation.exp(value) }
  public static func power(_ base: Double, _ exponent: Double) -> Double { Foundation.pow(base, exponent) }
}
