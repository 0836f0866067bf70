import Datasets
import Recordings
import Support
import Tensors

extension NetworkFile {
  /// A graph of NIR whose input is spikes.
  ///
  /// Neurons become populations of the nodes' names. Here every synapse takes a step at least, where NIR hands spikes on at
  /// once: neurons n populations behind the input fire what they would fire there, n steps later. An edge that leads back takes
  /// its step already. Leaky integrators, which do not fire, have their membrane recorded in every step.
  ///
  /// - Throws: `CajalError` naming a node that cannot be simulated, and why.
  public init(_ graph: NIRGraph, named name: String, _ options: Options) throws {
    var builder = try NIRSimulation(graph, name, options)
    try builder.build()
    self.init(
      name: name, network: builder.network, precision: options.precision ?? .single, duration: nil)
  }
}

/// Makes a network of a graph: spikes go from one population to the next through whatever linear nodes lie between.
private struct NIRSimulation {
  let graph: NIRGraph
  let name: String
  let dt: Double
  private(set) var network: Network
  private let spikes: SpikeTrains
  private let back: Set<NIREdge>
  /// Steps by which populations are late.
  private var lateness: [String: Int] = [:]
  private var populations: [String: Population] = [:]

  init(_ graph: NIRGraph, _ name: String, _ options: NetworkFile.Options) throws {
    (self.graph, self.name) = (try graph.flattened(), name)
    back = Set(self.graph.recurrentEdges)
    let step = options.step ?? 0.1.ms
    network = Network(step: step, seed: options.seed ?? 1)
    dt = step.value / 1000
    guard self.graph.inputs.count == 1 else {
      throw CajalError("\(name): a graph with one input is needed, this one has \(self.graph.inputs.count)")
    }
    let input = self.graph.inputs[0]
    guard let spikes = options.onlySpikes ?? options.spikes[input] else {
      throw CajalError("\(name): the spikes of its input are needed: --data \(input)=FILE")
    }
    self.spikes = spikes
  }

  mutating func build() throws {
    let order = graph.executionOrder
    for node in order {
      let operation = graph.nodes[node]!.operation
      if case .input(let shape) = operation {
        let count = shape.reduce(1, *)
        guard spikes.count == count else {
          throw CajalError("\(name): \(spikes.count) units are given for the \(count) inputs of '\(node)'")
        }
        (populations[node], lateness[node]) = (network.addSpikes(node, spikes), 0)
      } else if operation.isNeuron {
        try add(node, operation)
      }
    }
    for node in order where graph.nodes[node]!.operation.isNeuron { try connect(node) }
    try network.validate()
  }

  private mutating func add(_ node: String, _ operation: NIROperation) throws {
    let neuron = try NIRDiscreteNeuron(operation, dt: dt, name: "\(name), '\(node)'")
    let paths = try paths(to: node)
    let forward = paths.filter { !$0.isBack }.map { lateness[$0.source] ?? 0 }
    lateness[node] = 1 + (forward.max() ?? 0)
    let count = try size(of: node, neuron)
    func values(_ array: NIRArray?, _ otherwise: Double) -> Distribution {
      guard let array else { return .constant(otherwise) }
      return array.values.count == 1 ? .constant(array.values[0]) : .values(array.values)
    }
    let population = network.add(
      node, count, .nir,
      start: [
        "synapticDecay": values(neuron.synapticDecay, 0), "decay": values(neuron.decay, 0),
        "offset": values(neuron.offset, 0), "threshold": values(neuron.threshold, 1e30),
        "reset": values(neuron.reset, 0), "wait": .constant(Double(lateness[node]!)),
      ])
    populations[node] = population
    if neuron.threshold == nil {
      network.record(["membrane"], of: population, every: network.step)
    } else {
      network.recordSpikes(of: population)
    }
  }

  /// How many neurons a node has: its constants say, or what comes in.
  private func size(of node: String, _ neuron: NIRDiscreteNeuron) throws -> Int {
    let arrays = [neuron.decay, neuron.gain, neuron.offset, neuron.threshold, neuron.reset].compactMap { $0 }
    let most = arrays.map(\.values.count).max() ?? 1
    guard most == 1 else { return most }
    for path in try paths(to: node) {
      if let source = populations[path.source] { return try weights(path, source.count).width }
    }
    return 1
  }

  // MARK: paths

