/// What a rule makes of pairs of spikes: the change of a weight by the difference of times, by the frequency at which pairs
/// are repeated, and by any other motif of spikes.
///
/// ```swift
/// let window = PlasticityWindow(TripletSTDP.visualCortex(), weight: 1)
/// let curve = stride(from: -50.0, through: 50, by: 1).map { window($0, pairings: 60, frequency: 20) }
/// ```
public struct PlasticityWindow<Rule: PlasticityRule>: Sendable {
  public let rule: Rule
  /// The weight before every measurement.
  public let weight: Double

  public init(_ rule: Rule, weight: Double) {
    precondition(rule.bounds.contains(weight), "a weight of \(weight) outside \(rule.bounds)")
    (self.rule, self.weight) = (rule, weight)
  }

  /// The change by one pair.
  /// - Parameter difference: When the target fires less when the source does, ms, as seen at the synapse.
  public func callAsFunction(_ difference: Double) -> Double {
    change(presynaptic: [0], postsynaptic: [difference])
  }

  /// The change by repeated pairs (Sjöström, Turrigiano and Nelson, 2001).
  /// - Parameter frequency: Pairs a second.
  public func callAsFunction(_ difference: Double, pairings: Int, frequency: Double) -> Double {
    change(presynaptic: [0], postsynaptic: [difference], repetitions: pairings, frequency: frequency)
  }

  /// The change by a motif of spikes, as triplets and quadruplets are (Wang et al., 2005).
  /// - Parameters:
  ///   - presynaptic: Within the motif, ms.
  ///   - postsynaptic: Within the motif; those of a motif may lie among those of the next.
  ///   - repetitions: How many times the motif is played.
  ///   - frequency: Motifs a second.
  public func change(
    presynaptic: [Double], postsynaptic: [Double], repetitions: Int = 1, frequency: Double = 1
  ) -> Double {
    precondition(
      repetitions >= 0 && frequency > 0, "\(repetitions) repetitions at \(frequency) a second")
    let period = 1000 / frequency
    func train(_ motif: [Double]) -> [Double] {
      (0..<repetitions).flatMap { repetition in motif.map { Double(repetition) * period + $0 } }
    }
    let timeline = SynapseTimeline(
      weight: weight, rule: rule, presynaptic: train(presynaptic), postsynaptic: train(postsynaptic))
    return timeline.weight - weight
  }
}
