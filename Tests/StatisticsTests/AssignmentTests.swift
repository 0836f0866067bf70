import Foundation
import Statistics
import Support
import Testing

@Suite struct AssignmentTests {
  private struct Known: Decodable {
    let assignments: [Assignment]
    let ties: Ties
    let ranks: Ranks
    struct Assignment: Decodable { let matrix: [[Double]], total: Double }
    struct Ties: Decodable { let x, y: [Double], kendall: Double }
    struct Ranks: Decodable { let values, ranks: [Double] }
  }
  private let known = try! JSONDecoder().decode(
    Known.self,
    from: Data(
      contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Golden/alignment.json")))

  @Test func totalsAreSciPys() {
    for assignment in known.assignments {
      let found = LinearAssignment.maximising(assignment.matrix)
      #expect(abs(found.total - assignment.total) < 1e-9)
      #expect(found.pairs.count == min(assignment.matrix.count, assignment.matrix[0].count))
    }
  }

  /// Against all permutations, of small matrices with and without ties, wide and tall.
  @Test func nothingIsBetter() {
    var generator = RandomGenerator(seed: 1)
    for trial in 0..<300 {
      let (rows, columns) = (1 + generator.integer(below: 6), 1 + generator.integer(below: 6))
      let weights = (0..<rows).map { _ in
        (0..<columns).map { _ in
          trial % 2 == 0 ? generator.normal() : Double(generator.integer(below: 3))
        }
      }
      let found = LinearAssignment.maximising(weights)
      #expect(abs(found.total - best(weights)) < 1e-9)
      #expect(Set(found.pairs.map(\.row)).count == min(rows, columns))
      #expect(Set(found.pairs.map(\.column)).count == min(rows, columns))
      #expect(abs(LinearAssignment.minimising(weights.map { $0.map { -$0 } }).total + found.total) < 1e-9)
    }
  }

  /// The sum of a best pairing bounds from above by prices: sums of pairs against any two swapped.
  @Test func noSwapImprovesALargeOne() {
    var generator = RandomGenerator(seed: 2)
    let size = 257
    let factors = (0..<2 * size).map { _ in (0..<4).map { _ in generator.normal() } }
    let weights = (0..<size * size).map { index in
      zip(factors[index / size], factors[size + index % size]).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let columns = LinearAssignment.maximising(weights, rows: size, columns: size).columnOfRow(rows: size)
    #expect(Set(columns).count == size)
    for i in 0..<size {
      for j in 0..<i {
        let now = weights[i * size + columns[i]] + weights[j * size + columns[j]]
        let swapped = weights[i * size + columns[j]] + weights[j * size + columns[i]]
        #expect(swapped <= now + 1e-9)
      }
    }
  }

  private func best(_ weights: [[Double]], _ row: Int = 0, _ taken: Set<Int> = []) -> Double {
    guard weights.count <= weights[0].count else {
      return best(weights[0].indices.map { column in weights.map { $0[column] } })
    }
    guard row < weights.count else { return 0 }
    return weights[0].indices.filter { !taken.contains($0) }.map {
      weights[row][$0] + best(weights, row + 1, taken.union([$0]))
    }.max()!
  }

  @Test func ranksAndKendallsTauAreSciPys() {
    #expect(Correlation.ranks(known.ranks.values) == known.ranks.ranks)
    let few = Array(known.ranks.values.prefix(500))
    #expect(
      Correlation.ranks(few + few.map { $0 + 50 } + few.map { $0 - 50 }).prefix(500).map { $0 - 500 }
        == Correlation.ranks(few))
    #expect(abs(Correlation.kendall(known.ties.x, known.ties.y).coefficient - known.ties.kendall) < 1e-12)
    #expect(Correlation.kendall([1, 1], [1, 2]).coefficient.isNaN)
    #expect(Correlation.ranks([0.0, -0.0] + Array(repeating: 1, count: 2_000)).prefix(2) == [1.5, 1.5])
  }
}
