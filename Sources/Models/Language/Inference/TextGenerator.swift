import Foundation
import Support
import Tensors

/// Writes text with a language model: the fast way, token after token.
public final class TextGenerator {
  public let model: InferenceModel
  public let tokenizer: BytePairTokenizer
  /// How conversations are written; nil if the model carries no template.
  public let chatTemplate: ChatTemplate?
  public let session: InferenceSession
  /// The tokens that are in the session.
  private var fed: [Int] = []

  /// How a text came about.
  public struct Outcome: Sendable {
    public enum End: String, Sendable, Codable { case stop, length, interrupted }
    public var text = ""
    /// Tokens of the prompt that had to be read, and that were written.
    public var promptTokens = 0
    public var tokens: [Int] = []
    public var end = End.length
    /// Seconds for the prompt, and for the rest.
    public var promptSeconds = 0.0
    public var seconds = 0.0
  }

  /// Opens a GGUF file or a Hugging Face folder.
  ///
  /// - Throws: `CajalError` naming the file and what is wrong with it.
  public init(contentsOf url: URL, capacity: Int? = nil, threads: Int = Threads.count) throws {
    if try ModelFile.isFolder(url) {
      model = try InferenceModel(HuggingFaceFolder(url).decoder())
      tokenizer = try BytePairTokenizer(huggingFace: url)
      chatTemplate = try HuggingFaceFolder(url).chatTemplate(tokenizer)
    } else {
      let file = try GGUFFile(url)
      tokenizer = try BytePairTokenizer(file)
      model = try InferenceModel(file)
      chatTemplate = try ChatTemplate(file, tokenizer)
    }
    try ModelFile.check(tokenizer, model.configuration, url)
    FreedMemory.release()
    session = InferenceSession(
      model, capacity: min(capacity ?? .max, model.configuration.contextLength), threads: threads)
  }

  /// Goes on with a prompt until a stop token, `limit` tokens, or the session's capacity.
  ///
  /// Of the prompt only what differs from the text before is read, so that conversations go on where they were.
  /// - Parameters:
  ///   - onText: Receives the text in whole characters as it comes; false ends it.
  /// - Throws: `CajalError` when the prompt is empty or too long.
  public func generate(
    _ prompt: [Int], sampler: Sampler = .greedy, limit: Int = 256, stops: Set<Int> = [],
    using generator: inout RandomGenerator, onText: (String) -> Bool = { _ in true }
  ) throws -> Outcome {
    guard !prompt.isEmpty else { throw CajalError("the prompt has no tokens") }
    guard prompt.count < session.capacity else {
      throw CajalError(
        "the prompt has \(prompt.count) tokens, the model takes \(session.capacity) with what it writes")
    }
    var outcome = Outcome()
    var shared = zip(prompt, fed).prefix { $0 == $1 }.count
    // The last token is read anew: its logits may be gone.
    shared = min(shared, prompt.count - 1)
    session.rewind(to: shared)
    outcome.promptTokens = prompt.count - shared
    let clock = ContinuousClock()
    outcome.promptSeconds = try clock.measure { try session.feed(Array(prompt[shared...])) }.inSeconds
    fed = prompt
    let start = clock.now
    var decoder = StreamingDecoder(tokenizer)
    while outcome.tokens.count < limit, session.position < session.capacity {
      let token =
        sampler == .greedy
        ? session.mostLikely : sampler.choose(session.logits, after: fed, using: &generator)
      if stops.contains(token) {
        outcome.end = .stop
        break
      }
      outcome.tokens.append(token)
      let text = decoder.append(token)
      outcome.text += text
      if !text.isEmpty, !onText(text) {
        outcome.end = .interrupted
        break
      }
      if outcome.tokens.count < limit {
        try session.feed([token])
        fed.append(token)
      }
    }
    let rest = decoder.finish()
    outcome.text += rest
    if !rest.isEmpty { _ = onText(rest) }
    outcome.seconds = (clock.now - start).inSeconds
    return outcome
  }

  /// The tokens of a conversation, up to where the assistant speaks.
  ///
  /// - Throws: `CajalError` when the model carries no chat template.
  public func prompt(_ messages: [ChatMessage]) throws -> [Int] {
    guard let chatTemplate else {
      throw CajalError("the model carries no chat template; 'cajal generate' goes on with plain text")
    }
    return tokenizer.encode(chatTemplate.text(messages))
  }

  /// The tokens at which an answer ends.
  public var stops: Set<Int> {
    Set([tokenizer.special.end].compactMap { $0 } + (chatTemplate?.stops ?? []).compactMap(tokenizer.token))
  }
}
