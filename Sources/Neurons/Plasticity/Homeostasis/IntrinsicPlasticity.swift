import Support
import Tensors

/// Intrinsic plasticity: a neuron's threshold rises with each of its spikes and sinks in between, so that it comes to fire at
/// its target rate (Lazar, Pipa and Triesch, 2009: `T ← T + η (s - ρ)`).
public struct IntrinsicPlasticity: Sendable, Equatable {
  /// ρ, spikes a second.
  public let targetRate: Double
  /// η, by what a spike raises the threshold, in its unit.
  public let learningRate: Double
  /// Where thresholds stay.
  public let bounds: ClosedRange<Double>

  public init(
    targetRate: Double, learningRate: Double,
    bounds: ClosedRange<Double> = -Double.infinity...Double.infinity
  ) {
    precondition(targetRate >= 0, "a target of \(targetRate) Hz")
    (self.targetRate, self.learningRate, self.bounds) = (targetRate, learningRate, bounds)
  }

  /// The threshold after a time with some spikes.
  /// - Parameter elapsed: ms.
  @inline(__always)
  public func threshold<S: SimulationScalar>(_ threshold: S, spikes: Int, elapsed: Double) -> S {
    let change = learningRate * (Double(spikes) - targetRate * elapsed / 1000)
    return min(max(threshold + S(change), S(bounds.lowerBound)), S(bounds.upperBound))
  }

  /// Thresholds `[N]` after spikes `[T, B, N]`, a mean over the batch, outside the graph.
  /// - Parameter step: Length of a step, ms.
  public func thresholds(_ thresholds: Tensor, after spikes: Tensor, step: Double = 1) -> Tensor {
    withoutGradients {
      (thresholds.detached() + surplus(thresholds, spikes, step) * learningRate).clamped(to: bounds)
    }
  }

  /// Biases `[N]`, currents that do what thresholds do: they sink with spikes and rise in between.
  public func biases(_ biases: Tensor, after spikes: Tensor, step: Double = 1) -> Tensor {
    withoutGradients {
      (biases.detached() - surplus(biases, spikes, step) * learningRate).clamped(to: bounds)
    }
  }

  /// Spikes beyond those of the target rate.
  private func surplus(_ values: Tensor, _ spikes: Tensor, _ step: Double) -> Tensor {
    precondition(
      spikes.rank == 3 && values.shape == [spikes.size(2)],
      "spikes [T, B, N] for values [N] are needed, not \(spikes.shape) for \(values.shape)")
    let expected = targetRate * step / 1000 * Double(spikes.size(0))
    let counts = spikes.detached().sum(axes: [0]).mean(axis: 0).to(values.elementType)
    return counts - expected
  }
}
