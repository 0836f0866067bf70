/// How the synapses of a projection change.
public struct Plasticity: Sendable {
  /// Where the delay of a synapse lies, which decides which spikes meet at it.
  public enum DelayLocation: Sendable, Equatable {
    /// Behind the synapse: a presynaptic spike is there at once, a postsynaptic one after the delay (NEST, sPyNNaker).
    case dendritic
    /// Before the synapse: a presynaptic spike is there after the delay, less the step that it takes to the membrane; a
    /// postsynaptic one at once (Brian2).
    case axonal
  }

  let rule: any PlasticityRule
  public var delayLocation: DelayLocation
  /// With it, spikes change an eligibility, and only ``Simulation/reinforce(_:by:)`` turns that into weights.
  public var eligibility: Eligibility?

  public struct Eligibility: Sendable, Equatable {
    /// Of its decay.
    public var timeConstant: Time
    public init(timeConstant: Time) { self.timeConstant = timeConstant }
  }

  public init(
    _ rule: some PlasticityRule, delayLocation: DelayLocation = .dendritic, eligibility: Eligibility? = nil
  ) {
    (self.rule, self.delayLocation, self.eligibility) = (rule, delayLocation, eligibility)
  }
}
