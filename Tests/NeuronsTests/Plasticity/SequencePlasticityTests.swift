import Foundation
import Neurons
import Support
import Tensors
import Testing

@Suite struct SequencePlasticityTests {
  /// A rule of a user's own, from another module.
  private struct Anti: PlasticityRule {
    var presynaptic: [PlasticityTrace] { [PlasticityTrace(timeConstant: 12)] }
    var postsynaptic: [PlasticityTrace] {
      [PlasticityTrace(timeConstant: 7), PlasticityTrace(timeConstant: 70, pairing: .nearest)]
    }
    var bounds: ClosedRange<Double> { -1...1 }
    func afterPostsynapticSpike<S: SimulationScalar>(
      _ weight: S, presynaptic: TraceValues<S>, postsynaptic: TraceValues<S>
    ) -> S {
      max(-1, weight - presynaptic.first / 10)
    }
    func afterPresynapticSpike<S: SimulationScalar>(
      _ weight: S, presynaptic: TraceValues<S>, postsynaptic: TraceValues<S>
    ) -> S {
      min(1, weight + (postsynaptic.first - postsynaptic.second / 2) / 10)
    }
  }

  private static let rules: [any PlasticityRule] = [
    PairSTDP(potentiation: 0.05, depression: 0.06),
    PairSTDP(
      potentiation: 0.2, depression: 0.1, depressionTimeConstant: 34, weightDependence: .power(0.4),
      pairing: .nearest, coincidentSpikes: .depress),
    PairSTDP(
      potentiation: 0.1, depression: 0.15, weightDependence: .multiplicative, coincidentSpikes: .potentiate),
    TripletSTDP.visualCortex(unit: 3, bounds: 0...1), TripletSTDP.diehlCook(),
    InhibitorySTDP(learningRate: 0.1, targetRate: 15, bounds: 0...1),
    PresynapticTraceRule(learningRate: 0.1, target: 0.4, exponent: 0.2), Anti(),
  ]

  private func spikes(_ shape: [Int], _ probability: Double, seed: UInt64) -> Tensor {
    var generator = RandomGenerator(seed: seed)
    return Tensor.full(shape, probability).bernoulli(using: &generator)
  }

  private func start(_ outputs: Int, _ inputs: Int) -> Tensor {
    var generator = RandomGenerator(seed: 4)
    return Tensor.uniform([outputs, inputs], in: 0...1, using: &generator)
  }

  /// More outputs than a vector holds, so that there are several tiles and one that is not full.
  @Test(arguments: rules.indices) func everySynapseTakesItsCourse(_ index: Int) {
    let rule = Self.rules[index]
    let (pre, post) = (spikes([150, 1, 5], 0.1, seed: 1), spikes([150, 1, 19], 0.1, seed: 2))
    let weight = start(19, 5)
    let learned = learn(rule, weight, pre, post, step: 0.5).weight
    let (x, y, w, v) = (pre.floats, post.floats, weight.floats, learned.floats)
    var worst = 0.0
    for output in 0..<19 {
      for input in 0..<5 {
        func times(_ spikes: [Float], _ count: Int, _ neuron: Int) -> [Double] {
          (0..<150).filter { spikes[$0 * count + neuron] != 0 }.map { Double($0) * 0.5 }
        }
        let timeline = SynapseTimeline(
          weight: Double(w[output * 5 + input]), rule: rule, presynaptic: times(x, 5, input),
          postsynaptic: times(y, 19, output), step: 0.5)
        worst = max(worst, abs(timeline.weight - Double(v[output * 5 + input])))
      }
    }
    #expect(worst < 2e-6, "\(rule): \(worst)")
    #expect((learned - weight).abs().mean().item > 1e-3)
  }

  private func learn(
    _ rule: some PlasticityRule, _ weight: Tensor, _ pre: Tensor, _ post: Tensor, step: Double,
    from state: SequenceTraces? = nil
  ) -> (weight: Tensor, state: SequenceTraces) {
    SequencePlasticity(rule, step: step)(weight, presynaptic: pre, postsynaptic: post, from: state)
  }

