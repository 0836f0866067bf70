import Tensors

/// How the effect of a spike on the next neuron runs in time.
public enum SynapticKernel: Sendable, Equatable {
  /// Jumps, then decays: `exp(-t/τ)`.
  case exponential
  /// Rises first: `(t/τ) exp(1 - t/τ)`, with its maximum of one at τ.
  case alpha
}

/// What neurons with synaptic currents remember.
public struct CurrentLIFState: NeuronState {
  /// Membrane after reset, `[B, N]`.
  public var membrane: Tensor
  /// Synaptic current, `[B, N]`.
  public var current: Tensor
  /// What still flows into the current of an alpha synapse, `[B, N]`; zero for exponential ones.
  public var rise: Tensor
  /// Steps for which the neuron is still refractory, `[B, N]`.
  public var refractory: Tensor

  public init(_ variables: [Tensor]) {
    (membrane, current, rise, refractory) = (variables[0], variables[1], variables[2], variables[3])
  }
  public var variables: [Tensor] { [membrane, current, rise, refractory] }
}

/// Leaky integrate-and-fire neurons with synaptic currents (current-based; CubaLIF), integrated exactly.
///
/// Continuous, with spikes of weight w arriving at times t′:
///
///     τm dv/dt = -(v - E) + R I
///     τs dI/dt = -I + w δ(t - t′) τs                    (exponential)
///     τs dI/dt = -I + J,  τs dJ/dt = -J + w e δ(t - t′) τs      (alpha)
///
/// Between steps the equations are linear, so that the propagator of a step is exact (Rotter and Diesmann, 1999); input
/// arrives at the beginning of a step, and a spike is where `v >= θ` at its end.
public struct CurrentLIF: NeuronModel {
  public typealias State = CurrentLIFState
  public static let variableCount = 4

  /// Times in milliseconds.
  public struct Parameters: Sendable, Equatable {
    public var step = 1.0
    public var membraneTimeConstant = 20.0
    public var synapticTimeConstant = 5.0
    public var kernel = SynapticKernel.exponential
    /// R: what a current of one does to the membrane in the end.
    public var resistance = 1.0
    public var threshold = 1.0
    public var reset = Reset.soft
    /// E.
    public var rest = 0.0
    /// Milliseconds after a spike for which the membrane is held where the reset brought it.
    public var refractoryPeriod = 0.0
    public var detachesReset = true
    public var surrogate = SurrogateGradient.arctan()

    public init() {}
  }

  public let parameters: Parameters
  /// What a step keeps of the membrane and of a synaptic variable, and brings from one to the next.
  private let keep, synapse, currentToMembrane, riseToMembrane, riseToCurrent: Double

  public init(_ parameters: Parameters = Parameters()) {
    let (h, m, s) = (parameters.step, parameters.membraneTimeConstant, parameters.synapticTimeConstant)
    precondition(h > 0 && m > 0 && s > 0, "time constants \(m) and \(s) ms, step \(h) ms")
    self.parameters = parameters
    keep = exponential(-h / m)
    synapse = exponential(-h / s)
    let r = parameters.resistance / m
    riseToCurrent = h / s * synapse
    // ∫ exp(-(h - t)/τm) exp(-t/τs) dt, and the same with t/τs before: both have a limit where the two are equal.
    let rate = 1 / m - 1 / s
    if abs(rate * h) < 1e-6 {
      currentToMembrane = r * h * keep
      riseToMembrane = r * h * h / (2 * s) * keep
    } else {
      currentToMembrane = r * (synapse - keep) / rate
      riseToMembrane = r / s * (h * synapse / rate - (synapse - keep) / (rate * rate))
    }
  }

  public var rest: [Double] { [parameters.rest, 0, 0, 0] }

  @inline(__always)
  public func advance<A: NeuronArithmetic>(_ inputs: Variables<A>, _ state: Variables<A>, _: Variables<A>)
    -> (output: A, state: Variables<A>)
  {
    let isAlpha = parameters.kernel == .alpha
    let current = isAlpha ? state[1] : state[1] + inputs[0]
    let rise = isAlpha ? state[2] + inputs[0] * 2.718281828459045 : state[2]
    var charged = (state[0] - parameters.rest) * keep + current * currentToMembrane + parameters.rest
    if isAlpha { charged = charged + rise * riseToMembrane }
    let pause = RefractoryPause(steps: parameters.refractoryPeriod / parameters.step, remaining: state[3])
    charged = pause.holding(charged, at: state[0])
    let spikes = (charged - parameters.threshold).spikes(parameters.surrogate) * pause.active
    let resetting = parameters.detachesReset ? spikes.detached() : spikes
    return (
      spikes,
      Variables(
        parameters.reset(charged, where: resetting, threshold: parameters.threshold),
        isAlpha ? current * synapse + rise * riseToCurrent : current * synapse,
        isAlpha ? rise * synapse : rise, pause.after(resetting))
    )
  }
}
