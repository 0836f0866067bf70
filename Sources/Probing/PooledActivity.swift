import Models
import Recordings
import Support
import Tensors

/// How the activity over the positions of a text becomes one number a neuron.
public enum Pooling: String, Sendable, Codable, CaseIterable {
  case last, max, mean
  /// The largest absolute value.
  case magnitude

  /// Sequences `[B, T, N]` of `lengths` real positions each as `[B, N]`; padding on the right is left out.
  ///
  /// - Parameter first: The position from which on activity counts; the last position always does. 1 leaves out the first
  ///   position, where transformers park attention and whose activity says little.
  public func callAsFunction(_ sequences: Tensor, lengths: [Int], from first: Int = 0) -> Tensor {
    let (texts, width) = (sequences.size(0), sequences.size(1))
    precondition(
      lengths.count == texts && lengths.allSatisfy { (1...width).contains($0) },
      "lengths \(lengths) of sequences \(sequences.shape)")
    let last = Tensor(lengths.enumerated().map { $0 * width + $1 - 1 })
    if self == .last { return sequences.flattened(from: 0, to: 1).selected(last, axis: 0) }
    let counts = lengths.flatMap { length in
      (0..<width).map { $0 < length && ($0 >= first || $0 == length - 1) }
    }
    let isReal = Tensor(counts, shape: [texts, width, 1])
    if self != .mean {
      let ranked = self == .max ? sequences : sequences.abs()
      return ranked.filled(isReal.logicalNot(), with: -.infinity).max(axes: [1])
    }
    let weights = isReal.to(sequences.elementType)
    // Not a product with 0: padding may hold infinities.
    return sequences.filled(isReal.logicalNot(), with: 0).sum(axis: 1) / weights.sum(axis: 1)
  }
}

/// Keeps the pooled activity of the texts that pass the sites of a pattern: `[S, N]` by site.
final class PooledActivity: Instrument {
  let sites: SitePattern
  private let pooling: Pooling
  private let first: Int
  /// The real lengths of the texts of the batch that is about to pass.
  var lengths: [Int] = []
  private(set) var samples: [String: [Tensor]] = [:]

  init(_ sites: SitePattern, _ pooling: Pooling, from first: Int) {
    (self.sites, self.pooling, self.first) = (sites, pooling, first)
  }

  func apply(_ site: String, _ activity: Tensor) -> Tensor {
    samples[site, default: []].append(pooling(activity.detached(), lengths: lengths, from: first))
    return activity
  }
}

extension Decoder {
  /// The pooled activity of all feed-forward neurons while the model reads texts: `[S, L · N]`, block after block.
  ///
  /// - Parameters:
  ///   - texts: Tokens of each text.
  ///   - site: The site within a block, `mlp` for what a neuron gives to its output weights.
  ///   - first: The position from which on activity counts, for `.max` and `.mean`.
  ///   - afterBatch: Told after each batch how many texts are done; an error of it ends the work.
  public func pooledActivity(
    of texts: [[Int]], at site: String = "mlp", _ pooling: Pooling = .last, from first: Int = 1,
    tokensPerBatch: Int = 512, afterBatch: (Int) throws -> Void = { _ in }
  ) rethrows -> Tensor {
    let pooled = PooledActivity(SitePattern("blocks.*.\(site)"), pooling, from: first)
    var order: [Int] = []
    for batch in Decoder.groups(texts.map(\.count), tokens: tokensPerBatch) {
      pooled.lengths = batch.map { texts[$0].count }
      withoutGradients {
        withInstruments(pooled) { _ = hidden(Decoder.batch(batch.map { texts[$0] })) }
      }
      order += batch
      try afterBatch(order.count)
    }
    let blocks = (0..<configuration.blocks).map { block -> Tensor in
      guard let samples = pooled.samples["blocks.\(block).\(site)"] else {
        preconditionFailure("the model has no site 'blocks.\(block).\(site)'")
      }
      return Tensor.concatenated(samples)
    }
    var place = [Int](repeating: 0, count: order.count)
    for (row, text) in order.enumerated() { place[text] = row }
    return Tensor.concatenated(blocks, axis: 1).selected(Tensor(place), axis: 0)
  }
}
