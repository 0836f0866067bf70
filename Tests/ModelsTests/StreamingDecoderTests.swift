import Models
import Support
import Testing

struct StreamingDecoderTests {
  @Test func charactersAppearWhole() {
    var decoder = StreamingDecoder(ByteTokenizer())
    let parts = Array("é🦉!".utf8).map { decoder.append(Int($0)) }
    #expect(parts == ["", "é", "", "", "", "🦉", "!"])
    #expect(decoder.finish() == "")
  }

  @Test func partsAreFlushed() {
    var decoder = StreamingDecoder(ByteTokenizer())
    #expect(decoder.append(0xF0) == "" && decoder.append(0x9F) == "")
    #expect(decoder.finish() == "\u{FFFD}" && decoder.finish() == "")
    #expect(decoder.append(0xE2) == "" && decoder.append(0x41) == "\u{FFFD}A")
  }

  /// Whatever the bytes, the parts joined are what decoding at once gives.
  @Test(arguments: 0..<4)
  func joinedPartsAreTheText(seed: Int) {
    var generator = RandomGenerator(seed: UInt64(seed))
    let edges = [
      0x41, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF,
    ]
    for _ in 0..<2_000 {
      let tokens = (0..<generator.integer(below: 12)).map { _ in
        generator.integer(below: 2) == 0
          ? edges[generator.integer(below: edges.count)] : generator.integer(below: 256)
      }
      var decoder = StreamingDecoder(ByteTokenizer())
      let parts = tokens.map { decoder.append($0) }.joined() + decoder.finish()
      #expect(parts.unicodeScalars.elementsEqual(ByteTokenizer().decode(tokens).unicodeScalars), "\(tokens)")
    }
  }

  @Test func realTokensThatSplitCharacters() throws {
    let tokenizer = try SmolLM2Vocabulary.tokenizer.get()
    let text = "東京 😀 naïve"
    var decoder = StreamingDecoder(tokenizer)
    let parts = tokenizer.encode(text).map { decoder.append($0) }
    #expect(parts.contains("") && !parts.joined().contains("\u{FFFD}"))
    #expect(parts.joined() + decoder.finish() == text)
  }
}
