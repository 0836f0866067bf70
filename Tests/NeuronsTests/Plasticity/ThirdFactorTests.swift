import Foundation
import Neurons
import Support
import Tensors
import Testing

@Suite struct ThirdFactorTests {
  private let rule = RewardModulatedSTDP(
    potentiation: 1, depression: 1.5, eligibility: EligibilityTrace(timeConstant: 700),
    modulatorTimeConstant: 200, learningRate: 0.5, bounds: -10...10)

  /// One pair, then a reward: η A₊ exp(-5/τ₊) exp(-D/τ_c) times the integral of both decays.
  @Test(arguments: [50.0, 600, 3000]) func rewardFindsThePairThatEarnedIt(_ delay: Double) {
    let timeline = RewardTimeline(
      weight: 0, rule: rule, presynaptic: [10], postsynaptic: [15], rewards: [(15 + delay, 2)],
      duration: 60_000)
    let eligibility = exp(-5.0 / 20) * exp(-delay / 700)
    let together = 1 / (1 / 700.0 + 1 / 200)
    #expect(abs(timeline.weight - 0.5e-3 * eligibility * 2 * together) < 1e-12)
    #expect(abs(timeline.events[1].eligibility - exp(-5.0 / 20)) < 1e-12)
    // The other order is punished by a reward, and made good by punishment.
    let reversed = RewardTimeline(
      weight: 0, rule: rule, presynaptic: [15], postsynaptic: [10], rewards: [(15 + delay, -2)],
      duration: 60_000)
    #expect(abs(reversed.weight - 1.5 * timeline.weight) < 1e-12)
    let none = RewardTimeline(
      weight: 0.3, rule: rule, presynaptic: [10], postsynaptic: [15], rewards: [], duration: 1000)
    #expect(none.weight == 0.3)
  }

  /// A fine Euler integration of the same equations, with a lasting level.
  @Test func closedFormsAreWhatTheEquationsSay() {
    let rule = RewardModulatedSTDP(
      potentiation: 1, depression: 1.5, eligibility: EligibilityTrace(timeConstant: 500),
      modulatorTimeConstant: 150, level: 0.1, learningRate: 0.7, bounds: -100...100)
    let (pre, post) = (poissonTrain(20, steps: 2000, seed: 21), poissonTrain(20, steps: 2000, seed: 22))
    let rewards: [(time: Double, size: Double)] = [(300, 1), (900, 2), (1500.5, -0.5)]
    let timeline = RewardTimeline(
      weight: 1, rule: rule, presynaptic: pre, postsynaptic: post, rewards: rewards, duration: 2500)
    let jumps = SynapseTimeline(weight: 0, rule: rule.pairs, presynaptic: pre, postsynaptic: post)
    let substeps = 200
    var (weight, eligibility, modulator, known, next) = (1.0, 0.0, 0.0, 0.0, 0)
    for tick in 0..<2500 * substeps {
      let time = Double(tick) / Double(substeps)
      while next < jumps.events.count, jumps.events[next].time <= time {
        eligibility += jumps.events[next].weight - known
        known = jumps.events[next].weight
        next += 1
      }
      for reward in rewards where reward.time == time { modulator += reward.size }
      weight += 0.7e-3 * eligibility * (0.1 + modulator) / Double(substeps)
      eligibility -= eligibility / 500 / Double(substeps)
      modulator -= modulator / 150 / Double(substeps)
    }
    #expect(abs(timeline.weight - 1) > 0.01)
    #expect(abs(timeline.weight - weight) < 1e-3 * abs(weight - 1), "\(timeline.weight) \(weight)")
  }

