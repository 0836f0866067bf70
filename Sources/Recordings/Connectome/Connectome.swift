import Statistics
import Support

/// Who is connected with whom: neurons, and edges with weights and kinds.
public struct Connectome: Sendable, Equatable {
  public enum Kind: Sendable, Equatable, Hashable {
    case chemical
    /// A gap junction, which works both ways: edges stand in both directions.
    case electrical
    /// A transmitter or peptide that needs no wire, or whatever a file calls it.
    case other(String)

    public var name: String {
      switch self {
      case .chemical: "chemical"
      case .electrical: "electrical"
      case .other(let name): name
      }
    }

    /// As files spell it.
    public init(_ name: String) {
      switch name.lowercased() {
      case "chemical", "chem", "generic_cs", "synapse", "s", "sp", "send": self = .chemical
      case "electrical", "gap", "generic_gj", "gap_junction", "gapjunction", "ej": self = .electrical
      default: self = .other(name)
      }
    }
  }

  public struct Edge: Sendable, Equatable {
    /// From and to, as positions in ``Connectome/neurons``.
    public var pre: Int
    public var post: Int
    public var weight: Double
    public var kind: Kind

    public init(_ pre: Int, _ post: Int, weight: Double, kind: Kind) {
      (self.pre, self.post, self.weight, self.kind) = (pre, post, weight, kind)
    }
  }

  public var name: String
  public let neurons: [String]
  /// One for each pair and kind, by `pre`, then `post`.
  public let edges: [Edge]

  /// Edges of one pair and kind are joined, their weights added; those without weight are left out.
  ///
  /// - Throws: `CajalError` naming a neuron that stands twice, an edge that leads nowhere, or a weight that is no number of at
  ///   least 0.
  public init(name: String, neurons: [String], edges: [Edge]) throws {
    var seen = Set<String>()
    if let twice = neurons.first(where: { !seen.insert($0).inserted }) {
      throw CajalError("\(name): the neuron '\(twice)' stands twice")
    }
    struct Key: Hashable { let pre, post: Int, kind: Kind }
    var joined: [Key: Double] = [:]
    for (index, edge) in edges.enumerated() {
      guard neurons.indices.contains(edge.pre), neurons.indices.contains(edge.post) else {
        throw CajalError(
          "\(name), edge \(index): from \(edge.pre) to \(edge.post) of \(neurons.count) neurons")
      }
      guard edge.weight >= 0, edge.weight.isFinite else {
        throw CajalError(
          "\(name), edge \(index) from \(neurons[edge.pre]) to \(neurons[edge.post]) has the weight \(edge.weight)"
        )
      }
      joined[Key(pre: edge.pre, post: edge.post, kind: edge.kind), default: 0] += edge.weight
    }
    self.name = name
    self.neurons = neurons
    self.edges = joined.filter { $0.value > 0 }.map {
      Edge($0.key.pre, $0.key.post, weight: $0.value, kind: $0.key.kind)
    }
    .sorted { ($0.pre, $0.post, $0.kind.name) < ($1.pre, $1.post, $1.kind.name) }
  }

  /// N
  public var count: Int { neurons.count }

  public func index(of neuron: String) -> Int? { neurons.firstIndex(of: neuron) }

  /// The weights of the given kinds added up, row by row from pre to post, `[N · N]`.
  public func weights(_ kinds: Kind...) -> [Double] { weights(kinds) }

  public func weights(_ kinds: [Kind]) -> [Double] {
    var matrix = [Double](repeating: 0, count: count * count)
    for edge in edges where kinds.contains(edge.kind) { matrix[edge.pre * count + edge.post] += edge.weight }
    return matrix
  }

  /// Gap junctions that stand in one direction alone, in both.
  public func mirroringElectrical() -> Connectome {
    let present = Set(edges.filter { $0.kind == .electrical }.map { $0.pre * count + $0.post })
    let mirrored = edges.filter { $0.kind == .electrical && !present.contains($0.post * count + $0.pre) }
      .map { Edge($0.post, $0.pre, weight: $0.weight, kind: .electrical) }
    return Connectome(
      unchecked: name, neurons,
      (edges + mirrored).sorted { ($0.pre, $0.post, $0.kind.name) < ($1.pre, $1.post, $1.kind.name) })
  }

  /// Only edges of these kinds.
  public func filtered(_ kinds: Kind...) -> Connectome {
    Connectome(unchecked: name, neurons, edges.filter { kinds.contains($0.kind) })
  }

