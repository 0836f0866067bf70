import Tensors

/// What neurons with synaptic conductances remember.
public struct ConductanceLIFState: NeuronState {
  /// Membrane after reset in millivolts, `[B, N]`.
  public var membrane: Tensor
  /// Excitatory and inhibitory conductance, in units of the leak's, `[B, N]`.
  public var excitation, inhibition: Tensor
  /// Steps for which the neuron is still refractory, `[B, N]`.
  public var refractory: Tensor
  /// What still flows into the conductances for alpha synapses, `[B, N]`; zero for exponential ones.
  public var excitatoryRise, inhibitoryRise: Tensor

  public init(_ variables: [Tensor]) {
    (membrane, excitation, inhibition) = (variables[0], variables[1], variables[2])
    refractory = variables[3]
    (excitatoryRise, inhibitoryRise) = (variables[4], variables[5])
  }
  public var variables: [Tensor] {
    [membrane, excitation, inhibition, refractory, excitatoryRise, inhibitoryRise]
  }
}

/// Leaky integrate-and-fire neurons with excitatory and inhibitory synaptic conductances (COBA; Vogels and Abbott, 2005).
///
///     τm dv/dt = (EL - v) + ge (Ee - v) + gi (Ei - v)
///     τe dge/dt = -ge + w δ(t - t′) τe, and likewise gi; alpha synapses as ``CurrentLIF``
///
/// Conductances decay exactly; the membrane goes where ``Integration`` says. A layer takes two inputs `[T, B, N]`: excitation
/// and inhibition, both positive.
public struct ConductanceLIF: NeuronModel {
  public typealias State = ConductanceLIFState
  public static let inputCount = 2
  public static let variableCount = 6

  /// How the membrane takes a step; both are of the first order in it.
  public enum Integration: Sendable, Equatable, CaseIterable {
    /// Exponentially towards where the conductances pull it (exponential Euler); stable for any conductance.
    case exponentialEuler
    /// Along a straight line (Euler): quicker, and stable while `h (1 + ge + gi) < 2 τm`.
    case euler
  }

  /// Times in milliseconds, potentials in millivolts.
  public struct Parameters: Sendable, Equatable {
    public var step = 1.0
    public var membraneTimeConstant = 20.0
    public var excitatoryTimeConstant = 5.0
    public var inhibitoryTimeConstant = 10.0
    public var kernel = SynapticKernel.exponential
    /// EL.
    public var rest = -60.0
    /// Ee.
    public var excitatoryReversal = 0.0
    /// Ei.
    public var inhibitoryReversal = -80.0
    public var threshold = -50.0
    public var resetPotential = -60.0
    /// Milliseconds after a spike for which the membrane is held.
    public var refractoryPeriod = 5.0
    public var integration = Integration.exponentialEuler
    public var detachesReset = true
    /// Over distances of millivolts.
    public var surrogate = SurrogateGradient.arctan(alpha: 0.5)

    public init() {}
  }

  public let parameters: Parameters
  private let excitatoryKeep, inhibitoryKeep, excitatoryFlow, inhibitoryFlow: Double

  public init(_ parameters: Parameters = Parameters()) {
    let (h, e, i) = (parameters.step, parameters.excitatoryTimeConstant, parameters.inhibitoryTimeConstant)
    precondition(h > 0 && e > 0 && i > 0 && parameters.membraneTimeConstant > 0, "times \(parameters)")
    self.parameters = parameters
    (excitatoryKeep, inhibitoryKeep) = (exponential(-h / e), exponential(-h / i))
    (excitatoryFlow, inhibitoryFlow) = (h / e * excitatoryKeep, h / i * inhibitoryKeep)
  }

  public var rest: [Double] { [parameters.rest, 0, 0, 0, 0, 0] }

  @inline(__always)
  public func advance<A: NeuronArithmetic>(_ inputs: Variables<A>, _ state: Variables<A>, _: Variables<A>)
    -> (output: A, state: Variables<A>)
  { advance(inputs, state, current: nil, kernel: parameters.kernel, integration: parameters.integration) }

  /// One step with a current besides, in millivolts: what it would do to a membrane without synapses in the end. Kernel and
  /// integration are the neuron's own; a loop that states them as constants is compiled for them.
  @inline(__always)
  func advance<A: NeuronArithmetic>(
    _ inputs: Variables<A>, _ state: Variables<A>, current: A?, kernel: SynapticKernel,
    integration: Integration
  ) -> (output: A, state: Variables<A>) {
    let p = parameters
    let isAlpha = kernel == .alpha
    let excitation = isAlpha ? state[1] : state[1] + inputs[0]
    let inhibition = isAlpha ? state[2] : state[2] + inputs[1]
    let rises = (
      isAlpha ? state[4] + inputs[0] * 2.718281828459045 : state[4],
      isAlpha ? state[5] + inputs[1] * 2.718281828459045 : state[5]
    )
    let free = moved(state[0], excitation, inhibition, current, integration)
    let pause = RefractoryPause(steps: p.refractoryPeriod / p.step, remaining: state[3])
    let charged = pause.holding(free, at: state[0])
    let spikes = (charged - p.threshold).spikes(p.surrogate) * pause.active
    let resetting = p.detachesReset ? spikes.detached() : spikes
    return (
      spikes,
      Variables(
        charged * (1 - resetting) + resetting * p.resetPotential,
        isAlpha ? excitation * excitatoryKeep + rises.0 * excitatoryFlow : excitation * excitatoryKeep,
        isAlpha ? inhibition * inhibitoryKeep + rises.1 * inhibitoryFlow : inhibition * inhibitoryKeep,
        pause.after(resetting),
        isAlpha ? rises.0 * excitatoryKeep : rises.0, isAlpha ? rises.1 * inhibitoryKeep : rises.1)
    )
  }

  /// The membrane after a step without threshold.
  @inline(__always)
  private func moved<A: NeuronArithmetic>(
    _ membrane: A, _ excitation: A, _ inhibition: A, _ current: A?, _ integration: Integration
  ) -> A {
    let p = parameters
    let share = p.step / p.membraneTimeConstant
    let total = excitation + inhibition + 1
    var pull = excitation * p.excitatoryReversal + inhibition * p.inhibitoryReversal + p.rest
    if let current { pull = pull + current }
    switch integration {
    case .exponentialEuler:
      let target = pull / total
      return target + (membrane - target) * (total * -share).exp()
    case .euler: return membrane + (pull - total * membrane) * share
    }
  }
}

/// ``ConductanceLIF`` with a third input: a current, in millivolts that it would move a membrane without synapses by.
public struct DrivenConductanceLIF: NeuronModel {
  public typealias State = ConductanceLIFState
  public static let inputCount = 3
  public static let variableCount = 6
  public let neuron: ConductanceLIF

  public init(_ parameters: ConductanceLIF.Parameters = .init()) { neuron = ConductanceLIF(parameters) }

  public var rest: [Double] { neuron.rest }

  @inline(__always)
  public func advance<A: NeuronArithmetic>(_ inputs: Variables<A>, _ state: Variables<A>, _: Variables<A>)
    -> (output: A, state: Variables<A>)
  {
    let p = neuron.parameters
    return neuron.advance(inputs, state, current: inputs[2], kernel: p.kernel, integration: p.integration)
  }
}
