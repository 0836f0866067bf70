import Datasets
import Support
import Tensors

/// A network from a NIR file, to be run and trained further: what snnTorch, Norse, SpikingJelly, Lava or Sinabs exported.
///
/// ```swift
/// let network = try NIRNetwork(NIRGraph(contentsOf: url), dt: 1e-4)
/// let (outputs, state) = network(spikes)      // [T, B, …]
/// ```
///
/// Graphs without cycles run node by node over whole sequences, neurons in fused kernels; graphs with cycles step by
/// step, edges that lead back carrying the value of the step before.
public final class NIRNetwork: Module {
  /// What the nodes remember, by name: given in and returned.
  public struct State {
    var nodes: [String: [Tensor]] = [:]
    /// The last outputs of nodes that feed earlier ones, `[B, …]`.
    var last: [String: Tensor] = [:]
    public init() {}
  }

  /// The graph, without graphs within.
  public let graph: NIRGraph
  /// Seconds a step.
  public let dt: Double
  private let nodes: [NIRStep]
  private let order: [String]
  private let back: Set<NIREdge>

  /// - Parameters:
  ///   - dt: Seconds a step; 10⁻⁴ where a library was not told otherwise.
  ///   - method: How time is made discrete; Euler's method is what most libraries mean.
  ///   - surrogate: For training.
  /// - Throws: `CajalError` naming a node that cannot be run, or a graph that has not one input and one output.
  public init(
    _ graph: NIRGraph, dt: Double = 1e-4, method: NIRDiscreteNeuron.Method = .euler,
    surrogate: SurrogateGradient = .arctan()
  ) throws {
    let flat = try graph.flattened()
    guard flat.inputs.count == 1, flat.outputs.count == 1 else {
      throw CajalError(
        "a network with one input and one output is needed; this graph has \(flat.inputs.count) and \(flat.outputs.count)"
      )
    }
    (self.graph, self.dt) = (flat, dt)
    order = flat.executionOrder
    back = Set(flat.recurrentEdges)
    nodes = try order.map { name in
      try NIRStep(name, flat.nodes[name]!.operation, dt: dt, method: method, surrogate: surrogate)
    }
  }

  /// Whether edges lead back.
  public var isRecurrent: Bool { !back.isEmpty }

  /// Parameters are named `node.weight`, `node.bias`, ….
  public override var keys: [String: String] { ["nodes": ""] }
  public override func name(ofElement index: Int, in property: String) -> String { order[index] }

  /// A sequence `[T, B, …]` with the shape of the input node to that of the output node, from a state or from rest.
  public func callAsFunction(_ x: Tensor, from state: State = State()) -> (output: Tensor, state: State) {
    var state = state
    guard isRecurrent else { return (pass(x, &state), state) }
    let steps = (0..<x.size(0)).map { pass(x[$0..<$0 + 1], &state) }
    return (Tensor.concatenated(steps), state)
  }

  private func pass(_ x: Tensor, _ state: inout State) -> Tensor {
    var values: [String: Tensor] = [:]
    for (name, node) in zip(order, nodes) {
      var incoming = graph.inputs.contains(name) ? [x] : []
      for source in graph.sources(of: name) {
        if back.contains(NIREdge(source, name)) {
          if let last = state.last[source] { incoming.append(last.unsqueezed(0)) }
        } else if let value = values[source] {
          incoming.append(value)
        }
      }
      // A node that only edges from behind feed sees nothing at the first step.
      guard let first = incoming.first else { continue }
      values[name] = node(incoming.dropFirst().reduce(first, +), &state.nodes[name, default: []])
    }
    for edge in back {
      if let value = values[edge.source] { state.last[edge.source] = value[value.size(0) - 1] }
    }
    return values[graph.outputs[0]]!
  }
}
