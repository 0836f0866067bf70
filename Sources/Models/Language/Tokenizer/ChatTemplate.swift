import Support

/// One turn of a conversation.
public struct ChatMessage: Sendable, Equatable, Codable {
  /// Who speaks.
  public enum Role: String, Sendable, Codable { case system, user, assistant }
  public var role: Role
  public var content: String

  public init(_ role: Role, _ content: String) {
    self.role = role
    self.content = content
  }
}

/// How a conversation is written as the text that a model was trained to go on with.
public struct ChatTemplate: Sendable, Equatable {
  /// The known ways, by the family of models that brought them.
  public enum Format: String, Sendable, CaseIterable { case chatML, llama2, llama3, zephyr, gemma }

  public let format: Format
  /// What the system says when a conversation does not begin with a message of the system.
  public let defaultSystem: String?
  /// The text of the token that a text begins with, for formats that write it.
  public let beginning: String
  /// The text of the token that a turn ends with, for formats that leave it to the model.
  public let end: String

  public init(
    _ format: Format, defaultSystem: String? = nil, beginning: String? = nil, end: String? = nil
  ) {
    self.format = format
    self.defaultSystem = defaultSystem
    self.beginning =
      beginning ?? (format == .gemma ? "<bos>" : format == .llama3 ? "<|begin_of_text|>" : "<s>")
    self.end = end ?? "</s>"
  }

  /// SmolLM2's.
  public static let smolLM2 = ChatTemplate(
    .chatML,
    defaultSystem: "You are a helpful AI assistant named SmolLM, trained by Hugging Face")

  /// Recognises the format of a template in Jinja, as models carry them.
  ///
  /// - Throws: `CajalError` when it is none of those known.
  public init(jinja: String, beginning: String? = nil, end: String? = nil) throws {
    let marks: [(format: Format, all: [String], none: [String])] = [
      (.chatML, ["<|im_start|>", "<|im_end|>"], ["<|im_sep|>"]),
      (.llama3, ["<|start_header_id|>", "<|eot_id|>"], []),
      (.llama2, ["[INST]", "<<SYS>>"], []),
      (.gemma, ["<start_of_turn>", "<end_of_turn>"], []),
      (.zephyr, ["<|user|>", "<|assistant|>", "eos_token"], ["<|end|>", "[gMASK]"]),
    ]
    let found = marks.first { mark in
      mark.all.allSatisfy(jinja.contains) && !mark.none.contains(where: jinja.contains)
    }
    guard let found else {
      throw CajalError(
        "the chat template is none that is known (ChatML, Llama 2, Llama 3, Zephyr, Gemma); it begins "
          + "'\(jinja.prefix(80))'")
    }
    self.init(
      found.format, defaultSystem: found.format == .chatML ? Self.defaultSystem(in: jinja) : nil,
      beginning: beginning, end: end)
  }

  /// The plain text that a ChatML template writes between the marks of a message of the system.
  private static func defaultSystem(in jinja: String) -> String? {
    for head in ["<|im_start|>system\n", "<|im_start|>system\\n"] {
      for part in jinja.split(separator: head).dropFirst() where jinja.contains(head) {
        guard let end = part.firstRange(of: "<|im_end|>") else { continue }
        let text = part[..<end.lowerBound]
        // A quotation mark ends the literal: what follows is computed.
        if !text.isEmpty, !text.contains(where: { "'\"{}".contains($0) }) { return String(text) }
      }
    }
    return nil
  }

  /// The conversation as text.
  ///
  /// - Parameter addingPrompt: Whether the beginning of the assistant's turn follows, for the model to go on.
  public func text(_ messages: [ChatMessage], addingPrompt: Bool = true) -> String {
    var messages = messages
    if let defaultSystem, let first = messages.first, first.role != .system {
      messages.insert(ChatMessage(.system, defaultSystem), at: 0)
    }
    switch format {
    case .chatML: return marked(messages, addingPrompt, "<|im_start|>", "\n", "<|im_end|>\n")
    case .llama3:
      return beginning
        + marked(
          trimmed(messages), addingPrompt, "<|start_header_id|>", "<|end_header_id|>\n\n", "<|eot_id|>")
    case .zephyr: return marked(messages, addingPrompt, "<|", "|>\n", "\(end)\n")
    case .gemma: return beginning + gemma(messages, addingPrompt)
    case .llama2: return llama2(messages)
    }
  }

  /// The texts of the tokens at which a turn of the assistant ends.
  public var stops: [String] {
    switch format {
    case .chatML: ["<|im_end|>", "<|endoftext|>"]
    case .llama3: ["<|eot_id|>", "<|end_of_text|>"]
    case .gemma: ["<end_of_turn>", "<eos>"]
    case .zephyr, .llama2: [end]
    }
  }

  private func marked(
    _ messages: [ChatMessage], _ addingPrompt: Bool, _ opening: String, _ heading: String, _ closing: String
  ) -> String {
    let turns = messages.map { opening + $0.role.rawValue + heading + $0.content + closing }
    return turns.joined() + (addingPrompt ? "\(opening)assistant\(heading)" : "")
  }

  private func trimmed(_ messages: [ChatMessage]) -> [ChatMessage] {
    messages.map { message in
      let content = message.content.drop(while: \.isWhitespace)
      let end = content.lastIndex { !$0.isWhitespace }.map(content.index(after:)) ?? content.startIndex
      return ChatMessage(message.role, String(content[..<end]))
    }
  }

  /// Gemma has no system: what it says stands before the first turn of the user.
  private func gemma(_ messages: [ChatMessage], _ addingPrompt: Bool) -> String {
    let turns = withoutSystem(trimmed(messages)) { "\($0)\n\n\($1)" }.map {
      "<start_of_turn>\($0.role == .assistant ? "model" : "user")\n\($0.content)<end_of_turn>\n"
    }
    return turns.joined() + (addingPrompt ? "<start_of_turn>model\n" : "")
  }

  private func llama2(_ messages: [ChatMessage]) -> String {
    withoutSystem(trimmed(messages)) { "<<SYS>>\n\($0)\n<</SYS>>\n\n\($1)" }.map { message in
      message.role == .assistant
        ? " \(message.content) \(end)" : "\(beginning)[INST] \(message.content) [/INST]"
    }.joined()
  }

  /// Puts what the system says first into the turn of the user that follows.
  private func withoutSystem(
    _ messages: [ChatMessage], _ joined: (_ system: String, _ user: String) -> String
  ) -> [ChatMessage] {
    guard let system = messages.first, system.role == .system else { return messages }
    guard messages.count > 1 else { return [ChatMessage(.user, system.content)] }
    var rest = Array(messages.dropFirst())
    rest[0].content = joined(system.content, rest[0].content)
    return rest
  }
}
