import Support

/// A graph as a matrix of weights: who is connected to whom, how strongly; 0 for no connection.
///
/// ```swift
/// let wiring = try AdjacencyMatrix(synapses, names: neurons)       // row = presynaptic, column = postsynaptic
/// let hops = wiring.hops()
/// print(wiring.degrees(.outgoing), wiring.clustering(), wiring.characteristicPathLength)
/// ```
/// Degrees and hops count connections, strengths and distances their weights. Connections of a node with itself are kept and left
/// out of paths, clustering and rewiring.
public struct AdjacencyMatrix: Sendable, Equatable {
  /// How many nodes.
  public let count: Int
  /// `[N, N]` row by row: from the row's node to the column's.
  public let weights: [Double]
  /// Whether any connection differs from the one back.
  public let isDirected: Bool

  public enum Direction: Sendable { case incoming, outgoing, either }

  /// - Parameter rows: `[N][N]`, finite and not negative; row = from, column = to.
  /// - Throws: `CajalError` naming the first wrong row or entry.
  public init(_ rows: [[Double]]) throws {
    count = rows.count
    if let wrong = rows.firstIndex(where: { $0.count != rows.count }) {
      throw CajalError("row \(wrong) of the matrix has \(rows[wrong].count) columns, expected \(rows.count)")
    }
    weights = rows.flatMap { $0 }
    if let wrong = weights.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw CajalError(
        "entry (\(wrong / rows.count), \(wrong % rows.count)) of the matrix is \(weights[wrong]), expected a number from 0 up"
      )
    }
    isDirected = Self.isDirected(weights, rows.count)
  }

  /// From weights that are known to be finite and not negative.
  package init(checked weights: [Double], count: Int) {
    (self.count, self.weights) = (count, weights)
    isDirected = Self.isDirected(weights, count)
  }

  private static func isDirected(_ weights: [Double], _ count: Int) -> Bool {
    for a in 0..<count {
      for b in a + 1..<max(a + 1, count) where weights[a * count + b] != weights[b * count + a] {
        return true
      }
    }
    return false
  }

  public subscript(from: Int, to: Int) -> Double { weights[from * count + to] }

  /// `[N][N]`
  public var rows: [[Double]] { (0..<count).map { Array(weights[$0 * count..<($0 + 1) * count]) } }

  /// Connections that are there or not: all weights 1.
  public var binary: AdjacencyMatrix {
    AdjacencyMatrix(checked: weights.map { $0 > 0 ? 1 : 0 }, count: count)
  }

  /// Both directions added up.
  public var undirected: AdjacencyMatrix {
    var sums = weights
    for a in 0..<count {
      for b in 0..<count where a != b { sums[a * count + b] = self[a, b] + self[b, a] }
    }
    return AdjacencyMatrix(checked: sums, count: count)
  }

  /// The graph of some nodes, in the order given.
  public func subgraph(_ nodes: [Int]) -> AdjacencyMatrix {
    AdjacencyMatrix(checked: nodes.flatMap { a in nodes.map { self[a, $0] } }, count: nodes.count)
  }

  /// Where each node's connections lead, itself left out; ascending.
  var targets: [[Int]] {
    (0..<count).map { a in (0..<count).filter { $0 != a && self[a, $0] > 0 } }
  }
}

// Counts and sums.
extension AdjacencyMatrix {
  /// How many connections: each once in an undirected graph, loops left out.
  public var connectionCount: Int {
    let all = targets.reduce(0) { $0 + $1.count }
    return isDirected ? all : all / 2
  }

  /// The share of possible connections that is there.
  public var density: Double {
    count > 1 ? Double(targets.reduce(0) { $0 + $1.count }) / Double(count * (count - 1)) : .nan
  }

  /// How many connections each node has; `either` counts a neighbour once.
  public func degrees(_ direction: Direction = .either) -> [Int] {
    counted(direction) { forth, back in (forth > 0 ? 1 : 0, back > 0 ? 1 : 0, forth > 0 || back > 0 ? 1 : 0) }
      .map { Int($0) }
  }

  /// The sum of the weights of each node's connections; `either` adds incoming and outgoing ones in a directed graph.
  public func strengths(_ direction: Direction = .either) -> [Double] {
    counted(direction) { forth, back in (forth, back, isDirected ? forth + back : forth) }
  }

  private func counted(
    _ direction: Direction, _ value: (Double, Double) -> (forth: Double, back: Double, either: Double)
  ) -> [Double] {
    (0..<count).map { a in
      (0..<count).reduce(0) { sum, b in
        guard a != b else { return sum }
        let values = value(self[a, b], self[b, a])
        switch direction {
        case .outgoing: return sum + values.forth
        case .incoming: return sum + values.back
        case .either: return sum + values.either
        }
      }
    }
  }

  /// The share of connections that are answered by one back; 1 in an undirected graph.
  public var reciprocity: Double {
    var (all, answered) = (0, 0)
    for (a, row) in targets.enumerated() {
      all += row.count
      answered += row.count { self[$0, a] > 0 }
    }
    return all > 0 ? Double(answered) / Double(all) : .nan
  }
}
