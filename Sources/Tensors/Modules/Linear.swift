import Support

/// An affine map over the last axis: `[…, in]` -> `[…, out]`. Paths: `weight` `[out, in]`, `bias` `[out]`.
public final class Linear: Layer {
  public let weight: Parameter
  public let bias: Parameter?

  public init(
    _ inputs: Int, _ outputs: Int, bias: Bool = true, _ initialisation: Initialisation = .uniformFanIn,
    _ type: ElementType = .float32, using generator: inout RandomGenerator
  ) {
    weight = Parameter(
      initialisation.tensor([outputs, inputs], fanIn: inputs, fanOut: outputs, type, using: &generator))
    self.bias =
      bias
      ? Parameter(
        Initialisation.uniformFanIn.tensor([outputs], fanIn: inputs, fanOut: outputs, type, using: &generator)
      )
      : nil
  }

  public override func callAsFunction(_ x: Tensor) -> Tensor { x.linear(weight.value, bias?.value) }
}

/// Vectors for whole numbers: `[…]` -> `[…, dimension]`. Path: `weight` `[count, dimension]`.
public final class Embedding: Layer {
  public let weight: Parameter

  public init(_ count: Int, _ dimension: Int, using generator: inout RandomGenerator) {
    weight = Parameter(.normal([count, dimension], using: &generator))
  }

  public override func callAsFunction(_ indices: Tensor) -> Tensor { weight.value.embedding(indices) }
}
