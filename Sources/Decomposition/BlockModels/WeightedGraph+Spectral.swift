import Statistics
import Support

extension SpectralClustering {
  /// Groups of a graph, from the leading eigenvectors of its normalised adjacency, which are the last of its Laplacian.
  ///
  /// - Parameter graph: Weights count by their size.
  public init(_ graph: WeightedGraph) {
    let count = graph.count
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
    let eigen = SymmetricEigen(matrix, count: count)
    self.init(
      eigenvalues: eigen.values.map { 1 - $0 },
      vectors: (0..<count).flatMap { node in eigen.vectors.map { $0[node] } })
  }
}
