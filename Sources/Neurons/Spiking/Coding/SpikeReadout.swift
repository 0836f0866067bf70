import Tensors

/// What a sequence of outputs says: `[T, B, N]` to `[B, N]`.
public enum SpikeReadout: Sendable, Equatable {
  /// Spikes in all.
  case count
  /// Spikes a step.
  case rate
  /// The step of the first spike; T where there is none.
  case firstSpike
  /// The membrane at its highest, in the mean, in the end, or summed.
  case highest, mean, last, sum
  /// The softmax over neurons at each step, summed over steps.
  case summedSoftmax

  /// Gradients flow through all of them; through first spikes by the earliest spike's own value (spikes that come
  /// earlier lower the reading by one step each).
  public func callAsFunction(_ sequence: Tensor) -> Tensor {
    switch self {
    case .count, .sum: sequence.sum(axis: 0)
    case .rate, .mean: sequence.mean(axis: 0)
    case .firstSpike:
      // Steps before which nothing has fired yet: the running product of silence.
      (1 - sequence).cumulativeProduct(axis: 0).sum(axis: 0)
    case .highest: sequence.max(axes: [0])
    case .last: sequence[sequence.size(0) - 1]
    case .summedSoftmax: sequence.softmax(axis: -1).sum(axis: 0)
    }
  }
}
