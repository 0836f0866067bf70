import Decomposition
import Recordings
import Statistics
import Support
import Testing

@Suite struct WeightedSBMTests {
  private func goldenGraph(_ golden: [String: Any]) throws -> WeightedGraph {
    let ends = ConnectomeGolden.rows(golden["edges"])
    let weights = ConnectomeGolden.numbers(golden["weights"])
    return try WeightedGraph(
      count: 20, edges: zip(ends, weights).map { .init(Int($0[0]), Int($0[1]), weight: $1) })
  }

  @Test func agreesWithTheReference() throws {
    let golden = ConnectomeGolden.sections["wsbm"] as! [String: Any]
    let graph = try goldenGraph(golden)
    let partitions = golden["partitions"] as! [String: [String: Any]]
    #expect(partitions.count == 8)
    for (name, expected) in partitions {
      let model = WeightedSBM(kind: name.hasSuffix("_ndc") ? .notDegreeCorrected : .degreeCorrected)
      let length = try model.descriptionLength(
        graph, labels: ConnectomeGolden.numbers(expected["labels"]).map { Int($0) },
        alpha: ConnectomeGolden.number(golden["alpha"]), beta: ConnectomeGolden.number(golden["beta"]))
      for (part, key) in [
        (length.topology, "ln_P_A"), (length.edges, "ln_P_e"), (length.partition, "ln_P_b"),
        (length.degrees, "ln_P_k"), (length.weights, "ln_P_x"),
      ] {
        #expect(abs(part + ConnectomeGolden.number(expected[key])) < 1e-6, "\(name) \(key)")
      }
      #expect(abs(length.total - ConnectomeGolden.number(expected["description_length"])) < 1e-6)
    }
  }

