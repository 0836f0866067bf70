import Foundation
import Support
import Tensors

/// Vectors read as if they were final hidden states: multiplied with the output matrix, as scores of tokens.
///
/// The decoding of Davies (2025), and the logit lens of value vectors. Besides the plain products there are softmax probabilities, which
/// saturate with a vector's length; cosines; and z scores, `(E_t · w - mean) / deviation` over the vocabulary, which do not depend on the
/// length. Mean and deviation follow from the mean and the covariance of the output matrix's rows, so that z scores of a few
/// tokens need no product with the whole vocabulary.
public struct VocabularyProjection: Sendable {
  /// `[V, D]`
  public let matrix: Tensor
  /// `[D]`, the mean row.
  public let mean: Tensor
  /// `[D, D]`, the covariance of rows, divided by V.
  public let covariance: Tensor
  /// `[V]`, the lengths of rows.
  private let norms: Tensor
  /// How many vectors are multiplied with the whole vocabulary at once; memory is `4 · chunk · V` bytes a copy.
  public var chunk = 256

  public init(_ matrix: Tensor) {
    precondition(matrix.rank == 2, "an output matrix of shape \(matrix.shape), expected [V, D]")
    (self.matrix, mean, covariance, norms) = withoutGradients {
      let plain = matrix.detached()
      let mean = plain.mean(axis: 0)
      let centred = plain - mean
      return (
        plain, mean, centred.transposed().matmul(centred) / Double(plain.size(0)), plain.norm(axes: [1])
      )
    }
  }

  public var vocabulary: Int { matrix.size(0) }

  /// The products `[n, V]` of vectors `[n, D]`.
  public func logits(_ vectors: Tensor) -> Tensor { withoutGradients { vectors.detached().linear(matrix) } }

  /// Mean and standard deviation `[n]` of a vector's products over the vocabulary.
  private func moments(_ vectors: Tensor) -> (mean: Tensor, deviation: Tensor) {
    let squares = (vectors.matmul(covariance) * vectors).sum(axis: -1)
    return (vectors.matmul(mean), squares.clamped(atLeast: 1e-30).sqrt())
  }

  /// z scores `[n, tokens]` of vectors `[n, D]` for chosen tokens.
  public func zScores(_ vectors: Tensor, tokens: [Int]) -> Tensor {
    withoutGradients {
      let vectors = vectors.detached()
      let (mean, deviation) = moments(vectors)
      let products = vectors.linear(matrix.selected(Tensor(tokens), axis: 0))
      return (products - mean.unsqueezed(-1)) / deviation.unsqueezed(-1)
    }
  }

  /// Cosines `[n, tokens]` of vectors `[n, D]` with rows of the output matrix.
  public func cosines(_ vectors: Tensor, tokens: [Int]) -> Tensor {
    withoutGradients {
      let vectors = vectors.detached()
      let chosen = Tensor(tokens)
      let products = vectors.linear(matrix.selected(chosen, axis: 0))
      let lengths = vectors.norm(axes: [1], keep: true) * norms.selected(chosen, axis: 0)
      return products / lengths.clamped(atLeast: 1e-30)
    }
  }

  /// Softmax probabilities `[n, tokens]` of vectors `[n, D]` for chosen tokens.
  public func probabilities(_ vectors: Tensor, tokens: [Int]) -> Tensor {
    let chosen = Tensor(tokens)
    return inChunks(vectors) { logits, _ in
      (logits.selected(chosen, axis: 1) - logits.logSumExp(axes: [1], keep: true)).exp()
    }
  }

  /// `body` of the products of some vectors at a time, joined.
  func inChunks(_ vectors: Tensor, _ body: (_ logits: Tensor, _ vectors: Tensor) -> Tensor) -> Tensor {
    withoutGradients {
      Tensor.concatenated(vectors.detached().split(chunk).map { body(logits($0), $0) })
    }
  }
}

/// A token that a vector stands for.
public struct TokenReading: Sendable, Equatable {
  public var token: Int
  /// The product of the vector with the token's row of the output matrix.
  public var logit: Double
  /// The softmax of the products.
  public var probability: Double
  /// How many standard deviations the product lies above its mean over the vocabulary.
  public var zScore: Double
  public var cosine: Double
}

/// The best token of each of n vectors, and how clearly it is the best.
public struct TopTokens: Sendable, Equatable {
  public var tokens: [Int]
  public var probabilities: [Double]
  public var zScores: [Double]

  /// Of no vectors yet.
  public init() { (tokens, probabilities, zScores) = ([], [], []) }

  /// Adds those of further vectors.
  public mutating func append(_ other: TopTokens) {
    tokens += other.tokens
    probabilities += other.probabilities
    zScores += other.zScores
  }

  /// The share of vectors whose best token is the same in both.
  public func agreement(with other: TopTokens) -> Double {
    precondition(tokens.count == other.tokens.count, "\(tokens.count) and \(other.tokens.count) vectors")
    return Double(zip(tokens, other.tokens).count { $0 == $1 }) / Double(tokens.count)
  }
}

extension VocabularyProjection {
  /// The tokens that a vector `[D]` stands for, best first.
  ///
  /// - Parameter lowest: The other end: what the negated vector stands for, worst first.
  public func readings(_ vector: Tensor, count: Int, lowest: Bool = false) -> [TokenReading] {
    let row = vector.detached().unsqueezed(0)
    let products = logits(row)
    let best = products.topK(count, axis: -1, largest: !lowest)
    let tokens = best.indices.integers
    let total = withoutGradients { products.logSumExp(axes: [1]).item }
    let (z, cosines) = (zScores(row, tokens: tokens).doubles, cosines(row, tokens: tokens).doubles)
    return zip(tokens, best.values.doubles).enumerated().map { place, entry in
      TokenReading(
        token: entry.0, logit: entry.1, probability: exp(entry.1 - total), zScore: z[place],
        cosine: cosines[place])
    }
  }

  /// The best token of each vector of `[n, D]`.
  ///
  /// - Parameter afterChunk: Told how many vectors are done; an error of it ends the work.
  public func topTokens(_ vectors: Tensor, afterChunk: (Int) throws -> Void = { _ in }) rethrows -> TopTokens
  {
    var result = TopTokens()
    for part in vectors.detached().split(chunk) {
      withoutGradients {
        let products = logits(part)
        let best = products.maxWithIndex(axis: 1)
        let (mean, deviation) = moments(part)
        result.tokens += best.indices.integers
        result.probabilities += (best.values - products.logSumExp(axes: [1])).exp().doubles
        result.zScores += ((best.values - mean) / deviation).doubles
      }
      try afterChunk(result.tokens.count)
    }
    return result
  }
}
