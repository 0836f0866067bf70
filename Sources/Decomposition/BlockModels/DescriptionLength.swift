import Foundation

/// The description length of a partition of a weighted graph and its parts, in nats: the shorter, the better the model.
///
/// Each part is minus the logarithm of a probability (Peixoto, 2017 and 2018).
public struct DescriptionLength: Sendable, Equatable {
  /// The edges, given their numbers between groups (and the degrees).
  public var topology: Double
  /// The numbers of edges between groups.
  public var edges: Double
  /// The partition.
  public var partition: Double
  /// The degrees, where the model is degree-corrected.
  public var degrees: Double
  /// The weights of the edges.
  public var weights: Double

  public var total: Double { topology + edges + partition + degrees + weights }

  /// Counted from the graph, with nothing kept from a search.
  ///
  /// - Parameters:
  ///   - labels: The group of every node, any numbers.
  ///   - levels: The levels above (the group of each group, compactly numbered in order of the labels' first use), the last with one
  ///     group; flat if nil.
  init(_ graph: WeightedGraph, _ terms: BlockTerms, labels: [Int], levels: [[Int]]? = nil) {
    let labels = LevelSearch.compact(labels)
    let groups = (labels.max() ?? 0) + 1
    var (sizes, ends) = ([Int](repeating: 0, count: groups), [Int](repeating: 0, count: groups))
    var counts = [[Int]](repeating: [Int](repeating: 0, count: groups), count: groups)
    var totals = [[Double]](repeating: [Double](repeating: 0, count: groups), count: groups)
    var squares = totals
    for node in 0..<graph.count { sizes[labels[node]] += 1 }
    for edge in graph.edges {
      let (r, s) = (min(labels[edge.a], labels[edge.b]), max(labels[edge.a], labels[edge.b]))
      ends[r] += 1
      ends[s] += 1
      counts[r][s] += 1
      totals[r][s] += edge.weight
      squares[r][s] += edge.weight * edge.weight
    }
    (topology, degrees, weights) = (0, 0, 0)
    partition = -terms.groups(groups, of: graph.count)
    for r in 0..<groups {
      partition -= terms.lnFactorial(sizes[r])
      for s in r..<groups {
        topology -= terms.topology(counts[r][s], isInner: r == s)
        weights -= terms.weight(counts[r][s], totals[r][s], squares[r][s])
      }
      if terms.isDegreeCorrected {
        topology += terms.lnFactorial(ends[r])
        degrees += terms.lnMultisets(sizes[r], ends[r])
      } else {
        topology += Double(ends[r]) * log(Double(sizes[r]))
      }
    }
    if terms.isDegreeCorrected {
      for degree in graph.degrees { topology -= terms.lnFactorial(degree) }
    }
    for r in 0..<groups { for s in 0..<r { counts[r][s] = counts[s][r] } }
    edges = -(levels.map { UpperLevels.value(terms, counts, $0) } ?? terms.flatEdges(groups))
  }
}
