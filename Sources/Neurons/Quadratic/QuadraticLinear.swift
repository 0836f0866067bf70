import Support
import Tensors

/// Dense quadratic neurons: `[…, in]` -> `[…, out]`.
///
/// `(x W_r^T + b_r) ⊙ (x W_g^T + b_g) + (x⊙x) W_b^T + c` (Fan et al., 2021), without an activation function.
/// Inputs `[B, in]` of the full kind take a fused kernel, whose gradients cannot be differentiated once more.
/// Paths: `regular.weight` `[out, in]`, `regular.bias` `[out]`, likewise `gate` and `square`; `form` `[out, in, in]`.
///
/// ```swift
/// var generator = RandomGenerator(seed: 1)
/// let layer = QuadraticLinear(30, 16, using: &generator)      // starts as Linear(30, 16)
/// let same = QuadraticLinear(from: trainedLinearLayer)        // computes what the trained layer computes
/// ```
public final class QuadraticLinear: Layer, QuadraticNeurons {
  public let kind: QuadraticKind
  public let regular: Linear
  public let gate: Linear?
  public let square: Linear?
  /// The matrices A of ``QuadraticKind/quadraticForm``.
  public let form: Parameter?

  public init(
    _ inputs: Int, _ outputs: Int, kind: QuadraticKind = .full,
    _ initialisation: QuadraticInitialisation = .reLinear(), _ type: ElementType = .float32,
    using generator: inout RandomGenerator
  ) {
    self.kind = kind
    (regular, gate, square) = kind.branches(initialisation, using: &generator) { start, bias, generator in
      Linear(inputs, outputs, bias: bias, start, type, using: &generator)
    }
    form =
      kind == .quadraticForm
      ? Parameter(
        initialisation.quadratic.tensor(
          [outputs, inputs, inputs], fanIn: inputs * inputs, fanOut: outputs, type, using: &generator)) : nil
    super.init()
    startQuadraticTerms(initialisation)
  }

  /// A layer that computes exactly what the conventional `layer` computes.
  public convenience init(from layer: Linear, kind: QuadraticKind = .full) {
    let shape = layer.weight.value.shape
    var unused = RandomGenerator(seed: 0)
    self.init(
      shape[1], shape[0], kind: kind, .reLinear(.constant(0)), layer.weight.value.elementType, using: &unused)
    takeRegular(layer)
  }

  public override func callAsFunction(_ x: Tensor) -> Tensor {
    if let form { return regular(x) + Self.quadraticForm(x, form.value) }
    if QuadraticKernel.applies(self, to: x) { return QuadraticKernel.forward(self, x) }
    return combined(x)
  }

  /// `x^T A_j x` for every neuron j: `[…, n]`, `[m, n, n]` -> `[…, m]`.
  private static func quadraticForm(_ x: Tensor, _ matrices: Tensor) -> Tensor {
    let products = x.unsqueezed(-1) * x.unsqueezed(-2)
    return products.flattened(from: x.rank - 1).linear(matrices.flattened(from: 1))
  }
}
