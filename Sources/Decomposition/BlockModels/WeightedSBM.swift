import Foundation
import Statistics
import Support

/// Communities of a weighted graph by a stochastic block model: the partition, and its groups of groups, that describe edges and
/// weights most briefly (Peixoto, 2014, 2017 and 2018; Dyballa et al., 2024, section 3).
///
/// ```swift
/// var generator = RandomGenerator(seed: 1)
/// let fit = try WeightedSBM().fit(WeightedGraph(matrix: affinities, above: 0.05), using: &generator)
/// print(fit.groups, fit.labels, fit.descriptionLength.total)
/// ```
/// Communities need not be denser inside: any pattern of edges or weights between groups counts. A single group is a legitimate
/// answer: it says that no structure is worth its description.
public struct WeightedSBM: Sendable {
  /// Whether nodes of a group may differ in degree.
  public enum Kind: String, Sendable, CaseIterable {
    case degreeCorrected
    case notDegreeCorrected
    /// The one with the shorter description.
    case automatic
  }

  /// How weights are distributed within a pair of groups; parameters are integrated out.
  public enum Weights: String, Sendable, CaseIterable {
    case none
    /// Positive weights: exponential, with a Gamma(1, mean weight) prior on the rate.
    case exponential
    /// Any weights: normal, with a normal-inverse-gamma prior around their mean and variance.
    case normal
  }

  public var kind: Kind
  public var weights: Weights
  /// Whether groups are grouped in turn; finds more and smaller groups than a flat model.
  public var isNested: Bool
  /// Random starts, beside those from single nodes, from one group and from spectral clustering.
  public var restarts: Int
  /// The most groups that spectral starts have.
  public var spectralGroups: Int

  public init(
    kind: Kind = .automatic, weights: Weights = .exponential, isNested: Bool = true, restarts: Int = 10,
    spectralGroups: Int = 15
  ) {
    precondition(
      restarts >= 0 && spectralGroups >= 1, "\(restarts) restarts, \(spectralGroups) spectral groups")
    self.kind = kind
    self.weights = weights
    self.isNested = isNested
    self.restarts = restarts
    self.spectralGroups = spectralGroups
  }

  /// What was found.
  public struct Fit: Sendable, Equatable {
    public let isDegreeCorrected: Bool
    /// The group of every node, level by level, the finest first; as many as are worth it, at least one.
    public let levels: [[Int]]
    public let descriptionLength: DescriptionLength
    /// The shortest flat description found for each number of groups on the way from single nodes to one group.
    public let profile: [(groups: Int, descriptionLength: Double)]
    /// The description length of the other kind, where both were tried.
    public let otherKind: Double?

    /// The group of every node.
    public var labels: [Int] { levels[0] }
    public var groups: Int { Set(labels).count }

    public static func == (a: Fit, b: Fit) -> Bool {
      a.isDegreeCorrected == b.isDegreeCorrected && a.levels == b.levels
        && a.descriptionLength == b.descriptionLength && a.otherKind == b.otherKind
        && a.profile.map(\.groups) == b.profile.map(\.groups)
        && a.profile.map(\.descriptionLength) == b.profile.map(\.descriptionLength)
    }
  }

  /// The best partition of several starts, in parallel.
  ///
  /// - Parameter generator: Results do not depend on the number of threads.
  /// - Throws: `CajalError` for a graph without edges, or exponential weights that are not positive.
  public func fit(_ graph: WeightedGraph, using generator: inout RandomGenerator) throws -> Fit {
    let prior = try prior(graph)
    let starts = starts(graph, &generator)
    let own = generator
    _ = generator.next()
    let kinds = kind == .automatic ? [true, false] : [kind == .degreeCorrected]
    let fits = kinds.enumerated().map { index, isCorrected in
      fit(graph, BlockTerms(graph, isDegreeCorrected: isCorrected, weights: prior), starts, own.split(index))
    }
    guard fits.count > 1 else { return fits[0] }
    let (a, b) = (fits[0], fits[1])
    let isFirst = a.descriptionLength.total < b.descriptionLength.total
    let (best, other) = isFirst ? (a, b) : (b, a)
    return Fit(
      isDegreeCorrected: best.isDegreeCorrected, levels: best.levels,
      descriptionLength: best.descriptionLength, profile: best.profile,
      otherKind: other.descriptionLength.total)
  }

