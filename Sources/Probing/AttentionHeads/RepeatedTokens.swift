import Models
import Recordings
import Support
import Tensors

/// Finds induction heads in a language model: random tokens, said twice, cannot be foretold but by looking back to what followed the first
/// time (Olsson et al., 2022; the measure of Singh et al. for any decoder).
///
/// ```swift
/// let probe = try RepeatedTokens(model.decoder, count: 3, length: 30, using: &generator)
/// let scores = probe.headScores()
/// let strongest = scores.ranked(by: scores.induction).prefix(8)
/// print(probe.copyLoss(), probe.copyLoss(without: Array(strongest)))
/// ```
public struct RepeatedTokens: Sendable {
  public let decoder: Decoder
  /// Each a series of tokens and the same again.
  public let sequences: [[Int]]
  /// Tokens of a series.
  public var length: Int { sequences[0].count / 2 }

  /// Random tokens of the vocabulary, or of `tokens`.
  ///
  /// - Throws: `CajalError` when series are too short, too long for the model, or not there.
  public init(
    _ decoder: Decoder, count: Int = 3, length: Int = 30, tokens: Range<Int>? = nil,
    using generator: inout RandomGenerator
  ) throws {
    let range = tokens ?? 0..<decoder.configuration.vocabulary
    guard count > 0, length > 2, !range.isEmpty else {
      throw CajalError(
        "\(count) series of \(length) of \(range.count) tokens: one of three or more is needed")
    }
    try self.init(
      decoder,
      series: (0..<count).map { _ in
        (0..<length).map { _ in range.lowerBound + generator.integer(below: range.count) }
      })
  }

  /// Series of one's own, as `[[Int]]` of one length; each is repeated once.
  ///
  /// - Throws: `CajalError` when lengths differ, or a token or a length is beyond the model.
  public init(_ decoder: Decoder, series: [[Int]]) throws {
    let shape = decoder.configuration
    guard let length = series.first?.count, length > 2, series.allSatisfy({ $0.count == length }) else {
      throw CajalError(
        "series of \(series.map(\.count)) tokens, expected one or more of the same length from 3 on")
    }
    guard 2 * length <= shape.contextLength else {
      throw CajalError("\(2 * length) tokens, but the model was made for \(shape.contextLength)")
    }
    guard series.allSatisfy({ $0.allSatisfy((0..<shape.vocabulary).contains) }) else {
      throw CajalError("a token is not among the model's \(shape.vocabulary)")
    }
    self.decoder = decoder
    sequences = series.map { $0 + $0 }
  }

  /// What each head attends to in the copy, by block and head, 0 to 1.
  public struct HeadScores: Sendable, Equatable {
    /// Attention to the token that followed the first occurrence.
    public var induction: [[Double]]
    /// Attention to the token before, at all positions.
    public var previousToken: [[Double]]

    /// All heads, the highest score first.
    public func ranked(by scores: [[Double]]) -> [AttentionHead] {
      let heads = scores.indices.flatMap { block in scores[block].indices.map { AttentionHead(block, $0) } }
      return heads.sorted { (scores[$1.block][$1.head], $0) < (scores[$0.block][$0.head], $1) }
    }
  }

  public func headScores() -> HeadScores {
    let diagonals = DiagonalMeans(length: length)
    _ = withInstruments(diagonals) { withoutGradients { decoder.hidden(Decoder.batch(sequences)) } }
    let blocks = (0..<decoder.configuration.blocks).map { "blocks.\($0).attention.pattern" }
    return HeadScores(
      induction: blocks.map { diagonals.induction[$0]! },
      previousToken: blocks.map { diagonals.previousToken[$0]! })
  }

  /// The mean surprise in nats at the tokens of the copy, with some heads silenced; the first of them cannot be foretold.
  public func copyLoss(without heads: [AttentionHead] = []) -> Double {
    let likelihoods = withInstruments(heads.ablations()) { decoder.logLikelihoods(sequences) }
    let copy = likelihoods.flatMap { $0.suffix(length) }
    return -copy.reduce(0, +) / Double(copy.count)
  }

  /// The mean surprise in nats at the tokens of the first occurrence but its first.
  public func firstLoss() -> Double {
    let first = decoder.logLikelihoods(sequences).flatMap { $0.dropLast(length) }
    return -first.reduce(0, +) / Double(first.count)
  }
}

extension [AttentionHead] {
  /// Instruments that silence these heads of a ``Decoder`` or an ``AttentionOnlyTransformer``, for `withInstruments`.
  public func ablations() -> [any Instrument] {
    Dictionary(grouping: self, by: \.block).sorted { $0.key < $1.key }.map { block, heads in
      Perturbation(
        .ablate, at: SitePattern("blocks.\(block).attention.heads"), neurons: heads.map(\.head).sorted(),
        axis: 2)
    }
  }
}

/// Means of two diagonals of attention patterns `[B, H, T, T]`.
private final class DiagonalMeans: Instrument {
  let sites: SitePattern = "blocks.*.attention.pattern"
  private let length: Int
  private(set) var induction: [String: [Double]] = [:]
  private(set) var previousToken: [String: [Double]] = [:]

  init(length: Int) { self.length = length }

  func apply(_ site: String, _ activity: Tensor) -> Tensor {
    let heads = activity.size(1)
    let patterns = activity.contiguous().array(of: Float.self)
    let tokens = activity.size(2)
    func mean(_ head: Int, _ rows: Range<Int>, back: Int) -> Double {
      var total = 0.0
      for sequence in 0..<activity.size(0) {
        for row in rows {
          total += Double(patterns[((sequence * heads + head) * tokens + row) * tokens + row - back])
        }
      }
      return total / Double(rows.count * activity.size(0))
    }
    induction[site] = (0..<heads).map { mean($0, length..<tokens, back: length - 1) }
    previousToken[site] = (0..<heads).map { mean($0, 1..<tokens, back: 1) }
    return activity
  }
}
