import Support

/// A fast multilayer perceptron for online learning with small minibatches.
///
/// Exponential linear units in the hidden layers, softmax and cross-entropy at the end, plain gradient
/// descent. One thread; run several learners in parallel instead. It remembers its recent samples, so that
/// a ``HomeostaticRegulator`` can ask what a step would do to them (``imaginedHits(_:)``).
///
/// ```swift
/// var generator = RandomGenerator(seed: 1)
/// let network = Perceptron<Float>(sizes: [784, 80, 60, 10], batch: 10, memory: 20, using: &generator)
/// let guesses = network.present(samples, [0, 1, 2], labels: [5, 0, 3])
/// network.learn(rate: 0.01)
/// ```
public final class Perceptron<Scalar: KernelScalar>: ImaginativeLearner {
  /// The weights `[inputs, outputs]`, row-major, and biases `[outputs]` of one layer.
  public struct Layer: Sendable, Equatable {
    public var weights: [Scalar]
    public var biases: [Scalar]

    public init(weights: [Scalar], biases: [Scalar]) {
      self.weights = weights
      self.biases = biases
    }
  }

  /// Neurons a layer, from inputs to classes.
  public let sizes: [Int]
  /// The largest minibatch.
  public let batch: Int
  /// How many of the most recent samples it can be asked about.
  public let memory: Int
  let weights: [PaddedMatrix<Scalar>]
  let biases: [PaddedMatrix<Scalar>]
  /// The present minibatch.
  let current: LayerPass<Scalar>
  /// Recent minibatches, the present one first.
  var history: [RecentBatch<Scalar>]
  var imagination: ImaginationSpace<Scalar>?
  private var labels: [Int] = []
  private var hasDeltas = false
  var hasGrams = false
  private let scaledDeltas: [PaddedMatrix<Scalar>]
  private let classifying: LayerPass<Scalar>
  /// Samples that are classified at a time, without being remembered.
  private static var chunk: Int { 50 }

  public var classCount: Int { sizes[sizes.count - 1] }

  /// A network of `layers`, one for each pair of neighbouring `sizes`.
  ///
  /// - Throws: ``CajalError`` when a layer does not fit the sizes.
  public init(sizes: [Int], layers: [Layer], batch: Int = 10, memory: Int = 0) throws {
    guard sizes.count >= 2, sizes.allSatisfy({ $0 > 0 }), batch > 0, memory >= 0 else {
      throw CajalError(
        "a perceptron needs two or more layers with neurons and a batch, not \(sizes), \(batch)")
    }
    guard layers.count == sizes.count - 1 else {
      throw CajalError("\(layers.count) layers of weights for the sizes \(sizes)")
    }
    for (index, layer) in layers.enumerated()
    where layer.weights.count != sizes[index] * sizes[index + 1] || layer.biases.count != sizes[index + 1] {
      throw CajalError(
        "layer \(index) has \(layer.weights.count) weights and \(layer.biases.count) biases where "
          + "[\(sizes[index]), \(sizes[index + 1])] and \(sizes[index + 1]) were expected")
    }
    self.sizes = sizes
    self.batch = batch
    self.memory = memory
    weights = layers.indices.map { PaddedMatrix(rows: sizes[$0], columns: sizes[$0 + 1]) }
    biases = layers.indices.map { PaddedMatrix(rows: 1, columns: sizes[$0 + 1]) }
    current = LayerPass(sizes: sizes, capacity: batch)
    scaledDeltas = sizes.dropFirst().map { PaddedMatrix(rows: batch, columns: $0) }
    classifying = LayerPass(sizes: sizes, capacity: Self.chunk)
    history = (0...((memory + batch - 1) / batch)).map { _ in
      RecentBatch(inputs: sizes[0], hidden: sizes[1], batch: batch)
    }
    for (index, layer) in layers.enumerated() {
      weights[index].fill(layer.weights)
      biases[index].fill(layer.biases)
    }
  }

  /// A network with weights drawn from N(0, 2 / fan-in) and biases from N(0, `biasDeviation`²), as the
  /// paper's code does with deviation 1.
  public convenience init(
    sizes: [Int], batch: Int = 10, memory: Int = 0, biasDeviation: Double = 1,
    using generator: inout RandomGenerator
  ) throws {
    let layers = zip(sizes, sizes.dropFirst()).map { inputs, outputs in
      let deviation = (2 / Double(inputs)).squareRoot()
      return Layer(
        weights: (0..<inputs * outputs).map { _ in Scalar(deviation * generator.normal()) },
        biases: (0..<outputs).map { _ in Scalar(biasDeviation * generator.normal()) })
    }
    try self.init(sizes: sizes, layers: layers, batch: batch, memory: memory)
  }

