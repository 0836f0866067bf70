import Tensors

/// What neurons with an excitatory and an inhibitory current remember.
public struct DualCurrentLIFState: NeuronState {
  /// Membrane after reset, `[B, N]`.
  public var membrane: Tensor
  /// Excitatory and inhibitory current, both positive, `[B, N]`.
  public var excitation, inhibition: Tensor
  /// Steps for which the neuron is still refractory, `[B, N]`.
  public var refractory: Tensor

  public init(_ variables: [Tensor]) {
    (membrane, excitation, inhibition, refractory) = (variables[0], variables[1], variables[2], variables[3])
  }
  public var variables: [Tensor] { [membrane, excitation, inhibition, refractory] }
}

/// Leaky integrate-and-fire neurons with an excitatory and an inhibitory synaptic current, each with its own time constant
/// (`IF_curr_exp` of PyNN, `iaf_psc_exp` of NEST; the current-based benchmark of Vogels and Abbott, 2005).
///
///     τm dv/dt = E - v + R (Ie - Ii + I)
///     τe dIe/dt = -Ie, and likewise Ii; a spike of weight w adds w
///     where v >= θ: a spike, v = reset, held for the refractory period
///
/// Inputs are excitation, inhibition (both positive) and a current I that holds for the step. What arrives is there from the
/// beginning of the step; spikes are where `v >= θ` at its end.
public struct DualCurrentLIF: NeuronModel {
  public typealias State = DualCurrentLIFState
  public static let inputCount = 3
  public static let variableCount = 4

  /// How a step is taken.
  public enum Integration: Sendable, Equatable {
    /// By the propagator of the linear equations (Rotter and Diesmann, 1999).
    case exact
    /// As sPyNNaker does: currents hold through the step at what they are at its beginning, and a spike adds
    /// `w τ/h (1 - exp(-h/τ))`, its mean over the step.
    case heldCurrents
    /// As ``exact``, but synaptic currents act from the step after they arrive (NEST's `iaf_psc_exp`).
    case exactAfterwards
  }

  /// Times in milliseconds; potentials and currents in units of the user's, with R to turn one into the other.
  public struct Parameters: Sendable, Equatable {
    public var step = 0.1
    public var membraneTimeConstant = 20.0
    public var excitatoryTimeConstant = 5.0
    public var inhibitoryTimeConstant = 10.0
    /// R.
    public var resistance = 1.0
    /// E.
    public var rest = -60.0
    public var threshold = -50.0
    public var resetPotential = -60.0
    /// Milliseconds for which the membrane is held after a spike.
    public var refractoryPeriod = 5.0
    public var integration = Integration.exact
    public var detachesReset = true
    public var surrogate = SurrogateGradient.arctan(alpha: 0.5)

    public init() {}
  }

  public let parameters: Parameters
  private let keep, excitatoryKeep, inhibitoryKeep: Double
  private let excitatoryCharge, inhibitoryCharge, currentCharge: Double
  private let excitatoryGain, inhibitoryGain: Double

  public init(_ parameters: Parameters = Parameters()) {
    let p = parameters
    let (h, m) = (p.step, p.membraneTimeConstant)
    let (e, i) = (p.excitatoryTimeConstant, p.inhibitoryTimeConstant)
    precondition(
      h > 0 && m > 0 && e > 0 && i > 0 && p.refractoryPeriod >= 0,
      "time constants \(m), \(e), \(i) ms, pause \(p.refractoryPeriod) ms, step \(h) ms")
    self.parameters = p
    (keep, excitatoryKeep, inhibitoryKeep) = (exponential(-h / m), exponential(-h / e), exponential(-h / i))
    currentCharge = p.resistance * (1 - keep)
    /// R/τm ∫ exp(-(h - t)/τm) exp(-t/τ) dt, which has a limit where both constants are equal.
    func exact(_ tau: Double, _ decayed: Double) -> Double {
      let rate = 1 / m - 1 / tau
      let integral = abs(rate * h) < 1e-6 ? h * exponential(-h / m) : (decayed - exponential(-h / m)) / rate
      return p.resistance / m * integral
    }
    if p.integration == .heldCurrents {
      (excitatoryCharge, inhibitoryCharge) = (currentCharge, currentCharge)
      excitatoryGain = e / h * (1 - excitatoryKeep)
      inhibitoryGain = i / h * (1 - inhibitoryKeep)
    } else {
      (excitatoryCharge, inhibitoryCharge) = (exact(e, excitatoryKeep), exact(i, inhibitoryKeep))
      (excitatoryGain, inhibitoryGain) = (1, 1)
    }
  }

  public var rest: [Double] { [parameters.rest, 0, 0, 0] }

  @inline(__always)
  public func advance<A: NeuronArithmetic>(_ inputs: Variables<A>, _ state: Variables<A>, _: Variables<A>)
    -> (output: A, state: Variables<A>)
  {
    let p = parameters
    let isLate = p.integration == .exactAfterwards
    let held = p.integration == .heldCurrents
    let arriving = held ? inputs[0] * excitatoryGain : inputs[0]
    let opposing = held ? inputs[1] * inhibitoryGain : inputs[1]
    let excitation = isLate ? state[1] : state[1] + arriving
    let inhibition = isLate ? state[2] : state[2] + opposing
    let charge = excitation * excitatoryCharge - inhibition * inhibitoryCharge + inputs[2] * currentCharge
    let free = state[0] * keep + (charge + p.rest * (1 - keep))
    let pause = RefractoryPause(steps: p.refractoryPeriod / p.step, remaining: state[3])
    let charged = pause.holding(free, at: state[0])
    let spikes = (charged - p.threshold).spikes(p.surrogate) * pause.active
    let resetting = p.detachesReset ? spikes.detached() : spikes
    let (e, i) = (excitation * excitatoryKeep, inhibition * inhibitoryKeep)
    return (
      spikes,
      Variables(
        A.select(resetting - 0.5, charged * 0 + p.resetPotential, otherwise: charged),
        isLate ? e + inputs[0] : e, isLate ? i + inputs[1] : i, pause.after(resetting))
    )
  }
}
