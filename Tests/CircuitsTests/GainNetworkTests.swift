import Circuits
import Foundation
import Recordings
import Support
import Tensors
import Testing

@Suite struct GainNetworkTests {
  @Test func oneNeuronIsAGeometricSeries() throws {
    let network = try GainNetwork(weights: [0.8], neurons: 1)
    let drive = ResponseMatrix(neurons: 1, stimuli: 2, values: [1, 3])
    #expect(abs(try network.responses(to: drive, gains: [0.5])[0, 1] - 3 / (1 - 0.4)) < 1e-12)
    let output = try GainNetwork(weights: [0.8], neurons: 1, variant: .output)
    #expect(abs(try output.responses(to: drive, gains: [0.5])[0, 0] - 0.5 / (1 - 0.4)) < 1e-12)
    #expect(!network.isStable(gains: [1.3]) && network.isStable(gains: [1.2]))
    #expect(abs(network.largestEigenvalue(gains: [0.5]) - 0.4) < 1e-9)
    #expect(throws: CajalError.self) { try network.responses(to: drive, gains: [1.25]) }
  }

  @Test func stabilityIsThatOfTheLargestEigenvalue() throws {
    // Sums of rows and columns pass 1, the eigenvalues ±0.9i do not reach it.
    let turning = try GainNetwork(weights: [0, -4.5, 0.18, 0], neurons: 2)
    #expect(turning.isStable(gains: [1, 1]) && abs(turning.largestEigenvalue(gains: [1, 1])) < 1e-9)
    let growing = try GainNetwork(weights: [0, 4.5, 0.3, 0], neurons: 2)
    #expect(!growing.isStable(gains: [1, 1]))
    // Large and negative: fast, not unstable.
    #expect(try GainNetwork(weights: [-3], neurons: 1).isStable(gains: [1]))
  }

  /// Most eigenvalues of wide kernels are nothing but rounding: no clue to stability may hang on finding them.
  @Test func clusteredEigenvaluesAreNoObstacle() throws {
    var generator = RandomGenerator(seed: 7)
    let preferred = Orientation.even(24)
    for concentration in [0.2, 1, 7] {
      let network = try GainNetwork(
        weights: OrientationWeights(concentration: concentration, strength: 0.9, inhibition: 0.3)
          .matrix(preferred: preferred), neurons: 24)
      for scale in [1.0, 10, 1e6] {
        let gains = preferred.map { _ in scale * generator.uniform() }
        let largest = network.largestEigenvalue(gains: gains)
        #expect(network.isStable(gains: gains) == (largest < 1))
        #expect(!network.isStable(gains: gains.map { $0 * 1.01 / largest }))
        #expect(network.isStable(gains: gains.map { $0 * 0.99 / largest }))
      }
    }
    // Of the even network the row's sum of excitation.
    let even = try GainNetwork(weights: OrientationWeights().matrix(preferred: preferred), neurons: 24)
    #expect(abs(even.largestEigenvalue(gains: preferred.map { _ in 1 }) - 0.9) < 1e-9)
    #expect(!even.isStable(gains: preferred.map { _ in .infinity }))
  }

  @Test(arguments: GainNetwork.Variant.allCases) func simulationsEndAtTheSteadyState(
    _ variant: GainNetwork.Variant
  ) throws {
    let preferred = Orientation.even(10)
    let network = try GainNetwork(
      weights: OrientationWeights(strength: 0.6).matrix(preferred: preferred), neurons: 10, variant: variant)
    let drive = OrientationTuning().drive(preferred: preferred, stimuli: [40])
    var generator = RandomGenerator(seed: 4)
    let gains = (0..<10).map { _ in 0.5 + generator.uniform() / 2 }
    let steady = try network.responses(to: drive, gains: gains)
    let course = try network.simulate(steps: 2_000, gains: gains) { _ in drive.pattern(0) }
    #expect(course.count == 2_000)
    for (a, b) in zip(course.last!, steady.values) { #expect(abs(a - b) < 1e-9) }
    let stays = try network.simulate(
      steps: 1, gains: gains,
      from: variant == .output ? zip(steady.values, gains).map { $0 / $1 } : steady.values
    ) { _ in drive.pattern(0) }
    for (a, b) in zip(stays[0], steady.values) { #expect(abs(a - b) < 1e-12) }
    #expect(throws: CajalError.self) { try network.simulate(steps: 1, gains: gains) { _ in [1] } }
  }

  @Test func weightsOfEvenPreferencesTurnIntoThemselves() {
    let weights = OrientationWeights(concentration: 2, strength: 0.7, inhibition: 0.2)
    let matrix = weights.matrix(preferred: Orientation.even(8))
    for i in 0..<8 {
      #expect(abs(matrix[i * 8..<(i + 1) * 8].reduce(0, +) - 0.5) < 1e-12)
      for j in 0..<8 { #expect(abs(matrix[i * 8 + j] - matrix[(i + 1) % 8 * 8 + (j + 1) % 8]) < 1e-12) }
    }
  }

  @Test func tuningComesFromRecordings() throws {
    let recording = try Recording(activity: Tensor([1.0, 10, 3, 20, 5, 40], shape: [3, 2]))
    let tuning = try ResponseMatrix(recording, stimuli: [0, 1, 0])
    #expect(tuning.values == [3, 3, 25, 20] && tuning.curve(1) == [25, 20] && tuning.pattern(1) == [3, 20])
    #expect(tuning.means(under: [0.25, 0.75]) == [3, 21.25] && tuning.tensor.shape == [2, 2])
    #expect(tuning.covariance(under: [0.5, 0.5]) == [0, 0, 0, 6.25])
    #expect(throws: CajalError.self) { try ResponseMatrix(recording, stimuli: [0, 2, 0]) }
    #expect(throws: CajalError.self) { try ResponseMatrix(recording, stimuli: [0, 1]) }
    #expect(throws: CajalError.self) { try ResponseMatrix(rows: [[1, 2], [3]]) }
    #expect(throws: CajalError.self) { try ResponseMatrix(rows: [[1, .nan]]) }
    #expect(throws: CajalError.self) { try ResponseMatrix(rows: []) }
  }
}
