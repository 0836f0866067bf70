import Support

/// A node of a NIR graph.
public struct NIRNode: Sendable, Equatable {
  public var operation: NIROperation
  /// Whatever the writer added; nested names are joined by slashes.
  public var metadata: [String: NIRValue]

  public init(_ operation: NIROperation, metadata: [String: NIRValue] = [:]) {
    self.operation = operation
    self.metadata = metadata
  }
}

/// A connection that hands the values of one node to another; several into one node are added.
public struct NIREdge: Sendable, Equatable, Hashable {
  public let source: String
  public let target: String

  public init(_ source: String, _ target: String) {
    (self.source, self.target) = (source, target)
  }
}

/// A network in the Neuromorphic Intermediate Representation (Pedersen et al., 2024): what snnTorch,
/// SpikingJelly, Norse, Nengo, Lava, Rockpool, Sinabs, SpiNNaker2 and others exchange.
///
/// Nodes are continuous-time equations; whoever runs them chooses the time step, see ``NIRDiscreteNeuron``.
/// Cycles are recurrent connections and need a step of delay.
///
/// ```swift
/// let graph = try NIRGraph(contentsOf: url)
/// for name in graph.executionOrder { print(name, graph.nodes[name]!.operation.typeName) }
/// try graph.write(to: other)
/// ```
public struct NIRGraph: Sendable, Equatable {
  public var nodes: [String: NIRNode]
  public var edges: [NIREdge]
  /// Whatever the writer added to the graph itself.
  public var metadata: [String: NIRValue]

  /// - Throws: `CajalError` when an edge names a node that is not there or stands twice, or the parameters of
  ///   a node do not match.
  public init(nodes: [String: NIRNode], edges: [NIREdge], metadata: [String: NIRValue] = [:]) throws {
    (self.nodes, self.edges, self.metadata) = (nodes, edges, metadata)
    try check()
  }

  /// A chain of nodes named by their type and number, between an input and an output.
  public init(chain operations: [NIROperation], inputShape: [Int], outputShape: [Int]) throws {
    let all: [NIROperation] = [.input(shape: inputShape)] + operations + [.output(shape: outputShape)]
    var counts: [String: Int] = [:]
    let names = all.map { operation in
      let name = operation.typeName.lowercased()
      defer { counts[name, default: 0] += 1 }
      return counts[name].map { "\(name)_\($0)" } ?? name
    }
    try self.init(
      nodes: Dictionary(uniqueKeysWithValues: zip(names, all.map { NIRNode($0) })),
      edges: zip(names, names.dropFirst()).map { NIREdge($0, $1) })
  }

  /// The names of the nodes through which data come in, in alphabetical order.
  public var inputs: [String] {
    nodes.keys.filter { if case .input = nodes[$0]!.operation { true } else { false } }.sorted()
  }

  /// The names of the nodes through which data go out, in alphabetical order.
  public var outputs: [String] {
    nodes.keys.filter { if case .output = nodes[$0]!.operation { true } else { false } }.sorted()
  }

  /// The nodes that feed `name`, in the order of the edges.
  public func sources(of name: String) -> [String] { edges.filter { $0.target == name }.map(\.source) }

  /// The nodes that `name` feeds, in the order of the edges.
  public func targets(of name: String) -> [String] { edges.filter { $0.source == name }.map(\.target) }

  /// All nodes, each after those that feed it; where there are cycles, edges back to an earlier node are the
  /// recurrent ones, see ``recurrentEdges``. Starts from the inputs; the same for equal graphs.
  public var executionOrder: [String] {
    var (order, seen) = ([String](), Set<String>())
    func visit(_ first: String) {
      // Depth first without recursion, so that a long chain cannot overflow the stack.
      var stack: [(name: String, targets: [String])] = [(first, targets(of: first).sorted())]
      seen.insert(first)
      while let top = stack.last {
        if let next = top.targets.first {
          stack[stack.count - 1].targets.removeFirst()
          if seen.insert(next).inserted { stack.append((next, targets(of: next).sorted())) }
        } else {
          order.append(top.name)
          stack.removeLast()
        }
      }
    }
    let inner = nodes.keys.sorted().filter { !inputs.contains($0) }
    for name in inputs + inner where !seen.contains(name) { visit(name) }
    return order.reversed()
  }

  /// The edges that lead backwards in ``executionOrder``: their values are those of the step before.
  public var recurrentEdges: [NIREdge] {
    let place = Dictionary(uniqueKeysWithValues: executionOrder.enumerated().map { ($1, $0) })
    return edges.filter { place[$0.source]! >= place[$0.target]! }
  }

  /// The same network without graphs within: their nodes are named `outer.inner`, their inputs and outputs
  /// become plain connections.
  ///
  /// - Throws: `CajalError` when an inner graph has several inputs or outputs, so that an outer edge does not
  ///   say which it means.
  public func flattened() throws -> NIRGraph {
    var (flatNodes, flatEdges) = ([String: NIRNode](), edges)
    for (name, node) in nodes {
      guard case .graph(let nested) = node.operation else {
        flatNodes[name] = node
        continue
      }
      let inner = try nested.flattened()
      guard let input = inner.inputs.first, let output = inner.outputs.first, inner.inputs.count == 1,
        inner.outputs.count == 1
      else {
        throw CajalError(
          "the graph '\(name)' has \(inner.inputs.count) inputs and \(inner.outputs.count) outputs, one each was expected"
        )
      }
      let (entries, exits) = (inner.targets(of: input), inner.sources(of: output))
      for (innerName, innerNode) in inner.nodes where innerName != input && innerName != output {
        flatNodes["\(name).\(innerName)"] = innerNode
      }
      flatEdges = flatEdges.flatMap { edge -> [NIREdge] in
        let sources = edge.source == name ? exits.map { "\(name).\($0)" } : [edge.source]
        let targets = edge.target == name ? entries.map { "\(name).\($0)" } : [edge.target]
        return sources.flatMap { source in targets.map { NIREdge(source, $0) } }
      }
      flatEdges += inner.edges.filter { $0.source != input && $0.target != output }.map {
        NIREdge("\(name).\($0.source)", "\(name).\($0.target)")
      }
    }
    return try NIRGraph(nodes: flatNodes, edges: flatEdges, metadata: metadata)
  }
}
