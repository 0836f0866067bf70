import Support
import Tensors

extension BytePairTokenizer {
  /// The tokenizer that a GGUF file carries.
  ///
  /// - Throws: `CajalError` naming the file, and the kind of tokenizer that is not supported.
  public init(_ file: GGUFFile) throws {
    let model = try file.text("tokenizer.ggml.model")
    guard model == "gpt2" else {
      throw CajalError(
        "\(file.path): the tokenizer is of kind '\(model)'; byte-level pair encoding ('gpt2') can be read")
    }
    func flag(_ key: String) -> Bool { file.metadata["tokenizer.ggml.\(key)"] == .flag(true) }
    func id(_ key: String) -> Int? {
      if case .integer(let value) = file.metadata["tokenizer.ggml.\(key)_token_id"] { return value }
      return nil
    }
    var types: [Int32] = []
    if case .integers(let values) = file.metadata["tokenizer.ggml.token_type"] {
      types = values.map { Int32(clamping: $0) }
    }
    let pre = try file.text("tokenizer.ggml.pre", default: "gpt2")
    do {
      try self.init(
        bytes: file.bytes, tokens: file.texts("tokenizer.ggml.tokens"),
        merges: file.texts("tokenizer.ggml.merges"), types: types, preTokenizer: PreTokenizer(named: pre),
        special: SpecialTokens(
          beginning: id("bos"), end: id("eos"), unknown: id("unknown"), padding: id("padding"),
          addsBeginning: flag("add_bos_token")),
        ignoresMergesOfWholePieces: pre == "llama-bpe" || pre == "llama3")
    } catch let error as CajalError {
      throw error.message.hasPrefix(file.path) ? error : CajalError("\(file.path): \(error.message)")
    }
  }
}

extension ChatTemplate {
  /// The template that a GGUF file carries; nil if it carries none.
  public init?(_ file: GGUFFile, _ tokenizer: BytePairTokenizer) throws {
    guard case .text(let jinja) = file.metadata["tokenizer.chat_template"] else { return nil }
    func text(_ token: Int?) -> String? {
      token.map { String(decoding: tokenizer.bytes(of: $0), as: UTF8.self) }
    }
    do {
      try self.init(
        jinja: jinja, beginning: text(tokenizer.special.beginning), end: text(tokenizer.special.end))
    } catch let error as CajalError { throw CajalError("\(file.path): \(error.message)") }
  }
}
