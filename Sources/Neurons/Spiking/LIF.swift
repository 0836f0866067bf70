import Support
import Tensors

/// What a leaky integrate-and-fire neuron is made of.
public struct LIFParameters: Sendable, Equatable {
  /// What happens to the membrane at a spike.
  public enum Reset: Sendable, Equatable {
    /// It takes this value.
    case hard(to: Double = 0)
    /// The threshold is subtracted.
    case soft
  }

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
      detachesReset: detachesReset,
      surrogate: surrogate)
  }

  /// Where the membrane rests.
  public var rest: Double { if case .hard(let value) = reset { value } else { 0 } }
  /// How much of its distance from rest the membrane keeps in a step.
  var keep: Double { 1 - 1 / timeConstant }
  /// The weight of the input.
  var gain: Double { decaysInput ? 1 / timeConstant : 1 }
}

/// What a population remembers from one step to the next: given in and returned, never hidden.
public struct LIFState {
  /// Membrane after reset, `[B, N]`.
  public var membrane: Tensor

  public init(membrane: Tensor) { self.membrane = membrane }
}

/// Leaky integrate-and-fire neurons (Lapicque, 1907), as a population over whole sequences.
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
public struct LIF: Sendable {
  public let parameters: LIFParameters

  public init(_ parameters: LIFParameters = LIFParameters()) { self.parameters = parameters }

  /// The population at rest.
  public func rest(like input: Tensor) -> LIFState {
    LIFState(membrane: Tensor.full(input.shape, parameters.rest, input.elementType, on: input.device))
  }

  /// One step through autograd: input `[B, N]` to spikes `[B, N]`.
  public func step(_ input: Tensor, _ state: LIFState) -> (spikes: Tensor, state: LIFState) {
    let rest = parameters.rest
    let charged = (state.membrane - rest) * parameters.keep + input * parameters.gain + rest
    let spikes = parameters.surrogate.spikes(charged - parameters.threshold)
    let resetting = parameters.detachesReset ? spikes.detached() : spikes
    let membrane =
      switch parameters.reset {
      case .hard(let value): charged * (1 - resetting) + resetting * value
      case .soft: charged - resetting * parameters.threshold
      }
    return (spikes, LIFState(membrane: membrane))
  }

  /// A whole sequence, input `[T, B, N]` to spikes `[T, B, N]`, from a state or from rest.
  ///
  /// Single precision on the CPU runs through one fused kernel with backpropagation through time; anything else
  /// step by step.
  public func callAsFunction(_ input: Tensor, from state: LIFState? = nil) -> (
    spikes: Tensor, state: LIFState
  ) {
    precondition(input.rank == 3, "LIF neurons take [T, B, N], not \(input.shape)")
    let start = state ?? rest(like: input[0])
    precondition(
      start.membrane.shape == Array(input.shape.dropFirst()),
      "a state of \(start.membrane.shape) for an input of \(input.shape)")
    guard input.elementType == .float32, start.membrane.elementType == .float32, input.device == .cpu,
      input.size(0) > 0
    else { return unfused(input, from: start) }
    return fused(input, from: start)
  }

  /// The same, step by step through autograd: for checks and for other element types and devices.
  public func unfused(_ input: Tensor, from state: LIFState? = nil) -> (spikes: Tensor, state: LIFState) {
    var state = state ?? rest(like: input[0])
    var all: [Tensor] = []
    for time in 0..<input.size(0) {
      let (spikes, next) = step(input[time], state)
      all.append(spikes)
      state = next
    }
    return (all.isEmpty ? input : Tensor.stacked(all), state)
  }
}
