import Tensors

/// What neurons with a refractory period remember.
public struct RefractoryLIFState: NeuronState {
  /// Membrane after reset, `[B, N]`.
  public var membrane: Tensor
  /// Steps for which the neuron is still refractory, `[B, N]`.
  public var refractory: Tensor

  public init(_ variables: [Tensor]) { (membrane, refractory) = (variables[0], variables[1]) }
  public var variables: [Tensor] { [membrane, refractory] }
}

/// Leaky integrate-and-fire neurons that pause after a spike: ``LIF`` whose membrane is held for some steps where the
/// reset brought it, while input is lost.
public struct RefractoryLIF: NeuronModel {
  public typealias State = RefractoryLIFState
  public static let variableCount = 2
  public let parameters: LIFParameters
  /// Steps after a spike in which the neuron cannot fire.
  public let refractorySteps: Int

  public init(_ parameters: LIFParameters = LIFParameters(), refractorySteps: Int = 2) {
    precondition(refractorySteps >= 0, "\(refractorySteps) refractory steps")
    (self.parameters, self.refractorySteps) = (parameters, refractorySteps)
  }

  public var rest: [Double] { [parameters.rest, 0] }

  @inline(__always)
  public func advance<A: NeuronArithmetic>(_ inputs: Variables<A>, _ state: Variables<A>, _: Variables<A>)
    -> (output: A, state: Variables<A>)
  {
    let pause = RefractoryPause(steps: Double(refractorySteps), remaining: state[1])
    let charged = pause.holding(parameters.charged(state[0], inputs[0]), at: state[0])
    let spikes = (charged - parameters.threshold).spikes(parameters.surrogate) * pause.active
    let resetting = parameters.detachesReset ? spikes.detached() : spikes
    return (
      spikes,
      Variables(
        parameters.reset(charged, where: resetting, threshold: parameters.threshold), pause.after(resetting))
    )
  }
}