  /// From a population through linear nodes to the next.
  private struct Path {
    let source: String
    /// In the order of the spikes.
    var nodes: [String] = []
    var isBack = false
  }

  private func paths(to node: String, through later: [String] = []) throws -> [Path] {
    try graph.sources(of: node).flatMap { source -> [Path] in
      let operation = graph.nodes[source]!.operation
      let isBack = back.contains(NIREdge(source, node))
      if case .input = operation { return [Path(source: source, nodes: later)] }
      if operation.isNeuron {
        guard operation.fires else {
          throw CajalError(
            "\(name): '\(source)' does not fire, but feeds '\(later.last ?? node)'; only spikes go between neurons here"
          )
        }
        return [Path(source: source, nodes: later, isBack: isBack)]
      }
      guard operation.isLinear else {
        throw CajalError(
          "\(name): '\(source)' is a \(operation.typeName), which cannot lie between spiking neurons here")
      }
      guard !later.contains(source) else {
        throw CajalError("\(name): '\(source)' feeds itself without neurons in between")
      }
      return try paths(to: source, through: [source] + later).map { path in
        var path = path
        path.isBack = path.isBack || isBack
        return path
      }
    }
  }

  private mutating func connect(_ node: String) throws {
    let target = populations[node]!
    let operation = graph.nodes[node]!.operation
    let neuron = try NIRDiscreteNeuron(operation, dt: dt, name: "\(name), '\(node)'")
    // What a unit of input does to the neuron lies in the weights.
    func value(_ array: NIRArray?, _ target: Int) -> Double {
      array.map { $0.values[$0.values.count == 1 ? 0 : target] } ?? 1
    }
    func scaled(_ weight: Double, _ target: Int) -> Double {
      weight * value(neuron.synapticGain, target) * value(neuron.gain, target)
    }
    for path in try paths(to: node) {
      let source = populations[path.source]!
      let table = try weights(path, source.count)
      guard table.width == target.count else {
        throw CajalError("\(name): \(table.width) values come to the \(target.count) neurons of '\(node)'")
      }
      let steps = lateness[node]! - lateness[path.source]! + (path.isBack ? 1 : 0) + table.delay
      guard steps >= 1 else {
        throw CajalError(
          "\(name): the edge from '\(path.source)' leads back to '\(node)' over \(1 - steps) populations in between, which would need a delay below a step"
        )
      }
      let delay = Time(Double(steps) * network.step.value)
      var weights: [Double] = []
      var reached = [[Int]](repeating: [], count: source.count)
      for (index, row) in table.rows.enumerated() {
        for (column, value) in row where value != 0 {
          reached[index].append(column)
          weights.append(scaled(value, column))
        }
      }
      guard !weights.isEmpty else { continue }
      network.connect(
        source, to: target, .synapses(Connectivity(targets: target.count, reached: reached)),
        weight: Random<NumberDimension>(.values(weights)), delay: delay, receptor: .current,
        name: "\(path.source) to \(node)")
    }
    let bias = try bias(at: node, count: target.count)
    if bias.contains(where: { $0 != 0 }) {
      network.inject(
        Random<NumberDimension>(.values(bias.indices.map { scaled(bias[$0], $0) })), into: target)
    }
  }

  // MARK: linear nodes

  private func run(_ node: String, _ x: Tensor) throws -> Tensor {
    var memory: [Tensor] = []
    let step = try NIRStep(node, graph.nodes[node]!.operation, dt: dt, method: .euler, surrogate: .arctan())
    do { return try withTensorErrors { step(x, &memory) } } catch {
      throw CajalError("\(name): what comes to '\(node)' does not fit: \(error)")
    }
  }

