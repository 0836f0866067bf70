import Statistics
import Support
import Tensors

extension DissimilarityMatrix {
  /// How the dissimilarities of two populations are compared.
  public enum Agreement: String, Sendable, CaseIterable { case spearman, kendall, pearson }

  /// The correlation of the dissimilarities of two populations.
  public func compared(with other: DissimilarityMatrix, _ agreement: Agreement = .spearman) -> Double {
    precondition(
      conditions == other.conditions, "dissimilarities of \(conditions) and \(other.conditions) conditions")
    return Self.correlation(values, other.values, agreement)
  }

  private static func correlation(_ a: [Double], _ b: [Double], _ agreement: Agreement) -> Double {
    switch agreement {
    case .spearman: Correlation.spearman(a, b).coefficient
    case .kendall: Correlation.kendall(a, b).coefficient
    case .pearson: Correlation.pearson(a, b).coefficient
    }
  }

  /// The agreement beside what it is when the conditions of the other population are exchanged.
  public func test(
    with other: DissimilarityMatrix, _ agreement: Agreement = .spearman,
    _ exchange: NullDistribution.Exchange = .free, permutations: Int = 1_000,
    using generator: inout RandomGenerator
  ) throws -> NullDistribution {
    guard agreement == .kendall else {
      return try PopulationSimilarity.representational(self, other, isRanked: agreement == .spearman)
        .test(exchange, permutations: permutations, using: &generator)
    }
    return NullDistribution.permuting(
      conditions, exchange, permutations: permutations, using: &generator
    ) { order in
      Correlation.kendall(values, other.selected(order)).coefficient
    }
  }

  /// The agreement with a confidence interval over conditions, which are drawn with replacement; pairs of a condition with itself do
  /// not count.
  public func interval(
    with other: DissimilarityMatrix, _ agreement: Agreement = .spearman, level: Double = 0.95,
    draws: Int = 1_000, using generator: inout RandomGenerator
  ) -> Bootstrap.Interval {
    Bootstrap(level: level, draws: draws, kind: .percentile).interval(
      (0..<conditions).map(Double.init), using: &generator
    ) { drawn in
      var (a, b): ([Double], [Double]) = ([], [])
      for i in drawn.indices {
        for j in (i + 1)..<drawn.count where drawn[i] != drawn[j] {
          a.append(self[Int(drawn[i]), Int(drawn[j])])
          b.append(other[Int(drawn[i]), Int(drawn[j])])
        }
      }
      return Self.correlation(a, b, agreement)
    }
  }

  /// The dissimilarities with the conditions in another order.
  private func selected(_ order: [Int]) -> [Double] {
    order.indices.flatMap { i in order.indices.dropFirst(i + 1).map { self[order[i], order[$0]] } }
  }

  /// The symmetric matrix, row by row, of centred dissimilarities (or their ranks) of norm 1.
  fileprivate func standardised(isRanked: Bool) throws -> [Double] {
    let plain = isRanked ? Correlation.ranks(values) : values
    let mean = plain.reduce(0, +) / Double(plain.count)
    // Every pair stands in the matrix twice.
    let norm = (2 * plain.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }).squareRoot()
    guard norm > 0 else { throw CajalError("all dissimilarities of a population are the same") }
    let count = conditions
    return [Double](unsafeUninitializedCapacity: count * count) { matrix, initialized in
      var next = 0
      for i in 0..<count {
        matrix[i * count + i] = 0
        for j in (i + 1)..<Swift.max(i + 1, count) {
          let value = (plain[next] - mean) / norm
          (matrix[i * count + j], matrix[j * count + i]) = (value, value)
          next += 1
        }
      }
      initialized = count * count
    }
  }
}

extension PopulationSimilarity {
  /// The correlation of two dissimilarity matrices, of ranks (Spearman's) or plain (Pearson's).
  public static func representational(
    _ a: DissimilarityMatrix, _ b: DissimilarityMatrix, isRanked: Bool = true
  ) throws -> PopulationSimilarity {
    guard a.conditions == b.conditions else {
      throw CajalError("dissimilarities of \(a.conditions) and \(b.conditions) conditions")
    }
    return PopulationSimilarity(
      betweenSamples: try a.standardised(isRanked: isRanked), try b.standardised(isRanked: isRanked),
      samples: a.conditions)
  }
}
