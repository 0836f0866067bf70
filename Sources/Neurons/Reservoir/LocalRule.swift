/// The error-modulated, attention-gated rule: "when" online, "what" by replay of the trial's trace.
///
/// The published equations were not at hand: this is a reconstruction from the abstract, in which three factors (a presynaptic trace,
/// the readout's error, a gate of attention) change the weights, timing in real time and identity behind the trial.
public struct LocalRule: Sendable, Equatable {
  /// How "what" is learned.
  public enum Phase: Sendable, Equatable {
    /// Behind the trial: at every `windowStride`th step of the attended window, and outside of it at every `outsideStride`th step with
    /// a share of the rate.
    case replay(windowStride: Int, outsideStride: Int, outsideShare: Double)
    /// At every step of the trial, with the gate.
    case online

    public static let replay = Phase.replay(windowStride: 2, outsideStride: 8, outsideShare: 0.3)
  }

  public var when: NormalisedDeltaRule
  public var what: NormalisedDeltaRule
  public var gate: AttentionGate
  public var phase: Phase

  public init(
    when: NormalisedDeltaRule = NormalisedDeltaRule(rate: 0.3),
    what: NormalisedDeltaRule = NormalisedDeltaRule(rate: 0.05), gate: AttentionGate = AttentionGate(),
    phase: Phase = .replay
  ) {
    (self.when, self.what, self.gate, self.phase) = (when, what, gate, phase)
  }

  func learn(
    _ features: FeatureTrajectory, events: [[Double]], any: [Double], when weights: inout [Double],
    what identities: inout [[Double]]
  ) {
    let expected = when.learn(features, target: any, gate: gate, weights: &weights)
    switch phase {
    case .online:
      for outcome in identities.indices {
        what.learn(
          features, target: events[outcome], event: any, gate: gate, weights: &identities[outcome])
      }
    case .replay(let windowStride, let outsideStride, let outsideShare):
      let steps = (0..<features.steps).compactMap { step -> (step: Int, share: Double)? in
        if gate.isAttentive(event: any[step], expectation: expected[step]) {
          return step % windowStride == 0 ? (step, 1) : nil
        }
        return step % outsideStride == 0 ? (step, outsideShare) : nil
      }
      for outcome in identities.indices {
        what.replay(features, target: events[outcome], steps: steps, weights: &identities[outcome])
      }
    }
  }
}
