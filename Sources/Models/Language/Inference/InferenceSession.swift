import CQuantised
import Foundation
import Support

/// A text that goes through an ``InferenceModel``: its keys and values, and how far it has come.
///
/// Not for use from several threads at once; many sessions may share a model.
public final class InferenceSession {
  public let model: InferenceModel
  /// The longest text in tokens.
  public let capacity: Int
  /// How many tokens have been fed.
  public private(set) var position = 0
  /// Which neurons take part; nil for all.
  public var core: CoreWeights?
  /// Sees the neurons of every block as tokens pass, for whoever selects among them.
  public var observer: NeuronObserver?
  private let pass: InferencePass

  /// Neurons of a block for some tokens.
  public struct NeuronActivity {
    public let block: Int
    /// The position of the first token.
    public let position: Int
    public let tokens: Int
    let values: UnsafePointer<Float>
    let stride: Int

    /// What neuron `neuron` does at token `token` of these.
    @inline(__always)
    public func value(token: Int, neuron: Int) -> Float {
      values[token * stride + neuron / 16 * 32 + neuron % 16]
    }
  }
  public typealias NeuronObserver = (NeuronActivity) -> Void

  /// - Parameters:
  ///   - capacity: The longest text in tokens; what the model was made for unless given.
  ///   - threads: How many threads work on it.
  public init(_ model: InferenceModel, capacity: Int? = nil, threads: Int = Threads.count) {
    let longest = capacity ?? model.configuration.contextLength
    precondition(longest > 0, "a capacity of \(longest) tokens")
    self.model = model
    self.capacity = (longest + 15) / 16 * 16
    pass = InferencePass(model, capacity: self.capacity, threads: threads)
  }

  /// Goes on with these tokens; ``logits`` are those after the last of them then.
  ///
  /// - Throws: `CajalError` when a token is unknown or the text becomes longer than ``capacity``.
  public func feed(_ tokens: [Int]) throws {
    try check(tokens)
    for start in stride(from: 0, to: tokens.count, by: InferencePass.chunk) {
      let part = tokens[start..<min(start + InferencePass.chunk, tokens.count)]
      let isLast = part.endIndex == tokens.count
      pass.run(
        Array(part), at: position, core: core, observer: observer,
        logitRows: isLast ? part.count - 1..<part.count : 0..<0)
      position += part.count
    }
  }

  /// The logits `[V]` after the last token, copied.
  public var logits: [Float] {
    Array(UnsafeBufferPointer(start: pass.logits, count: model.configuration.vocabulary))
  }

  /// The token with the largest logit after the last one fed.
  public var mostLikely: Int {
    Sampler.largest(UnsafeBufferPointer(start: pass.logits, count: model.configuration.vocabulary))
  }

  /// As ``feed(_:)``, and gives the natural logarithm of the probability that each of the tokens had before it was fed;
  /// the first of a text has none.
  public func logLikelihoods(feeding tokens: [Int]) throws -> [Double] {
    try check(tokens)
    var results: [Double] = []
    if position > 0 { results.append(logProbability(of: tokens[0], row: 0)) }
    let step = InferencePass.logitRows
    for start in stride(from: 0, to: tokens.count, by: step) {
      let part = Array(tokens[start..<min(start + step, tokens.count)])
      pass.run(part, at: position, core: core, observer: observer, logitRows: 0..<part.count)
      position += part.count
      for (row, index) in (start + 1..<min(start + part.count + 1, tokens.count)).enumerated() {
        results.append(logProbability(of: tokens[index], row: row))
      }
      pass.keepLogits(of: part.count - 1)
    }
    return results
  }

  private func logProbability(of token: Int, row: Int) -> Double {
    let values = UnsafeBufferPointer(start: pass.logits(row), count: model.configuration.vocabulary)
    let top = values.max()!
    let sum = values.reduce(0.0) { $0 + exp(Double($1 - top)) }
    return Double(values[token] - top) - log(sum)
  }

  /// Forgets all but the first `count` tokens; logits are those of the last text until it goes on.
  public func rewind(to count: Int = 0) {
    precondition((0...position).contains(count), "rewinding to \(count) of \(position) tokens")
    position = count
  }

  private func check(_ tokens: [Int]) throws {
    guard !tokens.isEmpty else { throw CajalError("a text without tokens") }
    if let wrong = tokens.first(where: { !(0..<model.configuration.vocabulary).contains($0) }) {
      throw CajalError("token \(wrong) is not one of the model's \(model.configuration.vocabulary)")
    }
    guard position + tokens.count <= capacity else {
      throw CajalError(
        "the text has \(position + tokens.count) tokens, the session was made for \(capacity)")
    }
  }
}
