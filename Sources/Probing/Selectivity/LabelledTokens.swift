import Models
import Support
import Tensors

/// A text as tokens, with its label; what counts is what follows the prompt.
public struct LabelledTokens: Sendable, Equatable {
  public var label: Int
  public var tokens: [Int]
  /// How many tokens come before the answer.
  public var prompt: Int

  public init(label: Int, tokens: [Int], prompt: Int = 0) {
    precondition(
      !tokens.isEmpty && (0..<tokens.count).contains(prompt),
      "a prompt of \(prompt) in \(tokens.count) tokens")
    self.label = label
    self.tokens = tokens
    self.prompt = prompt
  }

  /// How many tokens count: those of the answer, not the first one of the text.
  public var counted: Int { tokens.count - Swift.max(prompt, 1) }
}

extension ActivationCounter {
  /// Counts while a decoder reads texts, some `batchTokens` at a time.
  ///
  /// - Parameter progress: Called after every batch with the tokens read so far; what it throws ends the reading.
  public func read(
    _ texts: [LabelledTokens], with decoder: Decoder, batchTokens: Int = 2_048,
    progress: (Int) throws -> Void
  ) rethrows {
    var read = 0
    for group in Decoder.groups(texts.map(\.tokens.count), tokens: batchTokens) {
      let batch = group.map { texts[$0] }
      counting(batch.map { Text(label: $0.label, length: $0.tokens.count, prompt: $0.prompt) }) {
        withoutGradients { _ = decoder.hidden(Decoder.batch(batch.map(\.tokens))) }
      }
      read += batch.reduce(0) { $0 + $1.tokens.count }
      try progress(read)
    }
  }
}
