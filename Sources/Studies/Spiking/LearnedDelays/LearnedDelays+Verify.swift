import Neurons
import StudyCore
import Support
import Tensors

extension LearnedDelays {
  /// A network of two delayed layers, forward and backward with Gaussian kernels, then with whole delays.
  public static func verify(_ golden: inout GoldenFile) throws {
    let tolerance = try golden.tolerance("abs", otherwise: 1e-6)
    guard let section = golden.section("case") else { return }
    let reference = try Reference(section)
    var training = Comparison("case, training")
    try reference.compareTraining(try section.object("expect_train"), &training, tolerance)
    golden.report(training)
    var evaluation = Comparison("case, whole delays")
    try reference.compareEvaluation(try section.object("expect_eval"), &evaluation, tolerance)
    golden.report(evaluation)
  }

  private struct Reference {
    let layers: [DelayedProjection]
    let neurons: LIF
    let readout: LeakyIntegrator
    let input: Tensor
    let labels: Tensor

    init(_ section: JSONValue) throws {
      let shapes = try section.object("shapes")
      func size(_ key: String) throws -> Int { try shapes.integer(key) }
      let sizes = try ["inputs", "hidden", "outputs"].map(size)
      let (length, taps) = (try size("M"), try size("kernel_count"))
      let (steps, batch) = (try size("T"), try size("B"))
      guard (sizes + [length, taps, steps, batch]).allSatisfy({ $0 > 0 }), length % 2 == 1 else {
        throw CajalError("'shapes' should hold positive sizes and an odd M")
      }
      let width = try section.number("SIG")
      layers = try (1...2).map { layer in
        var unused = RandomGenerator(seed: 0)
        let projection = DelayedProjection(
          sizes[layer - 1], sizes[layer], length: length, taps: taps, width: width, .float64, using: &unused)
        let shape = [sizes[layer], sizes[layer - 1], taps]
        projection.weight.value = try section.filled("W\(layer)", shape)
        projection.position.value = try section.filled("P\(layer)", shape)
        return projection
      }
      let tau = try section.number("tau")
      guard tau >= 1 else { throw CajalError("'tau' is \(tau), expected at least 1") }
      neurons = LIF(
        LIFParameters(
          timeConstant: tau, threshold: try section.number("v_th"), decaysInput: false,
          surrogate: .arctan(alpha: try section.number("surrogate_alpha"))))
      readout = LeakyIntegrator(timeConstant: tau, decaysInput: false)
      input = try section.filled("x", [steps, batch, sizes[0]])
      let classes = try section.integers("y")
      guard classes.count == batch, classes.allSatisfy({ (0..<sizes[2]).contains($0) }) else {
        throw CajalError("'y' should hold \(batch) classes below \(sizes[2])")
      }
      labels = Tensor(classes)
    }

    private func kernel(_ layer: Int) -> Tensor {
      let projection = layers[layer]
      let taps = projection.kernel.taps(
        projection.position.value, length: projection.length, width: projection.width)
      return (projection.weight.value.unsqueezed(-1) * taps).sum(axis: 2)
    }

    private func forward() -> (current: Tensor, spikes: Tensor, membranes: Tensor, scores: Tensor) {
      let current = layers[0](input)
      let spikes = neurons(current).output
      let membranes = readout(layers[1](spikes)).output
      return (current, spikes, membranes, membranes.softmax(axis: -1).sum(axis: 0))
    }

    func compareTraining(_ expected: JSONValue, _ comparison: inout Comparison, _ tolerance: Double) throws {
      let (current, spikes, membranes, scores) = forward()
      let loss = scores.crossEntropy(labels)
      let gradients = loss.gradients(
        to: [
          layers[0].weight.value, layers[0].position.value, layers[1].weight.value, layers[1].position.value,
        ])
      let measured: [(String, Tensor)] = [
        ("kernel1", kernel(0)), ("hidden_current", current), ("readout_v", membranes),
        ("summed_softmax", scores), ("grad_W1", gradients[0]), ("grad_P1", gradients[1]),
        ("grad_W2", gradients[2]), ("grad_P2", gradients[3]),
      ]
      for (key, tensor) in measured {
        comparison.check(tensor.detached().doubles, try expected.numbers(key), absolute: tolerance)
      }
      comparison.check(loss.item, try expected.number("loss"), absolute: tolerance)
      comparison.checkEqual(spikes.detached().doubles, try expected.numbers("hidden_spikes"), "hidden spikes")
    }

    func compareEvaluation(_ expected: JSONValue, _ comparison: inout Comparison, _ tolerance: Double) throws
    {
      try layers[0].withWholeDelays {
        try layers[1].withWholeDelays {
          let (_, spikes, _, scores) = withoutGradients { forward() }
          comparison.check(
            withoutGradients { kernel(0) }.doubles, try expected.numbers("kernel1"), absolute: tolerance)
          comparison.check(scores.doubles, try expected.numbers("summed_softmax"), absolute: tolerance)
          comparison.checkEqual(spikes.doubles, try expected.numbers("hidden_spikes"), "hidden spikes")
        }
      }
    }
  }
}

extension JSONValue {
  /// The object called `key`.
  fileprivate func object(_ key: String) throws -> JSONValue {
    guard self[key].object != nil else { throw CajalError("'\(key)' should be an object") }
    return self[key]
  }

  /// The numbers called `key`, in double precision, in a shape.
  fileprivate func filled(_ key: String, _ shape: [Int]) throws -> Tensor {
    let values = try numbers(key)
    guard values.count == shape.reduce(1, *) else {
      throw CajalError("'\(key)' holds \(values.count) numbers, expected the shape \(shape)")
    }
    return Tensor(values, shape: shape)
  }
}
