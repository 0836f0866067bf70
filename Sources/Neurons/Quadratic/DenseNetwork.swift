import Recordings
import Support
import Tensors

/// What the hidden neurons of a network are.
public enum NeuronChoice: Sendable {
  case conventional(Initialisation = .kaimingNormal())
  case quadratic(QuadraticKind = .full, QuadraticInitialisation = .reLinear())
}

/// A multilayer network of quadratic or conventional neurons with ReLU: `[B, in]` -> `[B, out]`.
///
/// The last layer is conventional. Sites of the tap: `hidden.0`, `hidden.1`, … after the activation function.
public final class DenseNetwork: Layer {
  public let hidden: [Layer]
  public let output: Linear
  private let activation: @Sendable (Tensor) -> Tensor

  /// - Parameters:
  ///   - widths: From the inputs to the outputs: `[784, 64, 64, 10]` has two hidden layers.
  ///   - activation: Of the hidden neurons; pass the identity for a polynomial network.
  public init(
    _ widths: [Int], _ neurons: NeuronChoice, _ type: ElementType = .float32,
    activation: @escaping @Sendable (Tensor) -> Tensor = { $0.relu() }, using generator: inout RandomGenerator
  ) {
    precondition(widths.count >= 2, "a network needs an input and an output width, not \(widths)")
    hidden = (0..<widths.count - 2).map { index in
      neurons.dense(widths[index], widths[index + 1], type, using: &generator)
    }
    output = Linear(
      widths[widths.count - 2], widths[widths.count - 1], bias: true, .uniformFanIn, type, using: &generator)
    self.activation = activation
  }

  private init(hidden: [Layer], output: Linear, activation: @escaping @Sendable (Tensor) -> Tensor) {
    (self.hidden, self.output, self.activation) = (hidden, output, activation)
  }

  /// A network of quadratic neurons that computes exactly what this conventional one computes.
  public func quadratic(_ kind: QuadraticKind = .full) -> DenseNetwork {
    let converted = hidden.map { layer -> Layer in
      guard let linear = layer as? Linear else { return layer }
      return QuadraticLinear(from: linear, kind: kind)
    }
    return DenseNetwork(hidden: converted, output: output.copied(), activation: activation)
  }

  public override func callAsFunction(_ x: Tensor) -> Tensor {
    var h = x
    for (index, layer) in hidden.enumerated() { h = tap("hidden.\(index)", activation(layer(h))) }
    return output(h)
  }
}

extension NeuronChoice {
  /// A dense layer of these neurons.
  func dense(_ inputs: Int, _ outputs: Int, _ type: ElementType, using generator: inout RandomGenerator)
    -> Layer
  {
    switch self {
    case .conventional(let initialisation):
      Linear(inputs, outputs, bias: true, initialisation, type, using: &generator)
    case .quadratic(let kind, let initialisation):
      QuadraticLinear(inputs, outputs, kind: kind, initialisation, type, using: &generator)
    }
  }

  /// A 3×3 convolution of these neurons with padding, for use before batch normalisation.
  ///
  /// Conventional ones have no bias; the regular bias of quadratic ones starts at zero, so that both start alike.
  func convolution(_ inputs: Int, _ outputs: Int, stride: Int, using generator: inout RandomGenerator)
    -> Layer
  {
    func conventional(_ initialisation: Initialisation) -> Convolution {
      Convolution(
        inputs, outputs, kernel: 3, stride: stride, padding: 1, bias: false, initialisation, using: &generator
      )
    }
    switch self {
    case .conventional(let initialisation): return conventional(initialisation)
    case .quadratic(let kind, .reLinear(let initialisation)):
      return QuadraticConvolution(from: conventional(initialisation), kind: kind)
    case .quadratic(let kind, let initialisation):
      return QuadraticConvolution(
        inputs, outputs, kernel: 3, stride: stride, padding: 1, kind: kind, initialisation, using: &generator)
    }
  }
}

extension Linear {
  /// A layer of its own with the same numbers.
  func copied() -> Linear {
    var unused = RandomGenerator(seed: 0)
    let shape = weight.value.shape
    let copy = Linear(
      shape[1], shape[0], bias: bias != nil, .constant(0), weight.value.elementType, using: &unused)
    withoutGradients {
      copy.weight.value.assign(weight.value)
      if let bias { copy.bias!.value.assign(bias.value) }
    }
    return copy
  }
}
