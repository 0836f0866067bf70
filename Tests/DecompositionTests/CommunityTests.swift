import Decomposition
import Statistics
import Support
import Testing

@Suite struct CommunityTests {
  /// Zachary's karate club, whose best modularity is known: 0.4198 with four communities.
  private let karate = [
    (1, 2), (1, 3), (2, 3), (1, 4), (2, 4), (3, 4), (1, 5), (1, 6), (1, 7), (5, 7), (6, 7), (1, 8), (2, 8),
    (3, 8),
    (4, 8), (1, 9), (3, 9), (3, 10), (1, 11), (5, 11), (6, 11), (1, 12), (1, 13), (4, 13), (1, 14), (2, 14),
    (3, 14), (4, 14), (6, 17), (7, 17), (1, 18), (2, 18), (1, 20), (2, 20), (1, 22), (2, 22), (24, 26),
    (25, 26),
    (3, 28), (24, 28), (25, 28), (3, 29), (24, 30), (27, 30), (2, 31), (9, 31), (1, 32), (25, 32), (26, 32),
    (29, 32), (3, 33), (9, 33), (15, 33), (16, 33), (19, 33), (21, 33), (23, 33), (24, 33), (30, 33),
    (31, 33),
    (32, 33), (9, 34), (10, 34), (14, 34), (15, 34), (16, 34), (19, 34), (20, 34), (21, 34), (23, 34),
    (24, 34),
    (27, 34), (28, 34), (29, 34), (30, 34), (31, 34), (32, 34), (33, 34),
  ]

  private func club() throws -> WeightedGraph {
    try WeightedGraph(count: 34, edges: karate.map { .init($0.0 - 1, $0.1 - 1) })
  }

  @Test func theKarateClubsModularityIsReached() throws {
    var generator = RandomGenerator(seed: 1)
    let fit = GreedyCommunities(.modularity(), restarts: 20).fit(try club(), using: &generator)
    #expect(abs(fit.quality - 0.4197896) < 2e-3 && fit.groups == 4)
    let method = GreedyCommunities(.modularity())
    #expect(method.value(try club(), [Int](repeating: 0, count: 34)) == 0)
    // Two halves of two cliques: 1/2.
    let cliques = try WeightedGraph(
      count: 6, edges: [.init(0, 1), .init(0, 2), .init(1, 2), .init(3, 4), .init(3, 5), .init(4, 5)])
    #expect(abs(method.value(cliques, [0, 0, 0, 1, 1, 1]) - 0.5) < 1e-12)
    // All weight inside 6 of 15 pairs: 6 ln(15 / 6).
    #expect(
      abs(GreedyCommunities(.surprise).value(cliques, [0, 0, 0, 1, 1, 1]) - 6 * 0.9162907318741551) < 1e-9)
  }

  @Test func everyMethodFindsClearCommunities() throws {
    var generator = RandomGenerator(seed: 2)
    let (graph, labels) = try PlantedGraphs(
      groups: 4, size: 20, inside: (0.7, 2), between: (0.05, 1)
    ).draw(using: &generator)
    for found in [
      GreedyCommunities(.modularity()).fit(graph, using: &generator).labels,
      GreedyCommunities(.surprise).fit(graph, using: &generator).labels,
      SpectralClustering(graph).groups(4, iterations: 50, using: &generator),
      SymmetricEncoder(groups: 4).labels(graph, using: &generator),
    ] {
      #expect(PartitionComparison(labels, found).normalisedMutualInformation > 0.95)
    }
  }

  @Test func benchmarkGraphsAreAsAskedFor() throws {
    var generator = RandomGenerator(seed: 3)
    for (topology, weight, degree) in [(0.25, 0.5, 25.0), (0.5, 0.25, 25), (0.75, 0.5, 25), (0.5, 0.5, 10)] {
      var model = WeightedBenchmarkGraphs()
      (model.topologyMixing, model.weightMixing, model.meanDegree) = (topology, weight, degree)
      var (outerEdges, edges, outerWeight, total) = (0.0, 0.0, 0.0, 0.0)
      for _ in 0..<10 {
        let (graph, labels) = try model.draw(using: &generator)
        for edge in graph.edges {
          let isOuter = labels[edge.a] != labels[edge.b]
          edges += 1
          total += edge.weight
          if isOuter {
            outerEdges += 1
            outerWeight += edge.weight
          }
        }
        let sizes = Dictionary(labels.map { ($0, 1) }, uniquingKeysWith: +).values
        #expect(sizes.allSatisfy { $0 >= 10 } && graph.edges.allSatisfy { $0.weight > 0 })
      }
      #expect(edges / 10 > 0.65 * 125 * degree / 2 && edges / 10 < 1.1 * 125 * degree / 2)
      // Graphs of one community have no outer edges.
      #expect(outerEdges / edges < topology + 0.05 && outerWeight / total < weight + 0.1)
    }
    var wrong = WeightedBenchmarkGraphs()
    wrong.meanDegree = 200
    #expect(throws: CajalError.self) { try wrong.draw(using: &generator) }
  }
}
