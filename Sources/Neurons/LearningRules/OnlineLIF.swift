import Tensors

/// Leaky integrate-and-fire neurons of online training through time (Xiao et al., 2022): the gradient of a step stays
/// in that step.
///
/// Forward they are ``LIF``; backward the membrane is taken as given, so that `dL/dz[t] = gain · dL/ds[t] · σ'(h[t] - θ)`.
/// What came before enters through ``SpikeTrace`` in the weights' gradient. Any number of steps can be taken at a
/// time, one too, without keeping a graph: the state goes in and comes out.
public struct OnlineLIF: NeuronModel {
  public typealias State = LIFState
  public static let variableCount = 1
  public let parameters: LIFParameters

  /// - Parameter parameters: By default those of the paper: τ = 2, no decay of the input, soft reset.
  public init(
    _ parameters: LIFParameters = LIFParameters(
      timeConstant: 2, reset: .soft, decaysInput: false, surrogate: .sigmoid())
  ) {
    self.parameters = parameters
  }

  public var rest: [Double] { [parameters.rest] }

  @inline(__always)
  public func advance<A: NeuronArithmetic>(_ inputs: Variables<A>, _ state: Variables<A>, _: Variables<A>)
    -> (output: A, state: Variables<A>)
  {
    let charged = parameters.charged(state[0].detached(), inputs[0])
    let spikes = (charged - parameters.threshold).spikes(parameters.surrogate)
    let membrane = parameters.reset(charged, where: spikes, threshold: parameters.threshold)
    return (spikes, Variables(membrane.detached()))
  }
}
