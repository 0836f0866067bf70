import Foundation
import Support
import Tensors

/// Multiplicative homeostasis: a neuron scales all its incoming weights so that it fires at its target rate (Turrigiano et
/// al., 1998; van Rossum, Bi and Turrigiano, 2000, equations 4 and 5).
///
/// `τ da/dt = -a + Σ δ(t - t_spike)`, `dw/dt = w (β (a* - a) + γ ∫ (a* - a) dt)`. Between spikes all of it is known in closed form;
/// factors are exponentials, so that weights keep their signs and their proportions.
public struct SynapticScaling: Sendable, Equatable {
  /// a*, spikes a second.
  public let targetRate: Double
  /// β, per second and hertz.
  public let proportional: Double
  /// γ, per second squared and hertz.
  public let integral: Double
  /// τ of the neuron's sense of its own activity, ms.
  public let sensorTimeConstant: Double

  /// - Parameters: By default those of van Rossum et al. (2000): 4e-5, 1e-7 and 100 s.
  public init(
    targetRate: Double, proportional: Double = 4e-5, integral: Double = 1e-7,
    sensorTimeConstant: Double = 100_000
  ) {
    precondition(
      targetRate >= 0 && sensorTimeConstant > 0,
      "a target of \(targetRate) Hz, a sensor of \(sensorTimeConstant) ms")
    (self.targetRate, self.proportional, self.integral) = (targetRate, proportional, integral)
    self.sensorTimeConstant = sensorTimeConstant
  }

  /// What each neuron knows of itself.
  public struct State: Sendable, Equatable {
    /// a, spikes a second.
    public var activity: [Double]
    /// The integral of a* - a, spikes.
    public var deficit: [Double]

    /// - Parameter activity: Where the sensors start.
    public init(neurons: Int, activity: Double = 0) {
      self.activity = [Double](repeating: activity, count: neurons)
      deficit = [Double](repeating: 0, count: neurons)
    }
  }

  /// Takes in how often each neuron fired just now and lets a time without spikes pass.
  /// - Parameter elapsed: ms.
  /// - Returns: By what each neuron's incoming weights are to be multiplied.
  public func advance(_ state: inout State, spikes: [Int], elapsed: Double) -> [Double] {
    precondition(
      spikes.count == state.activity.count, "spikes of \(spikes.count) neurons, not \(state.activity.count)")
    let (time, tau) = (elapsed / 1000, sensorTimeConstant / 1000)
    let left = exp(-time / tau)
    return spikes.indices.map { neuron in
      let activity = state.activity[neuron] + Double(spikes[neuron]) / tau
      let deficit = state.deficit[neuron]
      // ∫ (a* - a) and ∫∫ (a* - a) over the time, a falling exponentially.
      let once = targetRate * time - activity * tau * (1 - left)
      let twice = targetRate * time * time / 2 - activity * tau * (time - tau * (1 - left))
      state.activity[neuron] = activity * left
      state.deficit[neuron] = deficit + once
      return exp(proportional * once + integral * (deficit * time + twice))
    }
  }

  /// Weights `[out, in]` multiplied by their target's factor.
  public static func scaled(_ weight: Tensor, by factors: [Double]) -> Tensor {
    precondition(
      weight.rank == 2 && weight.size(0) == factors.count, "\(factors.count) factors for \(weight.shape)")
    return weight * Tensor(factors, shape: [factors.count, 1], as: weight.elementType)
  }

  /// Weights of a sparse projection multiplied by their target's factor.
  public static func scale<S: BinaryFloatingPoint>(
    _ weights: inout [S], of connectivity: Connectivity, by factors: [Double]
  ) {
    precondition(
      weights.count == connectivity.count && factors.count == connectivity.targets,
      "\(weights.count) weights and \(factors.count) factors for \(connectivity.count) synapses")
    for synapse in weights.indices { weights[synapse] *= S(factors[Int(connectivity.target[synapse])]) }
  }
}

/// Holds the sum of each neuron's incoming weights, taken without signs, at a total (as Diehl and Cook, 2015, after every
/// digit).
public struct IncomingNormalisation: Sendable, Equatable {
  public let total: Double

  public init(total: Double) {
    precondition(total > 0, "a total of \(total)")
    self.total = total
  }

  /// Weights `[out, in]`, each row scaled; rows of zeros stay.
  public func normalised(_ weight: Tensor) -> Tensor {
    precondition(weight.rank == 2, "weights [out, in] are needed, not \(weight.shape)")
    return withoutGradients {
      let sums = weight.detached().abs().sum(axis: 1, keep: true)
      // A row of zeros is divided by one.
      return weight.detached() * (total / (sums + (sums .== 0).to(sums.elementType)))
    }
  }

  /// Weights of a sparse projection; targets whose weights are zero stay as they are.
  public func normalise<S: BinaryFloatingPoint>(_ weights: inout [S], of connectivity: Connectivity) {
    precondition(
      weights.count == connectivity.count, "\(weights.count) weights for \(connectivity.count) synapses")
    var sums = [Double](repeating: 0, count: connectivity.targets)
    for synapse in weights.indices {
      sums[Int(connectivity.target[synapse])] += Double(abs(weights[synapse]))
    }
    SynapticScaling.scale(&weights, of: connectivity, by: sums.map { $0 == 0 ? 1 : total / $0 })
  }
}
