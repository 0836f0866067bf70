import Statistics

extension Connectome {
  /// The wiring as a matrix `[N, N]`, row = pre, column = post, edges of all kinds added up: for degrees, clustering, paths and
  /// rich clubs.
  ///
  /// ```swift
  /// let hubs = wiring.filtered(.chemical).adjacency.richClub(using: &generator)
  /// ```
  public var adjacency: AdjacencyMatrix {
    var weights = [Double](repeating: 0, count: count * count)
    for edge in edges { weights[edge.pre * count + edge.post] += edge.weight }
    return AdjacencyMatrix(checked: weights, count: count)
  }
}
