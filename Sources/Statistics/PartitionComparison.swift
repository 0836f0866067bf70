import Foundation

/// How far two ways of putting the same things into groups agree; the names of the groups don't matter.
public struct PartitionComparison: Sendable {
  private let joint: [[Int]: Int]
  private let first: [Int: Int]
  private let second: [Int: Int]
  private let count: Int

  /// - Parameters: The group of every thing, in both partitions.
  public init(_ a: [Int], _ b: [Int]) {
    precondition(a.count == b.count, "partitions of \(a.count) and \(b.count) things")
    count = a.count
    joint = Dictionary(zip(a, b).map { ([$0, $1], 1) }, uniquingKeysWith: +)
    first = Dictionary(a.map { ($0, 1) }, uniquingKeysWith: +)
    second = Dictionary(b.map { ($0, 1) }, uniquingKeysWith: +)
  }

  /// The share of pairs that both put together or both apart, corrected for chance (Hubert and Arabie, 1985): 1 for equal
  /// partitions, 0 on average for independent ones, 1 too where both have one group or both only single things.
  public var adjustedRandIndex: Double {
    func pairs(_ sizes: some Sequence<Int>) -> Double {
      sizes.reduce(0) { $0 + Double($1) * Double($1 - 1) / 2 }
    }
    let (together, a, b) = (pairs(joint.values), pairs(first.values), pairs(second.values))
    let all = Double(count) * Double(count - 1) / 2
    guard all > 0 else { return 1 }
    let expected = a * b / all
    let most = (a + b) / 2
    return most == expected ? 1 : (together - expected) / (most - expected)
  }

  /// The share of pairs that both put together or both apart (Rand, 1971).
  public var randIndex: Double {
    func pairs(_ sizes: some Sequence<Int>) -> Double {
      sizes.reduce(0) { $0 + Double($1) * Double($1 - 1) / 2 }
    }
    let all = Double(count) * Double(count - 1) / 2
    guard all > 0 else { return 1 }
    return (all + 2 * pairs(joint.values) - pairs(first.values) - pairs(second.values)) / all
  }

  /// What one partition tells about the other, in nats.
  public var mutualInformation: Double {
    let n = Double(count)
    // In one order, so that sums are the same to the last digit in every run.
    return joint.sorted { $0.key.lexicographicallyPrecedes($1.key) }.reduce(0) { sum, entry in
      let (a, b) = (Double(first[entry.key[0]]!), Double(second[entry.key[1]]!))
      return sum + Double(entry.value) / n * log(n * Double(entry.value) / (a * b))
    }
  }

  /// The mutual information over the mean of both entropies (scikit-learn's `arithmetic` average): in 0...1, and 1 where both
  /// have one group.
  public var normalisedMutualInformation: Double {
    func entropy(_ sizes: some Sequence<Int>) -> Double {
      sizes.sorted().reduce(0) { $0 - Double($1) / Double(count) * log(Double($1) / Double(count)) }
    }
    let mean = (entropy(first.values) + entropy(second.values)) / 2
    return mean > 0 ? max(0, mutualInformation) / mean : 1
  }

  /// The share of things in the group that matches theirs, when groups are matched one to one as well as can be.
  public var matchedShare: Double {
    let (rows, columns) = (first.keys.sorted(), second.keys.sorted())
    let weights = rows.map { row in columns.map { Double(joint[[row, $0]] ?? 0) } }
    let matched = LinearAssignment.maximising(weights)
    return matched.pairs.reduce(0) { $0 + weights[$1.row][$1.column] } / Double(count)
  }
}
