import Statistics
import Support
import Tensors

/// How much of a unit's responses comes back when the same stimuli are shown again: the most that any model can be asked to predict.
public struct NoiseCeiling: Sendable, Equatable {
  /// The reliability of the mean over all repeats, by unit: the correlation to be expected with another such mean.
  public let reliabilities: [Double]

  /// The most that a prediction without noise can correlate with the mean over repeats: the root of the reliability.
  public var ceilings: [Double] { reliabilities.map { Swift.max(0, $0).squareRoot() } }

  /// From responses `[R, S, N]` of R repeats: the mean correlation of random halves of the repeats, raised to the reliability of all of
  /// them (Spearman, 1910; Brown, 1910).
  ///
  /// - Throws: `CajalError` for another shape, or fewer than two repeats.
  public init(_ responses: Tensor, splits: Int = 100, using generator: inout RandomGenerator) throws {
    guard responses.rank == 3, responses.size(0) > 1, responses.size(1) > 1 else {
      throw CajalError(
        "responses of the shape \(responses.shape), expected at least 2 repeats × 2 samples × units")
    }
    precondition(splits > 0, "\(splits) splits")
    let plain = responses.detached().to(.float64)
    let repeats = responses.size(0)
    let half = repeats / 2
    var sums = [Double](repeating: 0, count: responses.size(2))
    for _ in 0..<splits {
      let order = generator.permutation(repeats)
      let means = [order[..<half], order[half..<2 * half]].map {
        plain.selected(Tensor(Array($0)), axis: 0).mean(axis: 0)
      }
      let moments = try JointMoments(means[0], means[1])
      for (unit, value) in moments.correlations().between.diagonal().doubles.enumerated() {
        sums[unit] += value / Double(splits)
      }
    }
    let factor = Double(repeats) / Double(half)
    reliabilities = sums.map { Self.raised($0, factor) }
  }

  /// The reliability of `factor` times as many measurements, after Spearman and Brown.
  public static func raised(_ reliability: Double, _ factor: Double) -> Double {
    factor * reliability / (1 + (factor - 1) * reliability)
  }
}
