import Datasets
import Recordings
import Support
import Tensors

/// Replaces what passes a site, element by element, by values that may have a graph of their own: gradients flow into them, and into
/// the activity where it was kept.
public final class SiteClamp: Instrument {
  public let sites: SitePattern
  private let value: Tensor
  private let mask: Tensor?

  /// - Parameters:
  ///   - value: Of the activity's shape.
  ///   - mask: Of the same shape, true where the value takes the activity's place; everywhere if nil.
  public init(_ value: Tensor, where mask: Tensor? = nil, at sites: SitePattern) {
    (self.value, self.mask, self.sites) = (value, mask, sites)
  }

  public func apply(_ site: String, _ activity: Tensor) -> Tensor {
    precondition(value.shape == activity.shape, "\(value.shape) for \(activity.shape) at '\(site)'")
    guard let mask else { return value }
    return value.chosen(where: mask, else: activity)
  }
}

/// Keeps what passes sites, with its graph.
private final class Keeper: Instrument {
  let sites: SitePattern
  private(set) var kept: [String: Tensor] = [:]

  init(_ sites: SitePattern) { self.sites = sites }

  func apply(_ site: String, _ activity: Tensor) -> Tensor {
    kept[site] = activity
    return activity
  }
}

/// The passes that a plan of clamps asks for, over the sites of the laboratory.
struct ClampedPass {
  let model: AttentionOnlyTransformer
  let plan: ClampPlan
  let batch: FewShotBatch
  let features: FewShotFeatures
  private var shape: AttentionOnlyConfiguration { model.configuration }

  func logits() -> Tensor {
    let embedding = model.embedded(batch, features)
    return plan.isFirstBlockPerfect ? withPerfectFirstBlock(embedding) : standard(embedding)
  }

  private func standard(_ embedding: Tensor) -> Tensor {
    var instruments: [any Instrument] = []
    if plan.needsPlainPass {
      let patterns = Keeper("blocks.*.attention.pattern")
      let values = Keeper("blocks.*.attention.value")
      _ = withInstruments(patterns, values) { model.logits(embedding) }
      let kept = (plan.preservesPatterns ? [patterns] : []) + (plan.preservesValues ? [values] : [])
      for (site, activity) in kept.flatMap(\.kept) {
        instruments.append(SiteClamp(activity, at: SitePattern(site)))
      }
    }
    let scores = Keeper("blocks.*.attention.scores")
    let logits = withInstruments(instruments + temperatures + [scores] + patternClamps + ablations) {
      model.logits(embedding)
    }
    return copied(scores) ?? logits
  }

  /// The reference code's two passes: one for the second block's patterns, one for what is read with them.
  private func withPerfectFirstBlock(_ embedding: Tensor) -> Tensor {
    let last = shape.length - 1
    let shifted = Tensor.concatenated(
      [
        embedding.narrowed(1, from: 0, to: 1), embedding.narrowed(1, from: 0, to: last - 1),
        embedding.narrowed(1, from: last, to: last + 1),
      ], axis: 1)
    let (scores, pattern) = (Keeper("blocks.1.attention.scores"), Keeper("blocks.1.attention.pattern"))
    let first: [any Instrument] = [SiteClamp(shifted, at: "blocks.0.residual")]
    _ = withInstruments(first + temperatures + [scores, pattern]) { model.logits(embedding) }
    if let logits = copied(scores) { return logits }
    let second: [any Instrument] = [
      SiteClamp(embedding, at: "blocks.0.residual"),
      SiteClamp(pattern.kept["blocks.1.attention.pattern"]!, at: "blocks.1.attention.pattern"),
    ]
    return withInstruments(second + patternClamps + ablations) { model.logits(embedding) }
  }

  private var temperatures: [any Instrument] {
    plan.temperatures.enumerated().flatMap { block, values in
      values.enumerated().filter { $1 != 1 }.map { head, value in
        Perturbation(
          .scale(1 / Double(value)), at: SitePattern("blocks.\(block).attention.scores"), neurons: [head],
          axis: 1)
      }
    }
  }

  private var ablations: [any Instrument] {
    plan.ablated.enumerated().compactMap { block, heads in
      let chosen = heads.indices.filter { heads[$0] }
      guard !chosen.isEmpty else { return nil }
      return Perturbation(
        .ablate, at: SitePattern("blocks.\(block).attention.value"), neurons: chosen, axis: 2)
    }
  }

  private var patternClamps: [any Instrument] {
    plan.patterns.enumerated().compactMap { block, patterns in
      guard patterns.contains(where: { $0 != nil }) else { return nil }
      let length = shape.length
      var values: [Float] = []
      var mask: [Bool] = []
      for sequence in 0..<batch.count {
        for pattern in patterns {
          for token in 0..<length {
            let isGiven = pattern?.isGiven(token, length: length) ?? false
            values +=
              isGiven
              ? pattern!.row(token, of: sequence, batch, features) : Array(repeating: 0, count: length)
            mask += Array(repeating: isGiven, count: length)
          }
        }
      }
      let size = [batch.count, patterns.count, length, length]
      return SiteClamp(
        Tensor(values, shape: size), where: Tensor(mask, shape: size),
        at: SitePattern("blocks.\(block).attention.pattern"))
    }
  }

  /// Logits that are the scores of the copied head, `[B, K]`.
  private func copied(_ scores: Keeper) -> Tensor? {
    guard let head = plan.copied else { return nil }
    let (pairs, count) = (batch.contextPairs, batch.count)
    let row = scores.kept["blocks.\(head.block).attention.scores"]![0..<count, head.head, shape.length - 1]
    let given = row.narrowed(1, from: 1, to: 2 * pairs, step: 2)
    let places = Tensor(batch.labels, shape: [count, pairs])
    return Tensor.full([count, shape.labels], -1e9).scattered(given, at: places, axis: 1)
  }
}
