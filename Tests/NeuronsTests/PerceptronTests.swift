import Foundation
import Neurons
import Support
import Testing

/// The same network, written out: the oracle for the fast one.
struct PlainPerceptron<Scalar: KernelScalar>: GradientClassifier {
  let sizes: [Int]
  var layers: [Perceptron<Scalar>.Layer]
  var classCount: Int { sizes[sizes.count - 1] }

  /// Activations of every layer, the last as probabilities.
  func activations(_ input: ArraySlice<Scalar>) -> [[Scalar]] {
    var all = [Array(input)]
    for (index, layer) in layers.enumerated() {
      let outputs = sizes[index + 1]
      var net = layer.biases
      for i in 0..<sizes[index] {
        for o in 0..<outputs { net[o] += all[index][i] * layer.weights[i * outputs + o] }
      }
      let last = index + 1 == layers.count
      let top = net.max()!
      let powers = net.map { Scalar(exp(Double($0 - top))) }
      let sum = powers.reduce(0, +)
      all.append(last ? powers.map { $0 / sum } : net.map { $0 > 0 ? $0 : Scalar(exp(Double($0))) - 1 })
    }
    return all
  }

  func loss(_ inputs: [ArraySlice<Scalar>], labels: [Int]) -> Double {
    zip(inputs, labels).reduce(0) { $0 - log(Double(activations($1.0).last![$1.1])) }
  }

  func guesses(_ inputs: [ArraySlice<Scalar>]) -> [Int] {
    inputs.map { input in
      let output = activations(input).last!
      return output.firstIndex(of: output.max()!)!
    }
  }

  func gradient(_ inputs: [ArraySlice<Scalar>], labels: [Int]) -> [Perceptron<Scalar>.Layer] {
    var gradient = layers.map {
      Perceptron<Scalar>.Layer(
        weights: $0.weights.map { _ in 0 }, biases: $0.biases.map { _ in 0 })
    }
    for (input, label) in zip(inputs, labels) {
      let all = activations(input)
      var delta = all.last!
      delta[label] -= 1
      for index in stride(from: layers.count - 1, through: 0, by: -1) {
        let outputs = sizes[index + 1]
        for i in 0..<sizes[index] {
          for o in 0..<outputs { gradient[index].weights[i * outputs + o] += all[index][i] * delta[o] }
        }
        for o in 0..<outputs { gradient[index].biases[o] += delta[o] }
        delta = (0..<sizes[index]).map { i in
          let back = (0..<outputs).reduce(Scalar(0)) {
            $0 + delta[$1] * layers[index].weights[i * outputs + $1]
          }
          return back * (all[index][i] > 0 ? 1 : all[index][i] + 1)
        }
      }
    }
    return gradient
  }

  mutating func step(along gradient: [Perceptron<Scalar>.Layer], size: Double) {
    for index in layers.indices {
      for i in layers[index].weights.indices {
        layers[index].weights[i] -= Scalar(size) * gradient[index].weights[i]
      }
      for i in layers[index].biases.indices {
        layers[index].biases[i] -= Scalar(size) * gradient[index].biases[i]
      }
    }
  }
}

/// Clouds of points, one a class.
func clouds<Scalar: KernelScalar>(
  _ count: Int, dimension: Int, classes: Int, spread: Double = 0.5, seed: UInt64 = 3
) throws -> Samples<Scalar> {
  var generator = RandomGenerator(seed: seed)
  let centres = (0..<classes * dimension).map { _ in generator.normal() }
  let labels = (0..<count).map { _ in generator.integer(below: classes) }
  let inputs = labels.flatMap { label in
    (0..<dimension).map { Scalar(centres[label * dimension + $0] + spread * generator.normal()) }
  }
  return try Samples(inputs: inputs, dimension: dimension, labels: labels, classCount: classes)
}

@Suite struct PerceptronTests {
  static let shapes = [[7, 5], [6, 8, 7, 4], [20, 33, 17, 3], [784, 80, 60, 10]]

  @Test(arguments: shapes)
  func learnsLikeThePlainOne(sizes: [Int]) throws {
    var generator = RandomGenerator(seed: 5)
    let fast = try Perceptron<Double>(sizes: sizes, batch: 11, using: &generator)
    var plain = PlainPerceptron(sizes: sizes, layers: fast.layers)
    let samples: Samples<Double> = try clouds(60, dimension: sizes[0], classes: sizes.last!)
    for start in stride(from: 0, to: 44, by: 11) {
      let indices = Array(start..<min(start + 11, 40))
      let labels = indices.map { samples.labels[$0] }
      #expect(fast.present(samples, indices, labels: labels) == plain.guesses(indices.map(samples.row)))
      fast.learn(rate: 0.1)
      plain.step(
        along: plain.gradient(indices.map(samples.row), labels: labels), size: 0.1 / Double(indices.count))
    }
    for (a, b) in zip(fast.layers, plain.layers) {
      let error = zip(a.weights + a.biases, b.weights + b.biases).map { abs($0 - $1) }.max()!
      #expect(error < 1e-11)
    }
    #expect(fast.guesses(samples, Array(0..<60)) == plain.guesses((0..<60).map(samples.row)))
  }

