import Models
import Support
import Tensors

/// A text and what should follow it, in tokens.
public struct Cloze: Sendable, Equatable {
  public var prompt: [Int]
  public var continuation: [Int]

  public init(_ prompt: [Int], _ continuation: [Int]) {
    precondition(
      !prompt.isEmpty && !continuation.isEmpty,
      "a cloze of \(prompt.count) tokens and a continuation of \(continuation.count)")
    (self.prompt, self.continuation) = (prompt, continuation)
  }
}

extension Cloze {
  /// How many tokens the model reads: the last one of the continuation is only predicted.
  var readCount: Int { prompt.count + continuation.count - 1 }
}

/// How a model takes a given continuation.
public struct ContinuationScore: Sendable, Equatable {
  /// The sum over the continuation's tokens, in nats.
  public var logProbability: Double
  /// The place of the continuation's first token among all tokens, from 1 for the likeliest.
  public var rank: Int
  /// Whether every token of the continuation is the likeliest at its place: the exact match of greedy generation.
  public var isGreedy: Bool

  public init(logProbability: Double, rank: Int, isGreedy: Bool) {
    (self.logProbability, self.rank, self.isGreedy) = (logProbability, rank, isGreedy)
  }
}

/// Scores given continuations, in batches of prompts of similar length; attached instruments act.
///
/// Shorter texts are padded on the right, which no earlier position sees; the output matrix is applied only where a continuation's
/// token is predicted.
///
/// ```swift
/// let scorer = ContinuationScorer(model.decoder)
/// let before = try scorer.scores(clozes)
/// let after = try withInstruments(neurons.perturbations(.ablate)) { try scorer.scores(clozes) }
/// ```
public struct ContinuationScorer: Sendable {
  public let decoder: Decoder
  /// How many tokens, padding included, go through the model at once.
  public var tokensPerBatch: Int

  public init(_ decoder: Decoder, tokensPerBatch: Int = 512) {
    precondition(tokensPerBatch > 0, "batches of \(tokensPerBatch) tokens")
    (self.decoder, self.tokensPerBatch) = (decoder, tokensPerBatch)
  }

  /// The score of each cloze, in their order.
  ///
  /// - Parameter afterBatch: Told after each batch how many clozes are done; an error of it ends the work.
  public func scores(_ clozes: [Cloze], afterBatch: (Int) throws -> Void = { _ in }) rethrows
    -> [ContinuationScore]
  {
    var results = [ContinuationScore?](repeating: nil, count: clozes.count)
    var done = 0
    for batch in Decoder.groups(clozes.map(\.readCount), tokens: tokensPerBatch) {
      let scored = withoutGradients { scores(of: batch.map { clozes[$0] }) }
      for (index, score) in zip(batch, scored) { results[index] = score }
      done += batch.count
      try afterBatch(done)
    }
    return results.map { $0! }
  }

  private func scores(of clozes: [Cloze]) -> [ContinuationScore] {
    let logits = predictions(of: clozes)
    let gold = logits.gathered(Tensor(clozes.flatMap(\.continuation)).unsqueezed(-1), axis: -1)
    let logProbabilities = (gold.squeezed(-1) - logits.logSumExp(axes: [-1])).doubles
    let better = (logits .> gold).to(.int64).sum(axis: -1).integers
    var start = 0
    return clozes.map { cloze in
      let range = start..<start + cloze.continuation.count
      start = range.upperBound
      return ContinuationScore(
        logProbability: logProbabilities[range].reduce(0, +), rank: better[range.lowerBound] + 1,
        isGreedy: better[range].allSatisfy { $0 == 0 })
    }
  }
}

extension ContinuationScorer {
  /// The logits `[M, V]` that predict the tokens of the continuations, one cloze after the other.
  func predictions(of clozes: [Cloze]) -> Tensor {
    let hidden = decoder.hidden(Decoder.batch(clozes.map { $0.prompt + $0.continuation.dropLast() }))
    let width = hidden.size(1)
    var positions: [Int] = []
    for (row, cloze) in clozes.enumerated() {
      positions += cloze.continuation.indices.map { row * width + cloze.prompt.count - 1 + $0 }
    }
    return decoder.logits(hidden.flattened(from: 0, to: 1).selected(Tensor(positions), axis: 0))
  }
}
