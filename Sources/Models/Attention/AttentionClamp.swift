import Datasets
import Foundation
import Support

/// One head of attention.
public struct AttentionHead: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
  public var block: Int
  public var head: Int

  public init(_ block: Int, _ head: Int) { (self.block, self.head) = (block, head) }

  /// "16.3".
  public var description: String { "\(block).\(head)" }

  public static func < (a: AttentionHead, b: AttentionHead) -> Bool {
    (a.block, a.head) < (b.block, b.head)
  }

  /// All heads of some blocks.
  public static func all(_ blocks: Range<Int>, heads: Int) -> [AttentionHead] {
    blocks.flatMap { block in (0..<heads).map { AttentionHead(block, $0) } }
  }
}

/// What is held fixed in an attention-only transformer, while it is trained or while it is measured (Singh et al., 2024, section 4 and
/// its reference code): no gradient flows into what was replaced, and all others flow on. Clamps compose: given patterns and ablations
/// act on top of what is preserved.
public enum AttentionClamp: Sendable, Equatable {
  /// A pattern that a head is given.
  public enum Pattern: Sendable, Equatable {
    /// Every token attends to the one before it with `strength`, to itself with the rest; only labels do so if `labelsOnly`.
    case previousToken(strength: Double = 1, labelsOnly: Bool = false)
    /// The query attends to the right label with `strength`, to the other labels with equal parts of the rest.
    case induction(strength: Double = 1)
    /// The query attends to labels by a softmax over the cosines of their exemplars' features with its own, divided by `temperature`; to
    /// the largest alone at 0.
    case match(temperature: Double)
  }

  /// The values of heads are zero.
  case ablate([AttentionHead])
  /// Heads are given a pattern.
  case pattern([AttentionHead], Pattern)
  /// All patterns are those of a pass without clamps.
  case preservePatterns
  /// All values are those of a pass without clamps.
  case preserveValues
  /// Subcircuit A: the second block's patterns are computed as if the first had replaced each label, and each exemplar after it, by the token
  /// before; its values and the stream as if the first had done nothing. For two blocks.
  case perfectFirstBlock
  /// Subcircuit C: the logits of the labels in context are the scores that the query gives them in a head, before the softmax; all others
  /// are -1e9.
  case perfectCopy(AttentionHead)
  /// The scores of heads are divided by a number.
  case temperature([AttentionHead], Double)

  /// Subcircuit B: the right label is matched.
  public static func perfectMatch(_ head: AttentionHead) -> AttentionClamp {
    .pattern([head], .induction())
  }
}

/// Clamps, resolved for a shape.
struct ClampPlan {
  var ablated: [[Bool]]
  var patterns: [[AttentionClamp.Pattern?]]
  var temperatures: [[Float]]
  var preservesPatterns = false
  var preservesValues = false
  var isFirstBlockPerfect = false
  var copied: AttentionHead?

  /// - Throws: `CajalError` naming a head that is not there, or what does not go together.
  init(_ clamps: [AttentionClamp], _ shape: AttentionOnlyConfiguration) throws {
    ablated = Array(repeating: Array(repeating: false, count: shape.heads), count: shape.blocks)
    patterns = Array(repeating: Array(repeating: nil, count: shape.heads), count: shape.blocks)
    temperatures = Array(repeating: Array(repeating: 1, count: shape.heads), count: shape.blocks)
    func checked(_ heads: [AttentionHead]) throws -> [AttentionHead] {
      for head in heads
      where !(0..<shape.blocks).contains(head.block) || !(0..<shape.heads).contains(head.head) {
        throw CajalError("there is no head \(head) in \(shape.blocks) blocks of \(shape.heads) heads")
      }
      return heads
    }
    for clamp in clamps {
      switch clamp {
      case .ablate(let heads): for head in try checked(heads) { ablated[head.block][head.head] = true }
      case .pattern(let heads, let pattern):
        try pattern.check()
        for head in try checked(heads) { patterns[head.block][head.head] = pattern }
      case .preservePatterns: preservesPatterns = true
      case .preserveValues: preservesValues = true
      case .perfectFirstBlock: isFirstBlockPerfect = true
      case .perfectCopy(let head): copied = try checked([head])[0]
      case .temperature(let heads, let value):
        guard value > 0, value.isFinite else { throw CajalError("a temperature of \(value)") }
        for head in try checked(heads) { temperatures[head.block][head.head] = Float(value) }
      }
    }
    if isFirstBlockPerfect {
      guard shape.blocks == 2 else {
        throw CajalError("a perfect first block needs two blocks, not \(shape.blocks)")
      }
      guard !preservesPatterns, !preservesValues else {
        throw CajalError("a perfect first block leaves no patterns or values to preserve")
      }
    }
    if let copied, copied.block != shape.blocks - 1 {
      throw CajalError("only heads of the last block can be copied from, not \(copied)")
    }
  }

  /// Whether a pass without clamps comes first.
  var needsPlainPass: Bool { preservesPatterns || preservesValues }
}

extension AttentionClamp.Pattern {
  fileprivate func check() throws {
    switch self {
    case .previousToken(let strength, _), .induction(let strength):
      guard (0...1).contains(strength) else {
        throw CajalError("a pattern of strength \(strength), expected 0 to 1")
      }
    case .match(let temperature):
      guard temperature >= 0, temperature.isFinite else {
        throw CajalError("a match at temperature \(temperature), expected 0 or more")
      }
    }
  }

  /// Whether a token's row is given.
  public func isGiven(_ token: Int, length: Int) -> Bool {
    switch self {
    case .previousToken(_, let labelsOnly): !labelsOnly || token % 2 == 1
    case .induction, .match: token == length - 1
    }
  }

  /// What a token attends to, `[T]`, where its row is given.
  public func row(
    _ token: Int, of sequence: Int, _ batch: FewShotBatch, _ features: FewShotFeatures
  ) -> [Float] {
    var row = [Float](repeating: 0, count: batch.length)
    let pairs = batch.contextPairs
    switch self {
    case .previousToken(let strength, _):
      row[token] = token == 0 ? 1 : Float(1 - strength)
      if token > 0 { row[token - 1] = Float(strength) }
    case .induction(let strength):
      for pair in 0..<pairs { row[2 * pair + 1] = Float((1 - strength) / Double(max(1, pairs - 1))) }
      row[batch.answerPosition(sequence)] = Float(strength)
    case .match(let temperature):
      let place = sequence * (pairs + 1)
      let query = batch.exemplars[place + pairs]
      let cosines = (0..<pairs).map { features.cosine(batch.exemplars[place + $0], query) }
      let largest = cosines.max()!
      let weights = cosines.map {
        temperature == 0 ? ($0 == largest ? 1 : 0) : exp(($0 - largest) / temperature)
      }
      let total = weights.reduce(0, +)
      for pair in 0..<pairs { row[2 * pair + 1] = Float(weights[pair] / total) }
    }
    return row
  }
}
