/// The course of one synapse under reward-modulated plasticity, computed event by event in closed form.
public struct RewardTimeline: Sendable, Equatable {
  /// A spike at the synapse or a reward.
  public struct Event: Sendable, Equatable {
    /// ms.
    public let time: Double
    /// After the event.
    public let weight, eligibility, modulator: Double
  }
  /// In order of time; spikes and rewards of the same moment are one event, spikes first.
  public let events: [Event]
  /// At the end.
  public let weight: Double

  /// - Parameters:
  ///   - presynaptic: When spikes arrive at the synapse, ms.
  ///   - postsynaptic: When the target's spikes are seen there.
  ///   - rewards: Times and sizes; a negative one punishes.
  ///   - duration: Until when the weight is followed, ms.
  public init(
    weight: Double, rule: RewardModulatedSTDP, presynaptic: [Double], postsynaptic: [Double],
    rewards: [(time: Double, size: Double)], duration: Double
  ) {
    // Spikes alone: jumps of an eligibility that does not decay are those of one that does.
    let jumps = SynapseTimeline(
      weight: 0, rule: rule.pairs, presynaptic: presynaptic, postsynaptic: postsynaptic
    ).events
    var synapse = RewardModulatedSTDP.Synapse(weight: weight)
    var (time, modulator, before) = (0.0, 0.0, 0.0)
    func advance(to next: Double) {
      rule.advance(&synapse, by: next - time, modulator: modulator)
      modulator = rule.decayedModulator(modulator, by: next - time)
      time = next
    }
    let rewards = rewards.sorted { $0.time < $1.time }
    let times = Set(jumps.map(\.time) + rewards.map(\.time)).sorted()
    precondition(times.allSatisfy { (0...duration).contains($0) }, "events outside 0...\(duration) ms")
    var (nextJump, nextReward, events) = (0, 0, [Event]())
    for moment in times {
      advance(to: moment)
      while nextJump < jumps.count, jumps[nextJump].time == moment {
        synapse.eligibility += jumps[nextJump].weight - before
        before = jumps[nextJump].weight
        nextJump += 1
      }
      while nextReward < rewards.count, rewards[nextReward].time == moment {
        modulator += rewards[nextReward].size
        nextReward += 1
      }
      events.append(
        Event(
          time: moment, weight: synapse.weight, eligibility: synapse.eligibility, modulator: modulator))
    }
    advance(to: duration)
    (self.events, self.weight) = (events, synapse.weight)
  }
}
