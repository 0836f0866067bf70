import Tensors

/// What a leaky integrate-and-fire neuron is made of.
public struct LIFParameters: Sendable, Equatable {
  /// τ, in time steps; infinite for a neuron that does not leak.
  public var timeConstant: Double
  public var threshold: Double
  public var reset: Reset
  /// Whether the input is divided by τ like the leak.
  public var decaysInput: Bool
  /// Whether the gradient is kept from flowing through the reset.
  public var detachesReset: Bool
  public var surrogate: SurrogateGradient

  public init(
    timeConstant: Double = 2, threshold: Double = 1, reset: Reset = .hard(), decaysInput: Bool = true,
    detachesReset: Bool = true, surrogate: SurrogateGradient = .arctan()
  ) {
    precondition(timeConstant >= 1 && threshold > 0, "time constant \(timeConstant), threshold \(threshold)")
    self.timeConstant = timeConstant
    self.threshold = threshold
    self.reset = reset
    self.decaysInput = decaysInput
    self.detachesReset = detachesReset
    self.surrogate = surrogate
  }

  /// A neuron without leak: integrate-and-fire.
  public static func integrateAndFire(
    threshold: Double = 1, reset: Reset = .hard(), detachesReset: Bool = true,
    surrogate: SurrogateGradient = .arctan()
  ) -> LIFParameters {
    LIFParameters(
      timeConstant: .infinity, threshold: threshold, reset: reset, decaysInput: false,
      detachesReset: detachesReset, surrogate: surrogate)
  }

  /// Where the membrane rests.
  public var rest: Double { reset.rest }
  /// How much of its distance from rest the membrane keeps in a step.
  @inline(__always) var keep: Double { 1 - 1 / timeConstant }
  /// The weight of the input.
  @inline(__always) var gain: Double { decaysInput ? 1 / timeConstant : 1 }
}

/// What leaky integrate-and-fire neurons remember.
public struct LIFState: NeuronState {
  /// Membrane after reset, `[B, N]`.
  public var membrane: Tensor

  public init(membrane: Tensor) { self.membrane = membrane }
  public init(_ variables: [Tensor]) { membrane = variables[0] }
  public var variables: [Tensor] { [membrane] }
}

/// Leaky integrate-and-fire neurons (Lapicque, 1907).
///
/// Continuous: `τ dv/dt = -(v - rest) + x`, a spike and a reset at threshold θ. Computed, step by step:
///
///     h = rest + (1 - 1/τ)(v - rest) + x/τ     (x without division unless the input decays)
///     s = 1 if h >= θ, else 0
///     v = rest where s = 1, else h             (hard)    or    v = h - s θ    (soft)
///
/// ```swift
/// let neurons = LIF()
/// let (spikes, state) = neurons(input)            // [T, B, N]
/// let (more, _) = neurons(nextInput, from: state) // goes on where it stopped
/// ```
public struct LIF: NeuronModel {
  public typealias State = LIFState
  public static let variableCount = 1
  public let parameters: LIFParameters

  public init(_ parameters: LIFParameters = LIFParameters()) { self.parameters = parameters }

  public var rest: [Double] { [parameters.rest] }

  @inline(__always)
  public func advance<A: NeuronArithmetic>(_ inputs: Variables<A>, _ state: Variables<A>, _: Variables<A>)
    -> (output: A, state: Variables<A>)
  {
    parameters.fired(parameters.charged(state[0], inputs[0]))
  }

  /// The same as ``advance(_:_:_:)`` gives by itself, with everything that its derivatives share computed once.
  @inline(__always)
  public func reverse(
    _ inputs: Variables<Lanes>, _ state: Variables<Lanes>, _: Variables<Lanes>, ofOutput: Lanes,
    ofState: Variables<Lanes>
  ) -> StepGradients {
    let ofCharged = parameters.gradientThroughReset(
      of: parameters.charged(state[0], inputs[0]), ofOutput, ofState[0])
    return StepGradients(
      Variables(ofCharged * parameters.gain), Variables(ofCharged * parameters.keep), Variables(ofCharged))
  }
}

extension LIFParameters {
  /// The membrane after leak and input, before it may fire.
  @inline(__always)
  func charged<A: NeuronArithmetic>(_ membrane: A, _ input: A) -> A {
    membrane * keep + input * gain + rest * (1 - keep)
  }

  /// Spikes of a charged membrane, and the membrane after its reset.
  @inline(__always)
  func fired<A: NeuronArithmetic>(_ charged: A) -> (output: A, state: Variables<A>) {
    let spikes = (charged - threshold).spikes(surrogate)
    let resetting = detachesReset ? spikes.detached() : spikes
    return (spikes, Variables(reset(charged, where: resetting, threshold: threshold)))
  }

  /// The gradient of the membrane before reset, from those of the spikes and of the membrane after it.
  @inline(__always)
  func gradientThroughReset(of charged: Lanes, _ ofSpikes: Lanes, _ ofMembrane: Lanes) -> Lanes {
    let distance = charged - threshold
    let slope = surrogate.derivative(distance)
    let spikes = distance.step()
    switch reset {
    case .hard(let value):
      let direct = ofSpikes * slope + ofMembrane * (1 - spikes)
      return detachesReset ? direct : direct + ofMembrane * (value - charged) * slope
    case .soft:
      let direct = ofSpikes * slope + ofMembrane
      return detachesReset ? direct : direct - ofMembrane * slope * threshold
    }
  }
}
