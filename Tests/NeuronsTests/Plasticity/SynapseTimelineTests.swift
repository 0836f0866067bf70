import Foundation
import Neurons
import Testing

@Suite struct SynapseTimelineTests {
  private let rule = PairSTDP(
    potentiation: 0.1, depression: 0.12, potentiationTimeConstant: 17, depressionTimeConstant: 34,
    bounds: -10...10)

  /// Sums over all pairs, written out, far from the bounds.
  @Test func allPairsAddUp() {
    let (pre, post) = (poissonTrain(60, steps: 900, seed: 1), poissonTrain(60, steps: 900, seed: 2))
    var (expected, shared) = (0.0, 0)
    for t in pre {
      for s in post {
        if s > t { expected += 0.1 * exp(-(s - t) / 17) }
        if t > s { expected -= 0.12 * exp(-(t - s) / 34) }
        if s == t { shared += 1 }
      }
    }
    #expect(shared > 0 && pre.count > 5 && post.count > 5)
    let timeline = SynapseTimeline(weight: 0, rule: rule, presynaptic: pre, postsynaptic: post)
    #expect(abs(timeline.weight - expected) < 1e-12)
    #expect(timeline.events.count == pre.count + post.count)
    #expect(timeline.transmitted.count == pre.count)
  }

  @Test func coincidenceCountsAsToldAndBothActAtOnce() {
    func end(_ coincidence: CoincidentSpikes, _ pre: [Double], _ post: [Double]) -> SynapseTimeline {
      SynapseTimeline(
        weight: 0,
        rule: PairSTDP(
          potentiation: 1, depression: 3, bounds: -10...10, coincidentSpikes: coincidence),
        presynaptic: pre, postsynaptic: post)
    }
    #expect(end(.ignored, [5], [5]).weight == 0)
    #expect(end(.depress, [5], [5]).weight == -3)
    #expect(end(.potentiate, [5], [5]).weight == 1)
    // With earlier spikes on both sides those count for both, whatever the order.
    let (x, y) = (exp(-5.0 / 20), exp(-5.0 / 20))
    let near = end(.ignored, [0, 5], [0, 5])
    #expect(abs(near.weight - (x - 3 * y)) < 1e-12)
    #expect(near.events.map(\.side) == [.postsynaptic, .presynaptic, .postsynaptic, .presynaptic])
    #expect(abs(end(.depress, [0, 5], [0, 5]).weight - (-3 + x - 3 * (1 + y))) < 1e-12)
    #expect(abs(end(.potentiate, [0, 5], [0, 5]).weight - (1 - 3 * y + 1 + x)) < 1e-12)
    #expect(end(.potentiate, [5], [5]).events.map(\.side) == [.presynaptic, .postsynaptic])
  }

  @Test func delaysMoveArrivals() {
    let timeline = SynapseTimeline(
      weight: 0, rule: rule, presynaptic: [10], postsynaptic: [10], axonalDelay: 1, dendriticDelay: 5)
    #expect(timeline.events.map(\.time) == [11, 15])
    #expect(abs(timeline.weight - 0.1 * exp(-4.0 / 17)) < 1e-15)
    let other = SynapseTimeline(
      weight: 0, rule: rule, presynaptic: [10], postsynaptic: [10], axonalDelay: 3, dendriticDelay: 1)
    #expect(abs(other.weight + 0.12 * exp(-2.0 / 34)) < 1e-15)
  }

  /// 10.1 + 1 is not 11.1 in binary; on the grid both are the same step.
  @Test func stepsMakeSpikesMeet() {
    let depressing = PairSTDP(potentiation: 1, depression: 1, bounds: -5...5, coincidentSpikes: .depress)
    func timeline(_ step: Double?) -> SynapseTimeline {
      SynapseTimeline(
        weight: 0, rule: depressing, presynaptic: [0.3], postsynaptic: [0.1], dendriticDelay: 0.2, step: step)
    }
    #expect(0.1 + 0.2 != 0.3 && timeline(nil).weight > 0)
    #expect(timeline(0.1).weight == -1)
  }

  /// Far spikes meet one trace at most, so that "nearest" and "all" are the same.
  @Test func pairingsAgreeOnSparseTrains() {
    func end(_ pairing: PlasticityTrace.Pairing, _ gap: Double) -> Double {
      let times = (0..<5).map { Double($0) * gap }
      let rule = PairSTDP(
        potentiation: 0.1, depression: 0.05, bounds: -10...10, pairing: pairing)
      return SynapseTimeline(
        weight: 0, rule: rule, presynaptic: times, postsynaptic: times.map { $0 + 7 }
      ).weight
    }
    #expect(abs(end(.all, 5000) - end(.nearest, 5000)) < 1e-15)
    #expect(abs(end(.all, 20) - end(.nearest, 20)) > 0.01)
    // The nearest pairs of a dense train, written out.
    let dense = 5 * 0.1 * exp(-7.0 / 20) - 4 * 0.05 * exp(-13.0 / 20)
    #expect(abs(end(.nearest, 20) - dense) < 1e-12)
  }

