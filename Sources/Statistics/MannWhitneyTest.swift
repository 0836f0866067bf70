import Foundation

/// Whether values of one group tend to be larger than those of another (Mann and Whitney, 1947).
///
/// The p-value is that of the normal approximation with ties and continuity corrected: SciPy's `mannwhitneyu(…, method="asymptotic")`.
public struct MannWhitneyTest: Sendable, Equatable {
  public let first, second: Int
  /// Pairs in which the first group's value is the larger, equal ones counting half.
  public let u: Double
  /// The chance of a `u` as large or larger without a difference.
  public let pGreater: Double

  /// u over all pairs: the area under the receiver operating characteristic.
  public var area: Double { u / Double(first * second) }
  /// From -1 to 1: 2 u / (n1 n2) - 1.
  public var rankBiserial: Double { 2 * area - 1 }

  public init(_ first: [Double], _ second: [Double]) {
    precondition(!first.isEmpty && !second.isEmpty, "groups of \(first.count) and \(second.count) values")
    (self.first, self.second) = (first.count, second.count)
    let all = (first.map { ($0, true) } + second.map { ($0, false) }).sorted { $0.0 < $1.0 }
    var (rankSum, ties, start) = (0.0, 0.0, 0)
    while start < all.count {
      var end = start
      while end < all.count, all[end].0 == all[start].0 { end += 1 }
      let rank = Double(start + end + 1) / 2
      rankSum += rank * Double(all[start..<end].count { $0.1 })
      let equal = Double(end - start)
      ties += equal * equal * equal - equal
      start = end
    }
    let (n1, n2) = (Double(first.count), Double(second.count))
    let n = n1 + n2
    u = rankSum - n1 * (n1 + 1) / 2
    let variance = n1 * n2 / 12 * (n + 1 - ties / (n * (n - 1)))
    pGreater =
      variance > 0 ? Distributions.normal(-(u - n1 * n2 / 2 - 0.5) / variance.squareRoot()) : 1
  }
}