  /// The same in another order or over other neurons: those that are not there have no edges.
  public func arranged(_ names: [String]) -> Connectome {
    let place = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let moved = edges.compactMap { edge -> Edge? in
      guard let pre = place[neurons[edge.pre]], let post = place[neurons[edge.post]] else { return nil }
      return Edge(pre, post, weight: edge.weight, kind: edge.kind)
    }
    return Connectome(
      unchecked: name, names,
      moved.sorted { ($0.pre, $0.post, $0.kind.name) < ($1.pre, $1.post, $1.kind.name) })
  }

  init(unchecked name: String, _ neurons: [String], _ edges: [Edge]) {
    (self.name, self.neurons, self.edges) = (name, neurons, edges)
  }

  /// How many edges lie on the shortest way from each neuron to each, `[N · N]`; -1 where there is none, 0 to itself.
  ///
  /// - Parameter isDirected: Whether edges lead only from pre to post.
  public func hops(isDirected: Bool = true) -> [Int] {
    let both = edges.map { Edge($0.post, $0.pre, weight: $0.weight, kind: $0.kind) }
    let ways = isDirected ? self : Connectome(unchecked: name, neurons, edges + both)
    return ways.adjacency.hops().flatMap { row in row.map { $0 ?? -1 } }
  }

  /// The edges, of whatever kind, as pairs of names.
  public var pairs: Set<[String]> { Set(edges.map { [neurons[$0.pre], neurons[$0.post]] }) }

  /// The same numbers of edges in and out at every neuron, other partners: edges of each kind trade their ends (Maslov and Sneppen,
  /// 2002). No edge leads from a neuron to itself that did not before.
  ///
  /// - Parameter swaps: Attempts for every edge.
  public func rewired(swaps: Int = 10, using generator: inout RandomGenerator) -> Connectome {
    var moved: [Edge] = []
    for kind in Set(edges.map(\.kind)).sorted(by: { $0.name < $1.name }) {
      let weights = filtered(kind).adjacency.rewired(swaps: swaps, using: &generator).weights
      moved += weights.indices.filter { weights[$0] > 0 }.map {
        Edge($0 / count, $0 % count, weight: weights[$0], kind: kind)
      }
    }
    return Connectome(
      unchecked: name, neurons,
      moved.sorted { ($0.pre, $0.post, $0.kind.name) < ($1.pre, $1.post, $1.kind.name) })
  }
}

extension Connectome {
  /// What several annotations of the same animal agree on: edges of a kind that at least `support` of them have, with the median of
  /// their weights, each weight as a share of its annotation's sum.
  public static func consensus(
    _ annotations: [Connectome], kind: Kind, support: Int
  ) throws -> (connectome: Connectome, support: [Int]) {
    let names = annotations.reduce(into: [String]()) { all, one in
      let known = Set(all)
      all += one.neurons.filter { !known.contains($0) }
    }
    let arranged = annotations.map { $0.arranged(names) }
    var found: [Int: [Double]] = [:]
    for one in arranged {
      let own = one.edges.filter { $0.kind == kind }
      let total = own.reduce(0) { $0 + $1.weight }
      for edge in own { found[edge.pre * names.count + edge.post, default: []].append(edge.weight / total) }
    }
    let kept = found.filter { $0.value.count >= support }.sorted { $0.key < $1.key }
    let edges = kept.map { pair, weights in
      Edge(pair / names.count, pair % names.count, weight: Percentile.of(weights, 50), kind: kind)
    }
    return (
      try Connectome(name: "consensus of \(annotations.count)", neurons: names, edges: edges),
      kept.map(\.value.count)
    )
  }

  /// The share of edges that two annotations have in common, of those that either has between neurons of both.
  public func jaccardIndex(with other: Connectome, kind: Kind) -> Double {
    let shared = Set(neurons).intersection(other.neurons)
    func own(_ connectome: Connectome) -> Set<[String]> {
      Set(
        connectome.edges.filter { $0.kind == kind }
          .map { [connectome.neurons[$0.pre], connectome.neurons[$0.post]] }
          .filter { $0.allSatisfy(shared.contains) })
    }
    let (a, b) = (own(self), own(other))
    let union = a.union(b).count
    return union > 0 ? Double(a.intersection(b).count) / Double(union) : .nan
  }
}
