import Foundation
import Support

/// A neuron of NIR with its equations taken in steps of time `dt`.
///
/// NIR's parameters belong to continuous time; a step of length dt is, for each neuron,
///
///     i ← synapticDecay · i + synapticGain · x     (current-based neurons; else i = x)
///     v ← decay · v + gain · i + offset
///     spike = v > threshold;  v ← reset where it spikes
///
/// with Euler's method, which snnTorch, SpikingJelly and most others use: decay = 1 - dt/τ, gain = R dt/τ,
/// offset = v_leak dt/τ (LI and LIF); decay = 1, gain = R dt, offset = 0 (I and IF); synapticDecay = 1 -
/// dt/τ_syn, synapticGain = w_in dt/τ_syn. With ``Method/exponential`` dt/τ is replaced by 1 - exp(-dt/τ),
/// exact for inputs that are constant over a step.
///
/// How others fill the parameters (both with dt = 10⁻⁴ s unless told otherwise):
/// - snnTorch's `Leaky` with β: τ = dt/(1-β), R = τ/dt, so that gain = 1 and decay = β; `Synaptic` with α, β:
///   τ_syn = dt/(1-α), w_in = τ_syn/dt, so that synapticGain = 1. The way of resetting is not stored: what it
///   imports resets to zero in the same step.
/// - SpikingJelly's `LIFNode` with τ in steps: τ_NIR = τ dt; R = 1 with `decay_input` (gain 1/τ), R = τ
///   without (gain 1); v_leak = v_reset. `IFNode`: R = 1/dt, so that gain = 1. It spikes where v ≥ threshold,
///   NIR where v > threshold: they differ only if v meets it exactly.
public struct NIRDiscreteNeuron: Sendable, Equatable {
  public enum Method: Sendable { case euler, exponential }

  /// Nil for neurons whose current is the input itself.
  public let synapticDecay: NIRArray?
  public let synapticGain: NIRArray?
  public let decay: NIRArray
  public let gain: NIRArray
  public let offset: NIRArray
  /// Nil for neurons that never spike, whose output is v.
  public let threshold: NIRArray?
  public let reset: NIRArray?

  /// - Parameter dt: Seconds a step.
  /// - Throws: `CajalError` naming `name` when the operation is no neuron, or Euler's steps are longer than a
  ///   time constant.
  public init(_ operation: NIROperation, dt: Double, method: Method = .euler, name: String = "the node")
    throws
  {
    precondition(dt > 0, "a time step of \(dt) s")
    let steps = NIRTimeSteps(dt: dt, method: method, name: name)
    switch operation {
    case .integrator(let r): self.init(steps.plain(r))
    case .integrateAndFire(let r, let threshold, let reset):
      self.init(steps.plain(r), threshold: threshold, reset: reset)
    case .leakyIntegrator(let tau, let r, let leak): self.init(try steps.leaky(tau, r, leak))
    case .lif(let neuron):
      self.init(try steps.leaky(neuron), threshold: neuron.threshold, reset: neuron.reset)
    case .currentLeakyIntegrator(let synapticTau, let tau, let r, let leak, let weight):
      self.init(try steps.leaky(tau, r, leak), synapse: try steps.synapse(synapticTau, weight))
    case .currentLIF(let synapticTau, let neuron, let weight):
      self.init(
        try steps.leaky(neuron), synapse: try steps.synapse(synapticTau, weight), threshold: neuron.threshold,
        reset: neuron.reset)
    default: throw CajalError("\(name) is a \(operation.typeName), which has no state to step")
    }
  }

  private init(
    _ membrane: NIRTimeSteps.Membrane, synapse: (decay: NIRArray, gain: NIRArray)? = nil,
    threshold: NIRArray? = nil, reset: NIRArray? = nil
  ) {
    (decay, gain, offset) = membrane
    (synapticDecay, synapticGain) = (synapse?.decay, synapse?.gain)
    (self.threshold, self.reset) = (threshold, reset)
  }
}

/// Equations in continuous time as factors of one step.
private struct NIRTimeSteps {
  typealias Membrane = (decay: NIRArray, gain: NIRArray, offset: NIRArray)

  let dt: Double
  let method: NIRDiscreteNeuron.Method
  let name: String

  /// dv/dt = R I
  func plain(_ r: NIRArray) -> Membrane {
    (like(r, r.values.map { _ in 1 }), like(r, r.values.map { $0 * dt }), like(r, r.values.map { _ in 0 }))
  }

  /// τ dv/dt = (v_leak - v) + R I
  func leaky(_ tau: NIRArray, _ r: NIRArray, _ leak: NIRArray) throws -> Membrane {
    let share = try share(tau, "a time constant")
    return (
      like(tau, share.map { 1 - $0 }), like(tau, zip(share, r.values).map(*)),
      like(tau, zip(share, leak.values).map(*))
    )
  }

  func leaky(_ neuron: NIRLeakyNeuron) throws -> Membrane {
    try leaky(neuron.tau, neuron.resistance, neuron.leak)
  }

  /// τ_syn dI/dt = -I + w_in S
  func synapse(_ tau: NIRArray, _ weight: NIRArray) throws -> (decay: NIRArray, gain: NIRArray) {
    let share = try share(tau, "a synaptic time constant")
    return (like(tau, share.map { 1 - $0 }), like(tau, zip(share, weight.values).map(*)))
  }

  /// How much of the way to its goal a variable goes in a step.
  private func share(_ tau: NIRArray, _ what: String) throws -> [Double] {
    guard method == .exponential || tau.values.allSatisfy({ $0 >= dt * (1 - 1e-6) }) else {
      throw CajalError(
        "\(name): \(what) of \(tau.values.min() ?? 0) s is shorter than the time step of \(dt) s")
    }
    return tau.values.map { method == .euler ? min(dt / $0, 1) : 1 - exp(-dt / $0) }
  }

  private func like(_ array: NIRArray, _ values: [Double]) -> NIRArray {
    NIRArray(values, shape: array.shape, precision: array.precision)
  }
}
