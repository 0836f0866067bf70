import Neurons
import StudyCore
import Support
import Tensors

extension QuadraticNetworks {
  public static func verify(_ golden: inout GoldenFile) throws {
    let tolerance = Tolerance(
      absolute: try golden.tolerance("abs", otherwise: 1e-9),
      relative: try golden.tolerance("rel", otherwise: 1e-8))
    for name in ["dense", "dense_identity"] {
      try golden.compare(name) { try compareDense($0, &$1, tolerance, identity: name == "dense_identity") }
    }
    try golden.compare("conv") { try compareConvolution($0, &$1, tolerance) }
    try golden.compare("relinear_training") { try compareTraining($0, &$1, tolerance) }
    try golden.compare("parameter_counts") { try compareCounts($0, &$1) }
    try golden.compare("xor_neuron") { try compareXOR($0, &$1, tolerance) }
    try golden.compare("jacobian_ranks") { try compareRanks($0, &$1) }
  }

  /// The tolerances of the file.
  struct Tolerance {
    let absolute: Double
    let relative: Double

    func check(_ comparison: inout Comparison, _ measured: Tensor, _ section: JSONValue, _ key: String) throws
    {
      let expected = try section.tensor(key)
      guard expected.shape == measured.shape else {
        throw CajalError("'\(key)' has shape \(expected.shape), expected \(measured.shape)")
      }
      comparison.check(measured.doubles, expected.data, absolute: absolute, relative: relative)
    }
  }

  private static let branchKeys = (weights: ["Wr", "Wg", "Wb"], biases: ["br", "bg", "c"])

  /// The parameters of a layer under the file's names.
  private static func named<L: QuadraticNeurons>(_ layer: L) -> [(key: String, parameter: Parameter)] {
    let branches = [layer.regular, layer.gate!, layer.square!]
    return zip(branchKeys.weights, branches).map { ($0, $1.weight) }
      + zip(branchKeys.biases, branches).map { ($0, $1.bias!) }
  }

  private static func load<L: QuadraticNeurons>(_ layer: L, _ section: JSONValue) throws {
    for (key, parameter) in named(layer) {
      let value = try section.float64(key)
      guard value.shape == parameter.value.shape else {
        throw CajalError("'\(key)' has shape \(value.shape), expected \(parameter.value.shape)")
      }
      parameter.value = value
    }
  }

  private static func dense(_ section: JSONValue) throws -> QuadraticLinear {
    let shape = try section.tensor("Wr").shape
    guard shape.count == 2 else { throw CajalError("'Wr' should be a matrix, not of shape \(shape)") }
    var unused = RandomGenerator(seed: 0)
    let layer = QuadraticLinear(shape[1], shape[0], .reLinear(), .float64, using: &unused)
    try load(layer, section)
    return layer
  }

  /// Forward, and the gradients of half the sum of squared outputs.
  private static func compareDense(
    _ section: JSONValue, _ comparison: inout Comparison, _ tolerance: Tolerance, identity: Bool
  ) throws {
    let layer = try dense(section["params"])
    let x = try section.float64("x").requiringGradient()
    let z = try withTensorErrors { layer(x) }
    let y = identity ? z : z.relu()
    (y.square().sum() * 0.5).backward()
    try tolerance.check(&comparison, z.detached(), section, "z")
    try tolerance.check(&comparison, y.detached(), section, "y")
    try tolerance.check(&comparison, x.gradient!, section, "grad_x")
    for (key, parameter) in named(layer) {
      try tolerance.check(&comparison, parameter.gradient!, section["grads"], key)
    }
  }

  private static func compareConvolution(
    _ section: JSONValue, _ comparison: inout Comparison, _ tolerance: Tolerance
  ) throws {
    let shape = try section["params"].tensor("Wr").shape
    guard shape.count > 2 else { throw CajalError("'Wr' should be [out, in, k…], not of shape \(shape)") }
    var unused = RandomGenerator(seed: 0)
    let layer = QuadraticConvolution(
      shape[1], shape[0], kernel: Array(shape[2...]),
      .init(stride: try section.integer("stride"), padding: try section.integer("padding")), .reLinear(),
      .float64, using: &unused)
    try load(layer, section["params"])
    let x = try section.float64("x")
    let y = try withTensorErrors { layer(x) }
    try tolerance.check(&comparison, y.detached(), section, "y")
  }

