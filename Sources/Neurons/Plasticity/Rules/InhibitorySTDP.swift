/// Plasticity of inhibitory synapses that balances excitation (Vogels et al., 2011).
///
/// Spikes near each other strengthen whatever their order, and every presynaptic spike weakens:
/// `w ← w + η x` at a postsynaptic spike, `w ← w + η (y - α)` at a presynaptic one, with `α = 2 ρ₀ τ`. Weights are strengths,
/// positive; they rest where the target fires at ρ₀.
public struct InhibitorySTDP: PlasticityRule, Equatable {
  /// η, in units of weights.
  public let learningRate: Double
  /// ρ₀, spikes a second.
  public let targetRate: Double
  /// τ of both traces, ms.
  public let timeConstant: Double
  public let coincidentSpikes: CoincidentSpikes
  private let change: BoundedChange

  public init(
    learningRate: Double, targetRate: Double = 3, timeConstant: Double = 20,
    bounds: ClosedRange<Double> = 0...100, coincidentSpikes: CoincidentSpikes = .ignored
  ) {
    precondition(
      timeConstant > 0 && targetRate >= 0, "a time constant of \(timeConstant) ms, a rate of \(targetRate) Hz"
    )
    (self.learningRate, self.targetRate, self.timeConstant) = (learningRate, targetRate, timeConstant)
    self.coincidentSpikes = coincidentSpikes
    change = BoundedChange(bounds, .additive)
  }

  /// α, what a presynaptic spike takes away in units of η.
  public var offset: Double { 2 * targetRate * timeConstant / 1000 }

  public var bounds: ClosedRange<Double> { change.bounds }
  public var presynaptic: [PlasticityTrace] { [PlasticityTrace(timeConstant: timeConstant)] }
  public var postsynaptic: [PlasticityTrace] { [PlasticityTrace(timeConstant: timeConstant)] }

  @inline(__always)
  public func afterPostsynapticSpike<S: SimulationScalar>(
    _ weight: S, presynaptic: TraceValues<S>, postsynaptic: TraceValues<S>
  ) -> S {
    change.potentiated(weight, by: S(learningRate) * presynaptic.first)
  }

  @inline(__always)
  public func afterPresynapticSpike<S: SimulationScalar>(
    _ weight: S, presynaptic: TraceValues<S>, postsynaptic: TraceValues<S>
  ) -> S {
    change.potentiated(weight, by: S(learningRate) * (postsynaptic.first - S(offset)))
  }
}
