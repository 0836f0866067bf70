import Tensors

/// Exponential integrate-and-fire neurons (EIF; Fourcaud-Trocmé et al., 2003) in steps, as spiking networks train them.
///
///     h = v + (x - (v - rest) + Δ exp((v - θr)/Δ)) / τ,   s = 1 if h >= θ, reset to vr
public struct ExponentialLIF: NeuronModel {
  public typealias State = LIFState
  public static let variableCount = 1
  public let parameters: LIFParameters
  /// Δ.
  public let slope: Double
  /// θr: where the membrane begins to run away.
  public let rheobase: Double

  public init(
    _ parameters: LIFParameters = LIFParameters(reset: .hard(to: -0.1)), slope: Double = 1,
    rheobase: Double = 0.8
  ) {
    precondition(slope > 0, "slope \(slope)")
    (self.parameters, self.slope, self.rheobase) = (parameters, slope, rheobase)
  }

  public var rest: [Double] { [0] }

  @inline(__always)
  public func advance<A: NeuronArithmetic>(_ inputs: Variables<A>, _ state: Variables<A>, _: Variables<A>)
    -> (output: A, state: Variables<A>)
  {
    let runaway = ((state[0] - rheobase) / slope).exp() * slope
    return parameters.fired(state[0] + (inputs[0] - state[0] + runaway) / parameters.timeConstant)
  }
}
