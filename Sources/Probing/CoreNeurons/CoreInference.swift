import Foundation
import Models
import Support

/// Decoding with core neurons alone: a dense prompt chooses them, their weights are gathered once, and every later token
/// reads no others (CoreInfer, Wang et al., 2024).
public final class CoreInference {
  /// Where the core comes from.
  public enum Method: Sendable {
    /// From the prompt's own activity: for long, fluent prompts.
    case stability
    /// From the topic that the prompt belongs to: for short ones.
    case similarity(CoreClusters)
  }

  /// What preparing a prompt took.
  public struct Statistics: Sendable {
    /// The share of neurons that is kept, over all blocks.
    public var keptShare: Double
    /// The cluster that the prompt was found to belong to.
    public var cluster: Int?
    /// Seconds for the dense pass through the prompt, for choosing, and for gathering weights.
    public var promptSeconds: Double
    public var selectionSeconds: Double
    public var gatheringSeconds: Double
    /// Bytes of feed-forward weights that a token reads, and that it would read with all neurons.
    public var bytesPerToken: Int
    public var denseBytesPerToken: Int
  }

  /// What runs the model; it holds the prompt and what was written behind it.
  public let session: InferenceSession
  /// How neurons are chosen.
  public let selection: CoreSelection
  /// The blocks that become sparse; the others stay whole.
  public let blocks: Range<Int>
  /// Where the core comes from.
  public let method: Method
  /// The core of the last prompt.
  public private(set) var core: NeuronSet?

  /// - Parameter blocks: The paper leaves the first four whole.
  public init(
    _ session: InferenceSession, selection: CoreSelection, blocks: Range<Int>? = nil,
    method: Method = .stability
  ) {
    let count = session.model.configuration.blocks
    self.session = session
    self.selection = selection
    self.blocks = blocks ?? min(4, count)..<count
    self.method = method
  }

  /// Reads a prompt with all neurons, and chooses those that go on.
  ///
  /// A prompt of a single token chooses nothing: decoding stays dense.
  /// - Throws: `CajalError` when the prompt is empty or too long.
  @discardableResult
  public func prefill(_ prompt: [Int]) throws -> Statistics {
    let collector = CoreActivityCollector(session.model.configuration)
    session.core = nil
    session.rewind()
    session.observer = collector.observe
    defer { session.observer = nil }
    let clock = ContinuousClock()
    let promptTime = try clock.measure { try session.feed(prompt) }
    let activity = collector.taken()
    var (kept, cluster) = (NeuronSet?.none, Int?.none)
    let selectionTime = clock.measure {
      guard prompt.count > 1 else { return }
      switch method {
      case .stability: kept = activity.core(selection, in: blocks)
      case .similarity(let clusters):
        cluster = clusters.predict(
          activity.blocks[clusters.reference].withUnsafeBufferPointer {
            selection.scores($0, neurons: activity.neurons).scores
          })
        kept = clusters.cores[cluster!]
      }
    }
    let gatheringTime = try clock.measure { try adopt(kept) }
    return Statistics(
      keptShare: keptShare, cluster: cluster, promptSeconds: promptTime.inSeconds,
      selectionSeconds: selectionTime.inSeconds, gatheringSeconds: gatheringTime.inSeconds,
      bytesPerToken: session.core?.feedForwardBytesPerToken ?? session.model.feedForwardBytesPerToken,
      denseBytesPerToken: session.model.feedForwardBytesPerToken)
  }

  /// Goes on with a core that was chosen otherwise; with nil all neurons take part.
  ///
  /// - Throws: `CajalError` when there is no memory.
  public func adopt(_ core: NeuronSet?) throws {
    self.core = core
    session.core = try core.map { try session.coreWeights($0, blocks: blocks) }
  }

  /// The share of neurons that take part, over all blocks.
  public var keptShare: Double {
    let shape = session.model.configuration
    guard let counts = session.core?.counts else { return 1 }
    return Double(counts.reduce(0, +)) / Double(shape.blocks * shape.neurons)
  }

  /// Writes up to `limit` tokens behind the prompt.
  ///
  /// - Parameter onToken: Receives each token as it comes; false ends it.
  /// - Returns: The tokens, and the seconds that they took.
  public func decode(
    limit: Int, stops: Set<Int> = [], sampler: Sampler = .greedy, after prompt: [Int] = [],
    using generator: inout RandomGenerator, onToken: (Int) -> Bool = { _ in true }
  ) throws -> (tokens: [Int], seconds: Double) {
    var tokens: [Int] = []
    let clock = ContinuousClock()
    let start = clock.now
    while tokens.count < limit, session.position < session.capacity {
      let token =
        sampler == .greedy
        ? session.mostLikely : sampler.choose(session.logits, after: prompt + tokens, using: &generator)
      if stops.contains(token) { break }
      tokens.append(token)
      guard onToken(token) else { break }
      try session.feed([token])
    }
    return (tokens, (clock.now - start).inSeconds)
  }
}

extension InferenceSession {
  /// The gathered weights of chosen neurons in some blocks.
  ///
  /// - Throws: `CajalError` when there is no memory.
  public func coreWeights(_ core: NeuronSet, blocks: Range<Int>) throws -> CoreWeights {
    try CoreWeights(
      model, neurons: core.blocks.enumerated().map { blocks.contains($0) ? $1 : nil })
  }
}
