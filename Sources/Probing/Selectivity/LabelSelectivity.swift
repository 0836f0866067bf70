import Foundation
import Support

/// Finds the neurons that serve few labels and are strongly active for them (Zhang et al. 2025, a refinement of LAPE, Tang
/// et al. 2024), and says which labels they serve.
///
/// A neuron's score is its normalised entropy over the labels less `lambda` times its greatest probability, the latter
/// divided by `(1/K) Σ 1/j`; the share `topRate` of neurons with the lowest score is selected. A selected neuron serves the labels for
/// which its probability exceeds the quantile `bar` of *all* probabilities.
///
/// ```swift
/// var rule = LabelSelectivity()
/// rule.lambda = rule.sweep(probabilities).lambda
/// let found = rule.identify(probabilities)
/// let german = found.neurons(of: 2)                    // a NeuronSet: ablate it, see what happens
/// ```
public struct LabelSelectivity: Sendable, Equatable {
  /// Which share of all neurons is selected.
  public var topRate = 0.01
  /// Which share of all probabilities lies below the threshold that a served label must exceed.
  public var bar = 0.95
  /// How much strong activity counts against entropy; 0 is LAPE without its filter of activity.
  public var lambda = 0.0

  public init(topRate: Double = 0.01, bar: Double = 0.95, lambda: Double = 0) {
    precondition((0...1).contains(topRate) && (0...1).contains(bar), "top rate \(topRate), bar \(bar)")
    self.topRate = topRate
    self.bar = bar
    self.lambda = lambda
  }

  /// `(1/K) Σ_{j=1…K} 1/j`, by which the greatest probability is divided.
  public static func norm(labels: Int) -> Double {
    (1...labels).reduce(0) { $0 + 1 / Double($1) } / Double(labels)
  }

  /// The score of each neuron `[L · N]`; low is selective and active.
  public func scores(_ probabilities: ActivationProbabilities) -> [Double] {
    Self.scores(probabilities.entropies, probabilities.maxima, lambda, labels: probabilities.labels)
  }

  private static func scores(_ entropies: [Double], _ maxima: [Double], _ lambda: Double, labels: Int)
    -> [Double]
  {
    let factor = lambda / norm(labels: labels)
    return zip(entropies, maxima).map { $0 - $1 * factor }
  }

  /// How many neurons are selected; halves round to even.
  private func selectedCount(_ count: Int) -> Int {
    Swift.min(count, Int((Double(count) * topRate).rounded(.toNearestOrEven)))
  }

  /// The flat positions of the lowest scores, ascending; of equals the lower position.
  private func selected(_ scores: [Double]) -> [Int] {
    let order = scores.indices.sorted { scores[$0] != scores[$1] ? scores[$0] < scores[$1] : $0 < $1 }
    return order.prefix(selectedCount(scores.count)).sorted()
  }

  /// The `round(bar · count)`-th smallest of all probabilities; -infinity for bar 0.
  private func threshold(_ probabilities: ActivationProbabilities) -> Double {
    let rank = Int((Double(probabilities.values.count) * bar).rounded(.toNearestOrEven))
    return rank == 0 ? -.infinity : probabilities.values.sorted()[rank - 1]
  }

  /// The selected neurons and the labels that they serve.
  public func identify(_ probabilities: ActivationProbabilities) -> SelectiveNeurons {
    SelectiveNeurons(
      probabilities, selected: selected(scores(probabilities)), threshold: threshold(probabilities))
  }

  /// What a sweep of lambda found.
  public struct Sweep: Sendable, Equatable {
    /// The largest lambda found at which no selected neuron serves all labels; nil if none was.
    public var lambda: Double?
    /// Every lambda that was tried, in order, with how many selected neurons serve 0…K labels.
    public var tried: [(lambda: Double, served: [Int])] = []

    public static func == (a: Sweep, b: Sweep) -> Bool {
      a.lambda == b.lambda && a.tried.map(\.lambda) == b.tried.map(\.lambda)
        && a.tried.map(\.served) == b.tried.map(\.served)
    }
  }

  /// Searches the largest lambda of `range` at which no selected neuron serves all labels, by bisection to `tolerance`.
  ///
  /// - Parameter ignoresUpperEnd: Whether to bisect on where the upper end itself is fine, as the paper's own program does;
  ///   the answer lies just below the end then. Otherwise the end is the answer.
  public func sweep(
    _ probabilities: ActivationProbabilities, in range: ClosedRange<Double> = 0...0.2,
    tolerance: Double = 1e-3,
    ignoresUpperEnd: Bool = false
  ) -> Sweep {
    precondition(tolerance > 0, "a tolerance of \(tolerance)")
    let (entropies, maxima) = (probabilities.entropies, probabilities.maxima)
    let threshold = threshold(probabilities)
    var sweep = Sweep()
    func isFine(_ lambda: Double) -> Bool {
      let scores = Self.scores(entropies, maxima, lambda, labels: probabilities.labels)
      let found = SelectiveNeurons(probabilities, selected: selected(scores), threshold: threshold)
      sweep.tried.append((lambda, found.servedCounts))
      return found.servedCounts[probabilities.labels] == 0
    }
    var (low, high) = (range.lowerBound, range.upperBound)
    if isFine(low) { sweep.lambda = low }
    if isFine(high) {
      sweep.lambda = high
      if !ignoresUpperEnd { return sweep }
    }
    while high - low > tolerance {
      let middle = (low + high) / 2
      if isFine(middle) { (sweep.lambda, low) = (middle, middle) } else { high = middle }
    }
    return sweep
  }
}