  /// The description length of a given flat partition, by this model; degree-corrected unless the kind says otherwise.
  ///
  /// - Parameters:
  ///   - labels: The group of every node.
  ///   - alpha, beta: The Gamma prior of exponential weights; 1 and the mean weight unless given.
  /// - Throws: `CajalError` as ``fit(_:using:)``, or when there is not a label for every node.
  public func descriptionLength(
    _ graph: WeightedGraph, labels: [Int], alpha: Double? = nil, beta: Double? = nil
  ) throws -> DescriptionLength {
    guard labels.count == graph.count else {
      throw CajalError("\(labels.count) labels for \(graph.count) nodes")
    }
    var prior = try prior(graph)
    if case .exponential(let usualAlpha, let usualBeta) = prior {
      prior = .exponential(alpha: alpha ?? usualAlpha, beta: beta ?? usualBeta)
    }
    let terms = BlockTerms(graph, isDegreeCorrected: kind != .notDegreeCorrected, weights: prior)
    return DescriptionLength(graph, terms, labels: labels)
  }

  private func prior(_ graph: WeightedGraph) throws -> BlockWeights {
    guard !graph.edges.isEmpty else { throw CajalError("a graph of \(graph.count) nodes without edges") }
    let values = graph.edges.map(\.weight)
    let mean = values.reduce(0, +) / Double(values.count)
    switch weights {
    case .none: return .none
    case .exponential:
      if let wrong = graph.edges.first(where: { $0.weight <= 0 }) {
        throw CajalError(
          "edge (\(wrong.a), \(wrong.b)) has the weight \(wrong.weight); exponential weights are positive")
      }
      return .exponential(alpha: 1, beta: mean)
    case .normal:
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      return .normal(mean: mean, kappa: 1, alpha: 2, beta: max(variance, 1e-12))
    }
  }

  /// Partitions to climb from, after that from single nodes.
  private func starts(_ graph: WeightedGraph, _ generator: inout RandomGenerator) -> [[Int]] {
    var starts = [[Int](repeating: 0, count: graph.count)]
    let most = min(spectralGroups, graph.count / 2)
    if most > 1 {
      let spectral = SpectralClustering(graph)
      for groups in 2...most {
        starts.append(spectral.groups(groups, restarts: 1, iterations: 50, using: &generator))
      }
    }
    let limit = max(2, Int(Double(graph.count).squareRoot()))
    for _ in 0..<restarts {
      let groups = 2 + generator.integer(below: limit)
      starts.append((0..<graph.count).map { _ in generator.integer(below: groups) })
    }
    return starts
  }
}

// One kind of model.
extension WeightedSBM {
  private struct Climbed: Sendable {
    let logProbability: Double
    let labels: [Int]
    let profile: BlockSearch.Profile
  }

  private func fit(
    _ graph: WeightedGraph, _ terms: BlockTerms, _ starts: [[Int]], _ generator: RandomGenerator
  ) -> Fit {
    let rows = graph.matrix.flatMap { $0 }
    let climbed = parallelMap(starts.count + 1) { index -> Climbed in
      let isFromNodes = index == 0
      let state = BlockState(graph, terms, labels: isFromNodes ? Array(0..<graph.count) : starts[index - 1])
      var search = BlockSearch(state, rows: rows, generator.split(index))
      let profile = isFromNodes ? search.agglomerate() : [:]
      if isFromNodes {
        let best = profile.max { ($0.value.logProbability, $1.key) < ($1.value.logProbability, $0.key) }!
        state.assign(best.value.labels)
      }
      search.climb()
      return Climbed(logProbability: state.logProbability, labels: state.labels, profile: profile)
    }
    let best = climbed.indices.max {
      (climbed[$0].logProbability, $1) < (climbed[$1].logProbability, $0)
    }!
    let nested = isNested ? nested(graph, terms, climbed, rows, generator.split(-1)) : nil
    let labels = LevelSearch.compact(nested?.labels ?? climbed[best].labels)
    let levels = nested.map { LevelSearch(terms).levels(Self.counts(graph, $0.labels)) }
    let constant = terms.isDegreeCorrected ? graph.degrees.reduce(0) { $0 + terms.lnFactorial($1) } : 0
    return Fit(
      isDegreeCorrected: terms.isDegreeCorrected,
      levels: Self.composed(labels, levels ?? []),
      descriptionLength: DescriptionLength(graph, terms, labels: labels, levels: levels),
      profile: Self.profile(climbed, constant), otherKind: nil)
  }

