import Foundation
import Models
import Support
import Testing

struct BytePairTokenizerTests {
  private struct Golden: Decodable {
    struct Case: Decodable {
      var text: String
      var ids: [Int]
    }
    var tokenize: [Case]
  }
  private let smolLM2: BytePairTokenizer

  init() throws { smolLM2 = try SmolLM2Vocabulary.tokenizer.get() }

  @Test func goldenTokens() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Golden/_smollm2.json")
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
    #expect(golden.tokenize.count > 5)
    for example in golden.tokenize {
      #expect(smolLM2.encode(example.text) == example.ids, "\(example.text)")
      #expect(smolLM2.decode(example.ids) == example.text)
    }
  }

  @Test(
    arguments: [
      ("a\u{4}b", [81, 82]), ("ab", [369]), (" 1969", [216, 33, 41, 38, 41]), ("a  1", [81, 256, 33]),
      ("", []), ("\u{4}", []), ("<|im_end|>", [2]), ("<|im_end|", nil), ("!!", [10095]), ("!\u{4}!", [10095]),
    ] as [(String, [Int]?)])
  func traps(text: String, tokens: [Int]?) {
    let encoded = smolLM2.encode(text)
    if let tokens { #expect(encoded == tokens) } else { #expect(encoded.count > 1) }
  }

  @Test func everyNumberStandsAlone() {
    #expect(PreTokenizer.smollm.pieces("x½ Ⅷ²3 a") == ["x", "½", " ", "Ⅷ", "²", "3", " a"])
  }

  @Test func tokensAreKnownByTheirText() {
    #expect(smolLM2.vocabularySize == 49_152)
    #expect(smolLM2.token(" Paris") == 7042)
    #expect(smolLM2.token("<|im_start|>") == 1)
    #expect(smolLM2.token("<|im_start|> ") == nil)
    #expect(smolLM2.isControl(16) && !smolLM2.isControl(17))
    #expect(String(decoding: smolLM2.bytes(of: 7042), as: UTF8.self) == " Paris")
  }

  /// The bytes that the vocabulary has no token for.
  private static let missing: Set<UInt8> = Set(
    [0x04, 0x06, 0x13, 0x14, 0x16, 0x1D, 0xC0, 0xC1, 0xF1, 0xF2] + (0xF5...0xFF).map { UInt8($0) })

  @Test(arguments: 0..<8)
  func anyTextComesBack(seed: Int) {
    var generator = RandomGenerator(seed: UInt64(seed))
    for _ in 0..<400 {
      let text = Self.text(using: &generator)
      let kept = Array(text.utf8).filter { !Self.missing.contains($0) }
      #expect(Array(smolLM2.encode(text).flatMap(smolLM2.bytes)) == kept, "\(text.debugDescription)")
    }
  }

  @Test(arguments: PreTokenizer.allCases)
  func piecesJoinToTheText(cut: PreTokenizer) {
    var generator = RandomGenerator(seed: 5)
    for _ in 0..<400 {
      let text = Self.text(using: &generator)
      let pieces = cut.pieces(text)
      #expect(pieces.joined() == text && !pieces.contains(""))
    }
  }

  @Test func repeatedPiecesAreTheSame() {
    let line = "The neuron's 12 inputs — naïve, it's said — sum.\n"
    let once = smolLM2.encode(line)
    #expect(smolLM2.encode(String(repeating: line, count: 100)) == (0..<100).flatMap { _ in once })
  }

  /// Random characters of many scripts, space, digits, contractions, and bytes that are no text.
  static func text(using generator: inout RandomGenerator) -> String {
    var text = ""
    for _ in 0..<generator.integer(below: 40) {
      switch generator.integer(below: 7) {
      case 0: text.unicodeScalars.append(Unicode.Scalar(UInt32(generator.integer(below: 0xD800)))!)
      case 1:
        text.unicodeScalars.append(Unicode.Scalar(UInt32(0x10000 + generator.integer(below: 0x30000)))!)
      case 2: text += [" ", "  ", "\n", "\r\n", "\t", "\u{3000}", "\u{A0}"][generator.integer(below: 7)]
      case 3: text += String(generator.integer(below: 100_000))
      case 4: text += ["'s", "'LL", "don't", " we've", "<|im_end|>", "<|im_"][generator.integer(below: 6)]
      case 5: text += String(decoding: [UInt8(generator.integer(below: 256))], as: UTF8.self)
      default: text.unicodeScalars.append(Unicode.Scalar(UInt8(32 + generator.integer(below: 95))))
      }
    }
    return text
  }
}

