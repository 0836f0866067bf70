import Foundation
import Support

/// A small transformer over time: `[T, B, in]` -> `[T, B, out]`. Inputs are mapped to D features, a sinusoidal code of the step is added, then
/// blocks of attention and a feed-forward part, each normalised before and added to what came in.
public final class CausalTransformer: Layer {
  /// One block over `[B, T, D]`.
  public final class Block: Layer {
    public let norms: [LayerNorm]
    public let attention: MultiHeadAttention
    public let rise, fall: Linear
    fileprivate let isCausal: Bool

    init(_ features: Int, heads: Int, causal: Bool, using generator: inout RandomGenerator) {
      norms = [LayerNorm(features), LayerNorm(features)]
      attention = MultiHeadAttention(features, heads: heads, using: &generator)
      rise = Linear(features, 2 * features, using: &generator)
      fall = Linear(2 * features, features, using: &generator)
      isCausal = causal
    }

    public override func callAsFunction(_ x: Tensor) -> Tensor {
      let seen = x + attention(norms[0](x), causal: isCausal)
      return seen + fall(rise(norms[1](seen)).relu())
    }
  }

  public let embedding: Linear
  public let blocks: [Block]
  public let norm: LayerNorm
  public let readout: Linear

  /// - Parameter causal: Whether a step sees only those before.
  public init(
    _ inputs: Int, features: Int, heads: Int, _ outputs: Int, layers: Int, causal: Bool = true,
    using generator: inout RandomGenerator
  ) {
    embedding = Linear(inputs, features, using: &generator)
    blocks = (0..<layers).map { _ in Block(features, heads: heads, causal: causal, using: &generator) }
    norm = LayerNorm(features)
    readout = Linear(features, outputs, using: &generator)
  }

  public override func callAsFunction(_ x: Tensor) -> Tensor {
    let embedded = embedding(x) + Self.positions(x.size(0), embedding.weight.value.size(0)).unsqueezed(1)
    let final = blocks.reduce(embedded.transposed(0, 1)) { $1($0) }
    return readout(norm(final)).transposed(0, 1)
  }

  /// Sines and cosines of geometrically growing wavelengths, `[T, D]` (Vaswani et al., 2017).
  public static func positions(_ steps: Int, _ features: Int) -> Tensor {
    let values = (0..<steps).flatMap { step in
      (0..<features).map { feature -> Float in
        let angle = Double(step) / pow(10_000, Double(feature / 2 * 2) / Double(features))
        return Float(feature % 2 == 0 ? sin(angle) : cos(angle))
      }
    }
    return Tensor(values, shape: [steps, features])
  }

  /// How many numbers such a network trains.
  public static func parameterCount(_ inputs: Int, features: Int, _ outputs: Int, layers: Int) -> Int {
    let block = 4 * features * features + 4 * features + 4 * features + 4 * features * features + 3 * features
    return (inputs + 1) * features + layers * block + 2 * features + (features + 1) * outputs
  }
}
