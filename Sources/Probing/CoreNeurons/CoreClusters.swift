import Statistics
import Support

/// Topics of a corpus with a core set each: for prompts too short to have a stable core of their own
/// (CoreInfer's similarity-guided prediction).
public struct CoreClusters: Sendable {
  /// A text of the corpus.
  public struct Text: Sendable {
    /// What its neurons are ranked by, in every block.
    public var scores: [[Double]]
    /// Its topic, where known.
    public var label: String?

    /// - Parameter scores: `[blocks][N]`, from ``CoreActivity/scores(_:)``.
    public init(scores: [[Double]], label: String? = nil) {
      self.scores = scores
      self.label = label
    }
  }

  /// How texts become groups.
  public enum Grouping: Sendable {
    /// By their labels.
    case labels
    /// By k-means of the multi-hot vectors of the cores at the reference block; with nil the number of groups is
    /// that at the elbow of 1…10.
    case kMeans(Int?)
  }

  /// The block whose core tells topics apart.
  public let reference: Int
  /// `[clusters][N]`: the mean multi-hot vector of the texts.
  public let centroids: [[Double]]
  /// What the clusters are called.
  public let names: [String]
  /// The cluster of each text of the corpus.
  public let assigned: [Int]
  /// The core of each cluster.
  public let cores: [NeuronSet]
  private let selection: CoreSelection

  /// - Parameter gamma: The share of the neurons with a score that a cluster keeps, at most that of all neurons.
  /// - Throws: `CajalError` when texts are missing, or labels where they are needed.
  public init(
    fitting texts: [Text], reference: Int, selection: CoreSelection, gamma: Double, by grouping: Grouping,
    using generator: inout RandomGenerator
  ) throws {
    guard let first = texts.first else { throw CajalError("a corpus without texts has no clusters") }
    precondition(first.scores.indices.contains(reference), "block \(reference) of \(first.scores.count)")
    let hot = texts.map { Self.multiHot($0.scores[reference], selection) }
    let names: [String]
    let groups: [Int]
    switch grouping {
    case .labels:
      guard texts.allSatisfy({ $0.label != nil }) else {
        throw CajalError("clusters by label need a label for each of the \(texts.count) texts")
      }
      names = Set(texts.map { $0.label! }).sorted()
      groups = texts.map { names.firstIndex(of: $0.label!)! }
    case .kMeans(let count):
      let most = min(10, texts.count)
      let counts =
        count
        ?? KMeans.elbow(
          (1...most).map { KMeans.fit(hot, count: $0, using: &generator).inertia }, least: min(4, most))
      guard counts <= texts.count else { throw CajalError("\(counts) clusters of \(texts.count) texts") }
      groups = KMeans.fit(hot, count: counts, using: &generator).labels
      names = (0..<counts).map { "cluster \($0 + 1)" }
    }
    self.reference = reference
    self.selection = selection
    self.names = names
    assigned = groups
    let members = names.indices.map { cluster in groups.indices.filter { groups[$0] == cluster } }
    centroids = members.map { $0.isEmpty ? hot[0].map { _ in .infinity } : KMeans.mean($0.map { hot[$0] }) }
    cores = members.map { Self.core($0.map { texts[$0].scores }, gamma, blocks: first.scores.count) }
  }

  /// The cluster that a prompt belongs to, by its scores at the reference block.
  public func predict(_ scores: [Double]) -> Int {
    KMeans.nearest(Self.multiHot(scores, selection), centroids)
  }

  /// 1 for core neurons, 0 for others.
  static func multiHot(_ scores: [Double], _ selection: CoreSelection) -> [Double] {
    var vector = [Double](repeating: 0, count: scores.count)
    for neuron in selection.chosen(by: scores) { vector[neuron] = 1 }
    return vector
  }

  private static func core(_ texts: [[[Double]]], _ gamma: Double, blocks: Int) -> NeuronSet {
    NeuronSet(
      blocks: (0..<blocks).map { block in
        guard let first = texts.first else { return [] }
        var sums = [Double](repeating: 0, count: first[block].count)
        for text in texts { for neuron in sums.indices { sums[neuron] += text[block][neuron] } }
        let counted = sums.count { $0 > 0 }
        let kept = min(Int(Double(counted) * gamma), Int(Double(sums.count) * gamma))
        return LargestPositions.of(sums, count: kept)
      })
  }
}