  private static func profile(_ climbed: [Climbed], _ constant: Double) -> [(
    groups: Int, descriptionLength: Double
  )] {
    var best = climbed[0].profile.mapValues(\.logProbability)
    for entry in climbed {
      let groups = Set(entry.labels).count
      best[groups] = max(best[groups] ?? -.infinity, entry.logProbability)
    }
    return best.keys.sorted().map { ($0, -best[$0]! - constant) }
  }

  /// The best nested model that is reached from the most promising of all partitions met, flat or not.
  private func nested(
    _ graph: WeightedGraph, _ terms: BlockTerms, _ climbed: [Climbed], _ rows: [Double],
    _ generator: RandomGenerator
  ) -> (labels: [Int], logProbability: Double) {
    let onTheWay = climbed[0].profile.keys.sorted().filter { $0 <= 40 }.map { climbed[0].profile[$0]!.labels }
    var seen = Set<[Int]>()
    let candidates = (climbed.map(\.labels) + onTheWay).map(LevelSearch.compact).filter {
      seen.insert($0).inserted
    }
    let values = parallelMap(candidates.count) { index in
      let levels = LevelSearch(terms).levels(Self.counts(graph, candidates[index]))
      return -DescriptionLength(graph, terms, labels: candidates[index], levels: levels).total
    }
    let promising = candidates.indices.sorted { (values[$0], $1) > (values[$1], $0) }.prefix(4)
    let chosen = Array(promising)
    let reached = parallelMap(chosen.count) { index in
      nest(graph, terms, candidates[chosen[index]], rows, generator.split(index))
    }
    return reached[
      reached.indices.max { (reached[$0].logProbability, $1) < (reached[$1].logProbability, $0) }!]
  }

  /// Climbs on with the levels above as the prior of edge counts, levels and partition in turn.
  private func nest(
    _ graph: WeightedGraph, _ terms: BlockTerms, _ labels: [Int], _ rows: [Double],
    _ generator: RandomGenerator
  ) -> (labels: [Int], logProbability: Double) {
    var best = (labels: labels, logProbability: -Double.infinity)
    for round in 0..<4 {
      let start = LevelSearch.compact(best.labels)
      let levels = LevelSearch(terms).levels(Self.counts(graph, start))
      // Slots without members take the first parent until they are adopted.
      let parents = levels[0] + [Int](repeating: 0, count: graph.count + 1 - levels[0].count)
      let state = BlockState(
        graph, terms, labels: start,
        upper: UpperLevels(terms, parents: parents, higher: Array(levels.dropFirst())))
      if state.logProbability > best.logProbability { best = (start, state.logProbability) }
      var search = BlockSearch(state, rows: rows, generator.split(round))
      search.climb()
      guard state.logProbability > best.logProbability + 1e-8 else { break }
      best = (state.labels, state.logProbability)
    }
    return best
  }

  /// `[B][B]` edges between groups, numbered in order of their first use; inner ones once.
  private static func counts(_ graph: WeightedGraph, _ labels: [Int]) -> [[Int]] {
    let labels = LevelSearch.compact(labels)
    let groups = labels.max()! + 1
    var counts = [[Int]](repeating: [Int](repeating: 0, count: groups), count: groups)
    for edge in graph.edges {
      let (r, s) = (labels[edge.a], labels[edge.b])
      counts[r][s] += 1
      if r != s { counts[s][r] += 1 }
    }
    return counts
  }

  /// The group of every node at each level; the topmost with its single group only where it is the only one.
  private static func composed(_ labels: [Int], _ levels: [[Int]]) -> [[Int]] {
    var composed = [labels]
    for map in levels where Set(map).count > 1 {
      composed.append(composed.last!.map { map[$0] })
    }
    return composed
  }
}
