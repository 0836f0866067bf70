import Neurons
import Support
import Tensors

extension QuadraticNetworks {
  /// Quadratic neurons of two inputs whose sign draws a known curve.
  enum SingleNeuron: String, CaseIterable {
    /// `x1·x2`: exclusive or.
    case product
    /// `1 - x1²/0.64 - x2²/0.16`.
    case ellipse
    /// `x1² - x2² - 0.1`.
    case hyperbola

    var formula: String {
      switch self {
      case .product: "x1·x2"
      case .ellipse: "1 - x1²/0.64 - x2²/0.16"
      case .hyperbola: "x1² - x2² - 0.1"
      }
    }

    var meaning: String {
      switch self {
      case .product: "exclusive or, which no single conventional neuron can tell"
      case .ellipse: "the inside of an ellipse"
      case .hyperbola: "the two sides of a hyperbola"
      }
    }

    var layer: QuadraticLinear {
      switch self {
      case .product: Self.neuron(regular: [1, 0], gate: ([0, 1], 0), square: ([0, 0], 0))
      case .ellipse: Self.neuron(regular: [0, 0], gate: ([0, 0], 1), square: ([-1 / 0.64, -1 / 0.16], 1))
      case .hyperbola: Self.neuron(regular: [1, 1], gate: ([1, -1], 0), square: ([0, 0], -0.1))
      }
    }

    /// A neuron with these weights and biases, the regular bias zero.
    private static func neuron(
      regular: [Double], gate: (weights: [Double], bias: Double), square: (weights: [Double], bias: Double)
    ) -> QuadraticLinear {
      var unused = RandomGenerator(seed: 0)
      let layer = QuadraticLinear(2, 1, .reLinear(.constant(0)), .float64, using: &unused)
      let branches = [
        (layer.regular, regular, 0), (layer.gate!, gate.weights, gate.bias),
        (layer.square!, square.weights, square.bias),
      ]
      for (branch, weights, bias) in branches {
        branch.weight.value = Tensor(weights, shape: [1, 2])
        branch.bias!.value = Tensor([bias])
      }
      return layer
    }
  }
}
