import Models
import Support
import Tensors

/// The residual stream after each block read as if it were the last: normalised and multiplied with the output matrix (nostalgebraist
/// 2020).
public struct LogitLens: Sendable {
  public let decoder: Decoder

  public init(_ decoder: Decoder) { self.decoder = decoder }

  /// The logits `[S, V]` after the last token of each text, block by block; those of the last block are the model's own.
  public func logits(_ texts: [[Int]], tokensPerBatch: Int = 512) -> [Tensor] {
    withoutGradients {
      let streams = decoder.pooledActivity(of: texts, at: "residual", .last, tokensPerBatch: tokensPerBatch) {
        _ in
      }
      let width = decoder.configuration.width
      return decoder.blocks.indices.map { block in
        let stream = streams.narrowed(1, from: block * width, to: (block + 1) * width)
        return decoder.logits(decoder.norm(stream))
      }
    }
  }

  /// Log probability and rank of the first token of each continuation, by block and cloze.
  public func scores(_ clozes: [Cloze], tokensPerBatch: Int = 512) -> [[ContinuationScore]] {
    let gold = Tensor(clozes.map { $0.continuation[0] }).unsqueezed(-1)
    return logits(clozes.map(\.prompt), tokensPerBatch: tokensPerBatch).map { logits in
      withoutGradients {
        let right = logits.gathered(gold, axis: -1)
        let better = (logits .> right).to(.int64).sum(axis: -1).integers
        let likelihoods = (right.squeezed(-1) - logits.logSumExp(axes: [-1])).doubles
        return zip(likelihoods, better).map {
          ContinuationScore(logProbability: $0, rank: $1 + 1, isGreedy: $1 == 0)
        }
      }
    }
  }
}
