import Datasets
import Foundation
import Neurons
import StudyCore
import Support
import Tensors

extension ExpressiveLeakyMemoryStudy {
  /// Small networks of both versions with gradients, routings, the squashing function and the published network.
  public static func verify(_ golden: inout GoldenFile) throws {
    let tolerance = Tolerance(
      output: (
        try golden.tolerance("output_abs", otherwise: 2e-5),
        try golden.tolerance("output_rel", otherwise: 2e-5)
      ),
      gradient: (
        try golden.tolerance("grad_abs", otherwise: 2e-5), try golden.tolerance("grad_rel", otherwise: 1e-4)
      ),
      published: try golden.tolerance("pretrained_abs", otherwise: 2e-4))
    if let section = golden.section("small") { golden.report(try compareSmall(section, tolerance)) }
    if let section = golden.section("routing") { golden.report(try compareRouting(section)) }
    if let section = golden.section("custom_tanh") {
      var comparison = Comparison("custom_tanh")
      let y = ExpressiveLeakyMemory.squashed(Tensor(try section.numbers("x"))).doubles
      comparison.check(y, try section.numbers("y"), absolute: 1e-6, relative: 1e-6)
      golden.report(comparison)
    }
    if let section = golden.section("pretrained") { golden.report(try comparePublished(section, tolerance)) }
  }

  private struct Tolerance {
    let output, gradient: (absolute: Double, relative: Double)
    let published: Double
  }

  // Small networks.

  private static func compareSmall(_ section: JSONValue, _ tolerance: Tolerance) throws -> Comparison {
    var comparison = Comparison("small")
    guard let cases = section.array, !cases.isEmpty else {
      throw CajalError("'small' should be an array of networks")
    }
    for one in cases { try compareNetwork(one, &comparison, tolerance) }
    return comparison
  }

  private static func compareNetwork(_ one: JSONValue, _ comparison: inout Comparison, _ tolerance: Tolerance)
    throws
  {
    let c = try configuration(one)
    var unused = RandomGenerator(seed: 0)
    let neuron = try ExpressiveLeakyMemory(c, using: &unused)
    // Time constants of a new network are the authors' initial ones.
    comparison.check(
      neuron.memoryTimeConstants.detached().doubles, try one.numbers("tau_m"), absolute: 1e-4, relative: 1e-5)
    let routing = try one["state"].tensor("input_to_synapse_indices").data.map { Int($0) }
    comparison.checkEqual(neuron.routing.indices, routing, "indices of synapses")
    try neuron.load(authors: tensors(one["state"]))
    let (absolute, relative) = tolerance.output
    func check(_ tensor: Tensor, _ key: String) throws {
      comparison.check(
        tensor.detached().doubles, try one.numbers(key), absolute: absolute, relative: relative)
    }
    try check(neuron.memoryDecay, "kappa_m")
    try check(neuron.synapticWeights, "w_s")
    if c.version == .second { try check(1 - neuron.memoryGain, "kappa_lambda") }
    // The file has batches first.
    let (shape, values) = try one.tensor("X")
    guard shape.count == 3, shape[2] == c.inputs else {
      throw CajalError("'X' should be [B, T, \(c.inputs)]")
    }
    let x = Tensor(values, shape: shape, as: .float32).transposed(0, 1).contiguous()
    let (_, expected) = try one.tensor("output")
    for run in [neuron.run(x), neuron.reference(x)] {
      comparison.check(
        run.output.detached().transposed(0, 1).contiguous().doubles, expected, absolute: absolute,
        relative: relative)
      try check(run.state.memory, "memory_last")
      let traces = c.version == .first ? neuron.synapticTraces(x)[shape[1] - 1] : run.state.branches
      try check(traces, "syn_or_branch_last")
      neuron.zeroGradients()
      run.output.square().mean().backward()
      for (name, parameter) in neuron.parameters {
        guard let gradient = parameter.gradient else { throw CajalError("'\(name)' has no gradient") }
        comparison.check(
          gradient.doubles, try one["grad_of_mean_square_output"].numbers(name),
          absolute: tolerance.gradient.absolute,
          relative: tolerance.gradient.relative)
      }
    }
  }

