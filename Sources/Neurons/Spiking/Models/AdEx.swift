import Tensors

/// What adaptive exponential neurons remember.
public struct AdExState: NeuronState {
  /// Membrane after reset in millivolts, `[B, N]`.
  public var membrane: Tensor
  /// Adaptation current in picoamperes, `[B, N]`.
  public var adaptation: Tensor

  public init(_ variables: [Tensor]) { (membrane, adaptation) = (variables[0], variables[1]) }
  public var variables: [Tensor] { [membrane, adaptation] }
}

/// Adaptive exponential integrate-and-fire neurons (AdEx; Brette and Gerstner, 2005).
///
///     C dv/dt = -gL (v - EL) + gL Δ exp((v - VT)/Δ) - w + I
///     τw dw/dt = a (v - EL) - w
///     where v >= peak: a spike, v = Vr, w = w + b
///
/// The input is a current in picoamperes; Euler's method.
public struct AdEx: NeuronModel {
  public typealias State = AdExState
  public static let variableCount = 2

  /// Defaults: the regular-spiking neuron of the paper.
  public struct Parameters: Sendable, Equatable {
    /// Milliseconds.
    public var step = 0.1
    /// C, picofarads.
    public var capacitance = 281.0
    /// gL, nanosiemens.
    public var leak = 30.0
    /// EL, millivolts.
    public var rest = -70.6
    /// VT, millivolts.
    public var threshold = -50.4
    /// Δ, millivolts.
    public var slope = 2.0
    /// a, nanosiemens.
    public var subthresholdAdaptation = 4.0
    /// b, picoamperes.
    public var spikeAdaptation = 80.5
    /// τw, milliseconds.
    public var adaptationTimeConstant = 144.0
    /// Vr, millivolts.
    public var resetPotential = -70.6
    /// Millivolts.
    public var peak = 0.0
    public var detachesReset = true
    /// Over distances of millivolts from the peak.
    public var surrogate = SurrogateGradient.arctan(alpha: 0.1)

    public init() {}
  }

  public let parameters: Parameters

  public init(_ parameters: Parameters = Parameters()) {
    precondition(
      parameters.step > 0 && parameters.capacitance > 0 && parameters.slope > 0
        && parameters.adaptationTimeConstant > 0, "\(parameters)")
    self.parameters = parameters
  }

  public var rest: [Double] { [parameters.rest, 0] }

  @inline(__always)
  public func advance<A: NeuronArithmetic>(_ inputs: Variables<A>, _ state: Variables<A>, _: Variables<A>)
    -> (output: A, state: Variables<A>)
  {
    let p = parameters
    let (v, w) = (state[0], state[1])
    // The exponential is bounded where the spike is under way in any case.
    let bound = (p.peak - p.threshold) / p.slope
    let exponent = bound - (bound - (v - p.threshold) / p.slope).relu()
    let current = (v - p.rest) * -p.leak + exponent.exp() * (p.leak * p.slope) - w + inputs[0]
    let charged = v + current * (p.step / p.capacitance)
    let adapted =
      w + ((v - p.rest) * p.subthresholdAdaptation - w) * (p.step / p.adaptationTimeConstant)
    let spikes = (charged - p.peak).spikes(p.surrogate)
    let resetting = p.detachesReset ? spikes.detached() : spikes
    let membrane = A.select(resetting - 0.5, charged * 0 + p.resetPotential, otherwise: charged)
    return (spikes, Variables(membrane, adapted + resetting * p.spikeAdaptation))
  }
}
