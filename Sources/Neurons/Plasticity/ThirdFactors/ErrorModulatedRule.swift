/// Three local factors change a weight: the trace of the presynaptic spikes, the error of the postsynaptic neuron, and a
/// gate of attention that all synapses share.
///
/// `Δw = η x e G`. The error says what should have been (a target less what the neuron does), the gate when it matters: open,
/// 1, where something happens or is expected, and nearly closed elsewhere. For single synapses here, for populations
/// in ``update(presynaptic:error:gate:step:)``.
public struct ErrorModulatedRule: Sendable, Equatable {
  /// η.
  public let learningRate: Double
  /// Of the presynaptic spikes.
  public let trace: PlasticityTrace

  public init(learningRate: Double, trace: PlasticityTrace = PlasticityTrace(timeConstant: 20)) {
    (self.learningRate, self.trace) = (learningRate, trace)
  }

  /// The change of a weight in a step.
  @inline(__always)
  public func change<S: SimulationScalar>(trace: S, error: S, gate: S = 1) -> S {
    S(learningRate) * gate * error * trace
  }
}
