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
/// with Euler's method, which snnTorch, SpikingJelly and most others use:
/// decay = 1 - dt/τ, gain = R dt/τ, offset = v_leak dt/τ (LI and LIF); decay = 1, gain = R dt, offset = 0 (I and IF);
/// synapticDecay = 1 - dt/τ_syn, synapticGain = w_in dt/τ_syn. With ``Method/exponential`` dt/τ is replaced by 1 - exp(-dt/τ), exact
/// for inputs that are constant over a step.
///
/// How others fill the parameters (both with dt = 10⁻⁴ s unless told otherwise):
/// - snnTorch's `Leaky` with β: τ = dt/(1-β), R = τ/dt, so that gain = 1 and decay = β; `Synaptic` with α, β: τ_syn = dt/(1-α), w_in = τ_syn/dt, so
///   that synapticGain = 1. The way of resetting is not stored: what it imports resets to zero in the same step.
/// - SpikingJelly's `LIFNode` with τ in steps: τ_NIR = τ dt; R = 1 with `decay_input` (gain 1/τ), R = τ without (gain 1); v_leak = v_reset. `IFNode`: R = 1/dt,
///   so that gain = 1. It spikes where v ≥ threshold, NIR where v > threshold: they differ only if v meets it exactly.
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
  /// - Throws: `CajalError` naming `name` when the operation is no neuron, or Euler's steps are longer than a time constant.
  public init(_ operation: NIROperation, dt: Double, method: Method = .euler, name: String = "the node")
    throws
  {
    precondition(dt > 0, "a time step of \(dt) s")
    func share(_ tau: NIRArray, _ of: String) throws -> [Double] {
      guard method == .exponential || tau.values.allSatisfy({ $0 >= dt * (1 - 1e-6) }) else {
        throw CajalError(
          "\(name): \(of) of \(tau.values.min() ?? 0) s is shorter than the time step of \(dt) s")
      }
      return tau.values.map { method == .euler ? min(dt / $0, 1) : 1 - exp(-dt / $0) }
    }
    func like(_ array: NIRArray, _ values: [Double]) -> NIRArray {
      NIRArray(values, shape: array.shape, precision: array.precision)
    }
    func leaky(_ tau: NIRArray, _ r: NIRArray, _ leak: NIRArray) throws -> (NIRArray, NIRArray, NIRArray) {
      let share = try share(tau, "a time constant")
      return (
        like(tau, share.map { 1 - $0 }), like(tau, zip(share, r.values).map(*)),
        like(tau, zip(share, leak.values).map(*))
      )
    }
    func plain(_ r: NIRArray) -> (NIRArray, NIRArray, NIRArray) {
      (like(r, r.values.map { _ in 1 }), like(r, r.values.map { $0 * dt }), like(r, r.values.map { _ in 0 }))
    }
    func synapse(_ tau: NIRArray, _ weight: NIRArray) throws -> (NIRArray, NIRArray) {
      let share = try share(tau, "a synaptic time constant")
      return (like(tau, share.map { 1 - $0 }), like(tau, zip(share, weight.values).map(*)))
    }
    switch operation {
    case .integrator(let r):
      (decay, gain, offset) = plain(r)
      (threshold, reset, synapticDecay, synapticGain) = (nil, nil, nil, nil)
    case .integrateAndFire(let r, let threshold, let reset):
      (decay, gain, offset) = plain(r)
      (self.threshold, self.reset, synapticDecay, synapticGain) = (threshold, reset, nil, nil)
    case .leakyIntegrator(let tau, let r, let leak):
      (decay, gain, offset) = try leaky(tau, r, leak)
      (threshold, reset, synapticDecay, synapticGain) = (nil, nil, nil, nil)
    case .lif(let neuron):
      (decay, gain, offset) = try leaky(neuron.tau, neuron.resistance, neuron.leak)
      (threshold, reset, synapticDecay, synapticGain) = (neuron.threshold, neuron.reset, nil, nil)
    case .currentLeakyIntegrator(let synapticTau, let tau, let r, let leak, let weight):
      (decay, gain, offset) = try leaky(tau, r, leak)
      (threshold, reset) = (nil, nil)
      let (decay, gain) = try synapse(synapticTau, weight)
      (synapticDecay, synapticGain) = (decay, gain)
    case .currentLIF(let synapticTau, let neuron, let weight):
      (decay, gain, offset) = try leaky(neuron.tau, neuron.resistance, neuron.leak)
      (threshold, reset) = (neuron.threshold, neuron.reset)
      let (decay, gain) = try synapse(synapticTau, weight)
      (synapticDecay, synapticGain) = (decay, gain)
    default: throw CajalError("\(name) is a \(operation.typeName), which has no state to step")
    }
  }
}
