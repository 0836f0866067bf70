import Tensors

/// What adaptive neurons remember.
public struct AdaptiveLIFState: NeuronState {
  /// Membrane after reset, `[B, N]`.
  public var membrane: Tensor
  /// How far recent spikes have raised the threshold, before scaling, `[B, N]`.
  public var adaptation: Tensor

  public init(membrane: Tensor, adaptation: Tensor) {
    (self.membrane, self.adaptation) = (membrane, adaptation)
  }
  public init(_ variables: [Tensor]) { (membrane, adaptation) = (variables[0], variables[1]) }
  public var variables: [Tensor] { [membrane, adaptation] }
}

/// Leaky integrate-and-fire neurons whose threshold rises with their spikes (ALIF; Bellec et al., 2018).
///
///     h = (1 - 1/τ) v + x/τ                    (x undivided unless the input decays; around rest as ``LIF``)
///     s = 1 if h >= θ + β a, else 0
///     a = ρ a + (1 - ρ) s,  ρ = exp(-1/τa)
///     v = h - s (θ + β a)  (soft),  or rest where s = 1  (hard)
public struct AdaptiveLIF: NeuronModel {
  public typealias State = AdaptiveLIFState
  public static let variableCount = 2
  public let parameters: LIFParameters
  /// τa, in steps.
  public let adaptationTimeConstant: Double
  /// β: the rise of the threshold of a neuron that fires at every step.
  public let adaptationStrength: Double

  public init(
    _ parameters: LIFParameters = LIFParameters(timeConstant: 20, reset: .soft),
    adaptationTimeConstant: Double = 200, adaptationStrength: Double = 1.8
  ) {
    precondition(adaptationTimeConstant > 0, "adaptation time constant \(adaptationTimeConstant)")
    self.parameters = parameters
    self.adaptationTimeConstant = adaptationTimeConstant
    self.adaptationStrength = adaptationStrength
    persistence = exponential(-1 / adaptationTimeConstant)
  }

  private let persistence: Double
  public var rest: [Double] { [parameters.rest, 0] }

  @inline(__always)
  public func advance<A: NeuronArithmetic>(_ inputs: Variables<A>, _ state: Variables<A>, _: Variables<A>)
    -> (output: A, state: Variables<A>)
  {
    let charged = parameters.charged(state[0], inputs[0])
    let threshold = state[1] * adaptationStrength + parameters.threshold
    let spikes = (charged - threshold).spikes(parameters.surrogate)
    let resetting = parameters.detachesReset ? spikes.detached() : spikes
    let membrane =
      switch parameters.reset {
      case .hard(let value): charged * (1 - resetting) + resetting * value
      case .soft: charged - resetting * threshold
      }
    return (spikes, Variables(membrane, state[1] * persistence + spikes * (1 - persistence)))
  }
}
