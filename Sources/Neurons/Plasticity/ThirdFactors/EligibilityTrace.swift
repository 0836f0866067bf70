import Foundation

/// What a synapse remembers of its own coincidences until a third factor arrives: a sum that decays.
public struct EligibilityTrace: Sendable, Equatable {
  /// Milliseconds; half a second to several in experiments (Gerstner et al., 2018).
  public let timeConstant: Double

  public init(timeConstant: Double = 1000) {
    precondition(timeConstant > 0, "an eligibility's time constant of \(timeConstant) ms")
    self.timeConstant = timeConstant
  }

  /// What is left of a value after a time.
  @inline(__always)
  public func decayed<S: SimulationScalar>(_ value: S, by elapsed: S) -> S {
    value * S.exponential(-elapsed / S(timeConstant))
  }

  /// The integral of a trace from now on, over a time, multiplied by a modulator that decays too.
  /// - Parameter modulation: The modulator's time constant, ms; nil for one that stays.
  @inline(__always)
  public func integral<S: SimulationScalar>(_ value: S, over elapsed: S, modulation: Double? = nil) -> S {
    let together = modulation.map { S(1 / (1 / timeConstant + 1 / $0)) } ?? S(timeConstant)
    return value * together * (1 - S.exponential(-elapsed / together))
  }
}