  /// The distal reward problem (Izhikevich, 2007, figure 1): a reward comes a second or more after a coincidence at the first of
  /// many synapses, with many other spikes in between, and the first wins nevertheless.
  @Test func distalRewardIsSolved() {
    let rule = RewardModulatedSTDP.izhikevich
    let duration = 600_000
    let post = poissonTrain(1, steps: duration, seed: 31)
    let trains = (0..<30).map { poissonTrain(1, steps: duration, seed: 40 + UInt64($0)) }
    // Coincidences are rare by chance: the reward's source makes some.
    let triggered = stride(from: 5000.0, to: Double(duration - 5000), by: 20_000).map { $0 }
    let outputs = Array(Set(post + triggered.map { $0 + 5 })).sorted()
    let first = Array(Set(trains[0] + triggered)).sorted()
    let rewards = triggered.enumerated().map { (time: $1 + 1000 + 200 * Double($0 % 5), size: 0.5) }
    let weights = (0..<30).map { index in
      RewardTimeline(
        weight: 1, rule: rule, presynaptic: index == 0 ? first : trains[index], postsynaptic: outputs,
        rewards: rewards, duration: Double(duration)
      ).weight
    }
    #expect(weights[0] > weights[1...].max()! + 0.2 && weights[0] > 1.2, "\(weights)")
  }

  @Test func expectationsFollowRewards() {
    var expected = ExpectedReward(trials: 4)
    #expect(expected.surprise(of: 1) == 1 && expected.mean == 0.25)
    for _ in 0..<200 { _ = expected.surprise(of: 1) }
    #expect(abs(expected.mean - 1) < 1e-12 && abs(expected.surprise(of: 3) - 2) < 1e-9)
  }

  private func spikes(_ shape: [Int], _ probability: Double, seed: UInt64) -> Tensor {
    var generator = RandomGenerator(seed: seed)
    return Tensor.full(shape, probability, .float64).bernoulli(using: &generator)
  }

  private func worst(_ a: Tensor, _ b: [Double]) -> Double {
    zip(a.doubles, b).map { abs($0 - $1) }.max() ?? .infinity
  }

  /// Eligibilities of all synapses, step by step as the equations say, against two products of matrices.
  @Test(arguments: [CoincidentSpikes.ignored, .depress, .potentiate])
  func sequencesEqualStepByStep(_ coincidence: CoincidentSpikes) {
    for pairing in [PlasticityTrace.Pairing.all, .nearest] {
      let rule = RewardModulatedSTDP(
        potentiation: 0.9, depression: 1.3, potentiationTimeConstant: 15, depressionTimeConstant: 30,
        pairing: pairing, coincidentSpikes: coincidence, eligibility: EligibilityTrace(timeConstant: 40),
        learningRate: 2)
      let (steps, batch, inputs, outputs) = (50, 2, 4, 3)
      let pre = spikes([steps, batch, inputs], 0.2, seed: 3)
      let post = spikes([steps, batch, outputs], 0.2, seed: 4)
      var generator = RandomGenerator(seed: 5)
      let modulator = Tensor.normal([steps, batch], .float64, using: &generator)
      var expected = [Double](repeating: 0, count: outputs * inputs)
      var last = expected
      let (x, y, m) = (pre.doubles, post.doubles, modulator.doubles)
      for b in 0..<batch {
        for o in 0..<outputs {
          for i in 0..<inputs {
            // The jumps of one synapse, by its own course.
            func times(_ values: [Double], _ count: Int, _ n: Int) -> [Double] {
              (0..<steps).filter { values[($0 * batch + b) * count + n] != 0 }.map { Double($0) * 2 }
            }
            let course = SynapseTimeline(
              weight: 0, rule: rule.pairs, presynaptic: times(x, inputs, i),
              postsynaptic: times(y, outputs, o))
            var (eligibility, known) = (0.0, 0.0)
            for time in 0..<steps {
              eligibility *= exp(-2.0 / 40)
              if let event = course.events.last(where: { $0.time <= Double(time) * 2 }) {
                eligibility += event.weight - known
                known = event.weight
              }
              expected[o * inputs + i] += m[time * batch + b] * eligibility * 2 * 2 / 1000 / Double(batch)
            }
            last[o * inputs + i] += eligibility / Double(batch)
          }
        }
      }
      let update = rule.update(presynaptic: pre, postsynaptic: post, modulator: modulator, step: 2)
      #expect(worst(update, expected) < 1e-12)
      let eligibilities = rule.eligibilities(presynaptic: pre, postsynaptic: post, step: 2)
      #expect(worst(eligibilities, last) < 1e-12)
    }
  }

