import Foundation
import Support
import Tensors

/// A policy that draws controls around a mean.
open class Actor: Module {
  /// Means `[B, A]` for observations as they are and scaled, both `[B, F]`.
  open func means(_ raw: Tensor, _ scaled: Tensor) -> Tensor {
    fatalError("an actor says what its means are")
  }
  /// The logarithms of the deviations `[A]`.
  open var logDeviations: Tensor { fatalError("an actor says how widely it draws") }
}

/// Hidden layers of tanh, a deviation of each control learned.
public final class PerceptronActor: Actor {
  public let layers: Sequential
  public let logDeviation: Parameter

  public init(
    observations: Int, controls: Int, hidden: [Int] = [64, 64], deviation: Double = 0.5,
    using generator: inout RandomGenerator
  ) {
    layers = perceptron([observations] + hidden + [controls], using: &generator)
    logDeviation = Parameter(Tensor.full([controls], log(deviation)))
  }

  public override func means(_: Tensor, _ scaled: Tensor) -> Tensor { layers(scaled).tanh() }
  public override var logDeviations: Tensor { logDeviation.value }
}

/// The circuit of a worm as a policy: its weights are learned, a fixed deviation explores.
public final class CircuitActor: Actor {
  private let circuit: WormMotorCircuit
  public let weights: Parameter
  private let deviation: Double
  private let episodeLength: Int

  public init(_ circuit: WormMotorCircuit, episodeLength: Int = 1000, deviation: Double = 0.1) {
    (self.circuit, self.deviation, self.episodeLength) = (circuit, deviation, episodeLength)
    weights = Parameter(Tensor(circuit.weights, shape: [circuit.weights.count], as: .float32))
  }

  /// The circuit with the weights as they are.
  public var current: WormMotorCircuit {
    var circuit = circuit
    circuit.weights = weights.value.doubles
    return circuit
  }

  public override func means(_ raw: Tensor, _: Tensor) -> Tensor {
    let joints = circuit.configuration.joints
    // The last observation is the share of the episode that is past.
    let past = raw[.all, raw.size(1) - 1].doubles
    let steps = past.map { Int((($0 + 1) / 2 * Double(episodeLength)).rounded()) }
    return circuit.torques(weights.value, raw[.all, 0..<joints], steps: steps)
  }

  public override var logDeviations: Tensor { Tensor.full([circuit.configuration.joints], log(deviation)) }
}

/// Layers of tanh, linear at the end.
func perceptron(_ sizes: [Int], using generator: inout RandomGenerator) -> Sequential {
  var layers: [Layer] = []
  for (k, (a, b)) in zip(sizes, sizes.dropFirst()).enumerated() {
    if k > 0 { layers.append(Activation.tanh) }
    layers.append(Linear(a, b, using: &generator))
  }
  return Sequential(layers)
}