  @Test func theGradientIsThatOfTheLoss() throws {
    var generator = RandomGenerator(seed: 8)
    let sizes = [5, 6, 4, 3]
    let samples: Samples<Double> = try clouds(4, dimension: 5, classes: 3)
    let rows = (0..<4).map(samples.row)
    let fast = try Perceptron<Double>(sizes: sizes, batch: 4, using: &generator)
    let before = fast.layers
    _ = fast.present(samples, [0, 1, 2, 3], labels: samples.labels)
    fast.learn(rate: 4)
    for layer in before.indices {
      for i in [0, before[layer].weights.count - 1] {
        func loss(_ shift: Double) -> Double {
          var moved = PlainPerceptron(sizes: sizes, layers: before)
          moved.layers[layer].weights[i] += shift
          return moved.loss(rows, labels: samples.labels)
        }
        let slope = (loss(1e-5) - loss(-1e-5)) / 2e-5
        #expect(abs(before[layer].weights[i] - fast.layers[layer].weights[i] - slope) < 1e-7)
      }
    }
  }

  @Test(
    arguments: [HomeostaticRegulator.Imagination.partialGradient, .batchGradient, .memoryStep], [0, 3, 9])
  func imaginesLikeThePlainOne(imagination: HomeostaticRegulator.Imagination, offset: Int) throws {
    let sizes = [12, 18, 9, 4]
    let samples: Samples<Double> = try clouds(205, dimension: 12, classes: 4, spread: 2)
    var settings = HomeostaticRegulator.Settings(
      initialRate: 0.3, step: 0.2, effects: .excitatory(from: 2, of: 4))
    settings.imagination = imagination
    settings.offset = offset
    settings.memory = 23
    var trainer = OnlineTrainer<Double>(epochs: 3)
    trainer.shift = try .perEpoch(3)
    var generator = RandomGenerator(seed: 2)
    let fast = try Perceptron<Double>(sizes: sizes, memory: 23, using: &generator)
    let plain = RememberingLearner(PlainPerceptron(sizes: sizes, layers: fast.layers), memory: 23)
    let regulator = HomeostaticRegulator(settings)
    let one = try trainer.train(fast, regulator, on: samples, validation: samples, using: generator)
    let other = try trainer.train(plain, regulator, on: samples, validation: samples, using: generator)
    #expect(one == other)
    #expect(one.decisions.contains { $0.taken } && one.decisions.contains { !$0.taken })
    #expect(one.counts.last == 5)
  }

  @Test func singlePrecisionFollowsDouble() throws {
    let samples: Samples<Float> = try clouds(600, dimension: 30, classes: 5)
    let wide = try Samples(
      inputs: samples.inputs.map(Double.init), dimension: 30, labels: samples.labels, classCount: 5)
    var (a, b) = (RandomGenerator(seed: 1), RandomGenerator(seed: 1))
    let single = try Perceptron<Float>(sizes: [30, 16, 5], using: &a)
    let double = try Perceptron<Double>(sizes: [30, 16, 5], using: &b)
    let one = try OnlineTrainer<Float>(epochs: 2).train(single, ConstantRate(0.05), on: samples, using: a)
    let other = try OnlineTrainer<Double>(epochs: 2).train(double, ConstantRate(0.05), on: wide, using: b)
    #expect(zip(one.accuracyPerEpoch, other.accuracyPerEpoch).allSatisfy { abs($0 - $1) < 0.01 })
    let error = zip(single.layers[0].weights, double.layers[0].weights).map { abs(Double($0) - $1) }.max()!
    #expect(error < 1e-4)
  }

  @Test func theFastExponentialIsExact() {
    var worst = 0.0
    for step in stride(from: 0, to: 86 * 4096, by: 16) {
      let x = SIMD16<Float>((0..<16).map { -Float(step + $0) / 4096 })
      let y = Float.exponential(ofNonPositive: x)
      for i in 0..<16 { worst = max(worst, abs(Double(y[i]) / exp(Double(x[i])) - 1)) }
    }
    #expect(worst < 2e-7)
    let edges = Float.exponential(ofNonPositive: SIMD16(repeating: -.infinity))
    #expect(edges[0] > 0 && edges[0] < 2e-38)
    #expect(Float.exponential(ofNonPositive: SIMD16(repeating: 0))[3] == 1)
  }

  @Test func wrongShapesAreNamed() {
    var generator = RandomGenerator(seed: 1)
    #expect(throws: CajalError.self) { try Perceptron<Float>(sizes: [3], using: &generator) }
    #expect(throws: CajalError.self) { try Perceptron<Float>(sizes: [3, 0], using: &generator) }
    let problem = #expect(throws: CajalError.self) {
      try Perceptron<Float>(sizes: [2, 2], layers: [.init(weights: [1, 2, 3], biases: [0, 0])])
    }
    #expect(problem?.message.contains("3 weights") == true)
    #expect(throws: CajalError.self) {
      try Samples<Float>(inputs: [1, 2, 3], dimension: 2, labels: [0], classCount: 1)
    }
    #expect(throws: CajalError.self) {
      try Samples<Float>(inputs: [1, .nan], dimension: 2, labels: [0], classCount: 1)
    }
    #expect(throws: CajalError.self) {
      try Samples<Float>(inputs: [1, 2], dimension: 2, labels: [1], classCount: 1)
    }
  }
}
