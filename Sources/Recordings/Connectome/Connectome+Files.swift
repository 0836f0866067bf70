import Datasets
import Foundation
import FoundationXML
import Support

// Tables of edges, GraphML, and the archives of the connectome toolbox.
extension Connectome {
  /// Reads a wiring diagram: a table with columns `pre`, `post`, `weight` and `type` (`.csv`, `.tsv`), GraphML (`.graphml`, `.xml`), or
  /// an archive of the package `cect` (`.json`).
  ///
  /// - Throws: `CajalError` naming the file and the line or edge that is wrong.
  public init(contentsOf url: URL) throws {
    switch url.pathExtension.lowercased() {
    case "graphml", "xml": self = try GraphML.read(url)
    case "json": self = try Self.archive(url)
    default: self = try Self.table(url)
    }
  }

  private static func table(_ url: URL) throws -> Connectome {
    let csv = try CSVFile(contentsOf: url)
    let names = csv.header.map { $0.lowercased().trimmingCharacters(in: .whitespaces) }
    func column(_ known: [String]) -> Int? { names.firstIndex(where: known.contains) }
    guard let pre = column(["pre", "source", "from", "neuron 1", "source_id"]),
      let post = column(["post", "target", "to", "neuron 2", "target_id"])
    else {
      throw CajalError(
        "\(url.path) has no columns 'pre' and 'post'; it has \(csv.header.joined(separator: ", "))")
    }
    let (weight, type) = (
      column(["weight", "nbr", "count", "synapses", "number"]), column(["type", "kind", "edge_type"])
    )
    let weights = try weight.map { try csv.numbers(columns: [$0]).map { $0[0] } }
    var neurons: [String] = []
    var place: [String: Int] = [:]
    func index(_ name: String) -> Int {
      if let known = place[name] { return known }
      place[name] = neurons.count
      neurons.append(name)
      return neurons.count - 1
    }
    let edges = csv.rows.enumerated().map { row, fields in
      Edge(
        index(fields[pre].trimmingCharacters(in: .whitespaces)),
        index(fields[post].trimmingCharacters(in: .whitespaces)),
        weight: weights?[row] ?? 1,
        kind: type.map { Kind(fields[$0].trimmingCharacters(in: .whitespaces)) } ?? .chemical)
    }
    return try Connectome(name: url.deletingPathExtension().lastPathComponent, neurons: neurons, edges: edges)
  }

  private struct Archive: Decodable {
    let nodes: [String]
    let connections: [String: [[Double]]]
  }

  private static func archive(_ url: URL) throws -> Connectome {
    guard let data = try? Data(contentsOf: url) else { throw CajalError("cannot read \(url.path)") }
    guard let archive = try? JSONDecoder().decode(Archive.self, from: data) else {
      throw CajalError("\(url.path) is no archive of a connectome: 'nodes' and 'connections' were expected")
    }
    var edges: [Edge] = []
    for (type, matrix) in archive.connections {
      guard matrix.count == archive.nodes.count, matrix.allSatisfy({ $0.count == archive.nodes.count }) else {
        throw CajalError("\(url.path): the matrix of '\(type)' does not fit its \(archive.nodes.count) nodes")
      }
      for (pre, row) in matrix.enumerated() {
        for (post, weight) in row.enumerated() where weight != 0 {
          edges.append(Edge(pre, post, weight: weight, kind: Kind(type)))
        }
      }
    }
    return try Connectome(
      name: url.deletingPathExtension().lastPathComponent, neurons: archive.nodes, edges: edges)
  }

  /// Writes a table of edges (`.csv`) or GraphML (`.graphml`).
  ///
  /// - Throws: `CajalError` naming the path.
  public func write(to url: URL) throws {
    let text: String
    switch url.pathExtension.lowercased() {
    case "graphml": text = GraphML.text(self)
    case "csv":
      text =
        "pre,post,weight,type\n"
        + edges.map { edge in
          [neurons[edge.pre], neurons[edge.post], SampleTable.Column.text(edge.weight), edge.kind.name]
            .map(CSVField.quoted).joined(separator: ",") + "\n"
        }.joined()
    default: throw CajalError("\(url.path): wiring diagrams are written as .csv or .graphml")
    }
    try AtomicFile.write(Data(text.utf8), to: url)
  }
}

