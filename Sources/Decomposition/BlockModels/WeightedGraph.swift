import Statistics
import Support

/// An undirected graph without loops or double edges, with a weight on every edge.
public struct WeightedGraph: Sendable, Equatable {
  public struct Edge: Sendable, Equatable {
    public var a: Int
    public var b: Int
    public var weight: Double

    public init(_ a: Int, _ b: Int, weight: Double = 1) {
      self.a = a
      self.b = b
      self.weight = weight
    }
  }

  /// How many nodes.
  public let count: Int
  /// In the order given.
  public let edges: [Edge]
  /// Neighbours of node i: positions `starts[i]..<starts[i + 1]` of `neighbours` and `weights`.
  let starts: [Int]
  let neighbours: [Int32]
  let weights: [Double]

  /// - Throws: `CajalError` naming an edge that is a loop, occurs twice, has an unknown end, or a weight that is not finite.
  public init(count: Int, edges: [Edge]) throws {
    guard count > 0 else { throw CajalError("a graph without nodes") }
    var seen = Set<Int>()
    for edge in edges {
      guard (0..<count).contains(edge.a), (0..<count).contains(edge.b), edge.a != edge.b, edge.weight.isFinite
      else {
        throw CajalError(
          "edge (\(edge.a), \(edge.b)) of weight \(edge.weight): expected two different nodes of 0..<\(count) and a finite weight"
        )
      }
      guard seen.insert(min(edge.a, edge.b) * count + max(edge.a, edge.b)).inserted else {
        throw CajalError("edge (\(edge.a), \(edge.b)) occurs twice")
      }
    }
    self.init(checked: count, edges)
  }

  private init(checked count: Int, _ edges: [Edge]) {
    self.count = count
    self.edges = edges
    var starts = [Int](repeating: 0, count: count + 1)
    for edge in edges {
      starts[edge.a + 1] += 1
      starts[edge.b + 1] += 1
    }
    for node in 0..<count { starts[node + 1] += starts[node] }
    var next = starts
    var neighbours = [Int32](repeating: 0, count: 2 * edges.count)
    var weights = [Double](repeating: 0, count: 2 * edges.count)
    for edge in edges {
      for (own, other) in [(edge.a, edge.b), (edge.b, edge.a)] {
        neighbours[next[own]] = Int32(other)
        weights[next[own]] = edge.weight
        next[own] += 1
      }
    }
    (self.starts, self.neighbours, self.weights) = (starts, neighbours, weights)
  }

  /// The edges of a symmetric matrix `[N][N]` whose weight is above `threshold`; the diagonal is left out.
  ///
  /// - Throws: `CajalError` unless the matrix is square, symmetric and finite.
  public init(matrix: [[Double]], above threshold: Double = 0) throws {
    let count = matrix.count
    guard count > 0, matrix.allSatisfy({ $0.count == count }) else {
      throw CajalError(
        "a matrix of \(count) rows of \(Set(matrix.map(\.count)).sorted()) columns is not square")
    }
    var edges: [Edge] = []
    for a in 0..<count {
      for b in a + 1..<max(a + 1, count) {
        guard matrix[a][b].isFinite, matrix[a][b] == matrix[b][a] else {
          throw CajalError("entries (\(a), \(b)) of the matrix are \(matrix[a][b]) and \(matrix[b][a])")
        }
        if matrix[a][b] > threshold { edges.append(Edge(a, b, weight: matrix[a][b])) }
      }
    }
    self.init(checked: count, edges)
  }

  /// The connections of a graph without their directions, both added up where it is directed; those of a node with itself are
  /// left out.
  public init(_ adjacency: AdjacencyMatrix) {
    let both = adjacency.isDirected ? adjacency.undirected : adjacency
    var edges: [Edge] = []
    for a in 0..<both.count {
      for b in a + 1..<max(a + 1, both.count) where both[a, b] > 0 {
        edges.append(Edge(a, b, weight: both[a, b]))
      }
    }
    self.init(checked: both.count, edges)
  }

  public func degree(_ node: Int) -> Int { starts[node + 1] - starts[node] }
  public var degrees: [Int] { (0..<count).map(degree) }

  /// The sum of the weights of a node's edges.
  public func strength(_ node: Int) -> Double { weights[starts[node]..<starts[node + 1]].reduce(0, +) }
  public var strengths: [Double] { (0..<count).map(strength) }
  public var totalWeight: Double { edges.reduce(0) { $0 + $1.weight } }

  /// `[N][N]`, 0 where there is no edge.
  public var matrix: [[Double]] {
    var matrix = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
    for edge in edges {
      matrix[edge.a][edge.b] = edge.weight
      matrix[edge.b][edge.a] = edge.weight
    }
    return matrix
  }

  /// The graph of some nodes, numbered in the order given.
  public func subgraph(_ nodes: [Int]) -> WeightedGraph {
    var place = [Int](repeating: -1, count: count)
    for (index, node) in nodes.enumerated() { place[node] = index }
    return WeightedGraph(
      checked: nodes.count,
      edges.filter { place[$0.a] >= 0 && place[$0.b] >= 0 }
        .map { Edge(place[$0.a], place[$0.b], weight: $0.weight) })
  }
}
