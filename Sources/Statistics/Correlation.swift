import Foundation

/// How two series go together, with the test that they do not.
public struct Correlation: Sendable, Equatable {
  /// From -1 to 1; not a number where a series is constant or has fewer than two values.
  public let coefficient: Double
  public let count: Int

  /// Pearson's: of a straight line.
  public static func pearson(_ x: [Double], _ y: [Double]) -> Correlation {
    precondition(x.count == y.count, "series of \(x.count) and \(y.count) values")
    let (meanX, meanY) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
    var (xx, yy, xy) = (0.0, 0.0, 0.0)
    for (a, b) in zip(x, y) {
      xx += (a - meanX) * (a - meanX)
      yy += (b - meanY) * (b - meanY)
      xy += (a - meanX) * (b - meanY)
    }
    let product = (xx * yy).squareRoot()
    return Correlation(coefficient: product > 0 ? max(-1, min(1, xy / product)) : .nan, count: x.count)
  }

  /// Spearman's: Pearson's of the ranks, equal values sharing the mean of theirs.
  public static func spearman(_ x: [Double], _ y: [Double]) -> Correlation { pearson(ranks(x), ranks(y)) }

  /// The two-sided p-value by Student's t with n - 2 degrees of freedom: exact for Pearson's of normal numbers, an
  /// approximation for Spearman's. Not a number below three values.
  public var pValue: Double {
    guard count > 2, !coefficient.isNaN else { return .nan }
    let freedom = Double(count - 2)
    let t = coefficient * (freedom / ((1 - coefficient) * (1 + coefficient))).squareRoot()
    return Distributions.studentTwoSided(t, freedom: freedom)
  }

  /// The confidence interval by Fisher's transformation; not a number below four values.
  public func interval(level: Double = 0.95) -> (low: Double, high: Double) {
    let half = Distributions.normalQuantile((1 + level) / 2) / Double(count - 3).squareRoot()
    return (tanh(atanh(coefficient) - half), tanh(atanh(coefficient) + half))
  }
}
