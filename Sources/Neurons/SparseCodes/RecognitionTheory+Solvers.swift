import Foundation

extension RecognitionTheory {
  /// A segment that meets a demand.
  public struct Design: Equatable, Sendable {
    /// Synapses of the segment, s.
    public var synapses: Int
    /// Its lowest useful threshold, theta.
    public var threshold: Int
    /// The exact rate at random patterns.
    public var falsePositive: Double
    /// The exact rate at noisy copies of its own.
    public var falseNegative: Double
  }

  /// The thresholds whose errors stay below both limits, or nil.
  ///
  /// - Parameters:
  ///   - v: active cells replaced by noise.
  ///   - falsePositive: the rate of random patterns that may fire the segment, exclusive.
  ///   - falseNegative: the rate of noisy presentations that may be missed, exclusive.
  public static func thresholds(
    n: Int, a: Int, s: Int, v: Int, falsePositive: Double, falseNegative: Double
  ) -> ClosedRange<Int>? {
    guard let low = smallestThreshold(n: n, a: a, s: s, falsePositive: falsePositive),
      let high = largestThreshold(a: a, s: s, v: v, falseNegative: falseNegative), low <= high
    else { return nil }
    return low...high
  }

  /// The smallest threshold with a false-positive rate below `limit`; nil when even `s` is too low.
  public static func smallestThreshold(n: Int, a: Int, s: Int, falsePositive limit: Double) -> Int? {
    (1...max(s, 1)).first { falsePositive(n: n, a: a, s: s, theta: $0) < limit }
  }

  /// The largest threshold with a false-negative rate below `limit` when `v` of `a` cells are replaced; nil
  /// when even 1 is too high.
  public static func largestThreshold(a: Int, s: Int, v: Int, falseNegative limit: Double) -> Int? {
    (1...max(s, 1)).last { falseNegative(a: a, s: s, theta: $0, v: v) < limit }
  }

  /// The smallest segment, with its lowest threshold, that stays below both limits; nil if not even one with
  /// all `a` cells does.
  public static func smallestSegment(
    n: Int, a: Int, v: Int, falsePositive: Double, falseNegative: Double
  ) -> Design? {
    for s in 1...max(a, 1) {
      let range = thresholds(
        n: n, a: a, s: s, v: v, falsePositive: falsePositive, falseNegative: falseNegative)
      guard let theta = range?.lowerBound else { continue }
      return Design(
        synapses: s, threshold: theta, falsePositive: self.falsePositive(n: n, a: a, s: s, theta: theta),
        falseNegative: self.falseNegative(a: a, s: s, theta: theta, v: v))
    }
    return nil
  }

  /// The smallest s, a multiple of `step`, with a false-positive rate below `limit` when the threshold is the
  /// given share of s, rounded up.
  public static func smallestSegment(
    n: Int, a: Int, thresholdShare: Double, step: Int = 1, falsePositive limit: Double
  ) -> Int? {
    stride(from: step, through: a, by: step).first {
      falsePositive(n: n, a: a, s: $0, theta: Int((thresholdShare * Double($0)).rounded(.up))) < limit
    }
  }

  /// The smallest population in which the false-positive rate is below `limit`, at a fixed number of active
  /// cells; nil above `largest`.
  public static func smallestPopulation(
    a: Int, s: Int, theta: Int, falsePositive limit: Double, largest: Int = 10_000_000
  ) -> Int? {
    // The rate falls with n: bisect.
    func fits(_ n: Int) -> Bool { falsePositive(n: n, a: a, s: s, theta: theta) < limit }
    var (low, high) = (max(a, s), largest)
    guard high >= low, fits(high) else { return nil }
    while low < high {
      let middle = (low + high) / 2
      if fits(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// False-positive rates over populations, with `active(n)` cells active in each.
  public static func falsePositiveCurve(
    populations: [Int], active: (Int) -> Int, s: Int, theta: Int
  ) -> [Double] {
    populations.map { falsePositive(n: $0, a: active($0), s: s, theta: theta) }
  }

  /// False-negative rates over noise levels.
  public static func falseNegativeCurve(a: Int, s: Int, theta: Int, noise: [Int]) -> [Double] {
    noise.map { falseNegative(a: a, s: s, theta: theta, v: $0) }
  }
}
