import Support

extension AdjacencyMatrix {
  /// A random graph in which every node has as many connections as here, in and out (Maslov and Sneppen, 2002): ends of pairs of
  /// connections are exchanged.
  ///
  /// Weights stay with the node they come from.
  ///
  /// - Parameter swaps: Attempted exchanges for each connection.
  public func rewired(swaps: Int = 10, using generator: inout RandomGenerator) -> AdjacencyMatrix {
    var weights = weights
    var connections: [(from: Int, to: Int)] = []
    for (a, row) in targets.enumerated() {
      for b in row where isDirected || a < b { connections.append((a, b)) }
    }
    guard connections.count > 1 else { return self }
    for _ in 0..<swaps * connections.count {
      let (i, j) = (generator.integer(below: connections.count), generator.integer(below: connections.count))
      let (a, b) = connections[i]
      var (c, d) = connections[j]
      if !isDirected, generator.uniform() < 0.5 { swap(&c, &d) }
      let isFree = a != d && c != b && weights[a * count + d] == 0 && weights[c * count + b] == 0
      guard i != j, a != c, b != d, isFree else { continue }
      move(&weights, a, b, d)
      move(&weights, c, d, b)
      (connections[i], connections[j]) = ((a, d), (c, b))
    }
    return AdjacencyMatrix(checked: weights, count: count)
  }

  /// Moves the connection from `a` to `b` so that it leads to `d`.
  private func move(_ weights: inout [Double], _ a: Int, _ b: Int, _ d: Int) {
    weights[a * count + d] = weights[a * count + b]
    weights[a * count + b] = 0
    guard !isDirected else { return }
    weights[d * count + a] = weights[a * count + d]
    weights[b * count + a] = 0
  }

  /// How much more clustered a graph is than random ones with its degrees, for paths as short (Humphries and Gurney, 2008).
  public struct SmallWorldness: Sendable, Equatable {
    public let clustering: Double
    public let pathLength: Double
    /// Means over rewired graphs.
    public let randomClustering: Double
    public let randomPathLength: Double
    /// (C / C random) / (L / L random): above 1 for a small world.
    public var sigma: Double { clustering / randomClustering / (pathLength / randomPathLength) }
  }

  /// - Parameter generator: Results do not depend on the number of threads.
  public func smallWorldness(randomGraphs: Int = 20, using generator: inout RandomGenerator) -> SmallWorldness
  {
    precondition(randomGraphs > 0, "\(randomGraphs) random graphs")
    let random = rewirings(randomGraphs, &generator) { ($0.meanClustering(), $0.characteristicPathLength) }
    return SmallWorldness(
      clustering: meanClustering(), pathLength: characteristicPathLength,
      randomClustering: random.reduce(0) { $0 + $1.0 } / Double(randomGraphs),
      randomPathLength: random.reduce(0) { $0 + $1.1 } / Double(randomGraphs))
  }

  /// Whether nodes with many connections are connected among themselves more than degrees alone would have it.
  public struct RichClub: Sendable, Equatable {
    /// Nodes with more neighbours than this are in the club.
    public let degree: Int
    public let members: Int
    /// The share of possible connections among members that is there.
    public let coefficient: Double
    /// Over the mean of rewired graphs: above 1 for a rich club (Colizza et al., 2006).
    public let normalised: Double
    /// The share of rewired graphs with a coefficient at least as high, with this graph counted among them.
    public let pValue: Double
  }

  /// The rich-club curve over all degrees that leave at least two members.
  ///
  /// - Parameter generator: Results do not depend on the number of threads.
  public func richClub(randomGraphs: Int = 100, using generator: inout RandomGenerator) -> [RichClub] {
    precondition(randomGraphs > 0, "\(randomGraphs) random graphs")
    let own = clubs(degrees())
    let random = rewirings(randomGraphs, &generator) { $0.clubs($0.degrees()).mapValues(\.coefficient) }
    return own.keys.sorted().map { degree in
      let (members, coefficient) = own[degree]!
      let others = random.map { $0[degree] ?? 0 }
      let mean = others.reduce(0, +) / Double(randomGraphs)
      return RichClub(
        degree: degree, members: members, coefficient: coefficient,
        normalised: mean > 0 ? coefficient / mean : .nan,
        pValue: Double(1 + others.count { $0 >= coefficient }) / Double(randomGraphs + 1))
    }
  }

  private func rewirings<Value: Sendable>(
    _ count: Int, _ generator: inout RandomGenerator, _ body: @Sendable (AdjacencyMatrix) -> Value
  ) -> [Value] {
    let own = generator
    _ = generator.next()
    return parallelMap(count) { index in
      var stream = own.split(index)
      return body(rewired(using: &stream))
    }
  }

  private func clubs(_ degrees: [Int]) -> [Int: (members: Int, coefficient: Double)] {
    var clubs: [Int: (members: Int, coefficient: Double)] = [:]
    for degree in 0..<(degrees.max() ?? 0) {
      let members = degrees.indices.filter { degrees[$0] > degree }
      guard members.count > 1 else { break }
      var connections = 0
      for a in members { for b in members where a != b && self[a, b] > 0 { connections += 1 } }
      clubs[degree] = (members.count, Double(connections) / Double(members.count * (members.count - 1)))
    }
    return clubs
  }
}
