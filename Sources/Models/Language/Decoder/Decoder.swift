import Recordings
import Support
import Tensors

/// A decoder-only transformer in 32-bit floats, with gradients, every site tapped: the laboratory.
///
/// Sites, for block l from 0 (B texts, T positions): `embedding` `[B, T, D]`; `blocks.l.attention.pattern` `[B, H, T, T]`;
/// `blocks.l.attention.heads` `[B, T, H, E]`, before the output matrix; `blocks.l.attention` `[B, T, D]`, what attention
/// adds; `blocks.l.mlp.gate` `[B, T, N]`, before the nonlinearity; `blocks.l.mlp.gate.active`, silu of it;
/// `blocks.l.mlp.up` `[B, T, N]`; `blocks.l.mlp` `[B, T, N]`, the neurons: the product of both;
/// `blocks.l.mlp.output` `[B, T, D]`, what they add; `blocks.l.residual` `[B, T, D]`, the stream after the block;
/// `norm` `[B, T, D]`, the last one normalised; `logits` `[…, V]`. Without gate (``DecoderConfiguration/FeedForward/relu``)
/// `up` is before the nonlinearity and `mlp` behind it.
///
/// Paths of the parameters are Hugging Face's: `model.layers.3.mlp.gate_proj.weight`.
public final class Decoder: Module, @unchecked Sendable {
  public let configuration: DecoderConfiguration
  public let embedding: Parameter
  public let blocks: [DecoderBlock]
  public let norm: RMSNorm
  /// The output matrix `[V, D]`, where it is not the embedding.
  public let output: Parameter?
  private let rotation: RotaryTable

  public override var keys: [String: String] {
    [
      "embedding": "model.embed_tokens.weight", "blocks": "model.layers", "norm": "model.norm",
      "output": "lm_head.weight",
    ]
  }

  /// A fresh one with random weights, for training.
  public init(_ configuration: DecoderConfiguration, using generator: inout RandomGenerator) {
    let deviation = 0.02
    self.configuration = configuration
    embedding = Parameter(
      .normal([configuration.vocabulary, configuration.width], deviation: deviation, using: &generator))
    // What blocks add to the stream starts smaller the more of them there are (GPT-2's rule).
    let added = deviation / Double(2 * configuration.blocks).squareRoot()
    blocks = (0..<configuration.blocks).map { _ in
      DecoderBlock(configuration, deviation: deviation, addedDeviation: added, using: &generator)
    }
    norm = RMSNorm(configuration.width, epsilon: configuration.normEpsilon)
    output =
      configuration.tiesEmbedding
      ? nil
      : Parameter(
        .normal([configuration.vocabulary, configuration.width], deviation: deviation, using: &generator))
    rotation = RotaryTable(configuration)
  }

  /// One with given weights, under their Hugging Face names; `weight` is asked for every one of them.
  ///
  /// - Throws: What `weight` throws, and `CajalError` naming a weight of a wrong shape.
  public init(_ configuration: DecoderConfiguration, weight: (String) throws -> Tensor) throws {
    func checked(_ name: String, _ shape: [Int]) throws -> Tensor {
      let tensor = try weight(name)
      guard tensor.shape == shape else {
        throw CajalError("the weight '\(name)' has shape \(tensor.shape), expected \(shape)")
      }
      return tensor.to(.float32)
    }
    self.configuration = configuration
    let table = [configuration.vocabulary, configuration.width]
    embedding = Parameter(try checked("model.embed_tokens.weight", table))
    blocks = try (0..<configuration.blocks).map { block in
      try DecoderBlock(configuration) { try checked("model.layers.\(block).\($0)", $1) }
    }
    norm = RMSNorm(configuration.width, epsilon: configuration.normEpsilon)
    norm.weight.value = try checked("model.norm.weight", [configuration.width])
    output = configuration.tiesEmbedding ? nil : Parameter(try checked("lm_head.weight", table))
    rotation = RotaryTable(configuration)
  }

  /// The matrix `[V, D]` that makes logits of hidden states.
  public var outputMatrix: Tensor { (output ?? embedding).value }

  /// Logits `[B, T, V]` of tokens `[B, T]`.
  public func callAsFunction(_ tokens: Tensor) -> Tensor { logits(hidden(tokens)) }

  /// The residual stream after the last block, normalised: `[B, T, D]`. Right padding needs no mask: no
  /// position sees later ones.
  public func hidden(_ tokens: Tensor) -> Tensor {
    precondition(tokens.rank == 2, "tokens of shape \(tokens.shape), expected [B, T]")
    let mask = Self.causalMask(tokens.size(1))
    let table = rotation.upTo(tokens.size(1))
    var x = tap("embedding", embedding.value.embedding(tokens))
    for (index, block) in blocks.enumerated() {
      x = tap("blocks.\(index).residual", block(x, index: index, rotation: table, mask: mask))
    }
    return tap("norm", norm(x))
  }

  /// The logits `[…, V]` of hidden states `[…, D]`.
  public func logits(_ hidden: Tensor) -> Tensor { tap("logits", hidden.linear(outputMatrix)) }

  /// What is added to scores: 0 on and below the diagonal, -infinity above it; `[T, T]`.
  private static func causalMask(_ length: Int) -> Tensor {
    Tensor.full([length, length], -.infinity).upperTriangle(1)
  }
}
