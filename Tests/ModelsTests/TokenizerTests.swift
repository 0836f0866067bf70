import Models
import Testing

struct ByteTokenizerTests {
  @Test func bytesGoBothWays() {
    let tokenizer = ByteTokenizer()
    #expect(tokenizer.decode(tokenizer.encode("Zürich 1969 🦉")) == "Zürich 1969 🦉")
  }
}