  @Test func errorsMeetTraces() {
    let rule = ErrorModulatedRule(learningRate: 0.3, trace: PlasticityTrace(timeConstant: 12))
    let (steps, batch, inputs, outputs) = (30, 2, 4, 3)
    let pre = spikes([steps, batch, inputs], 0.3, seed: 6)
    var generator = RandomGenerator(seed: 7)
    let error = Tensor.normal([steps, batch, outputs], .float64, using: &generator)
    let gate = Tensor.uniform([steps, batch], .float64, using: &generator)
    let (x, e, g) = (pre.doubles, error.doubles, gate.doubles)
    var expected = [Double](repeating: 0, count: outputs * inputs)
    for b in 0..<batch {
      for i in 0..<inputs {
        var trace = 0.0
        for time in 0..<steps {
          let row = time * batch + b
          trace = trace * exp(-0.5 / 12) + x[row * inputs + i]
          for o in 0..<outputs {
            expected[o * inputs + i] +=
              rule.change(trace: trace, error: e[row * outputs + o], gate: g[row]) / Double(batch)
          }
        }
      }
    }
    let update = rule.update(presynaptic: pre, error: error, gate: gate, step: 0.5)
    #expect(worst(update, expected) < 1e-12)
    var traces = Tensor.zeros([batch, inputs], .float64)
    var online = Tensor.zeros([outputs, inputs], .float64)
    for time in 0..<steps {
      online += rule.update(
        &traces, presynaptic: pre[time], error: error[time], gate: gate[time], step: 0.5)
    }
    #expect(worst(online, expected) < 1e-12)
    #expect(
      worst(rule.update(presynaptic: pre, error: error), expected) > 0.01, "the gate should matter")
  }

  /// Online, the rule makes a readout of spikes follow a course of time.
  @Test func errorsTeachACourse() {
    let pre = spikes([200, 1, 60], 0.05, seed: 8).to(.float32)
    let target = (0..<200).map { sin(Double($0) / 15) }
    let rule = ErrorModulatedRule(learningRate: 0.005)
    var weight = Tensor.zeros([1, 60])
    func epoch(learning: Bool) -> Double {
      var traces = Tensor.zeros([1, 60])
      var sum = 0.0
      for time in 0..<200 {
        let now = rule.trace.values(of: pre[time].unsqueezed(0), step: 1, from: traces)[0]
        let error = (now.matmul(weight.transposed()) - target[time]) * -1
        sum += pow(error.item, 2)
        let change = rule.update(&traces, presynaptic: pre[time], error: error)
        if learning { weight += change }
      }
      return sum / 200
    }
    let before = epoch(learning: false)
    for _ in 0..<40 { _ = epoch(learning: true) }
    let after = epoch(learning: false)
    #expect(before > 0.4 && after < 0.1 * before, "\(before) \(after)")
  }

  @Test func tracesOfSequencesAreSums() {
    let spikes = Tensor([1.0, 0, 1, 1, 0], shape: [5, 1])
    let keep = exp(-2.0 / 10)
    let all = PlasticityTrace(timeConstant: 10).values(of: spikes, step: 2).doubles
    let expected = [
      1, keep, keep * keep + 1, (keep * keep + 1) * keep + 1, ((keep * keep + 1) * keep + 1) * keep,
    ]
    for (a, b) in zip(all, expected) { #expect(abs(a - b) < 1e-12) }
    let nearest = PlasticityTrace(timeConstant: 10, pairing: .nearest)
    let values = nearest.values(of: spikes, step: 2)
    for (a, b) in zip(values.doubles, [1, keep, 1, 1, keep]) { #expect(abs(a - b) < 1e-12) }
    #expect(
      nearest.values(of: spikes[2..<5], step: 2, from: values[1]).doubles == Array(values.doubles[2...]))
  }
}
