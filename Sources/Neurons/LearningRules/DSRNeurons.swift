import Foundation
import Support
import Tensors

/// The constants of a neuron that is trained by its weighted firing rate.
public struct DSRParameters: Sendable, Equatable {
  /// τ of the membrane, in the unit of ``timeStep``.
  public var timeConstant: Double
  /// Δt of one step.
  public var timeStep: Double
  /// The neuron fires at this share α of the threshold.
  public var firingShare: Double
  /// V_th at the start: what a spike subtracts, and its height times Δt.
  public var threshold: Double
  /// The threshold never falls below this.
  public var lowestThreshold: Double

  public init(
    timeConstant: Double = 1, timeStep: Double = 0.05, firingShare: Double = 0.3, threshold: Double = 0.3,
    lowestThreshold: Double = 0.0005
  ) {
    precondition(
      timeConstant > 0 && timeStep > 0 && threshold > 0,
      "time constant \(timeConstant), time step \(timeStep), threshold \(threshold)")
    self.timeConstant = timeConstant
    self.timeStep = timeStep
    self.firingShare = firingShare
    self.threshold = threshold
    self.lowestThreshold = lowestThreshold
  }

  /// What the membrane keeps in a step: exp(-Δt/τ).
  public var decay: Double { exp(-timeStep / timeConstant) }

  /// The weights of the steps in an average over time, exp(-(T - t) Δt/τ) for t = 1…T, brought to a sum of one.
  public func weights(steps: Int) -> [Double] {
    let raw = (1...max(steps, 1)).map { exp(-Double(steps - $0) * timeStep / timeConstant) }
    let sum = raw.reduce(0, +)
    return raw.map { $0 / sum }
  }

  /// The weighted average over time, `[T, …]` -> `[…]`: firing rates, of spikes.
  public func weightedRate(_ x: Tensor) -> Tensor {
    let weights = Tensor(weights(steps: x.size(0)), shape: [1, x.size(0)], as: x.elementType)
    return weights.matmul(x.reshaped(x.size(0), -1)).reshaped(Array(x.shape.dropFirst()))
  }
}

/// Leaky integrate-and-fire neurons whose gradient is that of their firing rate (differentiation on spike
/// representation: Meng et al., 2022).
///
/// Forward, from rest, with β = exp(-Δt/τ):
///
///     m = β m + (1 - β) z[t];   s = V_th where m >= α V_th, else 0;   m = m - s;   output s/Δt
///
/// Backward the neuron is the clipped line between the weighted average current r and the weighted rate: every step
/// receives `T·ĝ/(τ T)` where `0 < r < V_th τ/Δt`, with ĝ the weighted average of the gradients, and the threshold
/// receives Δt times the sum of `T·ĝ` where r is above. No surrogate of the spike is needed.
///
/// ```swift
/// let neurons = DSRNeurons()
/// let spikes = neurons(currents)                       // [T, B, N]
/// let rates = neurons.parameters.weightedRate(spikes)  // [B, N]
/// ```
public struct DSRNeurons: Sendable {
  public let parameters: DSRParameters

  public init(_ parameters: DSRParameters = DSRParameters()) { self.parameters = parameters }

  /// Spikes of height V_th/Δt for currents `[T, …]`.
  ///
  /// - Parameter threshold: V_th as a tensor of one element, to be trained; the parameters' own if nil.
  public func callAsFunction(_ currents: Tensor, threshold: Tensor? = nil) -> Tensor {
    precondition(currents.rank >= 2, "DSR neurons take [T, …], not \(currents.shape)")
    let threshold = bounded(threshold, currents.elementType)
    return NeuronLoop.applies(to: currents, threshold)
      ? fused(currents, threshold) : unfused(currents, threshold)
  }

  /// The threshold, at least the lowest one.
  private func bounded(_ threshold: Tensor?, _ type: ElementType) -> Tensor {
    guard let threshold else { return Tensor(parameters.threshold, type) }
    precondition(threshold.count == 1, "one threshold for the population, not \(threshold.shape)")
    return (threshold - parameters.lowestThreshold).relu() + parameters.lowestThreshold
  }

  /// The same with tensor operations, step by step: for checks, other element types and devices.
  ///
  /// - Parameter threshold: V_th, one element.
  public func unfused(_ currents: Tensor, _ threshold: Tensor) -> Tensor {
    let parameters = parameters
    return customGradient([currents, threshold]) { inputs in
      let (z, vth) = (inputs[0], inputs[1].item)
      var membrane = Tensor.zeros(like: z[0])
      var outputs: [Tensor] = []
      for time in 0..<z.size(0) {
        membrane = membrane * parameters.decay + z[time] * (1 - parameters.decay)
        let spikes = (membrane .>= parameters.firingShare * vth).to(z.elementType) * vth
        membrane = membrane - spikes
        outputs.append(spikes / parameters.timeStep)
      }
      let rate = parameters.weightedRate(z)
      return (
        [Tensor.stacked(outputs)],
        { gradients in
          guard let gradient = gradients[0] else { return [nil, nil] }
          let limit = vth * parameters.timeConstant / parameters.timeStep
          let total = parameters.weightedRate(gradient)
          let inside = (rate .> 0).logicalAnd(rate .< limit).to(z.elementType)
          let saturated = (total * (rate .> limit).to(z.elementType)).sum() * Double(z.size(0))
          return [
            (total * inside / parameters.timeConstant).unsqueezed(0).expanded(z.shape),
            (saturated * parameters.timeStep).reshaped(inputs[1].shape),
          ]
        }
      )
    }[0]
  }
}
