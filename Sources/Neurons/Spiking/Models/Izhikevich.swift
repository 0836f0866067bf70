import Tensors

/// What Izhikevich's neurons remember.
public struct IzhikevichState: NeuronState {
  /// Membrane after reset in millivolts, `[B, N]`.
  public var membrane: Tensor
  /// Recovery, `[B, N]`.
  public var recovery: Tensor

  public init(_ variables: [Tensor]) { (membrane, recovery) = (variables[0], variables[1]) }
  public var variables: [Tensor] { [membrane, recovery] }
}

/// Izhikevich's neurons (2003, 2004): two equations that give every known firing pattern of cortical neurons.
///
///     dv/dt = 0.04 v² + k v + c0 - u + I,    k = 5, c0 = 140 but for two of the patterns
///     du/dt = a (b v - u)                    (a b (v + 65) for accommodation)
///     where v >= 30 mV: a spike, v = c, u = u + d
///
/// Times in milliseconds; both equations by Euler's method, the membrane's in two halves unless told otherwise (2003).
public struct Izhikevich: NeuronModel {
  public typealias State = IzhikevichState
  public static let variableCount = 2

  public struct Parameters: Sendable, Equatable {
    public var a, b, c, d: Double
    /// Milliseconds.
    public var step = 1.0
    /// k.
    public var linear = 5.0
    /// c0.
    public var constant = 140.0
    /// What is added to the membrane where recovery follows it: 65 for accommodation.
    public var recoveryOffset = 0.0
    /// Whether recovery falls back by itself; not for accommodation.
    public var recoveryDecays = true
    /// Where a neuron starts, in millivolts.
    public var start = -70.0
    /// Where recovery starts; on its nullcline unless given.
    public var recoveryStart: Double?
    /// Whether the membrane goes in two halves of a step.
    public var halvesStep = true
    public var detachesReset = true
    /// Over distances of millivolts from the peak.
    public var surrogate = SurrogateGradient.arctan(alpha: 0.1)

    public init(a: Double, b: Double, c: Double, d: Double, start: Double = -70) {
      (self.a, self.b, self.c, self.d, self.start) = (a, b, c, d, start)
    }
  }

  /// Where a spike ends, in millivolts.
  public static let peak = 30.0
  public let parameters: Parameters

  public init(_ parameters: Parameters = .regularSpiking) {
    precondition(parameters.step > 0, "step \(parameters.step) ms")
    self.parameters = parameters
  }

  public var rest: [Double] {
    [
      parameters.start,
      parameters.recoveryStart ?? parameters.b * (parameters.start + parameters.recoveryOffset),
    ]
  }

  @inline(__always)
  public func advance<A: NeuronArithmetic>(_ inputs: Variables<A>, _ state: Variables<A>, _: Variables<A>)
    -> (output: A, state: Variables<A>)
  {
    let p = parameters
    let drive = inputs[0] - state[1] + p.constant
    let part = p.halvesStep ? p.step / 2 : p.step
    @inline(__always) func moved(_ v: A) -> A { v + (v * (v * 0.04 + p.linear) + drive) * part }
    let v = p.halvesStep ? moved(moved(state[0])) : moved(state[0])
    let u =
      state[1] * (p.recoveryDecays ? 1 - p.a * p.step : 1) + (v + p.recoveryOffset) * (p.a * p.b * p.step)
    let spikes = (v - Self.peak).spikes(p.surrogate)
    let resetting = p.detachesReset ? spikes.detached() : spikes
    // Chosen, not blended: past its peak the membrane runs away, and must not be multiplied by zero.
    let reset = A.select(resetting - 0.5, v * 0 + p.c, otherwise: v)
    return (spikes, Variables(reset, u + resetting * p.d))
  }
}

extension Izhikevich.Parameters {
  /// Excitatory cortical neurons.
  public static let regularSpiking = Izhikevich.Parameters(a: 0.02, b: 0.2, c: -65, d: 8)
  public static let intrinsicallyBursting = Izhikevich.Parameters(a: 0.02, b: 0.2, c: -55, d: 4)
  public static let chattering = Izhikevich.Parameters(a: 0.02, b: 0.2, c: -50, d: 2)
  /// Inhibitory cortical neurons.
  public static let fastSpiking = Izhikevich.Parameters(a: 0.1, b: 0.2, c: -65, d: 2)
  public static let lowThresholdSpiking = Izhikevich.Parameters(a: 0.02, b: 0.25, c: -65, d: 2)
  public static let thalamocortical = Izhikevich.Parameters(a: 0.02, b: 0.25, c: -65, d: 0.05)
}
