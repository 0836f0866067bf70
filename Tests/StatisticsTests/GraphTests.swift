import Foundation
import Statistics
import Support
import Testing

@Suite struct GraphTests {
  /// Measures of NetworkX; `Tests/Golden/make_graphs.py` writes them.
  private struct Vectors: Decodable {
    struct Measures: Decodable {
      let matrix: [[Double]]
      let clustering, weightedClustering: [Double]
      let hops: [[Int]]
      let distances: [[Double]]
      let modularity, reciprocity, efficiency: Double
      let richClub: [String: Double]
    }
    let labels: [Int]
    let directed, undirected: Measures
  }

  private func vectors() throws -> Vectors {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Golden/graphs.json")
    return try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: url))
  }

  private func isNear(_ a: [Double], _ b: [Double]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-9 }
  }

  @Test func agreesWithNetworkX() throws {
    let vectors = try vectors()
    for measures in [vectors.directed, vectors.undirected] {
      let graph = try AdjacencyMatrix(measures.matrix)
      #expect(isNear(graph.clustering(), measures.clustering))
      #expect(isNear(graph.clustering(weighted: true), measures.weightedClustering))
      #expect(graph.hops().map { $0.map { $0 ?? -1 } } == measures.hops)
      let distances = graph.distances().flatMap { $0 }.map { $0.isFinite ? $0 : -1 }
      #expect(isNear(distances, measures.distances.flatMap { $0 }))
      #expect(abs(graph.modularity(vectors.labels) - measures.modularity) < 1e-12)
      #expect(abs(graph.reciprocity - measures.reciprocity) < 1e-12)
      #expect(abs(graph.globalEfficiency - measures.efficiency) < 1e-12)
      var generator = RandomGenerator(seed: 1)
      for club in graph.richClub(randomGraphs: 20, using: &generator) where !measures.richClub.isEmpty {
        #expect(abs(club.coefficient - (measures.richClub[String(club.degree)] ?? .nan)) < 1e-12)
        #expect(club.pValue > 0 && club.pValue <= 1)
      }
    }
  }

  @Test func degreesAndStrengthsAreCounted() throws {
    let graph = try AdjacencyMatrix([[5, 2, 0], [3, 0, 1], [0, 0, 0]])
    #expect(graph.isDirected && graph.connectionCount == 3)
    #expect(graph.degrees(.outgoing) == [1, 2, 0] && graph.degrees(.incoming) == [1, 1, 1])
    #expect(graph.degrees() == [1, 2, 1])
    #expect(graph.strengths(.outgoing) == [2, 4, 0] && graph.strengths(.incoming) == [3, 2, 1])
    #expect(graph.strengths() == [5, 6, 1])
    #expect(abs(graph.density - 0.5) < 1e-12 && abs(graph.reciprocity - 2.0 / 3) < 1e-12)
    #expect(graph.hops()[2] == [nil, nil, 0] && graph.components == [0, 0, 0])
    #expect(abs(graph.characteristicPathLength - 5.0 / 4) < 1e-12)
    #expect(graph.undirected[0, 1] == 5 && !graph.undirected.isDirected)
    #expect(graph.subgraph([1, 0]).rows == [[0, 3], [2, 5]])
    let parted = try AdjacencyMatrix([[0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0]])
    #expect(parted.components == [0, 1, 1, 0])
    let even = try AdjacencyMatrix([[0, 1, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]])
    #expect(even.participation([0, 0, 1, 1])[0] == 0.5 && even.participation([0, 0, 1, 1])[1] == 0)
    #expect(even.participation([0, 0, 1, 1])[3].isNaN)
  }

  @Test func rewiringKeepsDegrees() throws {
    let vectors = try vectors()
    for measures in [vectors.directed, vectors.undirected] {
      let graph = try AdjacencyMatrix(measures.matrix)
      var generator = RandomGenerator(seed: 2)
      let rewired = graph.rewired(using: &generator)
      #expect(rewired.isDirected == graph.isDirected && rewired != graph)
      #expect(rewired.degrees(.outgoing) == graph.degrees(.outgoing))
      #expect(rewired.degrees(.incoming) == graph.degrees(.incoming))
      let (after, before): (Double, Double) = (rewired.weights.reduce(0, +), graph.weights.reduce(0, +))
      #expect(abs(after - before) < 1e-9)
    }
  }

  /// A ring of neighbours with a few shortcuts is the textbook small world; what is random is none.
  @Test func aRingWithShortcutsIsASmallWorld() throws {
    var generator = RandomGenerator(seed: 3)
    var rows = [[Double]](repeating: [Double](repeating: 0, count: 60), count: 60)
    func connect(_ a: Int, _ b: Int) {
      rows[a][b] = 1
      rows[b][a] = 1
    }
    for node in 0..<60 {
      for step in 1...3 { connect(node, (node + step) % 60) }
    }
    for _ in 0..<12 {
      let ends = generator.subset(2, of: 60)
      connect(ends[0], ends[1])
    }
    let ring = try AdjacencyMatrix(rows)
    let small = ring.smallWorldness(using: &generator)
    #expect(small.sigma > 2 && small.clustering > 3 * small.randomClustering)
    let random = ring.rewired(using: &generator).smallWorldness(using: &generator)
    #expect(abs(random.sigma - 1) < 0.5)
    let threads = Threads.count
    defer { Threads.count = threads }
    let both = [1, 2].map { count in
      Threads.count = count
      var own = RandomGenerator(seed: 4)
      return ring.smallWorldness(using: &own)
    }
    #expect(both[0] == both[1])
  }

  @Test func aClubOfHubsIsRich() throws {
    var generator = RandomGenerator(seed: 5)
    var rows = [[Double]](repeating: [Double](repeating: 0, count: 40), count: 40)
    func connect(_ a: Int, _ b: Int) {
      rows[a][b] = 1
      rows[b][a] = 1
    }
    for a in 0..<6 {
      for b in 0..<a { connect(a, b) }
      for _ in 0..<8 { connect(a, 6 + generator.integer(below: 34)) }
    }
    for _ in 0..<30 { connect(6 + generator.integer(below: 17), 23 + generator.integer(below: 17)) }
    let club = try #require(
      AdjacencyMatrix(rows).richClub(using: &generator).last { $0.members == 6 })
    #expect(club.coefficient == 1 && club.normalised > 1.2 && club.pValue < 0.05)
  }

  @Test func badMatricesAreRejected() {
    #expect(throws: CajalError.self) { try AdjacencyMatrix([[0, 1], [1]]) }
    #expect(throws: CajalError.self) { try AdjacencyMatrix([[0, -1], [1, 0]]) }
    #expect(throws: CajalError.self) { try AdjacencyMatrix([[0, .nan], [1, 0]]) }
  }
}
