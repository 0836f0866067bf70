import Foundation
import Support

/// Communities that maximise a quality by local moves and aggregation (Blondel et al., 2008): modularity (Louvain), or
/// asymptotical surprise (Traag, Aldecoa and Delvenne, 2015).
///
/// ```swift
/// let found = GreedyCommunities(.modularity()).fit(graph, using: &generator)
/// ```
public struct GreedyCommunities: Sendable {
  public enum Quality: Sendable, Equatable {
    /// The share of weight within communities, less what strengths alone would give; more and smaller communities with a
    /// higher resolution.
    case modularity(resolution: Double = 1)
    /// Total weight times the Kullback-Leibler divergence of the share of weight inside communities from the share of pairs of nodes
    /// inside them.
    case surprise
  }

  public struct Fit: Sendable, Equatable {
    /// The community of every node, numbered in order of first use.
    public let labels: [Int]
    public let quality: Double
    public var groups: Int { Set(labels).count }
  }

  public var quality: Quality
  /// How many random orders of the nodes are tried; the best is kept.
  public var restarts: Int

  public init(_ quality: Quality = .modularity(), restarts: Int = 10) {
    precondition(restarts > 0, "\(restarts) restarts")
    self.quality = quality
    self.restarts = restarts
  }

  /// - Parameters:
  ///   - graph: Its weights should not be negative.
  ///   - generator: Results do not depend on the number of threads.
  public func fit(_ graph: WeightedGraph, using generator: inout RandomGenerator) -> Fit {
    let own = generator
    _ = generator.next()
    let fits = parallelMap(restarts) { index -> Fit in
      var stream = own.split(index)
      let labels = LevelSearch.compact(climb(graph, &stream))
      return Fit(labels: labels, quality: value(graph, labels))
    }
    return fits[fits.indices.max { (fits[$0].quality, $1) < (fits[$1].quality, $0) }!]
  }

  /// The quality of a given partition; 0 for a graph without weight.
  public func value(_ graph: WeightedGraph, _ labels: [Int]) -> Double {
    precondition(labels.count == graph.count, "\(labels.count) labels for \(graph.count) nodes")
    let total = graph.totalWeight
    guard total > 0 else { return 0 }
    let inner = graph.edges.reduce(0) { labels[$1.a] == labels[$1.b] ? $0 + $1.weight : $0 }
    switch quality {
    case .modularity(let resolution):
      var strengths: [Int: Double] = [:]
      for node in 0..<graph.count { strengths[labels[node], default: 0] += graph.strength(node) }
      let expected = strengths.keys.sorted().reduce(0) { $0 + strengths[$1]! * strengths[$1]! }
      return inner / total - resolution * expected / (4 * total * total)
    case .surprise:
      let sizes = Dictionary(labels.map { ($0, 1) }, uniquingKeysWith: +)
      let pairs = sizes.values.reduce(0) { $0 + $1 * ($1 - 1) / 2 }
      return Self.surprise(inner, Double(pairs), total, Double(graph.count * (graph.count - 1) / 2))
    }
  }

  @inline(__always)
  fileprivate static func surprise(_ inner: Double, _ pairs: Double, _ total: Double, _ all: Double) -> Double
  {
    let (q, expected) = (min(1, max(0, inner / total)), min(1, pairs / all))
    // Fewer inner edges than by chance are no communities.
    guard q > expected else { return 0 }
    let left = q > 0 ? q * log(q / expected) : 0
    let right = q < 1 ? (1 - q) * log((1 - q) / (1 - expected)) : 0
    return total * (left + right)
  }

  private func climb(_ graph: WeightedGraph, _ generator: inout RandomGenerator) -> [Int] {
    var level = CommunityLevel(graph)
    var labels = Array(0..<graph.count)
    while true {
      let (communities, hasMoved) = level.settle(quality, &generator)
      labels = labels.map { communities[$0] }
      guard hasMoved else { return labels }
      level = level.aggregated(communities)
    }
  }
}

