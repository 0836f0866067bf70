import Foundation

/// Whether shares differ between groups: Pearson's chi-square test of a table of counts.
public struct ChiSquareTest: Sendable, Equatable {
  public let statistic: Double
  public let freedom: Int

  /// - Parameter table: Counts, groups × kinds. Groups and kinds without any count are left out.
  public init(_ table: [[Int]]) {
    precondition(table.allSatisfy { $0.count == table[0].count && $0.allSatisfy { $0 >= 0 } }, "\(table)")
    let rows = table.map { $0.reduce(0, +) }
    let columns = (table.first ?? []).indices.map { column in table.reduce(0) { $0 + $1[column] } }
    let total = Double(rows.reduce(0, +))
    var sum = 0.0
    for (i, row) in table.enumerated() {
      for (j, count) in row.enumerated() where rows[i] > 0 && columns[j] > 0 {
        let expected = Double(rows[i]) * Double(columns[j]) / total
        sum += (Double(count) - expected) * (Double(count) - expected) / expected
      }
    }
    statistic = sum
    freedom = max(0, rows.count { $0 > 0 } - 1) * max(0, columns.count { $0 > 0 } - 1)
  }

  /// The chance of so large a statistic where shares do not differ; 1 without freedom.
  public var pValue: Double {
    freedom == 0 ? 1 : Distributions.upperIncompleteGamma(statistic / 2, Double(freedom) / 2)
  }
}

extension Distributions {
  /// The regularised upper incomplete gamma function Q(a, x): by its series below a + 1, by a continued fraction above (Lentz).
  public static func upperIncompleteGamma(_ x: Double, _ a: Double) -> Double {
    precondition(x >= 0 && a > 0, "the incomplete gamma function of x = \(x), a = \(a)")
    if x == 0 { return 1 }
    let factor = exp(a * log(x) - x - lgamma(a))
    if x < a + 1 {
      var (term, sum, n) = (1 / a, 1 / a, a)
      repeat {
        n += 1
        term *= x / n
        sum += term
      } while abs(term) > abs(sum) * 1e-16
      return max(0, 1 - sum * factor)
    }
    let tiny = 1e-300
    var (b, c) = (x + 1 - a, 1 / tiny)
    var d = 1 / b
    var result = d
    for i in 1..<10_000 {
      let coefficient = -Double(i) * (Double(i) - a)
      b += 2
      d = coefficient * d + b
      if abs(d) < tiny { d = tiny }
      c = b + coefficient / c
      if abs(c) < tiny { c = tiny }
      d = 1 / d
      let change = d * c
      result *= change
      if abs(change - 1) < 1e-16 { break }
    }
    return result * factor
  }
}