  /// What one spike of each source brings to each target, without zeros; and the steps of delay on the way.
  private func weights(_ path: Path, _ sources: Int) throws
    -> (rows: [[(column: Int, value: Double)]], width: Int, delay: Int)
  {
    var (delay, nodes) = (0, [String]())
    for node in path.nodes {
      guard case .delay(let seconds) = graph.nodes[node]!.operation else {
        nodes.append(node)
        continue
      }
      guard let uniform = seconds.uniform else {
        throw CajalError("\(name): the delays of '\(node)' differ; one for all is simulated")
      }
      delay += Int((uniform / dt).rounded())
    }
    var rows: [[(column: Int, value: Double)]] = []
    var width = 0
    // Some sources at a time, so that memory is bounded.
    for first in stride(from: 0, to: sources, by: 256) {
      let count = min(256, sources - first)
      var unit = [Float](repeating: 0, count: (count + 1) * sources)
      for k in 0..<count { unit[k * sources + first + k] = 1 }
      // The last row is silence: what comes out then is bias, not weight.
      var x = Tensor(unit, shape: [count + 1, 1] + shape(of: path.source, sources))
      for node in nodes { x = try run(node, x) }
      let values = x.flattened(from: 1).doubles
      width = values.count / (count + 1)
      for k in 0..<count {
        rows.append(
          (0..<width).compactMap { column in
            let value = values[k * width + column] - values[count * width + column]
            return value == 0 ? nil : (column, value)
          })
      }
    }
    return (rows, width, delay)
  }

  /// The shape of what a population sends.
  private func shape(of node: String, _ count: Int) -> [Int] {
    if case .input(let shape) = graph.nodes[node]!.operation { return shape }
    let own = (try? NIRDiscreteNeuron(graph.nodes[node]!.operation, dt: dt))?.decay.shape ?? []
    return own.reduce(1, *) == count && !own.isEmpty ? own : [count]
  }

  /// What comes to a node where nobody fires.
  private func bias(at node: String, count: Int) throws -> [Double] {
    func silent(_ node: String) throws -> Tensor? {
      let operation = graph.nodes[node]!.operation
      if case .input(let shape) = operation { return Tensor.zeros([1, 1] + shape) }
      if operation.isNeuron {
        return Tensor.zeros([1, 1] + shape(of: node, populations[node]!.count))
      }
      guard let sum = try summed(node) else { return nil }
      if case .delay = operation { return sum }
      return try run(node, sum)
    }
    func summed(_ node: String) throws -> Tensor? {
      let all = try graph.sources(of: node).compactMap(silent)
      return all.first.map { all.dropFirst().reduce($0, +) }
    }
    return try summed(node)?.doubles ?? [Double](repeating: 0, count: count)
  }
}

extension NIROperation {
  fileprivate var isNeuron: Bool {
    switch self {
    case .integrator, .leakyIntegrator, .integrateAndFire, .lif, .currentLeakyIntegrator, .currentLIF: true
    default: false
    }
  }
  fileprivate var fires: Bool {
    switch self {
    case .integrateAndFire, .lif, .currentLIF: true
    default: false
    }
  }
  /// Linear but for a bias.
  fileprivate var isLinear: Bool {
    switch self {
    case .affine, .linear, .scale, .flatten, .convolution1D, .convolution2D, .sumPool2D, .averagePool2D,
      .delay:
      true
    default: false
    }
  }
}

extension NeuronType {
  /// Neurons of NIR in steps (``NIRDiscreteNeuron``), each with constants of its own, which lie among its variables.
  fileprivate static let nir = NeuronType(
    "nir",
    variables: ["membrane", "current", "synapticDecay", "decay", "offset", "threshold", "reset", "wait"]
  ) { _ in NIRCell() }
}

/// `i ← a i + x`, `v ← d v + i + o`, fires where `v >= θ`; v is r then. Without a synapse a is 0; gains are in the weights.
///
/// Neurons wait for as many steps as they are late: before, nothing has come to them from the beginning of the input.
private struct NIRCell: NeuronModel {
  typealias State = NIRCellState
  static let variableCount = 8

  var rest: [Double] { [0, 0, 0, 0, 0, 1, 0, 0] }

  @inline(__always)
  func advance<A: NeuronArithmetic>(_ inputs: Variables<A>, _ state: Variables<A>, _: Variables<A>)
    -> (output: A, state: Variables<A>)
  {
    let waiting = (state[7] - 0.5).spikes(.arctan())
    let goesOn = waiting * -1 + 1
    let current = (state[1] * state[2] + inputs[0]) * goesOn
    let charged = (state[0] * state[3] + current + state[4]) * goesOn
    let spikes = (charged - state[5]).spikes(.arctan()) * goesOn
    let membrane = charged * (1 - spikes) + state[6] * spikes
    return (
      spikes,
      Variables(membrane, current, state[2], state[3], state[4], state[5], state[6], state[7] - waiting)
    )
  }
}

private struct NIRCellState: NeuronState {
  var variables: [Tensor]
  init(_ variables: [Tensor]) { self.variables = variables }
}
