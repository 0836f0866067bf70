import Tensors

/// What a neuron with synapses around it remembers: its own variables, then the synapses'.
public struct SynapticNeuronState: NeuronState {
  /// Those of the neuron within, then excitation and inhibition, then their rises, each `[B, N]`.
  public var variables: [Tensor]
  public init(_ variables: [Tensor]) { self.variables = variables }
}

/// Any neuron that takes one current, with excitatory and inhibitory synapses before it.
///
///     I = Ie - Ii + I0                                     (currents)
///     I = ge (Ee - v) + gi (Ei - v) + I0                   (conductances)
///     τ dx/dt = -x, a spike adds w; alpha synapses as ``CurrentLIF``
///
/// Inputs are excitation, inhibition (both positive) and a current I0. What arrives is there from the beginning of the step;
/// the synapses decay exactly, and the current holds for the step, v being the membrane at its beginning.
public struct SynapticNeuron<Core: NeuronModel>: NeuronModel {
  public typealias State = SynapticNeuronState
  public static var inputCount: Int { 3 }
  public static var variableCount: Int { Core.variableCount + 4 }

  /// Times in milliseconds, potentials in millivolts.
  public struct Synapses: Sendable, Equatable {
    public var excitatoryTimeConstant = 5.0
    public var inhibitoryTimeConstant = 10.0
    public var kernel = SynapticKernel.exponential
    /// Reversal potentials Ee and Ei; nil for currents.
    public var reversal: Reversal?
    public struct Reversal: Sendable, Equatable {
      public var excitatory, inhibitory: Double
      public init(excitatory: Double = 0, inhibitory: Double = -80) {
        (self.excitatory, self.inhibitory) = (excitatory, inhibitory)
      }
    }
    public init() {}
  }

  public let core: Core
  public let synapses: Synapses
  private let excitatoryKeep, inhibitoryKeep, excitatoryFlow, inhibitoryFlow: Double

  /// - Parameter step: Milliseconds; that of the neuron within.
  public init(_ core: Core, _ synapses: Synapses = Synapses(), step: Double) {
    precondition(
      Core.inputCount == 1 && Core.parameterCount == 0 && Core.variableCount <= 4,
      "\(Core.self) does not take one current, or remembers more than four variables")
    let (e, i) = (synapses.excitatoryTimeConstant, synapses.inhibitoryTimeConstant)
    precondition(step > 0 && e > 0 && i > 0, "time constants \(e) and \(i) ms, step \(step) ms")
    (self.core, self.synapses) = (core, synapses)
    (excitatoryKeep, inhibitoryKeep) = (exponential(-step / e), exponential(-step / i))
    (excitatoryFlow, inhibitoryFlow) = (step / e * excitatoryKeep, step / i * inhibitoryKeep)
  }

  public var rest: [Double] { core.rest + [0, 0, 0, 0] }

  @inline(__always)
  public func advance<A: NeuronArithmetic>(
    _ inputs: Variables<A>, _ state: Variables<A>, _ own: Variables<A>
  ) -> (output: A, state: Variables<A>) {
    let count = Core.variableCount
    let isAlpha = synapses.kernel == .alpha
    let excitation = isAlpha ? state[count] : state[count] + inputs[0]
    let inhibition = isAlpha ? state[count + 1] : state[count + 1] + inputs[1]
    let rises = (
      isAlpha ? state[count + 2] + inputs[0] * 2.718281828459045 : state[count + 2],
      isAlpha ? state[count + 3] + inputs[1] * 2.718281828459045 : state[count + 3]
    )
    var current = inputs[2]
    if let reversal = synapses.reversal {
      current =
        current + excitation * (reversal.excitatory - state[0]) + inhibition
        * (reversal.inhibitory - state[0])
    } else {
      current = current + excitation - inhibition
    }
    let (output, moved) = core.advance(Variables(current), state, own)
    var next = moved
    next[count] =
      isAlpha ? excitation * excitatoryKeep + rises.0 * excitatoryFlow : excitation * excitatoryKeep
    next[count + 1] =
      isAlpha ? inhibition * inhibitoryKeep + rises.1 * inhibitoryFlow : inhibition * inhibitoryKeep
    next[count + 2] = isAlpha ? rises.0 * excitatoryKeep : rises.0
    next[count + 3] = isAlpha ? rises.1 * inhibitoryKeep : rises.1
    return (output, next)
  }
}
