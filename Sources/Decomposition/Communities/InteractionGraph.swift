import Foundation
import Support

/// A matrix of interactions between the same units as source and target, cut to its strongest entries: a graph.
///
/// ```swift
/// let graph = InteractionGraph(entries, count: 256)         // row = from, column = to
/// let edges = graph.strongest(2_000)
/// let modularity = try graph.modularity(edges, using: &generator)
/// ```
/// Interactions of a unit with itself are left out.
public struct InteractionGraph: Sendable {
  /// How many units.
  public let count: Int
  /// `[N, N]` row by row: from the row's unit to the column's.
  public let entries: [Float]

  public struct Edge: Sendable, Equatable {
    public var from: Int
    public var to: Int
  }

  public init(_ entries: [Float], count: Int) {
    precondition(entries.count == count * count, "\(entries.count) entries for \(count) units")
    (self.entries, self.count) = (entries, count)
  }

  private var places: [Int] { entries.indices.filter { $0 / count != $0 % count } }

  private func edges(_ places: some Sequence<Int>) -> [Edge] {
    places.map { Edge(from: $0 / count, to: $0 % count) }
  }

  /// The `number` largest entries that are positive.
  public func strongest(_ number: Int) -> [Edge] {
    let positive = places.filter { entries[$0] > 0 }
    return edges(positive.sorted { (entries[$1], $0) < (entries[$0], $1) }.prefix(number))
  }

  /// The entries of at least `threshold`.
  public func above(_ threshold: Float) -> [Edge] { edges(places.filter { entries[$0] >= threshold }) }

  /// As many edges between random units.
  public func random(_ number: Int, using generator: inout RandomGenerator) -> [Edge] {
    let all = places
    return edges(generator.subset(min(number, all.count), of: all.count).map { all[$0] })
  }

  /// How often entries occur, and how much of it occurs with both signs: the smaller frequency of x and -x (noise).
  public func histogram(bins: Int, limit: Float? = nil) -> (
    centres: [Double], counts: [Int], symmetric: [Int]
  ) {
    precondition(bins > 0 && bins % 2 == 0, "\(bins) bins: an even number is needed")
    let values = places.map { entries[$0] }
    let largest: Float = values.reduce(0) { max($0, abs($1)) }
    let limit = Double(limit ?? largest) * (1 + 1e-6)
    var counts = [Int](repeating: 0, count: bins)
    for value in values {
      let place = Int((Double(value) / limit + 1) / 2 * Double(bins))
      if counts.indices.contains(place) { counts[place] += 1 }
    }
    let width = 2 * limit / Double(bins)
    let centres = (0..<bins).map { (Double($0) + 0.5) * width - limit }
    return (centres, counts, counts.indices.map { min(counts[$0], counts[bins - 1 - $0]) })
  }

  /// The least threshold above which negative entries of that size are no more than `share` as frequent as positive ones, with
  /// `least` edges at least; nil where there is none.
  public func threshold(noise share: Double = 0.1, least: Int) -> Float? {
    let values = places.map { entries[$0] }
    let positive = values.filter { $0 > 0 }.sorted(by: >)
    let negative = values.filter { $0 < 0 }.map { -$0 }.sorted(by: >)
    var (found, behind): (Float?, Int) = (nil, 0)
    for (rank, value) in positive.enumerated() {
      while behind < negative.count, negative[behind] >= value { behind += 1 }
      guard rank + 1 >= least else { continue }
      if Double(behind) <= share * Double(rank + 1) { found = value } else if found != nil { break }
    }
    return found
  }

  /// How many edges leave and enter each unit.
  public func degrees(_ edges: [Edge]) -> (outgoing: [Int], incoming: [Int]) {
    var (out, into) = ([Int](repeating: 0, count: count), [Int](repeating: 0, count: count))
    for edge in edges {
      out[edge.from] += 1
      into[edge.to] += 1
    }
    return (out, into)
  }

  /// The modularity that Louvain's method finds, directions left aside: the best of some starts.
  public func modularity(_ edges: [Edge], restarts: Int = 5, using generator: inout RandomGenerator) throws
    -> Double
  {
    var weights: [Int: Double] = [:]
    for edge in edges {
      weights[min(edge.from, edge.to) * count + max(edge.from, edge.to), default: 0] += 1
    }
    let joined = weights.keys.sorted().map {
      WeightedGraph.Edge($0 / count, $0 % count, weight: weights[$0]!)
    }
    let graph = try WeightedGraph(count: count, edges: joined)
    return GreedyCommunities(.modularity(), restarts: restarts).fit(graph, using: &generator).quality
  }

  /// How unevenly degrees are spread: the largest over the mean.
  public static func peak(_ degrees: [Int]) -> Double {
    let mean = Double(degrees.reduce(0, +)) / Double(max(1, degrees.count))
    return mean > 0 ? Double(degrees.max() ?? 0) / mean : 0
  }

  /// The exponent α of a power law fitted to the tail of degrees from `least` on by maximum likelihood (Clauset, Shalizi and Newman,
  /// 2009, equation 3.7); not a number with fewer than ten such units.
  public static func exponent(_ degrees: [Int], least: Int) -> Double {
    let tail = degrees.filter { $0 >= least && least > 0 }
    guard tail.count >= 10 else { return .nan }
    let sum = tail.reduce(0) { $0 + log(Double($1) / (Double(least) - 0.5)) }
    return 1 + Double(tail.count) / sum
  }
}
