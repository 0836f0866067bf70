import Support

/// A temporal convolutional network (Bai et al., 2018) without shortcuts: dilated causal convolutions with rectifiers, then a linear readout;
/// `[T, B, in]` -> `[T, B, out]`. An output sees its own step and those before.
public final class CausalConvolutions: Layer {
  public let layers: [Convolution]
  public let readout: Linear
  public let kernel: Int
  /// Steps between the taps of each layer.
  public let dilations: [Int]

  /// - Parameter dilations: One a layer.
  public init(
    _ inputs: Int, hidden: Int, _ outputs: Int, kernel: Int, dilations: [Int],
    using generator: inout RandomGenerator
  ) {
    precondition(kernel > 0 && !dilations.isEmpty, "kernels of \(kernel) taps, dilations \(dilations)")
    layers = dilations.enumerated().map { index, dilation in
      Convolution(
        index == 0 ? inputs : hidden, hidden, kernel: [kernel], .init(stride: 1, dilation: dilation),
        using: &generator)
    }
    readout = Linear(hidden, outputs, using: &generator)
    (self.kernel, self.dilations) = (kernel, dilations)
  }

  public override func callAsFunction(_ x: Tensor) -> Tensor {
    var value = x.permuted(1, 2, 0)
    for (layer, dilation) in zip(layers, dilations) {
      value = layer(value.padded([(kernel - 1) * dilation, 0])).relu()
    }
    return readout(value.permuted(2, 0, 1))
  }

  /// How many steps an output sees.
  public var receptiveField: Int { 1 + (kernel - 1) * dilations.reduce(0, +) }

  /// How many numbers a network of so many layers trains.
  public static func parameterCount(_ inputs: Int, hidden: Int, _ outputs: Int, kernel: Int, layers: Int)
    -> Int
  {
    hidden * (kernel * (inputs + (layers - 1) * hidden) + layers) + (hidden + 1) * outputs
  }
}
