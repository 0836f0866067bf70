import Support
import Tensors

/// Changes chosen neurons as they pass a site; gradients flow through what is left of the original.
public final class Perturbation: Instrument {
  public enum Kind {
    /// Every sample takes this value.
    case clamp(Double)
    /// The value of each neuron in order, one a neuron.
    case clampEach([Double])
    case scale(Double)
    /// The activity of another run, of the same shape.
    case patch(Tensor)
    /// Adds independent normal noise.
    case noise(deviation: Double)

    /// Silences the neurons.
    public static var ablate: Kind { .clamp(0) }
  }

  public let sites: SitePattern
  public let kind: Kind
  /// Which neurons, by position; all if nil.
  public let neurons: [Int]?
  /// The axis along which neurons lie.
  public let axis: Int
  /// At which positions it acts, along axis 1 of `[B, T, …]`; everywhere if nil. Positions that an activity does not
  /// have are left out.
  public let positions: Range<Int>?
  private var generator: RandomGenerator

  /// - Parameter seed: For noise.
  public init(
    _ kind: Kind, at sites: SitePattern, neurons: [Int]? = nil, axis: Int = -1, positions: Range<Int>? = nil,
    seed: UInt64 = 0
  ) {
    self.kind = kind
    self.sites = sites
    self.neurons = neurons
    self.axis = axis
    self.positions = positions
    generator = RandomGenerator(seed: seed)
  }

  public func apply(_ site: String, _ activity: Tensor) -> Tensor {
    var result = changed(activity, site)
    if let neurons {
      let extent = activity.size(axis)
      precondition(
        neurons.allSatisfy { (0..<extent).contains($0) },
        "neurons \(neurons) at '\(site)', which has \(extent)")
      let chosen = Set(neurons)
      let mask = along(Tensor((0..<extent).map(chosen.contains)), activity, axis: axis)
      result = result.chosen(where: mask, else: activity)
    }
    if let positions {
      precondition(activity.rank >= 3, "positions at '\(site)', whose activity is \(activity.shape)")
      let mask = along(Tensor((0..<activity.size(1)).map(positions.contains)), activity, axis: 1)
      result = result.chosen(where: mask, else: activity)
    }
    return result
  }

  /// A vector over an axis, shaped to broadcast against the activity.
  private func along(_ vector: Tensor, _ activity: Tensor, axis: Int) -> Tensor {
    var shape = [Int](repeating: 1, count: activity.rank)
    shape[axis < 0 ? axis + activity.rank : axis] = vector.count
    return vector.reshaped(shape)
  }

  private func changed(_ activity: Tensor, _ site: String) -> Tensor {
    switch kind {
    case .clamp(let value):
      return Tensor.full(activity.shape, value, activity.elementType, on: activity.device)
    case .clampEach(let values):
      let targets = neurons ?? Array(0..<activity.size(axis))
      precondition(
        values.count == targets.count, "\(values.count) values for \(targets.count) neurons at '\(site)'")
      var all = [Double](repeating: 0, count: activity.size(axis))
      for (neuron, value) in zip(targets, values) { all[neuron] = value }
      return along(Tensor(all, as: activity.elementType), activity, axis: axis).expanded(activity.shape)
    case .scale(let factor): return activity * factor
    case .patch(let other):
      precondition(
        other.shape == activity.shape, "patch of \(other.shape) for \(activity.shape) at '\(site)'")
      return other
    case .noise(let deviation):
      return activity
        + Tensor.normal(activity.shape, deviation: deviation, activity.elementType, using: &generator)
    }
  }
}
