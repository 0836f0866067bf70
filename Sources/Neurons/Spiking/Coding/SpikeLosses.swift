import Tensors

/// Losses on spikes and membranes of a sequence `[T, B, C]` with classes `[B]`.
public enum SpikeLoss {
  /// Cross-entropy of spike rates, as logits.
  public static func rateCrossEntropy(_ spikes: Tensor, _ classes: Tensor) -> Tensor {
    spikes.mean(axis: 0).crossEntropy(classes)
  }

  /// Cross-entropy of the membranes at every step, averaged over steps.
  public static func membraneCrossEntropy(_ membranes: Tensor, _ classes: Tensor) -> Tensor {
    let steps = membranes.size(0)
    return membranes.flattened(to: 1).crossEntropy(classes.tiled([steps]))
  }

  /// Cross-entropy of the highest membrane of each class (Zenke and Vogels, 2021).
  public static func highestMembraneCrossEntropy(_ membranes: Tensor, _ classes: Tensor) -> Tensor {
    SpikeReadout.highest(membranes).crossEntropy(classes)
  }

  /// Squared distance of spike counts from a wanted count: `right` for the class, `wrong` for the others, as shares of the
  /// steps.
  public static func countError(_ spikes: Tensor, _ classes: Tensor, right: Double = 1, wrong: Double = 0)
    -> Tensor
  {
    let steps = Double(spikes.size(0))
    let isRight = classes.oneHot(spikes.size(2)).to(spikes.elementType)
    let wanted = (isRight * (right - wrong) + wrong) * steps
    return (spikes.sum(axis: 0) - wanted).square().mean() / steps
  }

  /// Cross-entropy of first spikes: whoever fires first wins (Mostafa, 2018; times as negative logits).
  public static func firstSpikeCrossEntropy(_ spikes: Tensor, _ classes: Tensor, scale: Double = 1) -> Tensor
  {
    (SpikeReadout.firstSpike(spikes) * -scale).crossEntropy(classes)
  }
}

/// What keeps a population's activity within bounds, from its spikes `[T, B, N]`: added to a loss.
public enum ActivityRegulariser: Sendable, Equatable {
  /// The mean rate.
  case l1
  /// The mean of the squared rate of each neuron in each batch.
  case l2
  /// Squared distance of every neuron's mean rate from a wanted one.
  case rate(Double)
  /// Squared lack of spikes of neurons that fire less than this on average: wakes silent ones.
  case silent(below: Double)
  /// Squared excess of neurons that fire more than this on average: calms saturated ones.
  case saturated(above: Double)

  public func callAsFunction(_ spikes: Tensor) -> Tensor {
    switch self {
    case .l1: spikes.mean()
    case .l2: spikes.mean(axis: 0).square().mean()
    case .rate(let wanted): (spikes.mean(axes: [0, 1]) - wanted).square().mean()
    case .silent(let least): (least - spikes.mean(axes: [0, 1])).relu().square().mean()
    case .saturated(let most): (spikes.mean(axes: [0, 1]) - most).relu().square().mean()
    }
  }
}
