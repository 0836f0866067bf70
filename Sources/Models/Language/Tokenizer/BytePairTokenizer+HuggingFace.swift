import Foundation
import Support

extension BytePairTokenizer {
  /// Reads `tokenizer.json` of a Hugging Face model's folder, and `tokenizer_config.json` if it is there.
  ///
  /// - Throws: `CajalError` naming the file and what in it is missing, damaged or of a kind that is not known.
  public init(huggingFace folder: URL) throws {
    let file = folder.appendingPathComponent("tokenizer.json")
    let json = try TokenizerJSON.read(file)
    let configuration = try TokenizerConfiguration.read(folder)
    do { self = try json.tokenizer(configuration) } catch let error as CajalError {
      throw CajalError("\(file.path): \(error.message)")
    }
  }
}

extension ChatTemplate {
  /// Reads the template of a Hugging Face model's folder: `chat_template.jinja`, or that in `tokenizer_config.json`.
  ///
  /// - Throws: `CajalError` when there is none, or none that is known.
  public init(huggingFace folder: URL) throws {
    let configuration = try TokenizerConfiguration.read(folder)
    let file = folder.appendingPathComponent("chat_template.jinja")
    let own = try? String(contentsOf: file, encoding: .utf8)
    guard let jinja = own ?? configuration.chatTemplate?.text else {
      throw CajalError("\(folder.path) holds no chat template")
    }
    do {
      try self.init(
        jinja: jinja, beginning: configuration.beginning?.text, end: configuration.end?.text)
    } catch let error as CajalError { throw CajalError("\(folder.path): \(error.message)") }
  }
}

/// What is read of `tokenizer.json`.
private struct TokenizerJSON: Decodable {
  struct Added: Decodable {
    var id: Int
    var content: String
    var special: Bool?
    var singleWord: Bool?
    var lstrip: Bool?
    var rstrip: Bool?
  }
  struct Merge: Decodable {
    var text: String

    /// Either `"left right"` or `["left", "right"]`.
    init(from decoder: any Swift.Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        self.text = text
      } else {
        text = try container.decode([String].self).joined(separator: " ")
      }
    }
  }
  struct Model: Decodable {
    var type: String?
    var vocab: [String: Int]
    var merges: [Merge]
    var ignoreMerges: Bool?
    var byteFallback: Bool?
    var continuingSubwordPrefix: String?
    var endOfWordSuffix: String?
  }
  struct Step: Decodable {
    struct Pattern: Decodable {
      private enum CodingKeys: String, CodingKey { case expression = "Regex" }
      var expression: String?
    }
    struct Piece: Decodable {
      struct Token: Decodable { var id: String }
      private enum CodingKeys: String, CodingKey { case special = "SpecialToken" }
      var special: Token?
    }
    var type: String
    var pretokenizers: [Step]?
    var processors: [Step]?
    var individualDigits: Bool?
    var addPrefixSpace: Bool?
    var useRegex: Bool?
    var pattern: Pattern?
    var behavior: String?
    var invert: Bool?
    var single: [Piece]?
  }
  var model: Model
  var addedTokens: [Added]?
  var normalizer: Step?
  var preTokenizer: Step?
  var postProcessor: Step?

  static func read(_ file: URL) throws -> TokenizerJSON { try decode(file) }

  func tokenizer(_ configuration: TokenizerConfiguration) throws -> BytePairTokenizer {
    try check()
    let (tokens, types) = try vocabulary()
    let places = Dictionary(tokens.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    func place(_ token: TokenizerConfiguration.Token?) -> Int? { token.flatMap { places[$0.text] } }
    let first = (postProcessor?.processors ?? postProcessor.map { [$0] } ?? [])
      .compactMap { $0.single?.first?.special?.id }.first
    let special = BytePairTokenizer.SpecialTokens(
      beginning: place(configuration.beginning) ?? first.flatMap { places[$0] },
      end: place(configuration.end), unknown: place(configuration.unknown),
      padding: place(configuration.padding),
      addsBeginning: first != nil || configuration.addsBeginning == true)
    return try BytePairTokenizer(
      tokens: tokens, merges: model.merges.map(\.text), types: types, preTokenizer: cut(), special: special,
      ignoresMergesOfWholePieces: model.ignoreMerges ?? false, normalizes: normalizer != nil)
  }

  private func check() throws {
    guard model.type ?? "BPE" == "BPE" else {
      throw CajalError("the model is '\(model.type!)'; only byte-level BPE can be read")
    }
    if model.byteFallback == true || !(model.continuingSubwordPrefix ?? "").isEmpty
      || !(model.endOfWordSuffix ?? "").isEmpty
    {
      throw CajalError("the BPE is not byte-level: it has a byte fallback, a prefix or a suffix of words")
    }
    if let kind = normalizer?.type, kind != "NFC" {
      throw CajalError("a normalizer '\(kind)' is not known; NFC is")
    }
    for token in addedTokens ?? []
    where token.lstrip == true || token.rstrip == true || token.singleWord == true {
      throw CajalError(
        "the added token '\(token.content)' takes space or words around it, which is not known")
    }
  }

  private func vocabulary() throws -> (tokens: [String], types: [Int32]) {
    let added = addedTokens ?? []
    let places = model.vocab.values + added.map(\.id)
    let count = (places.max() ?? -1) + 1
    guard (places.min() ?? 0) >= 0, count <= 2 * places.count + 1_024 else {
      throw CajalError("the vocabulary has \(places.count) tokens with numbers up to \(count - 1)")
    }
    var tokens = [String](repeating: "", count: count)
    var types = [Int32](repeating: 1, count: count)
    for (token, place) in model.vocab { tokens[place] = token }
    for token in added {
      tokens[token.id] = token.content
      types[token.id] = token.special == true ? 3 : 4
    }
    return (tokens, types)
  }

  /// The cut that the steps of `preTokenizer` make.
  private func cut() throws -> PreTokenizer {
    guard let preTokenizer else { throw CajalError("there is no pre_tokenizer; a byte-level BPE has one") }
    let steps = preTokenizer.pretokenizers ?? [preTokenizer]
    guard steps.last?.type == "ByteLevel" else {
      throw CajalError("the pre_tokenizer does not end with ByteLevel: \(steps.map(\.type))")
    }
    if steps.contains(where: { $0.addPrefixSpace == true }) {
      throw CajalError("a pre_tokenizer with add_prefix_space is not known")
    }
    switch (steps.dropLast().map(\.type), steps.last?.useRegex ?? true) {
    case ([], true): return .gpt2
    case (["Digits"], true) where steps[0].individualDigits == true: return .smollm
    case (["Split"], false) where steps[0].behavior == "Isolated" && steps[0].invert != true:
      let pattern = steps[0].pattern?.expression ?? ""
      if let known = PreTokenizer.allCases.first(where: { $0.pattern == pattern }) { return known }
      throw CajalError("the pre_tokenizer splits at a pattern that is not known: '\(pattern)'")
    case (let types, _): throw CajalError("the pre_tokenizer's steps \(types + ["ByteLevel"]) are not known")
    }
  }
}