  /// What the search counted from move to move is what the partition costs when counted anew.
  @Test(arguments: WeightedSBM.Kind.allCases, WeightedSBM.Weights.allCases)
  func incrementalLengthsAreWhole(_ kind: WeightedSBM.Kind, _ weights: WeightedSBM.Weights) throws {
    var generator = RandomGenerator(seed: 11)
    let (graph, _) = try PlantedGraphs(
      groups: 3, size: 14, inside: (0.7, 2), between: (0.3, 1)
    ).draw(using: &generator)
    let model = WeightedSBM(kind: kind, weights: weights, isNested: false, restarts: 3)
    let fit = try model.fit(graph, using: &generator)
    let counted = try #require(fit.profile.map(\.descriptionLength).min())
    #expect(abs(counted - fit.descriptionLength.total) < 1e-7)
    var again = model
    again.kind = fit.isDegreeCorrected ? .degreeCorrected : .notDegreeCorrected
    #expect(
      abs(try again.descriptionLength(graph, labels: fit.labels).total - fit.descriptionLength.total) < 1e-9)
    // No single node could do better elsewhere.
    for node in 0..<graph.count {
      for group in 0...fit.groups {
        var labels = fit.labels
        labels[node] = group
        let length = try again.descriptionLength(graph, labels: labels).total
        #expect(length > fit.descriptionLength.total - 1e-7)
      }
    }
  }

  @Test func plantedGroupsAreFound() throws {
    var generator = RandomGenerator(seed: 12)
    let settings: [(inside: (density: Double, weight: Double), between: (density: Double, weight: Double))] =
      [
        ((0.6, 1), (0.1, 1)),  // by edges
        ((0.5, 4), (0.5, 1)),  // by weights alone
        ((0.1, 1), (0.6, 1)),  // edges between groups
        ((0.5, 1), (0.5, 4)),  // weights between groups
      ]
    for setting in settings {
      let (graph, labels) = try PlantedGraphs(
        groups: 4, size: 20, inside: setting.inside, between: setting.between
      ).draw(using: &generator)
      let fit = try WeightedSBM(restarts: 2).fit(graph, using: &generator)
      #expect(PartitionComparison(labels, fit.labels).normalisedMutualInformation > 0.9)
    }
  }

  @Test func aNestedModelGroupsGroups() throws {
    // Twelve groups in three groups of groups.
    let groups = 12
    let densities = (0..<groups).map { r in
      (0..<groups).map { s in r == s ? 0.9 : r / 4 == s / 4 ? 0.2 : 0.02 }
    }
    let model = PlantedGraphs(
      sizes: [Int](repeating: 16, count: groups), densities: densities,
      meanWeights: densities.map { $0.map { _ in 1 } })
    var generator = RandomGenerator(seed: 13)
    let (graph, labels) = try model.draw(using: &generator)
    let fit = try WeightedSBM(restarts: 3).fit(graph, using: &generator)
    #expect(PartitionComparison(labels, fit.labels).normalisedMutualInformation > 0.95)
    #expect(fit.levels.count >= 2)
    if fit.levels.count > 1 {
      #expect(PartitionComparison(labels.map { $0 / 4 }, fit.levels[1]).adjustedRandIndex > 0.9)
      // Levels are groups of groups.
      for group in Set(fit.labels) {
        #expect(Set((0..<192).filter { fit.labels[$0] == group }.map { fit.levels[1][$0] }).count == 1)
      }
    }
    let flat = try WeightedSBM(isNested: false, restarts: 3).fit(graph, using: &generator)
    #expect(fit.descriptionLength.total <= flat.descriptionLength.total + 1e-6)
  }

  @Test func noStructureIsOneGroup() throws {
    var generator = RandomGenerator(seed: 14)
    let (graph, _) = try PlantedGraphs(groups: 1, size: 50, inside: (0.3, 1), between: (0, 1)).draw(
      using: &generator)
    let fit = try WeightedSBM(restarts: 3).fit(graph, using: &generator)
    #expect(fit.groups == 1 && fit.levels.count == 1 && !fit.isDegreeCorrected)
  }

  @Test func resultsDoNotDependOnThreads() throws {
    var generator = RandomGenerator(seed: 15)
    let (graph, _) = try WeightedBenchmarkGraphs().draw(using: &generator)
    let threads = Threads.count
    defer { Threads.count = threads }
    let fits = try [1, 2].map { count in
      Threads.count = count
      var own = RandomGenerator(seed: 16)
      return try WeightedSBM(restarts: 2).fit(graph, using: &own)
    }
    #expect(fits[0] == fits[1])
  }

  @Test func directionsAreAddedUp() throws {
    let wiring = try Connectome(
      name: "three", neurons: ["A", "B", "C"],
      edges: [
        .init(0, 1, weight: 2, kind: .chemical), .init(1, 0, weight: 3, kind: .chemical),
        .init(0, 1, weight: 1, kind: .electrical), .init(1, 0, weight: 1, kind: .electrical),
        .init(2, 2, weight: 9, kind: .chemical), .init(2, 0, weight: 4, kind: .chemical),
      ])
    #expect(wiring.adjacency.rows == [[0, 3, 0], [4, 0, 0], [4, 0, 9]])
    let graph = WeightedGraph(wiring.adjacency)
    #expect(graph.edges == [.init(0, 1, weight: 7), .init(0, 2, weight: 4)])
    #expect(graph.degrees == [2, 1, 1] && graph.strengths == [11, 7, 4] && graph.totalWeight == 11)
    #expect(graph.subgraph([1, 0]).edges == [.init(1, 0, weight: 7)])
    #expect(WeightedGraph(try AdjacencyMatrix(graph.matrix)) == graph)
  }

  @Test func badGraphsAreRejected() throws {
    #expect(throws: CajalError.self) { try WeightedGraph(count: 3, edges: [.init(0, 0)]) }
    #expect(throws: CajalError.self) { try WeightedGraph(count: 3, edges: [.init(0, 3)]) }
    #expect(throws: CajalError.self) { try WeightedGraph(count: 3, edges: [.init(0, 1), .init(1, 0)]) }
    #expect(throws: CajalError.self) { try WeightedGraph(count: 3, edges: [.init(0, 1, weight: .nan)]) }
    #expect(throws: CajalError.self) { try WeightedGraph(matrix: [[0, 1], [2, 0]]) }
    #expect(throws: CajalError.self) { try WeightedGraph(matrix: [[0, 1]]) }
    var generator = RandomGenerator(seed: 1)
    let empty = try WeightedGraph(count: 3, edges: [])
    #expect(throws: CajalError.self) { try WeightedSBM().fit(empty, using: &generator) }
    let negative = try WeightedGraph(count: 3, edges: [.init(0, 1, weight: -1), .init(1, 2)])
    #expect(throws: CajalError.self) { try WeightedSBM().fit(negative, using: &generator) }
    #expect(throws: Never.self) { try WeightedSBM(weights: .normal).fit(negative, using: &generator) }
    #expect(throws: CajalError.self) { try WeightedSBM().descriptionLength(empty, labels: [0]) }
  }
}
