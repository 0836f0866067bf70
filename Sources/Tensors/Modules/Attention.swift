import Support

/// Multi-head attention (Vaswani et al., 2017) over `[B, T, D]`.
///
/// Paths as PyTorch's: `in_proj_weight` `[3D, D]`, `in_proj_bias`, `out_proj.weight`, `out_proj.bias`.
public final class MultiHeadAttention: Module {
  public let inProjectionWeight: Parameter
  public let inProjectionBias: Parameter
  public let outProjection: Linear
  public let heads: Int

  public init(_ features: Int, heads: Int, using generator: inout RandomGenerator) {
    precondition(features % heads == 0, "\(features) features do not divide into \(heads) heads")
    inProjectionWeight = Parameter(
      Initialisation.xavierUniform.tensor(
        [3 * features, features], fanIn: features, fanOut: 3 * features, using: &generator))
    inProjectionBias = Parameter(.zeros([3 * features]))
    outProjection = Linear(features, features, using: &generator)
    self.heads = heads
  }

  public override var keys: [String: String] {
    [
      "inProjectionWeight": "in_proj_weight", "inProjectionBias": "in_proj_bias", "outProjection": "out_proj",
    ]
  }

  /// Attention of `queries` over `keys` and `values` (themselves by default); `mask` is added to the scores.
  public func callAsFunction(
    _ queries: Tensor, keys: Tensor? = nil, values: Tensor? = nil, mask: Tensor? = nil, causal: Bool = false
  ) -> Tensor {
    let sources = [queries, keys ?? queries, values ?? keys ?? queries]
    let features = queries.size(-1)
    let projected = sources.enumerated().map { part, source in
      let range = part * features..<(part + 1) * features
      return split(source.linear(inProjectionWeight.value[range], inProjectionBias.value[range]))
    }
    let mixed = projected[0].attention(keys: projected[1], values: projected[2], mask: mask, causal: causal)
    return outProjection(mixed.transposed(1, 2).reshaped(queries.shape))
  }

  /// `[B, T, D]` -> `[B, heads, T, D/heads]`.
  private func split(_ x: Tensor) -> Tensor {
    x.reshaped(x.size(0), x.size(1), heads, x.size(2) / heads).transposed(1, 2)
  }
}
