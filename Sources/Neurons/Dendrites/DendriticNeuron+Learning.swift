import Support

/// How permanences change with experience.
public struct PermanenceRule: Sendable, Equatable {
  /// The permanence of a new synapse.
  public var initial: Float = 0.5
  /// A synapse counts from this permanence on.
  public var connected: Float = 0.15
  /// What an active synapse of the strongest segment gains on a correct spike.
  public var increment: Float = 0.02
  /// What an inactive one loses then, and what an active one loses on a false alarm.
  public var decrement: Float = 0.0125

  /// The values of the reference implementation.
  public init() {}
}

extension DendriticNeuron {
  /// What the neuron did at a labelled pattern.
  public enum Outcome: Sendable, Equatable { case truePositive, trueNegative, falsePositive, falseNegative }

  /// One presentation of a labelled pattern.
  ///
  /// - A right spike strengthens the active synapses of the strongest segment and weakens the others; those
  ///   that fall below the connection limit move to an active cell that the segment does not see yet.
  /// - A false alarm weakens the active synapses of the strongest segment.
  /// - A miss gives the weakest segment (smallest total permanence) to this pattern, if the median of its
  ///   permanences has fallen below the connection limit.
  /// - Returns: what the neuron did before it learned.
  @discardableResult
  public mutating func learn(
    _ pattern: SDR, isPositive: Bool, rule: PermanenceRule = PermanenceRule(),
    using generator: inout RandomGenerator
  ) -> Outcome {
    let activations = activations(pattern)
    let spikes = predict(pattern)
    let strongest = activations.indices.max { activations[$0] < activations[$1] } ?? 0
    switch (spikes, isPositive) {
    case (true, true):
      reinforce(strongest, pattern, rule, &generator)
      return .truePositive
    case (true, false):
      for place in segments[strongest].indices where pattern.contains(Int(segments[strongest][place].cell)) {
        weaken(strongest, place, rule)
      }
      reconnect(strongest, rule)
      return .falsePositive
    case (false, true):
      recruit(pattern, rule, &generator)
      return .falseNegative
    case (false, false):
      return .trueNegative
    }
  }

  private mutating func weaken(_ segment: Int, _ place: Int, _ rule: PermanenceRule) {
    segments[segment][place].permanence = max(0, segments[segment][place].permanence - rule.decrement)
  }

  private mutating func reinforce(
    _ segment: Int, _ pattern: SDR, _ rule: PermanenceRule, _ generator: inout RandomGenerator
  ) {
    for place in segments[segment].indices {
      if pattern.contains(Int(segments[segment][place].cell)) {
        segments[segment][place].permanence = min(1, segments[segment][place].permanence + rule.increment)
      } else {
        weaken(segment, place, rule)
      }
    }
    for place in segments[segment].indices where segments[segment][place].permanence < rule.connected {
      let seen = Set(segments[segment].map(\.cell))
      let free = pattern.indices.filter { !seen.contains($0) }
      guard !free.isEmpty else { break }
      let cell = free[generator.integer(below: free.count)]
      segments[segment][place] = Synapse(cell: cell, permanence: rule.initial)
    }
    reconnect(segment, rule)
  }

  private mutating func recruit(
    _ pattern: SDR, _ rule: PermanenceRule, _ generator: inout RandomGenerator
  ) {
    let totals = segments.map { $0.reduce(0) { $0 + $1.permanence } }
    guard let weakest = totals.indices.min(by: { totals[$0] < totals[$1] }) else { return }
    let sorted = segments[weakest].map(\.permanence).sorted()
    let middle = sorted.count / 2
    let median =
      sorted.isEmpty
      ? 0 : (sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2)
    guard median < rule.connected else { return }
    segments[weakest] = pattern.subsample(synapsesPerSegment, using: &generator).indices.map {
      Synapse(cell: $0, permanence: rule.initial)
    }
    reconnect(weakest, rule)
  }

  private mutating func reconnect(_ segment: Int, _ rule: PermanenceRule) {
    let cells = segments[segment].filter { $0.permanence >= rule.connected }.map(\.cell)
    connected[segment] = SDR(sortedUnique: cells.sorted(), n: n)
  }
}
