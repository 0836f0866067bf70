/// Reward-modulated spike-timing-dependent plasticity: pairs of spikes make a synapse eligible, and it changes as far as a
/// modulator (dopamine) is there while it still is (Izhikevich, 2007; Frémaux, Sprekeler and Gerstner, 2010).
///
/// With traces `x`, `y` of the spikes, eligibility `c`, and a modulator of a lasting level and a phasic one `d` that decays,
/// ```
/// c ← c + A₊ x at a postsynaptic spike,  c ← c - A₋ y at a presynaptic one,  dc/dt = -c / τ_c
/// dw/dt = η c (level + d),  dd/dt = -d / τ_d,  d ← d + reward at a reward
/// ```
/// All of it is linear between spikes and rewards, so that a synapse is advanced in closed form from one to the next.
public struct RewardModulatedSTDP: Sendable, Equatable {
  /// A₊, A₋, the time constants of the traces, which spikes count, and what coincident ones do.
  public let pairs: PairSTDP
  public let eligibility: EligibilityTrace
  /// τ_d, ms.
  public let modulatorTimeConstant: Double
  /// The modulator without reward.
  public let level: Double
  /// η: the change of a weight by an eligibility of one and a modulator of one in a second.
  public let learningRate: Double
  /// Of the weights.
  public let bounds: ClosedRange<Double>

  /// - Parameters:
  ///   - potentiation: A₊.
  ///   - level: 0 where changes need reward.
  public init(
    potentiation: Double, depression: Double, potentiationTimeConstant: Double = 20,
    depressionTimeConstant: Double = 20, pairing: PlasticityTrace.Pairing = .all,
    coincidentSpikes: CoincidentSpikes = .ignored, eligibility: EligibilityTrace = EligibilityTrace(),
    modulatorTimeConstant: Double = 200, level: Double = 0, learningRate: Double = 1,
    bounds: ClosedRange<Double> = 0...1
  ) {
    precondition(
      modulatorTimeConstant > 0, "a modulator's time constant of \(modulatorTimeConstant) ms")
    // Eligibility itself has no bounds.
    pairs = PairSTDP(
      potentiation: potentiation, depression: depression, potentiationTimeConstant: potentiationTimeConstant,
      depressionTimeConstant: depressionTimeConstant, bounds: -Double.infinity...Double.infinity,
      pairing: pairing,
      coincidentSpikes: coincidentSpikes)
    (self.eligibility, self.modulatorTimeConstant) = (eligibility, modulatorTimeConstant)
    (self.level, self.learningRate, self.bounds) = (level, learningRate, bounds)
  }

  /// The distal reward problem (Izhikevich, 2007, its published program): nearest spikes within 20 ms, A₊ = 0.1, A₋ = 0.15,
  /// eligibility of 1 s, dopamine of 0.2 s upon 0.002, weights from 0 to 4 mV.
  ///
  /// Eligibility that stays is added to the weight a hundred times a second there, hence the rate.
  public static let izhikevich = RewardModulatedSTDP(
    potentiation: 0.1, depression: 0.15, pairing: .nearest, modulatorTimeConstant: 200, level: 0.002,
    learningRate: 100, bounds: 0...4)

  /// One synapse.
  public struct Synapse<Scalar: SimulationScalar>: Sendable, Equatable {
    public var weight, eligibility: Scalar
    public init(weight: Scalar, eligibility: Scalar = 0) {
      (self.weight, self.eligibility) = (weight, eligibility)
    }
  }

  /// What a time without spikes and rewards makes of a synapse.
  /// - Parameters:
  ///   - elapsed: ms.
  ///   - modulator: d at its start. Level and d must not have opposite signs, or a weight that touches its bound in between
  ///     is not clipped there.
  @inline(__always)
  public func advance<S: SimulationScalar>(
    _ synapse: inout Synapse<S>, by elapsed: S, modulator: S
  ) {
    let lasting = S(level) * eligibility.integral(synapse.eligibility, over: elapsed)
    let phasic =
      modulator * eligibility.integral(synapse.eligibility, over: elapsed, modulation: modulatorTimeConstant)
    // Rates are a second's, integrals are over milliseconds.
    let weight = synapse.weight + S(learningRate / 1000) * (lasting + phasic)
    synapse.weight = min(max(weight, S(bounds.lowerBound)), S(bounds.upperBound))
    synapse.eligibility = eligibility.decayed(synapse.eligibility, by: elapsed)
  }

  /// What is left of the phasic modulator after a time.
  @inline(__always)
  public func decayedModulator<S: SimulationScalar>(_ modulator: S, by elapsed: S) -> S {
    modulator * S.exponential(-elapsed / S(modulatorTimeConstant))
  }

  @inline(__always)
  public func afterPostsynapticSpike<S: SimulationScalar>(
    _ eligibility: S, presynaptic: TraceValues<S>, postsynaptic: TraceValues<S>
  ) -> S {
    pairs.afterPostsynapticSpike(eligibility, presynaptic: presynaptic, postsynaptic: postsynaptic)
  }

  @inline(__always)
  public func afterPresynapticSpike<S: SimulationScalar>(
    _ eligibility: S, presynaptic: TraceValues<S>, postsynaptic: TraceValues<S>
  ) -> S {
    pairs.afterPresynapticSpike(eligibility, presynaptic: presynaptic, postsynaptic: postsynaptic)
  }
}

/// The reward that was to be expected: a running mean. What teaches is the difference (Frémaux, Sprekeler and Gerstner,
/// 2010), without which a rule whose eligibility is not zero on average drifts instead of learning.
public struct ExpectedReward: Sendable, Equatable {
  public private(set) var mean: Double
  /// Over about how many trials the mean runs.
  public let trials: Double

  public init(_ mean: Double = 0, trials: Double = 5) {
    precondition(trials >= 1, "a mean over \(trials) trials")
    (self.mean, self.trials) = (mean, trials)
  }

  /// How much better than expected a trial was; the mean takes it in.
  public mutating func surprise(of reward: Double) -> Double {
    let surprise = reward - mean
    mean += surprise / trials
    return surprise
  }
}