/// The graphs that NetworkX, igraph and Gephi exchange.
private enum GraphML {
  static func text(_ connectome: Connectome) -> String {
    func escaped(_ text: String) -> String {
      text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
        .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
    }
    var lines = [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
      "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">",
      "  <key id=\"weight\" for=\"edge\" attr.name=\"weight\" attr.type=\"double\"/>",
      "  <key id=\"type\" for=\"edge\" attr.name=\"type\" attr.type=\"string\"/>",
      "  <graph edgedefault=\"directed\">",
    ]
    lines += connectome.neurons.map { "    <node id=\"\(escaped($0))\"/>" }
    lines += connectome.edges.map { edge in
      "    <edge source=\"\(escaped(connectome.neurons[edge.pre]))\" target=\"\(escaped(connectome.neurons[edge.post]))\">"
        + "<data key=\"weight\">\(edge.weight)</data><data key=\"type\">\(escaped(edge.kind.name))</data></edge>"
    }
    return (lines + ["  </graph>", "</graphml>"]).joined(separator: "\n") + "\n"
  }

  static func read(_ url: URL) throws -> Connectome {
    guard let data = try? Data(contentsOf: url) else { throw CajalError("cannot read \(url.path)") }
    // The parser ends the program over bytes that are not UTF-8.
    let text = try XMLText(UTF8Text.bytes(of: data, url.path), url.path)
    let parser = XMLParser(data: text.data)
    parser.shouldResolveExternalEntities = false
    let walker = Walker()
    parser.delegate = walker
    guard parser.parse(), walker.wrong == nil, walker.depth == 0 else {
      throw CajalError(
        "\(url.path), line \(parser.lineNumber + text.skippedLines): \(walker.wrong ?? "no well-formed GraphML, or cut short")"
      )
    }
    guard walker.hasGraph else { throw CajalError("\(url.path) holds no graph") }
    return try Connectome(
      name: url.deletingPathExtension().lastPathComponent, neurons: walker.neurons, edges: walker.edges)
  }

  private final class Walker: NSObject, XMLParserDelegate {
    var neurons: [String] = []
    var edges: [Connectome.Edge] = []
    var hasGraph = false
    var wrong: String?
    /// Elements that are open.
    var depth = 0
    private var place: [String: Int] = [:]
    private var isDirected = true
    /// The names of attributes by their keys.
    private var keys: [String: String] = [:]
    private var key: String?
    private var text = ""
    private var edge: (source: String, target: String, data: [String: String])?

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      guard wrong == nil else { return }
      depth += 1
      guard depth <= 32 else { return stop(parser, "elements nest more than 32 deep") }
      switch name {
      case "graph":
        hasGraph = true
        isDirected = attributes["edgedefault"] != "undirected"
      case "key": keys[attributes["id"] ?? ""] = attributes["attr.name"] ?? attributes["id"]
      case "node":
        guard let id = attributes["id"] else { return stop(parser, "a node without id") }
        if place[id] == nil {
          place[id] = neurons.count
          neurons.append(id)
        }
      case "edge":
        guard let source = attributes["source"], let target = attributes["target"] else {
          return stop(parser, "an edge without source or target")
        }
        edge = (source, target, [:])
      case "data":
        key = attributes["key"]
        text = ""
      default: break
      }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
      guard wrong == nil else { return }
      depth -= 1
      if name == "data", let key {
        edge?.data[keys[key] ?? key] = text.trimmingCharacters(in: .whitespacesAndNewlines)
        self.key = nil
      }
      guard name == "edge", let found = edge else { return }
      edge = nil
      guard let pre = place[found.source], let post = place[found.target] else {
        return stop(parser, "an edge from '\(found.source)' to '\(found.target)', which are no nodes")
      }
      guard let weight = Double(found.data["weight"] ?? "1"), weight.isFinite else {
        return stop(parser, "an edge of weight '\(found.data["weight"] ?? "")'")
      }
      let kind = Connectome.Kind(found.data["type"] ?? found.data["kind"] ?? "chemical")
      edges.append(.init(pre, post, weight: weight, kind: kind))
      if !isDirected, pre != post { edges.append(.init(post, pre, weight: weight, kind: kind)) }
    }

    private func stop(_ parser: XMLParser, _ reason: String) {
      wrong = reason
      parser.abortParsing()
    }
  }
}
