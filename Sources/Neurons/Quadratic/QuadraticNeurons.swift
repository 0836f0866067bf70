import Support
import Tensors

/// Which terms a quadratic neuron has.
///
/// With r, g affine maps of the input and b an affine map of its element-wise square (Fan et al., 2021).
public enum QuadraticKind: String, Sendable, CaseIterable, Codable {
  /// `r(x)·g(x) + b(x⊙x)`: three weights an input.
  case full
  /// `r(x) + b(x⊙x)`, both with a bias, as the authors' cheaper network has it.
  case compact
  /// `r(x)·g(x)`.
  case productOnly
  /// `r(x) + w_b·(x⊙x)`: the functions of ``compact`` without its second, redundant bias.
  case linearPlusSquare
  /// `x^T A x + r(x)`: a full quadratic form, n² weights a neuron. Dense layers only.
  case quadraticForm

  private var hasGate: Bool { self == .full || self == .productOnly }
  private var hasSquare: Bool { self == .full || self == .compact || self == .linearPlusSquare }

  /// The branches of a layer.
  ///
  /// ReLinear draws numbers for the regular branch alone, so that the same generator makes the same function as for
  /// the conventional layer, and leaves the generator where that does.
  func branches<Branch: AffineLayer>(
    _ initialisation: QuadraticInitialisation, using generator: inout RandomGenerator,
    _ make: (_ start: Initialisation, _ bias: Bool, inout RandomGenerator) -> Branch
  ) -> (regular: Branch, gate: Branch?, square: Branch?) {
    let regular = make(initialisation.regular, true, &generator)
    func quadratic(bias: Bool = true) -> Branch {
      guard case .reLinear = initialisation else { return make(initialisation.quadratic, bias, &generator) }
      var unused = RandomGenerator(seed: 0)
      return make(initialisation.quadratic, bias, &unused)
    }
    let gate = hasGate ? quadratic() : nil
    let square = hasSquare ? quadratic(bias: self != .linearPlusSquare) : nil
    return (regular, gate, square)
  }
}

/// How the branches of quadratic neurons start.
public enum QuadraticInitialisation: Sendable {
  /// ReLinear, step 1: the regular branch as in a conventional layer, `g(x) = 1`, no square: the layer *is* its
  /// conventional counterpart. The gate's bias must be one; with zero the regular branch would get no gradient.
  case reLinear(Initialisation = .kaimingNormal())
  /// Every branch as a conventional layer: degrees multiply from layer to layer, and deep networks explode.
  case random(Initialisation = .kaimingNormal())

  var regular: Initialisation {
    switch self {
    case .reLinear(let initialisation), .random(let initialisation): initialisation
    }
  }

  /// The start of the quadratic terms' weights.
  var quadratic: Initialisation {
    switch self {
    case .reLinear: .constant(0)
    case .random(let initialisation): initialisation
    }
  }
}

/// A layer that is an affine map with a weight and perhaps a bias.
public protocol AffineLayer: Layer {
  var weight: Parameter { get }
  var bias: Parameter? { get }
}

extension Linear: AffineLayer {}
extension Convolution: AffineLayer {}

/// A layer of quadratic neurons: an affine branch r, and the gate g and square b where its kind has them.
public protocol QuadraticNeurons<Branch>: Layer {
  associatedtype Branch: AffineLayer
  var kind: QuadraticKind { get }
  var regular: Branch { get }
  var gate: Branch? { get }
  var square: Branch? { get }
}

extension QuadraticNeurons {
  /// The parameters of the square term: the branch b, or the matrices of a quadratic form.
  public var squareParameters: [Parameter] {
    let form = (self as? QuadraticLinear)?.form
    return [square?.weight, square?.bias, form].compactMap { $0 }
  }

  /// `r(x)·g(x) + b(x⊙x)` with the terms that the kind has.
  func combined(_ x: Tensor) -> Tensor {
    var y = regular(x)
    if let gate { y = y * gate(x) }
    if let square { y = y + square(x.square()) }
    return y
  }

  /// Gives gate and square the start of `ReLinear` where asked, after the branches were made with constant weights.
  func startQuadraticTerms(_ initialisation: QuadraticInitialisation) {
    guard case .reLinear = initialisation else { return }
    withoutGradients {
      gate?.bias?.value.fill(1)
      square?.bias?.value.fill(0)
    }
  }

  /// Copies a conventional layer of the same shape into the regular branch; a missing bias is zero.
  func takeRegular(_ layer: Branch) {
    withoutGradients {
      regular.weight.value.assign(layer.weight.value)
      if let bias = layer.bias { regular.bias!.value.assign(bias.value) } else { regular.bias!.value.fill(0) }
    }
  }
}

extension Module {
  /// The layers of quadratic neurons in this module and below, in the order of declaration.
  public var quadraticLayers: [any QuadraticNeurons] {
    if let layer = self as? any QuadraticNeurons { return [layer] }
    return children.flatMap { $0.module.quadraticLayers }
  }
}
