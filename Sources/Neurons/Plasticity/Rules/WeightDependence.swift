/// How a weight's place between its bounds scales its changes (Gütig et al., 2003).
///
/// With `x` the place, from 0 at the lower bound to 1 at the upper one, potentiation is multiplied by `(1 - x)^μ₊` and
/// depression by `x^μ₋`. Exponents of 0 and 1 cost no power function.
public struct WeightDependence: Sendable, Equatable {
  /// μ₊ and μ₋.
  public let potentiation, depression: Double

  public init(potentiation: Double, depression: Double) {
    precondition(
      potentiation >= 0 && depression >= 0, "exponents of \(potentiation) and \(depression) are below 0")
    (self.potentiation, self.depression) = (potentiation, depression)
  }

  /// The same change everywhere, up to the bounds (Song, Miller and Abbott, 2000).
  public static let additive = WeightDependence(potentiation: 0, depression: 0)
  /// Changes in proportion to the room that is left (Rubin, Lee and Sompolinsky, 2001).
  public static let multiplicative = WeightDependence(potentiation: 1, depression: 1)
  /// Potentiation the same everywhere, depression in proportion to the weight (van Rossum, Bi and Turrigiano, 2000).
  public static let multiplicativeDepression = WeightDependence(potentiation: 0, depression: 1)
  /// The same exponent on both sides.
  public static func power(_ exponent: Double) -> WeightDependence {
    WeightDependence(potentiation: exponent, depression: exponent)
  }

  /// Whether the distance between the bounds matters, which must be finite then.
  var needsRange: Bool { potentiation != 0 || depression != 0 }
}

/// Bounds with a weight dependence: what the rules of this room add to weights.
struct BoundedChange: Sendable, Equatable {
  let bounds: ClosedRange<Double>
  let dependence: WeightDependence

  init(_ bounds: ClosedRange<Double>, _ dependence: WeightDependence) {
    precondition(
      !dependence.needsRange
        || (bounds.upperBound > bounds.lowerBound && (bounds.upperBound - bounds.lowerBound).isFinite),
      "weights between \(bounds) have no range that changes could depend on")
    (self.bounds, self.dependence) = (bounds, dependence)
  }

  @inline(__always)
  func potentiated<S: SimulationScalar>(_ weight: S, by amount: S) -> S {
    clipped(weight + Self.power(S(bounds.upperBound) - weight, dependence.potentiation, range()) * amount)
  }

  @inline(__always)
  func depressed<S: SimulationScalar>(_ weight: S, by amount: S) -> S {
    clipped(weight - Self.power(weight - S(bounds.lowerBound), dependence.depression, range()) * amount)
  }

  @inline(__always)
  func clipped<S: SimulationScalar>(_ weight: S) -> S {
    let (low, high) = (S(bounds.lowerBound), S(bounds.upperBound))
    return weight < low ? low : weight > high ? high : weight
  }

  @inline(__always)
  private func range<S: SimulationScalar>() -> S { S(bounds.upperBound - bounds.lowerBound) }

  @inline(__always)
  private static func power<S: SimulationScalar>(_ distance: S, _ exponent: Double, _ range: S) -> S {
    if exponent == 0 { return 1 }
    let share = distance / range
    if exponent == 1 { return share }
    return S.power(share > 0 ? share : 0, S(exponent))
  }
}