  /// Two parts, the traces handed on, are the whole, in a batch too.
  @Test(arguments: rules.indices) func sequencesGoOn(_ index: Int) {
    let rule = Self.rules[index]
    let (pre, post) = (spikes([80, 3, 6], 0.1, seed: 5), spikes([80, 3, 18], 0.1, seed: 6))
    let weight = start(18, 6)
    let whole = learn(rule, weight, pre, post, step: 1)
    let first = learn(rule, weight, pre[0..<33], post[0..<33], step: 1)
    let second = learn(rule, first.weight, pre[33..<80], post[33..<80], step: 1, from: first.state)
    #expect((whole.weight - second.weight).abs().max().item < 1e-6)
    for (a, b) in [
      (whole.state.presynaptic, second.state.presynaptic),
      (whole.state.postsynaptic, second.state.postsynaptic),
    ] {
      #expect((a - b).abs().max().item < 1e-5)
    }
  }

  /// In every step the sequences of a batch act one after another: as one sequence with finer steps whose traces do not mix.
  @Test func batchesActInTurn() {
    let rule = PairSTDP(potentiation: 0.3, depression: 0.2, weightDependence: .multiplicative)
    let (pre, post) = (spikes([60, 3, 2], 0.2, seed: 7), spikes([60, 3, 2], 0.2, seed: 8))
    let weight = start(2, 2)
    let learned = learn(rule, weight, pre, post, step: 1).weight.doubles
    let (x, y) = (pre.doubles, post.doubles)
    for (output, input) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
      var w = Double(weight[output, input].item)
      var traces = [(x: Double, y: Double)](repeating: (0, 0), count: 3)
      for time in 0..<60 {
        for b in 0..<3 {
          let keep = exp(-1.0 / 20)
          traces[b] = (traces[b].x * keep, traces[b].y * keep)
          let row = (time * 3 + b) * 2
          let (before, behind) = (TraceValues(traces[b].x), TraceValues(traces[b].y))
          if y[row + output] != 0 {
            w = rule.afterPostsynapticSpike(w, presynaptic: before, postsynaptic: behind)
            traces[b].y += 1
          }
          if x[row + input] != 0 {
            w = rule.afterPresynapticSpike(w, presynaptic: before, postsynaptic: behind)
            traces[b].x += 1
          }
        }
      }
      #expect(abs(w - learned[output * 2 + input]) < 1e-6)
    }
  }

  @Test func weightsThatSawNoSpikesStay() {
    let weight = start(4, 3)
    let silent = Tensor.zeros([20, 1, 3])
    let learned = learn(Self.rules[0], weight, silent, spikes([20, 1, 4], 0.3, seed: 9), step: 1)
    #expect(learned.weight.floats == weight.floats)
    #expect(learned.state.presynaptic.abs().max().item == 0)
    #expect(learned.state.postsynaptic[0].max().item > 0 && learned.state.postsynaptic[1].max().item == 0)
    let none = learn(Self.rules[0], weight, Tensor.zeros([0, 1, 3]), Tensor.zeros([0, 1, 4]), step: 1)
    #expect(none.weight.floats == weight.floats)
    // Double precision in, double precision out, and no graph.
    let double = learn(
      Self.rules[0], weight.to(.float64).requiringGradient(), silent.to(.float64),
      Tensor.zeros([20, 1, 4], .float64), step: 1)
    #expect(double.weight.elementType == .float64 && !double.weight.requiresGradient)
  }

  /// Neurons whose inputs come together keep them; the others lose theirs (Song, Miller and Abbott, 2000).
  @Test func correlatedInputsWin() {
    var generator = RandomGenerator(seed: 10)
    let (steps, inputs) = (20_000, 40)
    let shared = Tensor.full([steps, 1, 1], 0.01).bernoulli(using: &generator)
    let together = (Tensor.full([steps, 1, 20], 0.6).bernoulli(using: &generator) * shared)
    let alone = Tensor.full([steps, 1, 20], 0.006).bernoulli(using: &generator)
    let pre = Tensor.concatenated([together, alone], axis: 2)
    // The output fires a step after many inputs did.
    let drive = Tensor.concatenated([Tensor.zeros([1, 1, 1]), pre.sum(axis: 2, keep: true)[0..<steps - 1]])
    let post = (drive .> 5).to(.float32)
    let learned = learn(
      PairSTDP.songMillerAbbott(), Tensor.full([1, inputs], 0.5), pre, post, step: 1
    ).weight[0]
    let (correlated, others) = (learned[0..<20].mean().item, learned[20..<40].mean().item)
    #expect(correlated > 0.8 && others < 0.55 && correlated > others + 0.3, "\(correlated) \(others)")
  }
}
