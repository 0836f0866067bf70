import Support
import Tensors

/// Convolutions of quadratic neurons: `[B, in, …]` -> `[B, out, …]`.
///
/// `conv_r(x) ⊙ conv_g(x) + conv_b(x⊙x)`, three convolutions of one geometry, each with a bias (Fan et al., 2021). The
/// square is taken before padding; zeros stay zeros. Paths: those of ``QuadraticLinear``, weights `[out, in, k…]`.
public final class QuadraticConvolution: Layer, QuadraticNeurons {
  public let kind: QuadraticKind
  public let regular: Convolution
  public let gate: Convolution?
  public let square: Convolution?

  /// - Parameter kernel: The extent along each spatial axis; their number decides between 1-D, 2-D and 3-D.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: [Int], _ shape: ConvolutionShape = .init(stride: 1),
    kind: QuadraticKind = .full, _ initialisation: QuadraticInitialisation = .reLinear(),
    _ type: ElementType = .float32, using generator: inout RandomGenerator
  ) {
    precondition(kind != .quadraticForm, "a full quadratic form is for dense layers only")
    self.kind = kind
    (regular, gate, square) = kind.branches(initialisation, using: &generator) { start, bias, generator in
      Convolution(inputs, outputs, kernel: kernel, shape, bias: bias, start, type, using: &generator)
    }
    super.init()
    startQuadraticTerms(initialisation)
  }

  /// A two-dimensional convolution with a square kernel.
  public convenience init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    kind: QuadraticKind = .full,
    _ initialisation: QuadraticInitialisation = .reLinear(), _ type: ElementType = .float32,
    using generator: inout RandomGenerator
  ) {
    self.init(
      inputs, outputs, kernel: [kernel, kernel], .init(stride: stride, padding: padding), kind: kind,
      initialisation, type, using: &generator)
  }

  /// A layer that computes exactly what the conventional `layer` computes.
  public convenience init(from layer: Convolution, kind: QuadraticKind = .full) {
    precondition(!layer.isTransposed, "a transposed convolution has no quadratic counterpart here")
    let weight = layer.weight.value
    var unused = RandomGenerator(seed: 0)
    self.init(
      weight.size(1) * layer.shape.groups, weight.size(0), kernel: Array(weight.shape[2...]), layer.shape,
      kind: kind, .reLinear(.constant(0)), weight.elementType, using: &unused)
    takeRegular(layer)
  }

  public override func callAsFunction(_ x: Tensor) -> Tensor {
    guard let gate, regular.shape.groups == 1 else { return combined(x) }
    let product = product(x, gate)
    return square.map { product + $0(x.square()) } ?? product
  }

  /// `conv_r(x) ⊙ conv_g(x)`, both in one convolution: the input is read once and vectors are filled better.
  private func product(_ x: Tensor, _ gate: Convolution) -> Tensor {
    let weight = Tensor.concatenated([regular.weight.value, gate.weight.value])
    let bias = Tensor.concatenated([regular.bias!.value, gate.bias!.value])
    let both = x.convolution(weight, bias, regular.shape)
    let outputs = regular.weight.value.size(0)
    return both.narrowed(1, from: 0, to: outputs) * both.narrowed(1, from: outputs, to: 2 * outputs)
  }
}
