import Recordings
import Support
import Tensors

/// A decoder-only transformer in 32-bit floats, with gradients, every site tapped: the laboratory.
///
/// Sites, for block l from 0 (`[B, T, …]`; B texts, T positions):
/// `embedding` [D]; `blocks.l.residual` [D], the residual stream after the block; `blocks.l.attention.pattern` `[B, H, T, T]`;
/// `blocks.l.attention.heads` `[B, T, H, E]`, before the output matrix; `blocks.l.attention` [D], what attention adds;
/// `blocks.l.mlp.gate` [N], before the nonlinearity; `blocks.l.mlp.gate.active` [N], silu of it; `blocks.l.mlp.up` [N];
/// `blocks.l.mlp` [N], the neurons; `blocks.l.mlp.output` [D], what they add; `logits` [V].
public final class Decoder: Module, @unchecked Sendable {
  public let configuration: DecoderConfiguration

  /// A fresh one with random weights, for training.
  public init(_ configuration: DecoderConfiguration, using generator: inout RandomGenerator) {
    self.configuration = configuration
  }

  /// Logits `[B, T, V]` of tokens `[B, T]`.
  public func callAsFunction(_ tokens: Tensor) -> Tensor { logits(hidden(tokens)) }

  /// The residual stream after the last block, normalised: `[B, T, D]`. Right padding needs no mask: no
  /// position sees later ones.
  public func hidden(_ tokens: Tensor) -> Tensor { fatalError() }

  /// The logits `[…, V]` of hidden states `[…, D]`.
  public func logits(_ hidden: Tensor) -> Tensor { fatalError() }
}
