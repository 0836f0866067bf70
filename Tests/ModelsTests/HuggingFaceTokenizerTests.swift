import Foundation
import Models
import Support
import Testing

/// Tokenizers as Hugging Face's folders hold them, written here.
final class HuggingFaceTokenizerTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "cajal-tokenizer-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(at: folder) }

  private func write(_ text: String, _ name: String = "tokenizer.json") throws {
    try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
  }

  private func json(
    merges: String = #"["a b", "Ġ ab"]"#, cut: String = #"{"type": "ByteLevel", "add_prefix_space": false}"#,
    model: String = "BPE", normalizer: String = "null", extra: String = ""
  ) -> String {
    """
    {"added_tokens": [{"id": 5, "content": "<|end|>", "special": true}], "normalizer": \(normalizer),
     "pre_tokenizer": \(cut), \(extra)
     "model": {"type": "\(model)", "vocab": {"a": 0, "b": 1, "Ġ": 2, "ab": 3, "Ġab": 4, "Ã": 6, "©": 7, "Ã©": 8, "a_b": 9},
      "merges": \(merges)}}
    """
  }

  @Test(arguments: [#"["a b", "Ġ ab"]"#, #"[["a", "b"], ["Ġ", "ab"]]"#])
  func bothFormsOfMerges(merges: String) throws {
    try write(json(merges: merges))
    let tokenizer = try BytePairTokenizer(huggingFace: folder)
    #expect(tokenizer.encode("ab ab<|end|>b") == [3, 4, 5, 1])
    #expect(tokenizer.decode([3, 4, 5]) == "ab ab<|end|>")
    #expect(tokenizer.vocabularySize == 10 && tokenizer.token("a_b") == 9 && tokenizer.isControl(5))
  }

  @Test func specialTokensAndTemplate() throws {
    try write(
      json(
        extra:
          #""post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<|end|>"}}]},"#
      ))
    try write(
      #"{"bos_token": {"content": "<|end|>"}, "eos_token": "<|end|>", "chat_template": "<|im_start|> <|im_end|>"}"#,
      "tokenizer_config.json")
    let tokenizer = try BytePairTokenizer(huggingFace: folder)
    #expect(tokenizer.special == .init(beginning: 5, end: 5, addsBeginning: true))
    #expect(tokenizer.encode("a") == [5, 0])
    #expect(try ChatTemplate(huggingFace: folder).format == .chatML)
  }

  @Test func cutsAreRecognised() throws {
    let digits =
      #"{"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": true}, {"type": "ByteLevel"}]}"#
    try write(json(cut: digits))
    #expect(try BytePairTokenizer(huggingFace: folder).preTokenizer == .smollm)
    let pattern =
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"#
    let split =
      #"{"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": ""# + pattern
      + #""}, "behavior": "Isolated"}, {"type": "ByteLevel", "use_regex": false}]}"#
    try write(json(cut: split))
    #expect(try BytePairTokenizer(huggingFace: folder).preTokenizer == .llama3)
  }

  @Test func normalFormC() throws {
    try write(json(merges: #"["Ã ©"]"#, normalizer: #"{"type": "NFC"}"#))
    #expect(try BytePairTokenizer(huggingFace: folder).encode("e\u{301}<|end|>") == [8, 5])
  }

  @Test func whatIsNotKnownIsNamed() throws {
    func message() throws -> String {
      let error = #expect(throws: CajalError.self) { try BytePairTokenizer(huggingFace: self.folder) }
      return try #require(error).message
    }
    #expect(try message().contains("tokenizer.json"))
    try write("{")
    #expect(try message().contains("no valid JSON"))
    try write(#"{"model": {"vocab": {"a": "b"}, "merges": []}}"#)
    #expect(try message().contains("vocab"))
    try write(json(model: "Unigram"))
    #expect(try message().contains("Unigram"))
    try write(json(normalizer: #"{"type": "Lowercase"}"#))
    #expect(try message().contains("Lowercase"))
    try write(json(cut: #"{"type": "Metaspace"}"#))
    #expect(try message().contains("Metaspace"))
    try write(json(merges: #"["a c"]"#))
    #expect(try message().contains("a c"))
  }
}
