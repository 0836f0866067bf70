import Foundation
import Neurons
import Support
import Tensors
import Testing

@Suite struct SynapticScalingTests {
  /// A fine Euler integration of van Rossum et al. (2000), equations 4 and 5.
  @Test func factorsAreWhatTheEquationsSay() {
    let scaling = SynapticScaling(
      targetRate: 8, proportional: 0.02, integral: 0.005, sensorTimeConstant: 3000)
    var state = SynapticScaling.State(neurons: 2, activity: 5)
    var weights = [1.0, 2.0]
    let spikes = [[1, 0], [0, 0], [2, 1], [0, 1], [1, 1]]
    var (activity, deficit, expected) = ([5.0, 5], [0.0, 0], [1.0, 2])
    for counts in spikes {
      let factors = scaling.advance(&state, spikes: counts, elapsed: 400)
      for neuron in 0..<2 {
        weights[neuron] *= factors[neuron]
        activity[neuron] += Double(counts[neuron]) / 3
        for _ in 0..<40_000 {
          let missing = 8 - activity[neuron]
          expected[neuron] += expected[neuron] * (0.02 * missing + 0.005 * deficit[neuron]) * 1e-5
          deficit[neuron] += missing * 1e-5
          activity[neuron] -= activity[neuron] / 3 * 1e-5
        }
      }
    }
    for neuron in 0..<2 {
      #expect(abs(weights[neuron] / expected[neuron] - 1) < 1e-5)
      #expect(abs(state.activity[neuron] - activity[neuron]) < 1e-3)
      #expect(abs(state.deficit[neuron] - deficit[neuron]) < 1e-3)
    }
    #expect(abs(weights[0] - 1) > 0.01)
  }

  /// Neurons that fire in proportion to their input come to fire at the target, each from another side.
  @Test func ratesComeToTheTarget() {
    let scaling = SynapticScaling(
      targetRate: 10, proportional: 4e-3, integral: 1e-5, sensorTimeConstant: 10_000)
    var state = SynapticScaling.State(neurons: 2)
    var generator = RandomGenerator(seed: 2)
    var gains = [2.0, 40.0]
    var late = [0, 0]
    for second in 0..<4000 {
      let counts = gains.map { gain in (0..<100).filter { _ in generator.uniform() < gain / 100 }.count }
      if second >= 3000 { late = zip(late, counts).map(+) }
      let factors = scaling.advance(&state, spikes: counts, elapsed: 1000)
      gains = zip(gains, factors).map(*)
    }
    for count in late { #expect(abs(Double(count) / 1000 - 10) < 1, "\(late)") }
  }

  @Test func denseAndSparseWeightsScaleAlike() {
    var generator = RandomGenerator(seed: 3)
    let connectivity = Connectivity.fixedProbability(6, 4, 0.5, using: &generator)
    var weights = (0..<connectivity.count).map { _ in generator.normal() }
    let dense = dense(weights, connectivity)
    let factors = [0.5, 2, 1, 3]
    SynapticScaling.scale(&weights, of: connectivity, by: factors)
    #expect(
      (SynapticScaling.scaled(dense, by: factors) - self.dense(weights, connectivity)).abs().max().item
        < 1e-12)
    let normalisation = IncomingNormalisation(total: 5)
    normalisation.normalise(&weights, of: connectivity)
    let normal = normalisation.normalised(dense)
    #expect((normal - self.dense(weights, connectivity)).abs().max().item < 1e-12)
    for sum in normal.abs().sum(axis: 1).doubles { #expect(abs(sum - 5) < 1e-12) }
    // Proportions and signs stay.
    #expect((normal * dense).min().item >= 0)
    let zeros = normalisation.normalised(Tensor([0.0, 0, 1, 3], shape: [2, 2]))
    #expect(zeros.doubles == [0, 0, 1.25, 3.75])
  }

  private func dense(_ weights: [Double], _ c: Connectivity) -> Tensor {
    var values = [Double](repeating: 0, count: c.sources * c.targets)
    for s in 0..<c.sources {
      for synapse in c.synapses(of: s) { values[Int(c.target[synapse]) * c.sources + s] = weights[synapse] }
    }
    return Tensor(values, shape: [c.targets, c.sources])
  }

  @Test func thresholdsBringRatesToTheTarget() {
    let plasticity = IntrinsicPlasticity(targetRate: 20, learningRate: 0.05)
    var generator = RandomGenerator(seed: 4)
    var threshold = 3.0
    var late = 0
    for step in 0..<60_000 {
      let spikes = generator.normal() > threshold ? 1 : 0
      if step >= 30_000 { late += spikes }
      threshold = plasticity.threshold(threshold, spikes: spikes, elapsed: 1)
    }
    #expect(abs(Double(late) / 30 - 20) < 1.5, "\(late)")
    // 2 % of normal numbers lie above 2.054.
    #expect(abs(threshold - 2.054) < 0.3)
  }

  @Test func thresholdsOfPopulationsAreThoseOfNeurons() {
    let plasticity = IntrinsicPlasticity(targetRate: 50, learningRate: 0.1, bounds: -1...1)
    var generator = RandomGenerator(seed: 5)
    let spikes = Tensor.full([40, 2, 3], 0.3).bernoulli(using: &generator)
    let start = Tensor([0.2, -0.4, 0.9], as: .float32)
    let after = plasticity.thresholds(start, after: spikes, step: 0.5).doubles
    let counts = spikes.sum(axes: [0]).mean(axis: 0).doubles
    for neuron in 0..<3 {
      let expected = start[neuron].item + 0.1 * (counts[neuron] - 50 * 0.02)
      #expect(abs(after[neuron] - min(expected, 1)) < 1e-6)
    }
    let biases = plasticity.biases(start, after: spikes, step: 0.5).doubles
    for neuron in 0..<3 {
      let expected = start[neuron].item - 0.1 * (counts[neuron] - 50 * 0.02)
      #expect(abs(biases[neuron] - max(expected, -1)) < 1e-6)
    }
    #expect(plasticity.threshold(0.99, spikes: 3, elapsed: 10) == 1.0)
    #expect(abs(plasticity.threshold(Float(0), spikes: 0, elapsed: 100) + 0.5) < 1e-7)
  }
}
