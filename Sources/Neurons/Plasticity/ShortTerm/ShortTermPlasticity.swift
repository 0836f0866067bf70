import Foundation

/// Short-term facilitation and depression of all synapses of a source (Tsodyks and Markram, 1997; Markram, Wang and Tsodyks,
/// 1998).
///
/// A spike releases the share `u` of the resources `x`; the efficacy that it meets is `u x`, a factor upon the weight.
/// Then `x ← x (1 - u)`, which recovers to 1 with τ_rec, while u, raised by `U (1 - u)` at every spike before the
/// release, falls back with τ_facil.
///
/// ```swift
/// let plasticity = ShortTermPlasticity.facilitating
/// var state = plasticity.rested(as: Float.self)
/// let efficacies = spikeTimes.map { plasticity.efficacy(&state, at: $0) }
/// ```
public struct ShortTermPlasticity: Sendable, Equatable {
  /// Where u falls back to.
  public enum Resting: Sendable, Equatable {
    /// To 0, so that a first spike releases U (Markram et al., 1998). The same as falling back to U and rising after the
    /// release, as some write it.
    case zero
    /// To U, so that a first spike, which raises u before its release, releases U (2 - U) (Mongillo, Barak and Tsodyks, 2008).
    case utilisation
  }

  /// U, 0...1.
  public let utilisation: Double
  /// τ_rec and τ_facil, ms; 0 for one that is over at once.
  public let recoveryTimeConstant, facilitationTimeConstant: Double
  public let resting: Resting

  public init(
    utilisation: Double, recoveryTimeConstant: Double, facilitationTimeConstant: Double,
    resting: Resting = .zero
  ) {
    precondition((0...1).contains(utilisation), "a utilisation of \(utilisation), which is a share")
    precondition(
      recoveryTimeConstant >= 0 && facilitationTimeConstant >= 0,
      "time constants of \(recoveryTimeConstant) and \(facilitationTimeConstant) ms")
    self.utilisation = utilisation
    (self.recoveryTimeConstant, self.facilitationTimeConstant) = (
      recoveryTimeConstant, facilitationTimeConstant
    )
    self.resting = resting
  }

  /// What the spikes so far left behind in one source.
  public struct State<Scalar: SimulationScalar>: Sendable, Equatable {
    /// u and x just after the last spike.
    public var utilisation, resources: Scalar
    /// When it was, ms; nil where there was none.
    public var lastSpike: Double?
  }

  /// A source that never fired.
  public func rested<S: SimulationScalar>(as _: S.Type = S.self) -> State<S> {
    State(utilisation: restingUtilisation(), resources: 1, lastSpike: nil)
  }

  /// The efficacy that a spike meets, u x, and the state behind it.
  /// - Parameter time: ms, not before the last spike.
  @inline(__always)
  public func efficacy<S: SimulationScalar>(_ state: inout State<S>, at time: Double) -> S {
    let elapsed: S = state.lastSpike.map { S(time - $0) } ?? .infinity
    state.lastSpike = time
    return spike(
      &state, facilitationLeft: Self.left(elapsed, facilitationTimeConstant),
      depressionLeft: Self.left(elapsed, recoveryTimeConstant))
  }

  /// The same for those who keep time themselves.
  /// - Parameters:
  ///   - facilitationLeft: The share of u's distance from rest that is left since the last spike.
  ///   - depressionLeft: The share of the spent resources that is still missing.
  @inline(__always)
  func spike<S: SimulationScalar>(_ state: inout State<S>, facilitationLeft: S, depressionLeft: S) -> S {
    let (low, rise): (S, S) = (restingUtilisation(), S(utilisation))
    let u = low + (state.utilisation - low) * facilitationLeft
    let x = 1 - (1 - state.resources) * depressionLeft
    state.utilisation = u + rise * (1 - u)
    let efficacy = state.utilisation * x
    state.resources = x - efficacy
    return efficacy
  }

  @inline(__always)
  private func restingUtilisation<S: SimulationScalar>() -> S { resting == .zero ? 0 : S(utilisation) }

  @inline(__always)
  static func left<S: SimulationScalar>(_ elapsed: S, _ timeConstant: Double) -> S {
    timeConstant == 0 ? 0 : S.exponential(-elapsed / S(timeConstant))
  }
}

extension ShortTermPlasticity {
  /// Between pyramidal neurons (Tsodyks, Pawelzik and Markram, 1998, figure 1A): resources are used up.
  public static let depressing = ShortTermPlasticity(
    utilisation: 0.5, recoveryTimeConstant: 800, facilitationTimeConstant: 0)
  /// From pyramidal neurons to interneurons (Markram et al., 1998; numbers of Tsodyks et al., 1998, figure 1B).
  public static let facilitating = ShortTermPlasticity(
    utilisation: 0.03, recoveryTimeConstant: 130, facilitationTimeConstant: 530)
  /// Between pyramidal neurons of prefrontal cortex, where facilitation holds a memory (Mongillo et al., 2008): 0.2, 0.2 s and
  /// 1.5 s.
  public static let workingMemory = ShortTermPlasticity(
    utilisation: 0.2, recoveryTimeConstant: 200, facilitationTimeConstant: 1500, resting: .utilisation)

  /// U as the first spike meets it.
  public var firstEfficacy: Double {
    resting == .zero ? utilisation : utilisation * (2 - utilisation)
  }

  /// u, x and the efficacy that spikes meet in the long run at a regular rate.
  /// - Parameter rate: Spikes a second.
  public func steadyState(rate: Double) -> (utilisation: Double, resources: Double, efficacy: Double) {
    precondition(rate > 0, "a rate of \(rate) Hz")
    let interval = 1000 / rate
    let (f, d): (Double, Double) = (
      Self.left(interval, facilitationTimeConstant), Self.left(interval, recoveryTimeConstant)
    )
    let low: Double = restingUtilisation()
    // u = low (1 - f) + u f before the spike, raised by it; x the same with what it takes.
    let u = (low * (1 - f) * (1 - utilisation) + utilisation) / (1 - (1 - utilisation) * f)
    let x = (1 - d) / (1 - (1 - u) * d)
    return (u, x, u * x)
  }
}