  /// What SpiNNaker computes: clipped after each addition, and a difference of zero depresses in full.
  @Test func spiNNakerOverwrites() {
    let rule = PairSTDP.contentAddressableMemory
    // One potentiation in full, then a presynaptic spike with a postsynaptic one arriving in the same step.
    let timeline = SynapseTimeline(
      weight: 0, rule: rule, presynaptic: [1, 3, 20], postsynaptic: [1, 3, 19], dendriticDelay: 1, step: 1)
    let potentiated = min(6, 6 * exp(-1.0 / 3))
    #expect(abs(timeline.events[1].weight - potentiated) < 1e-12)
    let depressed = max(0, potentiated - 6 * exp(-1.0 / 3))
    #expect(abs(timeline.events[2].weight - depressed) < 1e-12)
    #expect(timeline.weight == 0 && timeline.events.allSatisfy { (0...6).contains($0.weight) })
  }

  /// Single synapses of NEST, which leaves spikes that meet alone and has its whole delay in the dendrite.
  @Test func weightsAreThoseOfNEST() throws {
    for golden in try PlasticityGolden.cases("pair") + PlasticityGolden.cases("triplet")
    where golden.simulator == "NEST" {
      let rule = rule(golden)
      let timeline = SynapseTimeline(
        weight: golden.start, rule: rule, presynaptic: golden.presynaptic, postsynaptic: golden.postsynaptic,
        dendriticDelay: golden.delay, step: 0.1)
      let arrivals = Set(golden.postsynaptic.map { $0 + golden.delay })
      #expect(golden.presynaptic.contains { arrivals.contains($0) }, "no spikes meet in \(golden.name)")
      compare(timeline.transmitted, golden.transmitted!, golden.name)
    }
    let golden = try PlasticityGolden.cases("inhibitory")[0]
    let inhibitory = SynapseTimeline(
      weight: golden.start, rule: InhibitorySTDP(learningRate: 0.05, targetRate: 3),
      presynaptic: golden.presynaptic,
      postsynaptic: golden.postsynaptic, dendriticDelay: golden.delay, step: 0.1)
    compare(inhibitory.transmitted, golden.transmitted!, golden.name)
  }

  private func rule(_ golden: PlasticityGolden.Case) -> any PlasticityRule {
    switch golden.name {
    case "triplet visual cortex": return TripletSTDP.visualCortex(bounds: 0...100)
    case "triplet hippocampal culture": return TripletSTDP.hippocampalCulture(bounds: 0...100)
    default:
      let r = golden.rule
      return PairSTDP(
        potentiation: r.potentiation!, depression: r.depression!,
        potentiationTimeConstant: r.potentiationTimeConstant!,
        depressionTimeConstant: r.depressionTimeConstant!,
        weightDependence: WeightDependence(
          potentiation: r.potentiationExponent!, depression: r.depressionExponent!),
        bounds: 0...r.upper!, pairing: r.nearest == true ? .nearest : .all)
    }
  }

  /// Synapses of Brian2, where a presynaptic spike acts before a postsynaptic one of the same step.
  @Test func weightsAreThoseOfBrian() throws {
    let rules: [any PlasticityRule] = [
      PairSTDP(
        potentiation: 0.05, depression: 0.055, potentiationTimeConstant: 16.8, depressionTimeConstant: 33.7,
        coincidentSpikes: .potentiate),
      brianTriplets,
    ]
    let cases = try PlasticityGolden.cases("").filter { $0.simulator == "Brian2" }
    #expect(cases.count == rules.count)
    for (golden, rule) in zip(cases, rules) {
      let timeline = SynapseTimeline(
        weight: golden.start, rule: rule, presynaptic: golden.presynaptic, postsynaptic: golden.postsynaptic,
        dendriticDelay: golden.delay, step: 1)
      var after: [Double: Double] = [:]
      for event in timeline.events { after[event.time] = event.weight }
      #expect(after.count < timeline.events.count, "no spikes meet in \(golden.name)")
      compare(golden.times!.map { after[$0] ?? .nan }, golden.weights!, golden.name)
    }
  }

  private var brianTriplets: TripletSTDP {
    let visual = TripletSTDP.visualCortex(.nearest)
    return TripletSTDP(
      potentiation: visual.potentiation, depression: visual.depression,
      slowPresynapticTimeConstant: visual.slowPresynapticTimeConstant,
      slowPostsynapticTimeConstant: visual.slowPostsynapticTimeConstant, pairing: .nearest,
      coincidentSpikes: .potentiate)
  }

  private func compare(_ ours: [Double], _ theirs: [Double], _ name: String) {
    #expect(ours.count == theirs.count && theirs.count > 20)
    let worst = zip(ours, theirs).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst < 1e-10, "\(name): \(worst)")
  }
}
