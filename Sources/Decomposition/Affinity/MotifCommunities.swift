import Support

/// Communities of neurons in one motif: its pair affinities as a weighted graph, partitioned by a block model.
///
/// Weak edges hide a small community in a large population, and how many to leave out is not known beforehand: several
/// thresholds are tried, and the partition with the shortest description per edge is taken (Dyballa et al., 2024, section 3; the scan is
/// of the sheet).
public struct MotifCommunities: Sendable, Equatable {
  /// What one threshold gives.
  public struct Attempt: Sendable, Equatable {
    /// Edges below this share of the largest are left out.
    public let threshold: Double
    public let edges: Int
    public let fit: WeightedSBM.Fit
    /// Nats for every edge.
    public var lengthPerEdge: Double { fit.descriptionLength.total / Double(edges) }
  }

  public let attempts: [Attempt]
  /// The position of the attempt that is taken.
  public let chosen: Int
  public var fit: WeightedSBM.Fit { attempts[chosen].fit }
  /// The community of every neuron.
  public var labels: [Int] { fit.labels }
  /// Whether any threshold shows more than one community.
  public var hasStructure: Bool { attempts.contains { $0.fit.groups > 1 } }

  /// - Parameters:
  ///   - affinities: Of all pairs.
  ///   - thresholds: Shares of the largest affinity.
  /// - Throws: `CajalError` when no affinity is above 0.
  public init(
    _ affinities: [Double], _ pairs: NeuronPairs, thresholds: [Double] = [0.02, 0.05, 0.1, 0.2],
    model: WeightedSBM = WeightedSBM(), using generator: inout RandomGenerator
  ) throws {
    precondition(!thresholds.isEmpty, "no thresholds")
    let graphs = try thresholds.map { try Self.graph(affinities, pairs, threshold: $0) }
    var attempts: [Attempt] = []
    for (threshold, graph) in zip(thresholds, graphs) {
      attempts.append(
        Attempt(
          threshold: threshold, edges: graph.edges.count, fit: try model.fit(graph, using: &generator)))
    }
    self.attempts = attempts
    // One community is an answer only where every threshold says so.
    let structured = attempts.indices.filter { attempts[$0].fit.groups > 1 }
    chosen = (structured.isEmpty ? Array(attempts.indices) : structured).min {
      (attempts[$0].lengthPerEdge, $0) < (attempts[$1].lengthPerEdge, $1)
    }!
  }

  /// The graph of the affinities from a share of the largest up.
  ///
  /// - Throws: `CajalError` when no affinity is above 0.
  public static func graph(
    _ affinities: [Double], _ pairs: NeuronPairs, threshold: Double
  ) throws -> WeightedGraph {
    precondition(affinities.count == pairs.count, "\(affinities.count) affinities of \(pairs.count) pairs")
    let largest = affinities.max() ?? 0
    guard largest > 0 else { throw CajalError("a motif without any affinity above 0") }
    let limit = threshold * largest
    return try WeightedGraph(
      count: pairs.neurons,
      edges: zip(pairs.all, affinities).filter { $1 >= limit && $1 > 0 }
        .map { .init($0.0, $0.1, weight: $1 / largest) })
  }
}