extension PreTokenizer {
  /// The pattern by which `tokenizer.json` names this cut.
  fileprivate var pattern: String? {
    func llama(_ numbers: String) -> String {
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + numbers
        + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }
    switch self {
    case .gpt2: return #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
    case .smollm: return nil
    case .llama3: return llama(#"\p{N}{1,3}"#)
    case .qwen2: return llama(#"\p{N}"#)
    }
  }
}

/// What is read of `tokenizer_config.json`.
private struct TokenizerConfiguration: Decodable {
  /// A token, or a template: a string, or a string with properties, or the first of several.
  struct Token: Decodable {
    private enum Key: String, CodingKey { case content, template }
    var text: String

    init(from decoder: any Swift.Decoder) throws {
      if let text = try? decoder.singleValueContainer().decode(String.self) {
        self.text = text
      } else if var list = try? decoder.unkeyedContainer() {
        text = try list.decode(Token.self).text
      } else {
        let values = try decoder.container(keyedBy: Key.self)
        text =
          try values.decodeIfPresent(String.self, forKey: .content)
          ?? values.decode(String.self, forKey: .template)
      }
    }
  }
  var beginning: Token?
  var end: Token?
  var unknown: Token?
  var padding: Token?
  var addsBeginning: Bool?
  var chatTemplate: Token?

  private enum CodingKeys: String, CodingKey {
    case beginning = "bosToken"
    case end = "eosToken"
    case unknown = "unkToken"
    case padding = "padToken"
    case addsBeginning = "addBosToken"
    case chatTemplate
  }

  /// That of a folder; an empty one if there is no such file.
  static func read(_ folder: URL) throws -> TokenizerConfiguration {
    let file = folder.appendingPathComponent("tokenizer_config.json")
    guard FileManager.default.fileExists(atPath: file.path) else { return TokenizerConfiguration() }
    return try decode(file)
  }
}

private func decode<Value: Decodable>(_ file: URL) throws -> Value {
  let data: Data
  do { data = try Data(contentsOf: file) } catch {
    throw CajalError("cannot read \(file.path): \(error.localizedDescription)")
  }
  let decoder = JSONDecoder()
  decoder.keyDecodingStrategy = .convertFromSnakeCase
  do { return try decoder.decode(Value.self, from: data) } catch let error as DecodingError {
    throw CajalError("\(file.path): \(error.explanation)")
  }
}

extension DecodingError {
  /// Which key is wrong, and how.
  fileprivate var explanation: String {
    func place(_ context: Context) -> String {
      let keys = context.codingPath.map(\.stringValue).joined(separator: ".")
      return keys.isEmpty ? "" : " at '\(keys)'"
    }
    switch self {
    case .keyNotFound(let key, let context): return "'\(key.stringValue)' is missing\(place(context))"
    case .typeMismatch(let type, let context): return "not a \(type)\(place(context))"
    case .valueNotFound(let type, let context): return "no \(type)\(place(context))"
    case .dataCorrupted(let context): return "no valid JSON\(place(context))"
    @unknown default: return "no tokenizer"
    }
  }
}
