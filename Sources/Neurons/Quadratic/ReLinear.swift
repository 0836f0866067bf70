import Support
import Tensors

/// How the quadratic terms of a network are held back in training (Fan et al., 2021, ReLinear, step 2).
///
/// Step 1 is ``QuadraticInitialisation/reLinear(_:)``. A policy makes the optimiser's groups and, for the rules that
/// shrink weights, is applied after every step:
///
/// ```swift
/// let policy = ReLinear.shrinkGradients(gate: 1e-3, square: 1e-3)
/// let optimiser = SGD(policy.groups(of: network, learningRate: 0.1, weightDecay: 1e-4), momentum: 0.9)
/// // … optimiser.step(); policy.shrink(network)
/// ```
public enum ReLinear: Sendable, Equatable {
  /// Learning rates of the quadratic terms are `gate` and `square` times the others'. Zero keeps the conventional
  /// network, one is ordinary training. The rate is scaled, not the gradient: Adam would undo the latter.
  case shrinkGradients(gate: Double, square: Double)
  /// Each step moves quadratic weights towards their start by the strength, not past it: the proximal step of an L1
  /// penalty.
  case shrinkL1(gate: Double, square: Double)
  /// Each step multiplies the quadratic weights' distance from their start by one minus the strength.
  case shrinkL2(gate: Double, square: Double)

  /// The same strength for both terms of ``shrinkGradients(gate:square:)``.
  public static func shrinkGradients(_ gamma: Double) -> ReLinear {
    .shrinkGradients(gate: gamma, square: gamma)
  }

  /// Training without restraint.
  public static let unrestrained = ReLinear.shrinkGradients(1)

  /// The parameters of `module` in groups called `regular`, `gate` and `square`, and `gate bias` for the ones at which
  /// the gates' biases start.
  ///
  /// - Parameters:
  ///   - quadraticDecay: The weight decay of gate and square; that of the others unless given.
  ///   - decayingGateBias: Whether weight decay pulls the gates' biases towards zero, as in the authors' script. At
  ///     zero the regular branch is switched off, so that is not the default.
  public func groups(
    of module: Module, learningRate: Double, weightDecay: Double = 0, quadraticDecay: Double? = nil,
    decayingGateBias: Bool = false
  ) -> [ParameterGroup] {
    let layers = module.quadraticLayers
    let gates = layers.compactMap { $0.gate?.weight }
    let gateBiases = layers.compactMap { $0.gate?.bias }
    let squares = layers.flatMap(\.squareParameters)
    let quadratic = Set((gates + gateBiases + squares).map(ObjectIdentifier.init))
    let regular = module.parameters.map(\.parameter).filter { !quadratic.contains(ObjectIdentifier($0)) }
    let decay = quadraticDecay ?? weightDecay
    let (gateFactor, squareFactor) = rateFactors
    return [
      ParameterGroup(regular, name: "regular", learningRate: learningRate, weightDecay: weightDecay),
      ParameterGroup(gates, name: "gate", learningRate: learningRate * gateFactor, weightDecay: decay),
      ParameterGroup(
        gateBiases, name: "gate bias", learningRate: learningRate * gateFactor,
        weightDecay: decayingGateBias ? decay : 0),
      ParameterGroup(squares, name: "square", learningRate: learningRate * squareFactor, weightDecay: decay),
    ].filter { !$0.parameters.isEmpty }
  }

  private var rateFactors: (gate: Double, square: Double) {
    if case .shrinkGradients(let gate, let square) = self { return (gate, square) }
    return (1, 1)
  }

  /// Pulls the quadratic terms towards the conventional network: weights and square biases to 0, gate biases to 1.
  /// To be called after every step of the optimiser; does nothing for ``shrinkGradients(gate:square:)``.
  public func shrink(_ module: Module) { shrink(module.quadraticLayers) }

  /// As ``shrink(_:)`` for layers found before.
  public func shrink(_ layers: [any QuadraticNeurons]) {
    guard let pull else { return }
    withoutGradients {
      for layer in layers {
        for parameter in layer.squareParameters { pull.step(parameter.value, to: 0, pull.square) }
        if let weight = layer.gate?.weight { pull.step(weight.value, to: 0, pull.gate) }
        if let bias = layer.gate?.bias { pull.step(bias.value, to: 1, pull.gate) }
      }
    }
  }

  private var pull: Pull? {
    switch self {
    case .shrinkGradients: nil
    case .shrinkL1(let gate, let square): Pull(isL1: true, gate: gate, square: square)
    case .shrinkL2(let gate, let square): Pull(isL1: false, gate: gate, square: square)
    }
  }

  private struct Pull {
    let isL1: Bool
    let gate: Double
    let square: Double

    /// Moves `value` towards `goal` in place.
    func step(_ value: Tensor, to goal: Double, _ strength: Double) {
      let distance = value - goal
      value.assign((isL1 ? distance.softShrink(strength) : distance * (1 - strength)) + goal)
    }
  }
}