  private static func configuration(_ one: JSONValue) throws -> ExpressiveLeakyMemory.Configuration {
    let given = one["config"]
    var c = ExpressiveLeakyMemory.Configuration(
      inputs: try given.integer("num_input"), outputs: try given.integer("num_output"),
      memoryUnits: try given.integer("num_memory"))
    guard let version = ExpressiveLeakyMemory.Version(rawValue: try one.integer("version")) else {
      throw CajalError("'version' should be 1 or 2")
    }
    guard let activation = given["mlp_activation"].string.flatMap(IntegrationActivation.init) else {
      throw CajalError("'mlp_activation' should be relu or silu")
    }
    (c.version, c.activation) = (version, activation)
    (c.branches, c.synapsesPerBranch) = (
      try given.integer("num_branch"), try given.integer("num_synapse_per_branch")
    )
    c.routing = given["routing"].string == "neuronio_routing" ? .windows : .none
    (c.hiddenSize, c.hiddenLayers) = (
      try given.integer("mlp_hidden_size"), try given.integer("mlp_num_layers")
    )
    (c.lambda, c.timeStep) = (try given.number("lambda_value"), try given.number("delta_t"))
    let (low, high) = (try given.number("memory_tau_min"), try given.number("memory_tau_max"))
    guard low < high else { throw CajalError("'memory_tau_max' should be above 'memory_tau_min'") }
    c.memoryTimeConstants = low...high
    c.learnsTimeConstants = given["learn_memory_tau"].bool ?? false
    return c
  }

  private static func tensors(_ object: JSONValue) throws -> NamedTensors {
    guard let entries = object.object else { throw CajalError("weights should be an object") }
    return try entries.keys.sorted().map { key in
      let (shape, data) = try object.tensor(key)
      return (key, Tensor(data, shape: shape, as: key == "input_to_synapse_indices" ? .int64 : .float32))
    }
  }

  // Routing.

  private static func compareRouting(_ section: JSONValue) throws -> Comparison {
    var comparison = Comparison("routing")
    for (key, value) in (section.object ?? [:]).sorted(by: { $0.key < $1.key }) {
      let parts = key.split(separator: "_")
      let numbers = parts.compactMap { Int($0) }
      if key.hasPrefix("interlocking"), numbers.count == 1 {
        comparison.checkEqual(
          SynapticRouting.interlaced(numbers[0]), value.array?.compactMap(\.int) ?? [], key)
      } else if key == "windows_1278_valid_count" {
        comparison.checkEqual(try windows(1278, 45, 100).isValid.count { $0 }, value.int ?? -1, key)
      } else if key.hasPrefix("windows"), numbers.count == 3 {
        // Positions before they are interlaced.
        let routing = try windows(numbers[0], numbers[1], numbers[2])
        let order = SynapticRouting.interlaced(numbers[0])
        let places = Dictionary(order.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let positions = routing.indices.map { places[$0]! }
        if key.hasSuffix("head") {
          let expected = value.array?.compactMap(\.int) ?? []
          comparison.checkEqual(Array(positions.prefix(expected.count)), expected, key)
        } else {
          comparison.checkEqual(positions, value[0].array?.compactMap(\.int) ?? [], key)
          comparison.checkEqual(
            routing.isValid.map { $0 ? 1 : 0 }, value[1].array?.compactMap(\.int) ?? [], "\(key), valid")
        }
      } else {
        comparison.fail("unknown entry '\(key)'")
      }
    }
    return comparison
  }

  private static func windows(_ inputs: Int, _ branches: Int, _ synapses: Int) throws -> SynapticRouting {
    var unused = RandomGenerator(seed: 0)
    return try SynapticRouting(
      .windows, inputs: inputs, branches: branches, synapsesPerBranch: synapses, using: &unused)
  }

  // The published network.

  private static func comparePublished(_ section: JSONValue, _ tolerance: Tolerance) throws -> Comparison {
    var comparison = Comparison("pretrained")
    var unused = RandomGenerator(seed: 0)
    let neuron = try ExpressiveLeakyMemory(
      .neuronIO(memoryUnits: try section["config"].integer("num_memory")), using: &unused)
    try neuron.load(authors: tensors(section["weights"]))
    comparison.checkEqual(neuron.configuration.parameterCount, 6827, "parameters")
    let steps = try section.integer("T")
    guard let rows = section["events"].array, rows.count == steps else {
      throw CajalError("'events' should hold \(steps) lists of inputs")
    }
    let events = try SynapticEvents(
      steps: steps, inputs: 1278,
      sequences: [
        rows.enumerated().flatMap { t, row in
          (row.array ?? []).compactMap(\.int).map { (time: t, input: $0, value: Float($0 < 639 ? 1 : -1)) }
        }
      ])
    let y = withoutGradients { neuron(events) }.doubles
    let (_, expected) = try section.tensor("raw_output")
    comparison.check(y, expected, absolute: tolerance.published)
    comparison.check(
      (0..<steps).map { 1 / (1 + exp(-y[2 * $0])) }, try section.numbers("spike_probability"),
      absolute: tolerance.published)
    comparison.check(
      (0..<steps).map { y[2 * $0 + 1] * 10 }, try section.numbers("soma_mV_above_minus67p7"),
      absolute: tolerance.published * 10)
    return comparison
  }
}
