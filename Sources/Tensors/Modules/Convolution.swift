import Support

/// A convolution over 1 to 3 spatial axes: `[B, in, …]` -> `[B, out, …]`.
///
/// Paths: `weight` `[out, in/groups, k…]` (transposed: `[in, out/groups, k…]`), `bias` `[out]`.
public final class Convolution: Layer {
  public let weight: Parameter
  public let bias: Parameter?
  public let shape: ConvolutionShape
  public let isTransposed: Bool

  /// - Parameter kernel: The extent along each spatial axis; their number decides between 1-D, 2-D and 3-D.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: [Int], _ shape: ConvolutionShape = .init(stride: 1),
    bias: Bool = true,
    transposed: Bool = false, _ initialisation: Initialisation = .uniformFanIn,
    _ type: ElementType = .float32,
    using generator: inout RandomGenerator
  ) {
    precondition(
      inputs % shape.groups == 0 && outputs % shape.groups == 0,
      "\(inputs) -> \(outputs) channels do not divide into \(shape.groups) groups")
    let area = kernel.reduce(1, *)
    let channels = transposed ? [inputs, outputs / shape.groups] : [outputs, inputs / shape.groups]
    let fanIn = channels[1] * area
    weight = Parameter(
      initialisation.tensor(
        channels + kernel, fanIn: fanIn, fanOut: channels[0] * area, type, using: &generator))
    self.bias =
      bias
      ? Parameter(
        Initialisation.uniformFanIn.tensor([outputs], fanIn: fanIn, fanOut: outputs, type, using: &generator))
      : nil
    self.shape = shape
    isTransposed = transposed
  }

  /// A two-dimensional convolution with a square kernel.
  public convenience init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    groups: Int = 1, bias: Bool = true, _ initialisation: Initialisation = .uniformFanIn,
    _ type: ElementType = .float32, using generator: inout RandomGenerator
  ) {
    self.init(
      inputs, outputs, kernel: [kernel, kernel],
      ConvolutionShape(stride: stride, padding: padding, dilation: dilation, groups: groups), bias: bias,
      initialisation, type, using: &generator)
  }

  public override func callAsFunction(_ x: Tensor) -> Tensor {
    isTransposed
      ? x.transposedConvolution(weight.value, bias?.value, shape)
      : x.convolution(weight.value, bias?.value, shape)
  }
}
