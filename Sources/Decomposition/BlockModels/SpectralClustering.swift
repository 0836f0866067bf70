import Statistics
import Support

/// Groups of a graph by the leading eigenvectors of its normalised adjacency (Ng, Jordan and Weiss, 2002).
public struct SpectralClustering: Sendable {
  private let vectors: [[Double]]
  private let count: Int

  /// - Parameter graph: Weights count by their size.
  public init(_ graph: WeightedGraph) {
    count = graph.count
    var matrix = [Double](repeating: 0, count: count * count)
    var scales = [Double](repeating: 0, count: count)
    for edge in graph.edges {
      scales[edge.a] += abs(edge.weight)
      scales[edge.b] += abs(edge.weight)
    }
    scales = scales.map { $0 > 0 ? 1 / $0.squareRoot() : 0 }
    for edge in graph.edges {
      let value = abs(edge.weight) * scales[edge.a] * scales[edge.b]
      matrix[edge.a * count + edge.b] = value
      matrix[edge.b * count + edge.a] = value
    }
    vectors = SymmetricEigen(matrix, count: count).vectors
  }

  /// A group for every node, in `groups` groups.
  public func labels(groups: Int, restarts: Int = 10, using generator: inout RandomGenerator) -> [Int] {
    precondition(groups > 0 && groups <= count, "\(groups) groups of \(count) nodes")
    let points = (0..<count).map { node -> [Double] in
      let row = (0..<groups).map { vectors[$0][node] }
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return length > 0 ? row.map { $0 / length } : row
    }
    return KMeans.fit(points, count: groups, restarts: restarts, iterations: 50, using: &generator).labels
  }
}
