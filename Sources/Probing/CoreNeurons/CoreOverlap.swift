/// How alike two core sets are, given as ascending positions.
public enum CoreOverlap {
  /// How many positions two ascending lists share.
  public static func shared(_ a: [Int], _ b: [Int]) -> Int {
    var (i, j, count) = (0, 0, 0)
    while i < a.count, j < b.count {
      if a[i] == b[j] {
        count += 1
        i += 1
        j += 1
      } else if a[i] < b[j] {
        i += 1
      } else {
        j += 1
      }
    }
    return count
  }

  /// The paper's core similarity: identical over total neurons involved, `|A ∩ B| / |A ∪ B|`.
  public static func similarity(_ a: [Int], _ b: [Int]) -> Double {
    let both = shared(a, b)
    return Double(both) / Double(a.count + b.count - both)
  }

  /// The share of a later core that an earlier one had: `|A ∩ B| / |B|`.
  public static func kept(_ earlier: [Int], of later: [Int]) -> Double {
    Double(shared(earlier, later)) / Double(later.count)
  }
}

extension NeuronSet {
  /// All other neurons, in the blocks of `blocks` alone: what is silenced where only these take part.
  public func complement(neurons: Int, in blocks: Range<Int>) -> NeuronSet {
    NeuronSet(
      blocks: self.blocks.enumerated().map { block, kept in
        blocks.contains(block) ? Set(0..<neurons).subtracting(kept).sorted() : []
      })
  }
}