/// Vocabularies made by hand.
struct SmallVocabularyTests {
  private func tokenizer(
    _ tokens: [String], _ merges: [String], types: [Int32] = [], wholePieces: Bool = false
  ) throws -> BytePairTokenizer {
    try BytePairTokenizer(
      tokens: tokens, merges: merges, types: types, preTokenizer: .gpt2,
      ignoresMergesOfWholePieces: wholePieces)
  }

  @Test func earliestMergeComesFirst() throws {
    let tokens = ["a", "b", "c", "ab", "bc", "abc", "aa"]
    #expect(try tokenizer(tokens, ["b c", "a b", "a bc"]).encode("abc") == [5])
    #expect(try tokenizer(tokens, ["a b", "b c"]).encode("abc") == [3, 2])
    #expect(try tokenizer(tokens, ["a a"]).encode("aaaaa") == [6, 6, 0])
  }

  @Test func longestSpecialTokenWins() throws {
    let made = try tokenizer(["a", "<x>", "<x>a", "<"], [], types: [1, 3, 4, 1])
    #expect(made.encode("<x>aa<x><x") == [2, 0, 1, 3])
    #expect(made.isControl(1) && !made.isControl(2))
  }

  @Test func wholePiecesMayPassTheMerges() throws {
    let tokens = ["a", "b", "ab"]
    #expect(try tokenizer(tokens, []).encode("ab") == [0, 1])
    #expect(try tokenizer(tokens, [], wholePieces: true).encode("ab") == [2])
  }

  @Test func textMayBeginWithItsToken() throws {
    let made = try BytePairTokenizer(
      tokens: ["a", "<s>"], merges: [], types: [1, 3], preTokenizer: .gpt2,
      special: .init(beginning: 1, addsBeginning: true))
    #expect(made.encode("a") == [1, 0])
    #expect(made.encode("<s>a") == [1, 0])
  }

  @Test func wordsOfMegabytesAreNoTrap() throws {
    let made = try tokenizer(["a", "aa", "aaaa"], ["a a", "aa aa"])
    #expect(made.encode(String(repeating: "a", count: 1 << 18)).count == 1 << 16)
  }

  @Test func damagedVocabulariesAreRefused() {
    #expect(throws: CajalError.self) { try tokenizer(["a", "b"], ["a b"]) }
    #expect(throws: CajalError.self) { try tokenizer(["a", "b"], ["ab"]) }
    #expect(throws: CajalError.self) { try tokenizer(["a", "aa"], [" a"]) }
    #expect(throws: CajalError.self) { try tokenizer(["a"], [], types: [1, 1]) }
    #expect(throws: CajalError.self) {
      try BytePairTokenizer(tokens: ["a"], merges: [], preTokenizer: .gpt2, special: .init(end: 1))
    }
    #expect(throws: CajalError.self) {
      try [UInt8]().withUnsafeBytes {
        try BytePairTokenizer(bytes: $0, tokens: [0..<1], merges: [], preTokenizer: .gpt2)
      }
    }
    let error = #expect(throws: CajalError.self) { try PreTokenizer(named: "viking") }
    #expect(error?.message.contains("viking") == true)
  }
}

struct PreTokenizerTests {
  @Test func llama3() {
    #expect(
      PreTokenizer.llama3.pieces("It'S 12345 (yes)\n\n  \n x")
        == ["It", "'S", " ", "123", "45", " (", "yes", ")\n\n", "  \n", " x"])
    #expect(PreTokenizer.llama3.pieces("!\u{17F}a\t\tb 'll") == ["!\u{17F}a", "\t", "\tb", " '", "ll"])
  }

  @Test func qwen2TakesSingleDigits() {
    #expect(PreTokenizer.qwen2.pieces("a12 3") == ["a", "1", "2", " ", "3"])
  }

  @Test func gpt2() {
    #expect(PreTokenizer.gpt2.pieces("it's 12  ok!?\n ") == ["it", "'s", " 12", " ", " ok", "!?", "\n "])
    #expect(PreTokenizer.gpt2.pieces("IT'S'") == ["IT", "'", "S", "'"])
  }
}
