import Datasets
import Models
import Support

/// How far each head does the two things that an induction circuit is made of, from attention patterns `[B, H, T, T]` of few-shot
/// sequences (Singh et al., 2024, section 4): of any model, from ``FastAttentionOnlyTransformer/Outcome`` or a tap.
public enum HeadStrength {
  /// Attention from the query to the right label less that to a wrong one, by head: -1 to 1. With more than two pairs the wrong
  /// ones are averaged.
  ///
  /// - Throws: `CajalError` when the patterns do not have the batch's shape.
  public static func induction(_ patterns: [Float], heads: Int, _ batch: FewShotBatch) throws -> [Double] {
    try check(patterns, heads, batch)
    let (length, pairs) = (batch.length, batch.contextPairs)
    return means(heads, batch) { sequence, head in
      let row = ((sequence * heads + head) * length + length - 1) * length
      let all = (0..<pairs).map { Double(patterns[row + 2 * $0 + 1]) }
      let right = all[batch.matches[sequence]]
      return right - (all.reduce(0, +) - right) / Double(max(1, pairs - 1))
    }
  }

  /// Attention from labels to the exemplar before them, by head: 0 to 1.
  ///
  /// - Throws: `CajalError` when the patterns do not have the batch's shape.
  public static func previousToken(_ patterns: [Float], heads: Int, _ batch: FewShotBatch) throws
    -> [Double]
  {
    try check(patterns, heads, batch)
    let (length, pairs) = (batch.length, batch.contextPairs)
    return means(heads, batch) { sequence, head in
      let start = (sequence * heads + head) * length * length
      let all = (0..<pairs).map { Double(patterns[start + (2 * $0 + 1) * length + 2 * $0]) }
      return all.reduce(0, +) / Double(pairs)
    }
  }

  private static func means(_ heads: Int, _ batch: FewShotBatch, _ value: (Int, Int) -> Double) -> [Double] {
    (0..<heads).map { head in
      (0..<batch.count).reduce(0) { $0 + value($1, head) } / Double(batch.count)
    }
  }

  private static func check(_ patterns: [Float], _ heads: Int, _ batch: FewShotBatch) throws {
    let expected = batch.count * heads * batch.length * batch.length
    guard heads > 0, batch.count > 0, patterns.count == expected else {
      throw CajalError(
        "\(patterns.count) numbers of patterns, expected [\(batch.count), \(heads), \(batch.length), \(batch.length)]"
      )
    }
  }
}
