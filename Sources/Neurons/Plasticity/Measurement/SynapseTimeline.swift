/// The course of one plastic synapse: its weight after every spike that reaches it, computed spike by spike in order of time.
///
/// The reference for what computes weights in other orders, as the simulator does, and a tool to see what a rule makes of
/// given spikes.
///
/// ```swift
/// let timeline = SynapseTimeline(
///   weight: 1, rule: TripletSTDP.visualCortex(), presynaptic: [10, 60, 110], postsynaptic: [20, 70, 120])
/// print(timeline.weight)
/// ```
public struct SynapseTimeline: Sendable, Equatable {
  public enum Side: Sendable, Equatable { case presynaptic, postsynaptic }

  /// A spike that reached the synapse.
  public struct Event: Sendable, Equatable {
    /// When it did, ms: after its delay.
    public let time: Double
    /// Where it came from.
    public let side: Side
    /// The weight after it.
    public let weight: Double
  }

  /// The weight before all spikes.
  public let start: Double
  /// In order of time; of two in the same moment the one that acted first stands first.
  public let events: [Event]

  /// The weight after all spikes.
  public var weight: Double { events.last?.weight ?? start }
  /// The weights that the presynaptic spikes were transmitted with.
  public var transmitted: [Double] { events.filter { $0.side == .presynaptic }.map(\.weight) }

  /// - Parameters:
  ///   - presynaptic: When the source fires, ms, in any order, each time once.
  ///   - postsynaptic: When the target fires.
  ///   - axonalDelay: From the source to the synapse.
  ///   - dendriticDelay: From the target back to the synapse.
  ///   - step: Of the clock: times and delays are rounded to it, as in a simulation. Without one, spikes coincide only
  ///     where the sums of time and delay are the same number.
  public init(
    weight: Double, rule: some PlasticityRule, presynaptic: [Double], postsynaptic: [Double],
    axonalDelay: Double = 0, dendriticDelay: Double = 0, step: Double? = nil
  ) {
    precondition(
      axonalDelay >= 0 && dendriticDelay >= 0, "delays of \(axonalDelay) and \(dendriticDelay) ms")
    var synapse = EagerSynapse(rule, weight)
    let pre = Self.arrivals(presynaptic, axonalDelay, step)
    let post = Self.arrivals(postsynaptic, dendriticDelay, step)
    var (p, q) = (0, 0)
    while p < pre.count || q < post.count {
      let time = min(p < pre.count ? pre[p] : .infinity, q < post.count ? post[q] : .infinity)
      let (isPre, isPost) = (p < pre.count && pre[p] == time, q < post.count && post[q] == time)
      synapse.meet(at: time, presynaptic: isPre, postsynaptic: isPost)
      if isPre { p += 1 }
      if isPost { q += 1 }
    }
    (start, events) = (weight, synapse.events)
  }

  /// When spikes reach the synapse, ascending.
  private static func arrivals(_ spikes: [Double], _ delay: Double, _ step: Double?) -> [Double] {
    let times = spikes.map { spike -> Double in
      guard let step else { return spike + delay }
      return ((spike / step).rounded() + (delay / step).rounded()) * step
    }.sorted()
    precondition(zip(times, times.dropFirst()).allSatisfy(<), "a neuron fires twice in the same moment")
    return times
  }
}

/// The synapse while its course is computed.
private struct EagerSynapse<Rule: PlasticityRule> {
  let rule: Rule
  var weight: Double
  var presynaptic, postsynaptic: RunningTraces
  var last: Double?
  var events: [SynapseTimeline.Event] = []

  init(_ rule: Rule, _ weight: Double) {
    (self.rule, self.weight) = (rule, weight)
    (presynaptic, postsynaptic) = (RunningTraces(rule.presynaptic), RunningTraces(rule.postsynaptic))
  }

  mutating func meet(at time: Double, presynaptic isPre: Bool, postsynaptic isPost: Bool) {
    presynaptic.decay(by: time - (last ?? time))
    postsynaptic.decay(by: time - (last ?? time))
    last = time
    switch rule.coincidentSpikes {
    case .depress:
      if isPost { postsynapticSpike(time, presynaptic.values, postsynaptic.values) }
      if isPre { presynapticSpike(time, presynaptic.values, postsynaptic.values) }
    case .potentiate:
      if isPre { presynapticSpike(time, presynaptic.values, postsynaptic.values) }
      if isPost { postsynapticSpike(time, presynaptic.values, postsynaptic.values) }
    case .ignored:
      let (before, behind) = (presynaptic.values, postsynaptic.values)
      if isPost { postsynapticSpike(time, before, behind) }
      if isPre { presynapticSpike(time, before, behind) }
    }
  }

  private mutating func presynapticSpike(
    _ time: Double, _ before: TraceValues<Double>, _ behind: TraceValues<Double>
  ) {
    weight = rule.afterPresynapticSpike(weight, presynaptic: before, postsynaptic: behind)
    presynaptic.spike()
    events.append(.init(time: time, side: .presynaptic, weight: weight))
  }

  private mutating func postsynapticSpike(
    _ time: Double, _ before: TraceValues<Double>, _ behind: TraceValues<Double>
  ) {
    weight = rule.afterPostsynapticSpike(weight, presynaptic: before, postsynaptic: behind)
    postsynaptic.spike()
    events.append(.init(time: time, side: .postsynaptic, weight: weight))
  }
}
