import Statistics
import Support
import Testing

@Suite struct PartitionTests {
  /// Numbers of scikit-learn 1.9: adjusted_rand_score, rand_score, normalized_mutual_info_score.
  @Test func agreesWithScikitLearn() {
    let comparison = PartitionComparison([0, 0, 1, 1, 2, 2, 2], [1, 1, 1, 0, 0, 2, 2])
    #expect(abs(comparison.adjustedRandIndex - 0.2125) < 1e-12)
    #expect(abs(comparison.randIndex - 0.7142857143) < 1e-9)
    #expect(abs(comparison.normalisedMutualInformation - 0.5636355530993447) < 1e-12)
    #expect(abs(comparison.matchedShare - 5.0 / 7) < 1e-12)
  }

  @Test func namesDoNotMatter() {
    let comparison = PartitionComparison([3, 3, 1, 1, 7], [0, 0, 9, 9, 4])
    #expect(comparison.adjustedRandIndex == 1)
    #expect(abs(comparison.normalisedMutualInformation - 1) < 1e-12)
    #expect(comparison.matchedShare == 1)
  }

  @Test func oneGroupAgreesWithOneGroup() {
    let comparison = PartitionComparison([1, 1, 1], [2, 2, 2])
    #expect(comparison.adjustedRandIndex == 1)
    #expect(comparison.normalisedMutualInformation == 1)
    #expect(PartitionComparison([1, 1, 1], [0, 1, 2]).adjustedRandIndex == 0)
  }
}

@Suite struct LinearAssignmentTests {
  /// The best of all orders, one by one.
  private func exhaustive(_ weights: [[Double]]) -> Double {
    func best(_ row: Int, _ used: Set<Int>) -> Double {
      guard row < weights.count else { return 0 }
      return weights[row].indices.filter { !used.contains($0) }
        .map { weights[row][$0] + best(row + 1, used.union([$0])) }.max()!
    }
    return best(0, [])
  }

  @Test func findsTheBestOfAllOrders() {
    var generator = RandomGenerator(seed: 1)
    for size in [(1, 1), (3, 3), (5, 5), (4, 6), (2, 7)] {
      for _ in 0..<20 {
        // Few different numbers, so that many orders are equally good.
        let weights = (0..<size.0).map { _ in
          (0..<size.1).map { _ in Double(generator.integer(below: 7)) - 3 }
        }
        let matched = LinearAssignment.maximising(weights)
        #expect(abs(matched.total - exhaustive(weights)) < 1e-12)
        #expect(Set(matched.pairs.map(\.column)).count == size.0)
        let turned = (0..<size.1).map { column in weights.map { $0[column] } }
        #expect(abs(LinearAssignment.maximising(turned).total - matched.total) < 1e-12)
        let negated = weights.map { $0.map { -$0 } }
        #expect(abs(LinearAssignment.minimising(negated).total + matched.total) < 1e-12)
      }
    }
  }

  @Test func nothingToPair() {
    #expect(LinearAssignment.maximising([]).pairs.isEmpty)
    #expect(LinearAssignment.maximising([[4]]).columnOfRow(rows: 1) == [0])
  }
}
