import Foundation
import Support

extension NIRGraph {
  /// The version of the format that is written.
  static let version = "1.0.8"
  /// Graphs within graphs; a file in which groups contain themselves must come to an end.
  private static let deepest = 32

  /// Reads a `.nir` file (HDF5), as the Python package `nir` writes it.
  ///
  /// - Throws: `CajalError` naming file, node and field of what is missing, unknown or does not match.
  public init(contentsOf url: URL) throws {
    let root = try HDF5File(contentsOf: url).root
    guard root.contains("node") else {
      throw CajalError("\(url.path) is no NIR file: it holds no group 'node'")
    }
    let node = try Self.node(root.group("node"), depth: 0)
    guard case .graph(var graph) = node.operation else {
      throw CajalError("\(url.path) holds a single \(node.operation.typeName), a NIRGraph was expected")
    }
    graph.metadata = node.metadata
    try graph.check(url.path)
    self = graph
  }

  private static func node(_ group: HDF5Group, depth: Int) throws -> NIRNode {
    let what = "\(group.filePath), node '\(group.path)'"
    guard depth < deepest else { throw CajalError("\(what) lies in more than \(deepest) graphs") }
    let type = try group.dataset("type").readText()
    let metadata = try group.contains("metadata") ? values(group.group("metadata"), depth: 0) : [:]
    if type == "NIRGraph" {
      let nodes = try group.group("nodes")
      let names = try nodes.names()
      let inner = try names.map { try node(nodes.group($0), depth: depth + 1) }
      let graph = try NIRGraph(
        unchecked: Dictionary(uniqueKeysWithValues: zip(names, inner)), edges(group), metadata: [:])
      return NIRNode(.graph(graph), metadata: metadata)
    }
    var fields = NIRFields(try values(group, depth: 0, without: ["type", "metadata"]), what)
    return NIRNode(try fields.operation(type), metadata: metadata)
  }

  private init(unchecked nodes: [String: NIRNode], _ edges: [NIREdge], metadata: [String: NIRValue]) {
    (self.nodes, self.edges, self.metadata) = (nodes, edges, metadata)
  }

  private static func edges(_ group: HDF5Group) throws -> [NIREdge] {
    let data = try group.dataset("edges")
    guard data.count > 0 else { return [] }
    guard data.shape.count == 2, data.shape[1] == 2 else {
      throw CajalError("\(data.description) has shape \(data.shape), pairs of names were expected")
    }
    let names = try data.readTexts()
    return stride(from: 0, to: names.count, by: 2).map { NIREdge(names[$0], names[$0 + 1]) }
  }

  /// All datasets of a group, those in groups below with joined names.
  private static func values(_ group: HDF5Group, depth: Int, without: Set<String> = []) throws -> [String:
    NIRValue]
  {
    guard depth < deepest else {
      throw CajalError("\(group.filePath), '\(group.path)' lies in too many groups")
    }
    var values: [String: NIRValue] = [:]
    for name in try group.names() where !without.contains(name) {
      if try group.member(name) == .group {
        for (inner, value) in try self.values(group.group(name), depth: depth + 1) {
          values["\(name)/\(inner)"] = value
        }
      } else {
        values[name] = try value(group.dataset(name))
      }
    }
    return values
  }

  private static func value(_ data: HDF5Dataset) throws -> NIRValue {
    switch data.element {
    case .text: .text(try data.readText())
    case .integer, .enumeration: .integers(try data.read(Int.self), shape: data.shape)
    default:
      .numbers(
        NIRArray(
          try data.read(Double.self), shape: data.shape,
          precision: data.element == .float(bytes: 8) ? .double : .single))
    }
  }

  /// Writes a file that the Python package `nir` reads.
  ///
  /// - Throws: `CajalError` when the graph is not sound or the file cannot be written.
  public func write(to url: URL) throws {
    try check()
    try HDF5File.write(to: url) { root in
      try root.write(Self.version, to: "version")
      try Self.write(NIRNode(.graph(self)), to: root.createGroup("node"))
    }
  }

  private static func write(_ node: NIRNode, to group: HDF5Group) throws {
    try group.write(node.operation.typeName, to: "type")
    var metadata = node.metadata
    if case .graph(let graph) = node.operation { metadata.merge(graph.metadata) { own, _ in own } }
    for (name, value) in metadata { try write(value, "metadata/\(name)", to: group) }
    for (name, value) in node.operation.fields { try write(value, name, to: group) }
    guard case .graph(let graph) = node.operation else { return }
    try group.createGroup("nodes")
    for (name, inner) in graph.nodes.sorted(by: { $0.key < $1.key }) {
      try write(inner, to: group.createGroup("nodes/\(name)"))
    }
    try group.write(
      graph.edges.flatMap { [$0.source, $0.target] }, shape: [graph.edges.count, 2], to: "edges")
  }

  private static func write(_ value: NIRValue, _ name: String, to group: HDF5Group) throws {
    switch value {
    case .text(let text): try group.write(text, to: name)
    case .integers(let values, let shape): try group.write(values.map { Int64($0) }, shape: shape, to: name)
    case .numbers(let array):
      let storage: HDF5Storage = array.shape.isEmpty ? .plain : .packed()
      switch array.precision {
      case .single:
        try group.write(array.values.map { Float($0) }, shape: array.shape, to: name, storage: storage)
      case .double: try group.write(array.values, shape: array.shape, to: name, storage: storage)
      }
    }
  }
}
