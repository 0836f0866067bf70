import Neurons
import StudyCore
import Support
import Tensors

extension HebbianOrthogonalProjection {
  public static func verify(_ golden: inout GoldenFile) throws {
    let tolerance = try golden.tolerance("abs", otherwise: 1e-7)
    guard let section = golden.section("case") else { return }
    var comparison = Comparison("case")
    do {
      let subspace = try compareSubspace(section, &comparison, tolerance)
      try compareNetwork(section, &comparison, tolerance, subspace)
    } catch let error as CajalError { throw CajalError("section 'case': \(error.message)") }
    golden.report(comparison)
  }

  /// The rows after the first task, frozen, and after the second, and the projection between them; returns the subspace as
  /// it was frozen.
  private static func compareSubspace(
    _ section: JSONValue, _ comparison: inout Comparison, _ tolerance: Double
  ) throws -> HebbianSubspace {
    let (inputs, batch) = (try section.count("n"), try section.count("B"))
    let calls = try section.count("calls")
    let momentum = try section.number("momentum")
    guard (0..<1).contains(momentum) else { throw CajalError("'momentum' should be from 0 up and below 1") }
    var subspace = HebbianSubspace(
      inputs: inputs,
      settings: .init(
        learningRate: try section.positive("lr"), momentum: momentum,
        iterations: try section.count("iterations")), .float64)
    func learn(_ start: String, _ rows: String, _ key: String) throws -> Tensor {
      subspace.add(try section.matrix(start, section.count(rows), inputs))
      let x = try section.matrix(key, batch, inputs)
      for _ in 0..<calls { subspace.observe(x) }
      return subspace.rows
    }
    let first = try learn("H0", "k1", "x1")
    comparison.check(first.doubles, try section.numbers("H_after_task1"), absolute: tolerance)
    subspace.freeze()
    let frozen = subspace
    let second = try learn("H_new_init", "k2", "x2")
    comparison.check(second.doubles, try section.numbers("H_after_task2"), absolute: tolerance)
    comparison.check(
      frozen.projection(of: try section.matrix("x2", batch, inputs)).doubles,
      try section.numbers("projection_x2_on_frozen"), absolute: tolerance)
    return frozen
  }

  /// Two layers of DSR neurons under a constant input: spikes, output, loss, and the gradients with the first layer's projected.
  private static func compareNetwork(
    _ section: JSONValue, _ comparison: inout Comparison, _ tolerance: Double, _ subspace: HebbianSubspace
  ) throws {
    let net = section["net"]
    let (inputs, hidden, outputs) = (
      try section.count("n"), try section.count("hidden"), try section.count("out")
    )
    let (batch, steps) = (try section.count("B"), try section.count("T"))
    let parameters = DSRParameters(
      timeConstant: try net.positive("tau"), timeStep: try net.positive("dt"),
      firingShare: try net.number("alpha"), threshold: try net.positive("Vth"))
    let labels = try net.integers("y")
    guard labels.count == batch, labels.allSatisfy((0..<outputs).contains) else {
      throw CajalError("'y' should be \(batch) classes below \(outputs)")
    }
    var unused = RandomGenerator(seed: 0)
    let first = ProjectedLinear(inputs, hidden, .uniformFanIn, .float64, using: &unused)
    let second = ProjectedLinear(hidden, outputs, .uniformFanIn, .float64, using: &unused)
    first.weight.value = try net.matrix("W1", hidden, inputs)
    second.weight.value = try net.matrix("W2", outputs, hidden)
    first.subspace = subspace
    let (rule, threshold) = (LearningRule.dsr(parameters), Tensor([parameters.threshold]).requiringGradient())
    let currents = rule.spread(first(try net.matrix("x", batch, inputs)), steps: steps)
    let spikes = DSRNeurons(parameters)(currents, threshold: threshold)
    let output = second(spikes)
    let loss = rule.loss(output, Tensor(labels))
    let gradients = loss.gradients(to: [first.weight.value, second.weight.value, threshold])
    let counts = (spikes.detached() * (parameters.timeStep / parameters.threshold)).sum(axis: 0).round()
    comparison.checkEqual(counts.integers, try net.integers("hidden_spike_counts"), "hidden_spike_counts")
    comparison.check(
      rule.answer(output).doubles, try net.numbers("out_weighted_rate"), absolute: tolerance)
    comparison.check(loss.item, try net.number("loss"), absolute: tolerance)
    comparison.check(gradients[0].doubles, try net.numbers("grad_W1_projected"), absolute: tolerance)
    comparison.check(gradients[1].doubles, try net.numbers("grad_W2"), absolute: tolerance)
    comparison.check(gradients[2].item, try net.number("grad_Vth"), absolute: tolerance)
  }
}

extension JSONValue {
  /// The numbers at `key` as a matrix in double precision.
  fileprivate func matrix(_ key: String, _ rows: Int, _ columns: Int) throws -> Tensor {
    let values = try numbers(key)
    guard values.count == rows * columns else {
      throw CajalError("'\(key)' has \(values.count) numbers, expected \(rows)×\(columns)")
    }
    return Tensor(values, shape: [rows, columns])
  }

  /// A whole number above zero, and not so large that it could only be a mistake.
  fileprivate func count(_ key: String) throws -> Int {
    let value = try integer(key)
    guard (1...100_000).contains(value) else {
      throw CajalError("'\(key)' should be a whole number from 1 to 100000, not \(value)")
    }
    return value
  }

  fileprivate func positive(_ key: String) throws -> Double {
    let value = try number(key)
    guard value > 0, value.isFinite else { throw CajalError("'\(key)' should be above 0, not \(value)") }
    return value
  }
}
