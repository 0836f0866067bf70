/// Adjusts p-values of many tests: rejecting those adjusted up to a level keeps the error of the whole family at it.
public enum MultipleComparisons: String, Sendable, CaseIterable {
  /// The chance of any false rejection, whatever the dependence: `m p`.
  case bonferroni
  /// The same, step by step from the smallest (Holm, 1979): never weaker.
  case holm
  /// The expected share of false rejections, for tests that are independent or positively dependent (Benjamini and
  /// Hochberg, 1995).
  case benjaminiHochberg
  /// The same for any dependence (Benjamini and Yekutieli, 2001).
  case benjaminiYekutieli

  /// The adjusted p-values, in the order given.
  ///
  /// - Parameter pValues: Within 0...1; one that is not a number stays so and does not count as a test.
  public func adjusted(_ pValues: [Double]) -> [Double] {
    precondition(pValues.allSatisfy { $0.isNaN || (0...1).contains($0) }, "a p-value outside of 0...1")
    let order = pValues.indices.filter { !pValues[$0].isNaN }.sorted {
      (pValues[$0], $0) < (pValues[$1], $1)
    }
    let m = order.count
    var adjusted = pValues
    switch self {
    case .bonferroni: for index in order { adjusted[index] = min(1, Double(m) * pValues[index]) }
    case .holm:
      var largest = 0.0
      for (rank, index) in order.enumerated() {
        largest = max(largest, min(1, Double(m - rank) * pValues[index]))
        adjusted[index] = largest
      }
    case .benjaminiHochberg, .benjaminiYekutieli:
      let factor = self == .benjaminiHochberg ? 1 : (1...max(m, 1)).reduce(0.0) { $0 + 1 / Double($1) }
      var smallest = 1.0
      for (rank, index) in order.enumerated().reversed() {
        smallest = min(smallest, factor * Double(m) / Double(rank + 1) * pValues[index])
        adjusted[index] = smallest
      }
    }
    return adjusted
  }

  /// The positions of the tests that are significant at `level`.
  public func rejected(_ pValues: [Double], level: Double) -> [Int] {
    adjusted(pValues).enumerated().filter { $1 <= level }.map(\.offset)
  }
}
