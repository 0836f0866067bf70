import Foundation
import Tensors

/// What spike response neurons remember.
public struct SpikeResponseState: NeuronState {
  /// The slow and the fast trace of the input, and what the neuron's own spikes left, `[B, N]`.
  public var slow, fast, refractoriness: Tensor

  public init(_ variables: [Tensor]) {
    (slow, fast, refractoriness) = (variables[0], variables[1], variables[2])
  }
  public var variables: [Tensor] { [slow, fast, refractoriness] }
}

/// Spike response neurons (SRM; Gerstner, 1995): a sum of responses to what came in and to the neuron's own spikes.
///
///     u(t) = Σ ε(t - t′) x(t′) + Σ η(t - t″),   a spike where u >= θ
///     ε(s) = (exp(-s/τm) - exp(-s/τs)) / peak,  η(s) = -r θ exp(-(s - 1)/τr)
///
/// Times in steps. Both kernels are exponentials, so that a step needs no history. A spike that arrives now acts from the
/// next step on.
public struct SpikeResponse: NeuronModel {
  public typealias State = SpikeResponseState
  public static let variableCount = 3
  public let membraneTimeConstant, synapticTimeConstant, refractoryTimeConstant: Double
  public let threshold: Double
  /// r: how deep a spike pulls the membrane, in thresholds.
  public let refractoryStrength: Double
  public let detachesReset: Bool
  public let surrogate: SurrogateGradient
  private let slowKeep, fastKeep, refractoryKeep, height: Double

  public init(
    membraneTimeConstant: Double = 10, synapticTimeConstant: Double = 2.5,
    refractoryTimeConstant: Double = 10,
    threshold: Double = 1, refractoryStrength: Double = 1, detachesReset: Bool = true,
    surrogate: SurrogateGradient = .arctan()
  ) {
    precondition(
      membraneTimeConstant > synapticTimeConstant && synapticTimeConstant > 0 && refractoryTimeConstant > 0,
      "time constants \(membraneTimeConstant) > \(synapticTimeConstant) > 0 and \(refractoryTimeConstant) > 0"
    )
    (self.membraneTimeConstant, self.synapticTimeConstant) = (membraneTimeConstant, synapticTimeConstant)
    (self.refractoryTimeConstant, self.threshold) = (refractoryTimeConstant, threshold)
    (self.refractoryStrength, self.detachesReset) = (refractoryStrength, detachesReset)
    self.surrogate = surrogate
    slowKeep = exponential(-1 / membraneTimeConstant)
    fastKeep = exponential(-1 / synapticTimeConstant)
    refractoryKeep = exponential(-1 / refractoryTimeConstant)
    let (m, s) = (membraneTimeConstant, synapticTimeConstant)
    let top = m * s / (m - s) * log(m / s)
    height = 1 / (exponential(-top / m) - exponential(-top / s))
  }

  public var rest: [Double] { [0, 0, 0] }

  @inline(__always)
  public func advance<A: NeuronArithmetic>(_ inputs: Variables<A>, _ state: Variables<A>, _: Variables<A>)
    -> (output: A, state: Variables<A>)
  {
    let (slow, fast) = (state[0] * slowKeep, state[1] * fastKeep)
    let potential = (slow - fast) * height - state[2]
    let spikes = (potential - threshold).spikes(surrogate)
    let resetting = detachesReset ? spikes.detached() : spikes
    return (
      spikes,
      Variables(
        slow + inputs[0], fast + inputs[0],
        state[2] * refractoryKeep + resetting * (refractoryStrength * threshold))
    )
  }
}
