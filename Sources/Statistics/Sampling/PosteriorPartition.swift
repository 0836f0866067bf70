/// What samples of a partition say together, whatever the groups are called in each.
public enum PosteriorPartition {
  /// The share of samples in which each pair is in one group: `[N][N]`, 1 on the diagonal.
  ///
  /// - Parameter samples: `[samples][N]`, at least one.
  public static func similarity(_ samples: [[Int]]) -> [[Double]] {
    let count = samples.first?.count ?? 0
    precondition(samples.allSatisfy { $0.count == count }, "partitions of different sizes")
    var together = [Int32](repeating: 0, count: count * count)
    together.withUnsafeMutableBufferPointer { together in
      for sample in samples {
        sample.withUnsafeBufferPointer { sample in
          for i in 0..<count {
            let label = sample[i]
            let row = together.baseAddress! + i * count
            for j in 0..<count { row[j] += sample[j] == label ? 1 : 0 }
          }
        }
      }
    }
    let scale = 1 / Double(max(1, samples.count))
    return (0..<count).map { i in (0..<count).map { Double(together[i * count + $0]) * scale } }
  }

  /// The sampled partition with the largest posterior expected adjusted Rand index (Fritsch and Ickstadt, 2009), its
  /// groups renamed to 0, 1, … in order of appearance; the earliest of equals.
  public static func maxPEAR(_ samples: [[Int]]) -> [Int] {
    precondition(!samples.isEmpty, "no samples of a partition")
    let similarity = similarity(samples)
    var best: (score: Double, partition: [Int])?
    for partition in Set(samples.map(renamed)).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      let score = expectedAdjustedRand(partition, similarity)
      if best.map({ score > $0.score }) ?? true { best = (score, partition) }
    }
    return best!.partition
  }

  /// The adjusted Rand index of `partition` expected over a posterior with these shares of pairs, by the ratio of
  /// expectations.
  public static func expectedAdjustedRand(_ partition: [Int], _ similarity: [[Double]]) -> Double {
    var (own, expected, joint) = (0.0, 0.0, 0.0)
    for i in partition.indices {
      for j in 0..<i {
        expected += similarity[i][j]
        guard partition[i] == partition[j] else { continue }
        own += 1
        joint += similarity[i][j]
      }
    }
    let pairs = Double(partition.count) * Double(partition.count - 1) / 2
    guard pairs > 0 else { return 1 }
    let chance = own * expected / pairs
    let most = (own + expected) / 2
    return most == chance ? 1 : (joint - chance) / (most - chance)
  }

  /// Groups renamed to 0, 1, … in order of appearance.
  public static func renamed(_ partition: [Int]) -> [Int] {
    var names: [Int: Int] = [:]
    return partition.map { label in
      if let name = names[label] { return name }
      names[label] = names.count
      return names.count - 1
    }
  }

  /// Groups renamed so that as many things as can be are in the group of the same name as in `reference`; groups
  /// without a counterpart get new names.
  public static func aligned(_ partition: [Int], to reference: [Int]) -> [Int] {
    precondition(partition.count == reference.count, "partitions of different sizes")
    let (own, other) = (Set(partition).sorted(), Set(reference).sorted())
    var shared = [Double](repeating: 0, count: own.count * other.count)
    for (a, b) in zip(partition, reference) {
      shared[own.firstIndex(of: a)! * other.count + other.firstIndex(of: b)!] += 1
    }
    let columns = LinearAssignment.maximising(shared, rows: own.count, columns: other.count)
      .columnOfRow(rows: own.count)
    var next = (other.last ?? -1) + 1
    var names: [Int: Int] = [:]
    for (row, label) in own.enumerated() {
      if columns[row] >= 0 {
        names[label] = other[columns[row]]
      } else {
        names[label] = next
        next += 1
      }
    }
    return partition.map { names[$0]! }
  }
}
