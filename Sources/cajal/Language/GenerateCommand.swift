import Foundation
import Models
import StudyCore
import Support
import Synchronization

/// `cajal generate` and `cajal chat`
enum GenerateCommand {
  private struct Report: Encodable {
    let text: String
    let tokens: [Int]
    let promptTokens: Int
    let end: TextGenerator.Outcome.End
    let promptTokensPerSecond, tokensPerSecond: Double
  }

  /// Set by Ctrl-C; the text so far stands already.
  private static let isStopped = Atomic<Bool>(false)

  private static func open(_ arguments: Arguments) throws -> TextGenerator {
    try TextGenerator(
      contentsOf: ModelArguments.url(arguments),
      capacity: ModelArguments.whole(arguments, "context", 8_192, in: 16...1 << 20),
      threads: ModelArguments.whole(arguments, "threads", Threads.count, in: 1...1_024))
  }

  static func generate(_ arguments: Arguments) throws -> Int32 {
    guard !arguments.operands.isEmpty else { throw UsageError("which text shall it go on with?") }
    let sampler = try ModelArguments.sampler(arguments, temperature: 0)
    let limit = try ModelArguments.whole(arguments, "tokens", 128, in: 1...1 << 20)
    var generator = try ModelArguments.seed(arguments)
    let prompt = arguments.operands.joined(separator: " ")
    let model = try open(arguments)
    let handler = InterruptionHandler { isStopped.store(true, ordering: .relaxed) }
    defer { withExtendedLifetime(handler) {} }
    let asJSON = arguments.has("json")
    if !asJSON { write(prompt) }
    let outcome = try model.generate(
      model.tokenizer.encode(prompt), sampler: sampler, limit: limit, stops: model.stops, using: &generator
    ) { text in
      if !asJSON { write(text) }
      return !isStopped.load(ordering: .relaxed)
    }
    if asJSON { try printJSON(report(outcome)) } else { write("\n") }
    tell(outcome)
    return outcome.end == .interrupted ? 130 : 0
  }

  /// A conversation: the operands as one message, or line by line from the standard input.
  static func chat(_ arguments: Arguments) throws -> Int32 {
    let sampler = try ModelArguments.sampler(arguments, temperature: 0.7)
    let limit = try ModelArguments.whole(arguments, "tokens", 512, in: 1...1 << 20)
    var generator = try ModelArguments.seed(arguments)
    let model = try open(arguments)
    guard model.chatTemplate != nil else {
      throw CajalError("the model carries no chat template; 'cajal generate' goes on with plain text")
    }
    let handler = InterruptionHandler { isStopped.store(true, ordering: .relaxed) }
    defer { withExtendedLifetime(handler) {} }
    var messages = arguments.value("system").map { [ChatMessage(.system, $0)] } ?? []
    func answer(_ question: String) throws -> TextGenerator.Outcome {
      messages.append(ChatMessage(.user, question))
      let outcome = try model.generate(
        try model.prompt(messages), sampler: sampler, limit: limit, stops: model.stops, using: &generator
      ) { text in
        if !arguments.has("json") { write(text) }
        return !isStopped.load(ordering: .relaxed)
      }
      messages.append(ChatMessage(.assistant, outcome.text))
      return outcome
    }
    if !arguments.operands.isEmpty {
      let outcome = try answer(arguments.operands.joined(separator: " "))
      if arguments.has("json") { try printJSON(report(outcome)) } else { write("\n") }
      tell(outcome)
      return outcome.end == .interrupted ? 130 : 0
    }
    let isTerminal = isatty(0) == 1
    if isTerminal { say("an empty line or Ctrl-D ends; Ctrl-C stops an answer") }
    while true {
      if isTerminal { write("> ") }
      guard let line = readLine(), !line.isEmpty else { return 0 }
      isStopped.store(false, ordering: .relaxed)
      let outcome = try answer(line)
      if arguments.has("json") { try printJSON(report(outcome)) } else { write("\n") }
      tell(outcome)
    }
  }

  private static func write(_ text: String) {
    print(text, terminator: "")
    fflush(nil)
  }

  private static func rates(_ outcome: TextGenerator.Outcome) -> (prompt: Double, text: Double) {
    // The last token is not fed: its time is that of choosing.
    let fed = max(0, outcome.tokens.count - (outcome.end == .length ? 1 : 0))
    return (
      Double(outcome.promptTokens) / max(outcome.promptSeconds, 1e-9),
      Double(fed) / max(outcome.seconds, 1e-9)
    )
  }

  private static func report(_ outcome: TextGenerator.Outcome) -> Report {
    let rates = rates(outcome)
    return Report(
      text: outcome.text, tokens: outcome.tokens, promptTokens: outcome.promptTokens, end: outcome.end,
      promptTokensPerSecond: rates.prompt, tokensPerSecond: rates.text)
  }

  private static func tell(_ outcome: TextGenerator.Outcome) {
    let rates = rates(outcome)
    say(
      String(
        format: "prompt %d tokens, %.0f tokens/s; written %d, %.0f tokens/s", outcome.promptTokens,
        rates.prompt,
        outcome.tokens.count, rates.text))
  }
}