/// A graph of communities of the level before: nodes with a size and weight inside.
private struct CommunityLevel {
  private var neighbours: [[(node: Int, weight: Double)]]
  private var inner: [Double]
  private var sizes: [Double]
  private let total: Double
  private let allPairs: Double
  private var count: Int { sizes.count }

  init(_ graph: WeightedGraph) {
    neighbours = (0..<graph.count).map { node in
      (graph.starts[node]..<graph.starts[node + 1]).map { (Int(graph.neighbours[$0]), graph.weights[$0]) }
    }
    inner = Array(repeating: 0, count: graph.count)
    sizes = Array(repeating: 1, count: graph.count)
    total = graph.totalWeight
    allPairs = Double(graph.count * (graph.count - 1) / 2)
  }

  private init(
    _ neighbours: [[(node: Int, weight: Double)]], _ inner: [Double], _ sizes: [Double], like other: Self
  ) {
    (self.neighbours, self.inner, self.sizes) = (neighbours, inner, sizes)
    (total, allPairs) = (other.total, other.allPairs)
  }

  /// Moves nodes to the best neighbouring community until none moves; the community of each, without gaps.
  func settle(_ quality: GreedyCommunities.Quality, _ generator: inout RandomGenerator) -> ([Int], Bool) {
    guard total > 0 else { return (Array(0..<count), false) }
    var label = Array(0..<count)
    let strength = (0..<count).map { node in
      2 * inner[node] + neighbours[node].reduce(0) { $0 + $1.weight }
    }
    var (strengths, members) = (strength, sizes)
    var innerWeight = inner.reduce(0, +)
    var innerPairs = sizes.reduce(0) { $0 + $1 * ($1 - 1) / 2 }
    var links = [Double](repeating: 0, count: count)
    var hasMoved = false
    for _ in 0..<100 {
      var moves = 0
      for node in generator.permutation(count) {
        let home = label[node]
        var touched = [home]
        for (other, weight) in neighbours[node] {
          let community = label[other]
          if links[community] == 0, community != home { touched.append(community) }
          links[community] += weight
        }
        strengths[home] -= strength[node]
        members[home] -= sizes[node]
        innerWeight -= links[home]
        innerPairs -= sizes[node] * members[home]
        func score(_ community: Int) -> Double {
          switch quality {
          case .modularity(let resolution):
            links[community] - resolution * strength[node] * strengths[community] / (2 * total)
          case .surprise:
            GreedyCommunities.surprise(
              innerWeight + links[community], innerPairs + sizes[node] * members[community], total, allPairs)
          }
        }
        var (best, bestScore) = (home, score(home))
        for community in touched.dropFirst() {
          let reached = score(community)
          if reached > bestScore + 1e-12 * total { (best, bestScore) = (community, reached) }
        }
        label[node] = best
        strengths[best] += strength[node]
        innerWeight += links[best]
        innerPairs += sizes[node] * members[best]
        members[best] += sizes[node]
        if best != home { moves += 1 }
        for community in touched { links[community] = 0 }
      }
      hasMoved = hasMoved || moves > 0
      if moves == 0 { break }
    }
    return (LevelSearch.compact(label), hasMoved)
  }

  /// The graph of the communities.
  func aggregated(_ communities: [Int]) -> CommunityLevel {
    let groups = (communities.max() ?? -1) + 1
    var (weights, inside) = (
      [[Int: Double]](repeating: [:], count: groups), [Double](repeating: 0, count: groups)
    )
    var members = [Double](repeating: 0, count: groups)
    for node in 0..<count {
      let own = communities[node]
      inside[own] += inner[node]
      members[own] += sizes[node]
      for (other, weight) in neighbours[node] {
        // Inner edges are met from both ends.
        if communities[other] == own {
          inside[own] += weight / 2
        } else {
          weights[own][communities[other], default: 0] += weight
        }
      }
    }
    let lists = weights.map { row in row.keys.sorted().map { (node: $0, weight: row[$0]!) } }
    return CommunityLevel(lists, inside, members, like: self)
  }
}
