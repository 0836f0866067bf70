import Foundation
import Neurons
import Support
import Tensors
import Testing

@Suite struct ShortTermPlasticityTests {
  /// Single synapses of NEST (`tsodyks2_synapse`).
  @Test func efficaciesAreThoseOfNEST() throws {
    let cases = try PlasticityGolden.cases("short-term")
    #expect(cases.count == 3)
    for golden in cases {
      let plasticity = ShortTermPlasticity(
        utilisation: golden.rule.utilisation!, recoveryTimeConstant: golden.rule.recovery!,
        facilitationTimeConstant: golden.rule.facilitation!)
      var state = plasticity.rested(as: Double.self)
      let ours = golden.presynaptic.map { plasticity.efficacy(&state, at: $0) }
      let worst = zip(ours, golden.transmitted!).map { abs($0 - $1) }.max()!
      #expect(worst < 1e-10, "\(golden.name): \(worst)")
    }
  }

  @Test(arguments: [ShortTermPlasticity.depressing, .facilitating, .workingMemory], [1.0, 10, 50])
  func regularTrainsSettle(_ plasticity: ShortTermPlasticity, _ rate: Double) {
    var state = plasticity.rested(as: Double.self)
    var last = 0.0
    for spike in 0..<4000 { last = plasticity.efficacy(&state, at: Double(spike) * 1000 / rate) }
    let settled = plasticity.steadyState(rate: rate)
    #expect(abs(last - settled.efficacy) < 1e-12)
    #expect(abs(settled.utilisation * settled.resources - settled.efficacy) < 1e-15)
    #expect(abs(state.utilisation - settled.utilisation) < 1e-12)
  }

  @Test func firstSpikesMeetU() {
    for plasticity in [ShortTermPlasticity.depressing, .facilitating, .workingMemory] {
      var state = plasticity.rested(as: Float.self)
      #expect(abs(Double(plasticity.efficacy(&state, at: 7)) - plasticity.firstEfficacy) < 1e-7)
    }
    #expect(abs(ShortTermPlasticity.workingMemory.firstEfficacy - 0.36) < 1e-12)
  }

  /// Without facilitation u is U at every spike: the release falls as resources do, to (1 - d) U / (1 - (1 - U) d).
  @Test func depressionDepressesAndFacilitationFacilitates() {
    func course(_ plasticity: ShortTermPlasticity, _ rate: Double) -> [Double] {
      var state = plasticity.rested(as: Double.self)
      return (0..<10).map { plasticity.efficacy(&state, at: Double($0) * 1000 / rate) }
    }
    let depressing = course(.depressing, 20)
    #expect(zip(depressing, depressing.dropFirst()).allSatisfy(>))
    let d = exp(-50.0 / 800)
    #expect(abs(depressing[1] - 0.5 * (1 - 0.5 * d)) < 1e-12)
    let settled = ShortTermPlasticity.depressing.steadyState(rate: 20)
    #expect(abs(settled.efficacy - 0.5 * (1 - d) / (1 - 0.5 * d)) < 1e-12)
    let facilitating = course(.facilitating, 20)
    #expect(facilitating[4] > 2 * facilitating[0])
    // At high rates the limiting frequency is passed: 1/τ_rec of resources a second, whatever the rate.
    let (low, high) = (
      ShortTermPlasticity.depressing.steadyState(rate: 100),
      ShortTermPlasticity.depressing.steadyState(rate: 200)
    )
    #expect(abs(low.efficacy * 100 - high.efficacy * 200) < 0.02 * 100 * low.efficacy)
    #expect(abs(low.efficacy * 100 - 1 / 0.8) < 0.03)
  }

  @Test func sequencesEqualSingleSources() {
    var generator = RandomGenerator(seed: 3)
    // More columns than one block.
    let spikes = Tensor.full([120, 3, 500], 0.05).bernoulli(using: &generator)
    for plasticity in [ShortTermPlasticity.depressing, .facilitating, .workingMemory] {
      let efficacies = plasticity.efficacies(spikes, step: 0.5)
      let (x, y) = (spikes.floats, efficacies.floats)
      var worst = 0.0
      for column in [0, 1, 499, 500, 1023, 1024, 1499] {
        var state = plasticity.rested(as: Double.self)
        for time in 0..<120 {
          let place = time * 1500 + column
          let expected = x[place] != 0 ? plasticity.efficacy(&state, at: Double(time) * 0.5) : 0
          worst = max(worst, abs(expected - Double(y[place])))
        }
      }
      #expect(worst < 1e-6)
    }
    #expect(ShortTermPlasticity.depressing.efficacies(Tensor.zeros([0, 2, 3])).shape == [0, 2, 3])
    let double = ShortTermPlasticity.depressing.efficacies(spikes.to(.float64))
    #expect(double.elementType == .float64)
  }
}
