import Foundation
import Neurons
import Support
import Testing

@Suite struct TempotronTests {
  private struct Golden: Decodable {
    struct Trial: Decodable {
      let spikes: [[Double]]
      let label, peak, fired: Int
      let height: Double
      let weights: [Double]

      enum CodingKeys: String, CodingKey {
        case spikes, label, fired
        case peak = "t_max"
        case height = "V_max"
        case weights = "weights_after"
      }
    }
    struct Section: Decodable {
      let duration, step, membrane, synapse, scale, peakTime, threshold, rate: Double
      let weights: [Double]
      let trials: [Trial]

      enum CodingKeys: String, CodingKey {
        case threshold, trials
        case duration = "T"
        case step = "dt"
        case membrane = "tau_m"
        case synapse = "tau_s"
        case scale = "V0"
        case peakTime = "t_peak"
        case rate = "lr"
        case weights = "weights0"
      }
    }
    struct Tolerance: Decodable { let abs: Double }
    let tolerance: Tolerance
    let tempotron: Section
  }

  @Test func agreesWithReferenceVectors() throws {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Golden/tempotron.json")
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    let (section, tolerance) = (golden.tempotron, golden.tolerance.abs)
    let kernel = Tempotron.Kernel(timeConstant: section.membrane)
    #expect(abs(kernel.synapticTimeConstant - section.synapse) < tolerance)
    #expect(
      abs(kernel.scale - section.scale) < tolerance && abs(kernel.peakTime - section.peakTime) < tolerance)
    var neuron = Tempotron(weights: section.weights, kernel: kernel, threshold: section.threshold)
    #expect(section.trials.count == 6)
    for trial in section.trials {
      let peak = neuron.peak(trial.spikes, duration: section.duration, step: section.step)
      #expect(peak.index == trial.peak && abs(peak.value - trial.height) < tolerance)
      #expect(
        neuron.fires(trial.spikes, duration: section.duration, step: section.step) == (trial.fired == 1))
      let right = neuron.learn(
        trial.spikes, isTarget: trial.label == 1, duration: section.duration, step: section.step,
        rate: section.rate)
      #expect(right == (trial.fired == trial.label))
      for (a, b) in zip(neuron.weights, trial.weights) { #expect(abs(a - b) < tolerance) }
    }
  }

  @Test func thePotentialIsTheSumOfKernels() {
    let kernel = Tempotron.Kernel(timeConstant: 12, synapticTimeConstant: 3)
    #expect(abs(kernel(kernel.peakTime) - 1) < 1e-12 && kernel(0) == 0 && kernel(-1) == 0)
    let neuron = Tempotron(weights: [0.5, -0.8], kernel: kernel, threshold: 1)
    // Spikes that do not stand on the grid.
    let spikes = [[0.3, 7.25], [4.9, 4.9, 30]]
    let potential = neuron.potential(spikes, duration: 40, step: 0.5)
    #expect(potential.count == 80)
    for (index, value) in potential.enumerated() {
      let time = Double(index) * 0.5
      let direct = zip(neuron.weights, spikes).reduce(0.0) { sum, afferent in
        sum + afferent.0 * afferent.1.reduce(0) { $0 + kernel(time - $1) }
      }
      #expect(abs(value - direct) < 1e-12)
    }
  }

  @Test func kernelDerivativesAgreeWithDifferences() {
    let kernel = Tempotron.Kernel(timeConstant: 14, synapticTimeConstant: 4)
    let h = 1e-5
    for delay in [0.5, 3, 9, 40] {
      let found = kernel.derivatives(delay)
      func value(_ a: Double, _ b: Double) -> Double {
        Tempotron.Kernel(timeConstant: 14 + a, synapticTimeConstant: 4 + b)(delay)
      }
      #expect(abs(found.timeConstant - (value(h, 0) - value(-h, 0)) / (2 * h)) < 1e-8)
      #expect(abs(found.synapticTimeConstant - (value(0, h) - value(0, -h)) / (2 * h)) < 1e-8)
    }
  }

  /// Random patterns, as in the paper: up to about three a synapse can be told apart.
  @Test(arguments: [0.0, 0.01]) func learnsRandomPatterns(_ intrinsicRate: Double) {
    var generator = RandomGenerator(seed: 4)
    let patterns = (0..<40).map { _ in (0..<40).map { _ in [generator.uniform() * 200] } }
    var neuron = Tempotron(
      weights: (0..<40).map { _ in 0.05 * generator.normal() }, kernel: .init(timeConstant: 15), threshold: 1)
    var errors: [Int] = []
    for _ in 0..<150 {
      errors.append(
        patterns.enumerated().count { index, pattern in
          !neuron.learn(
            pattern, isTarget: index % 2 == 0, duration: 250, rate: 0.02, intrinsicRate: intrinsicRate * 0.1)
        })
    }
    #expect(errors[0] >= 15 && errors.last! <= 2, "\(errors.last!)")
    #expect(neuron.kernel.synapticTimeConstant <= 0.9 * neuron.kernel.timeConstant)
    #expect((neuron.kernel.timeConstant == 15) == (intrinsicRate == 0))
  }
}
