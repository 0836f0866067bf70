import Tensors

/// What Hodgkin and Huxley's neurons remember.
public struct HodgkinHuxleyState: NeuronState {
  /// Millivolts, `[B, N]`.
  public var membrane: Tensor
  /// Sodium activation and inactivation, potassium activation, `[B, N]`.
  public var m, h, n: Tensor

  public init(_ variables: [Tensor]) {
    (membrane, m, h, n) = (variables[0], variables[1], variables[2], variables[3])
  }
  public var variables: [Tensor] { [membrane, m, h, n] }
}

/// The squid's giant axon (Hodgkin and Huxley, 1952, with today's sign of the potential).
///
///     C dv/dt = I - gNa m³ h (v - ENa) - gK n⁴ (v - EK) - gL (v - EL)
///     dx/dt = α(v) (1 - x) - β(v) x,   x = m, h, n
///
/// Current in µA/cm², conductances in mS/cm², C in µF/cm², times in milliseconds. Every variable goes exponentially
/// towards where the others pull it (exponential Euler). A spike is where the membrane rises through the threshold.
public struct HodgkinHuxley: NeuronModel {
  public typealias State = HodgkinHuxleyState
  public static let variableCount = 4

  public struct Parameters: Sendable, Equatable {
    public var step = 0.025
    public var capacitance = 1.0
    public var sodium = 120.0
    public var potassium = 36.0
    public var leak = 0.3
    public var sodiumReversal = 50.0
    public var potassiumReversal = -77.0
    public var leakReversal = -54.387
    /// What the membrane must rise through for a spike, millivolts.
    public var threshold = 0.0
    /// Over distances of millivolts.
    public var surrogate = SurrogateGradient.arctan(alpha: 0.1)

    public init() {}
  }

  public let parameters: Parameters

  public init(_ parameters: Parameters = Parameters()) {
    precondition(parameters.step > 0 && parameters.capacitance > 0, "\(parameters)")
    self.parameters = parameters
  }

  /// At -65 mV every gate is where it stays.
  public var rest: [Double] {
    let v = -65.0
    func gate(_ rates: (alpha: Double, beta: Double)) -> Double { rates.alpha / (rates.alpha + rates.beta) }
    let m = gate((0.1 * (v + 40) / (1 - exponential(-(v + 40) / 10)), 4 * exponential(-(v + 65) / 18)))
    let h = gate((0.07 * exponential(-(v + 65) / 20), 1 / (1 + exponential(-(v + 35) / 10))))
    let n = gate((0.01 * (v + 55) / (1 - exponential(-(v + 55) / 10)), 0.125 * exponential(-(v + 65) / 80)))
    return [v, m, h, n]
  }

  /// `x / (1 - exp(-x))`, with its limit of one at zero.
  @inline(__always)
  private func rectified<A: NeuronArithmetic>(_ x: A) -> A {
    // Near zero by its series, which is exact to 1e-8 there.
    let nearZero = 0.01 * 0.01 - x * x
    let safe = A.select(nearZero, x * 0 + 1, otherwise: x)
    return A.select(nearZero, x * 0.5 + x * x * (1.0 / 12) + 1, otherwise: safe / (1 - (safe * -1).exp()))
  }

  /// A gate after one step.
  @inline(__always)
  private func moved<A: NeuronArithmetic>(_ gate: A, _ alpha: A, _ beta: A) -> A {
    let total = alpha + beta
    let target = alpha / total
    return target + (gate - target) * (total * -parameters.step).exp()
  }

  @inline(__always)
  public func advance<A: NeuronArithmetic>(_ inputs: Variables<A>, _ state: Variables<A>, _: Variables<A>)
    -> (output: A, state: Variables<A>)
  {
    let p = parameters
    let v = state[0]
    let m = moved(state[1], rectified((v + 40) * 0.1), ((v + 65) * (-1.0 / 18)).exp() * 4)
    let h = moved(state[2], ((v + 65) * -0.05).exp() * 0.07, ((v + 35) * 0.1).sigmoid())
    let n = moved(state[3], rectified((v + 55) * 0.1) * 0.1, ((v + 65) * (-1.0 / 80)).exp() * 0.125)
    let (sodium, potassium) = (m * m * m * h * p.sodium, n * n * n * n * p.potassium)
    let total = sodium + potassium + p.leak
    let pull =
      sodium * p.sodiumReversal + potassium * p.potassiumReversal + p.leak * p.leakReversal + inputs[0]
    let target = pull / total
    let next = target + (v - target) * (total * (-p.step / p.capacitance)).exp()
    // Above now, and not before.
    let spikes = (next - p.threshold).spikes(p.surrogate) * (p.threshold - v).spikes(p.surrogate).detached()
    return (spikes, Variables(next, m, h, n))
  }
}
