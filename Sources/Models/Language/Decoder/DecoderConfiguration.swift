import Foundation
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
  /// What divides each rotary frequency, for models stretched to longer texts; empty for none.
  public var rotaryFactors: [Double] = []
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

  /// Radians a position, for each pair of a head: `base^(-2i/E)`, divided by its factor.
  public var rotaryFrequencies: [Double] {
    (0..<headWidth / 2).map { pair in
      pow(rotaryBase, -2 * Double(pair) / Double(headWidth))
        / (rotaryFactors.isEmpty ? 1 : rotaryFactors[pair])
    }
  }
}

extension DecoderConfiguration {
  /// - Throws: `CajalError` naming what does not fit together.
  func checked(_ source: String) throws -> DecoderConfiguration {
    func demand(_ condition: Bool, _ message: String) throws {
      guard condition else { throw CajalError("\(source): \(message)") }
    }
    let sizes = [vocabulary, width, blocks, heads, keyValueHeads, headWidth, neurons, contextLength]
    try demand(sizes.allSatisfy { (1...1 << 24).contains($0) }, "sizes \(sizes) are out of range")
    try demand(
      heads % keyValueHeads == 0, "\(heads) heads cannot share \(keyValueHeads) heads of keys and values")
    try demand(headWidth % 2 == 0, "heads of odd width \(headWidth) cannot be rotated")
    try demand(
      rotaryFactors.isEmpty || rotaryFactors.count == headWidth / 2,
      "\(rotaryFactors.count) rotary factors for \(headWidth / 2) pairs")
    try demand(normEpsilon > 0 && rotaryBase > 0, "epsilon \(normEpsilon) and rotary base \(rotaryBase)")
    return self
  }
}