  /// Multiplications and additions that one minibatch costs: forward, deltas and update.
  public static func operations(sizes: [Int], batch: Int) -> Int {
    let products = zip(sizes, sizes.dropFirst()).map { $0 * $1 }
    return 2 * batch * (3 * products.reduce(0, +) - products[0])
  }

  /// The present weights and biases.
  public var layers: [Layer] {
    zip(weights, biases).map { Layer(weights: $0.values, biases: $1.values) }
  }

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  public func present(_ samples: Samples<Scalar>, _ indices: [Int], labels: [Int]) -> [Int] {
    precondition(indices.count <= batch, "\(indices.count) samples for minibatches of \(batch)")
    precondition(labels.count == indices.count, "\(labels.count) labels for \(indices.count) samples")
    history.insert(history.removeLast(), at: 0)
    let recent = history[0]
    recent.count = indices.count
    samples.copy(indices, into: recent.inputs)
    current.activations[0] = recent.inputs
    current.count = indices.count
    feedForward(current, keepingFirst: memory > 0 ? recent.netInputs : nil)
    self.labels = labels
    hasDeltas = false
    hasGrams = false
    return Array(current.guesses.prefix(indices.count))
  }

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  public func learn(rate: Double) {
    prepareDeltas()
    let step = Scalar(-rate / Double(current.count))
    for (scaled, delta) in zip(scaledDeltas, current.deltas) {
      Pointwise.scale(scaled.base, delta.base, by: step, current.count * delta.stride)
    }
    if memory > 0 { updateHistory(scaledDeltas[0]) }
    for (index, delta) in scaledDeltas.enumerated() {
      let (input, weight, bias) = (current.activations[index], weights[index], biases[index])
      MatrixKernels.accumulate(
        weight.base, weight.stride, input.base, row: 1, inner: input.stride, delta.base, delta.stride,
        rows: weight.rows, inner: current.count, columns: weight.stride)
      for row in 0..<current.count { Pointwise.add(bias.base, delta.row(row), bias.stride) }
    }
  }

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  public func guesses(_ samples: Samples<Scalar>, _ indices: [Int]) -> [Int] {
    var guesses: [Int] = []
    guesses.reserveCapacity(indices.count)
    for start in stride(from: 0, to: indices.count, by: Self.chunk) {
      let chunk = Array(indices[start..<min(start + Self.chunk, indices.count)])
      samples.copy(chunk, into: classifying.activations[0])
      classifying.count = chunk.count
      feedForward(classifying, keepingFirst: nil)
      guesses += classifying.guesses.prefix(chunk.count)
    }
    return guesses
  }

  /// Computes the present minibatch's deltas once.
  @inline(__always) func prepareDeltas() {
    guard !hasDeltas else { return }
    feedBack(current, labels: labels)
    hasDeltas = true
  }
}

extension Perceptron {
  /// Fills a pass from its inputs to its guesses; `keepingFirst` receives the first layer's net inputs.
  @inline(__always)
  func feedForward(_ pass: LayerPass<Scalar>, keepingFirst: PaddedMatrix<Scalar>?) {
    for index in weights.indices {
      let output = pass.activations[index + 1]
      multiply(pass.activations[index], by: index, into: output, rows: pass.count)
      if index == 0, let keepingFirst {
        keepingFirst.base.update(from: output.base, count: pass.count * output.stride)
      }
      if index + 1 < weights.count { Pointwise.elu(output.base, pass.count * output.stride) }
    }
    pass.classify()
  }

  /// `output = input · W + b` for layer `index`.
  @inline(__always)
  func multiply(
    _ input: PaddedMatrix<Scalar>, by index: Int, into output: PaddedMatrix<Scalar>, rows: Int
  ) {
    let weight = weights[index]
    for row in 0..<rows { output.row(row).update(from: biases[index].base, count: output.stride) }
    MatrixKernels.accumulate(
      output.base, output.stride, input.base, row: input.stride, inner: 1, weight.base, weight.stride,
      rows: rows, inner: weight.rows, columns: weight.stride)
  }

  /// Fills a pass's deltas, from the last layer to the first.
  @inline(__always)
  func feedBack(_ pass: LayerPass<Scalar>, labels: [Int]) {
    pass.setOutputDeltas(labels: labels)
    for index in stride(from: weights.count - 1, to: 0, by: -1) {
      let (delta, below, weight) = (pass.deltas[index], pass.deltas[index - 1], weights[index])
      MatrixKernels.dots(
        below.base, below.stride, delta.base, delta.stride, weight.base, weight.stride,
        rows: pass.count, columns: weight.rows, width: weight.stride)
      Pointwise.multiplyByEluSlope(
        below.base, outputs: pass.activations[index].base, pass.count * below.stride)
    }
  }
}
