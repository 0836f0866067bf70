import Support

/// The shape of a decoder-only transformer of the Llama family.
public struct DecoderConfiguration: Sendable, Equatable, Codable {
  /// How the two halves of a rotated pair lie in a head: next to each other (GGUF) or half a head apart (Hugging Face).
  public enum RotaryPairing: String, Sendable, Codable { case adjacent, halves }
  /// What a neuron of the feed-forward part computes: `silu(gate) · up` (SwiGLU), or `relu(up)` without gate.
  public enum FeedForward: String, Sendable, Codable { case swiGLU, relu }

  /// V: how many tokens there are.
  public var vocabulary: Int
  /// D: the width of the residual stream.
  public var width: Int
  /// L: how many blocks.
  public var blocks: Int
  /// H: query heads a block.
  public var heads: Int
  /// Heads that keys and values have; each serves `heads / keyValueHeads` query heads.
  public var keyValueHeads: Int
  /// E: the width of a head.
  public var headWidth: Int
  /// N: neurons of the feed-forward part of a block.
  public var neurons: Int
  public var normEpsilon: Double
  /// The base of the rotary frequencies.
  public var rotaryBase: Double
  public var rotaryPairing: RotaryPairing
  public var feedForward: FeedForward
  /// The longest text in tokens that the model was made for.
  public var contextLength: Int
  /// Whether the embedding serves as the output matrix too.
  public var tiesEmbedding: Bool

  public init(
    vocabulary: Int, width: Int, blocks: Int, heads: Int, keyValueHeads: Int? = nil, headWidth: Int? = nil,
    neurons: Int, normEpsilon: Double = 1e-5, rotaryBase: Double = 10_000,
    rotaryPairing: RotaryPairing = .halves, feedForward: FeedForward = .swiGLU, contextLength: Int = 2_048,
    tiesEmbedding: Bool = true
  ) {
    self.vocabulary = vocabulary
    self.width = width
    self.blocks = blocks
    self.heads = heads
    self.keyValueHeads = keyValueHeads ?? heads
    self.headWidth = headWidth ?? width / heads
    self.neurons = neurons
    self.normEpsilon = normEpsilon
    self.rotaryBase = rotaryBase
    self.rotaryPairing = rotaryPairing
    self.feedForward = feedForward
    self.contextLength = contextLength
    self.tiesEmbedding = tiesEmbedding
  }
}