  /// Training with group learning rates, momentum and weight decay on every group.
  private static func compareTraining(
    _ section: JSONValue, _ comparison: inout Comparison, _ tolerance: Tolerance
  ) throws {
    let network = Pair(hidden: try dense(section["init"]), output: try affine(section["init"]))
    let policy = ReLinear.shrinkGradients(
      gate: try section.number("gamma_g"), square: try section.number("gamma_b"))
    let optimiser = SGD(
      policy.groups(
        of: network, learningRate: try section.number("lr"), weightDecay: try section.number("weight_decay"),
        decayingGateBias: true), momentum: try section.number("momentum"))
    let (x, target) = (try section.float64("x"), try section.float64("target"))
    var losses: [Double] = []
    for _ in 0..<(try section.integer("steps")) {
      optimiser.zeroGradients()
      let loss = try withTensorErrors { network(x).meanSquaredError(target) }
      losses.append(loss.item)
      loss.backward()
      optimiser.step()
    }
    comparison.check(
      losses, try section.numbers("losses"), absolute: tolerance.absolute, relative: tolerance.relative)
    let final = named(network.hidden) + [("V", network.output.weight), ("v0", network.output.bias!)]
    for (key, parameter) in final {
      try tolerance.check(&comparison, parameter.value.detached(), section["final"], key)
    }
  }

  /// One quadratic layer with ReLU and an affine output.
  private final class Pair: Layer {
    let hidden: QuadraticLinear
    let output: Linear

    init(hidden: QuadraticLinear, output: Linear) { (self.hidden, self.output) = (hidden, output) }

    override func callAsFunction(_ x: Tensor) -> Tensor { output(hidden(x).relu()) }
  }

  private static func affine(_ section: JSONValue) throws -> Linear {
    let (weight, bias) = (try section.float64("V"), try section.float64("v0"))
    guard weight.rank == 2, bias.shape == [weight.size(0)] else {
      throw CajalError("'V' and 'v0' have shapes \(weight.shape) and \(bias.shape), expected [m, n] and [m]")
    }
    var unused = RandomGenerator(seed: 0)
    let layer = Linear(weight.size(1), weight.size(0), using: &unused)
    (layer.weight.value, layer.bias!.value) = (weight, bias)
    return layer
  }

  private static func compareCounts(_ section: JSONValue, _ comparison: inout Comparison) throws {
    guard let counts = section.object else { throw CajalError("'parameter_counts' should be an object") }
    for name in counts.keys.sorted() {
      let isCompact = name.hasPrefix("compact_")
      guard let depth = Int(name.replacing("compact_", with: "").replacing("qresnet", with: "")), depth >= 8,
        (depth - 2) % 6 == 0
      else { throw CajalError("'\(name)' should be qresnetN or compact_qresnetN, N = 8, 14, 20, …") }
      var generator = RandomGenerator(seed: 0)
      let network = QResNet(
        .init(depth: depth, neurons: .quadratic(isCompact ? .compact : .full)), using: &generator)
      comparison.checkEqual(network.parameterCount, try section.integer(name), name)
    }
  }

  private static func compareXOR(
    _ section: JSONValue, _ comparison: inout Comparison, _ tolerance: Tolerance
  ) throws {
    guard let rows = section["x"].array, !rows.isEmpty else {
      throw CajalError("'x' should be rows of numbers")
    }
    let points = rows.map { ($0.array ?? []).compactMap(\.double) }
    guard points.allSatisfy({ $0.count == 2 }) else { throw CajalError("'x' should hold pairs of numbers") }
    let neuron = SingleNeuron.product.layer
    let x = Tensor(points.flatMap { $0 }, shape: [points.count, 2])
    comparison.check(
      neuron(x).doubles, try section.numbers("z"), absolute: tolerance.absolute, relative: tolerance.relative)
  }

  private static func compareRanks(_ section: JSONValue, _ comparison: inout Comparison) throws {
    guard let rows = section.array else { throw CajalError("'jacobian_ranks' should be an array") }
    for row in rows {
      let families = ["conv_sq": FunctionalDimension.Family.squareActivation, "quad": .quadratic]
      guard let family = row["kind"].string.flatMap({ families[$0] }) else {
        throw CajalError("'kind' should be conv_sq or quad")
      }
      let widths = try row.integers("widths")
      guard widths.count >= 2, widths.allSatisfy({ (1...64).contains($0) }) else {
        throw CajalError("'widths' should be two or more numbers from 1 to 64, not \(widths)")
      }
      let found = FunctionalDimension.measure(family, widths, using: RandomGenerator(seed: 1))
      comparison.checkEqual(found.parameters, try row.integer("params"), "parameters of \(family) \(widths)")
      comparison.checkEqual(found.rank, try row.integer("rank"), "rank of \(family) \(widths)")
      comparison.checkEqual(found.isReliable, true, "reliability of \(family) \(widths)")
    }
  }
}

extension GoldenFile {
  /// Reads a section, compares it and reports.
  fileprivate mutating func compare(
    _ name: String, _ body: (JSONValue, inout Comparison) throws -> Void
  ) throws {
    guard let section = section(name) else { return }
    var comparison = Comparison(name)
    do { try body(section, &comparison) } catch let error as CajalError {
      throw CajalError("section '\(name)': \(error.message)")
    }
    report(comparison)
  }
}

extension JSONValue {
  /// The array at `key` in double precision.
  fileprivate func float64(_ key: String) throws -> Tensor {
    let (shape, data) = try tensor(key)
    return Tensor(data, shape: shape)
  }
}
