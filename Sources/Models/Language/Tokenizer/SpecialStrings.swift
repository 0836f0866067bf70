/// The special tokens of a vocabulary, to be found in texts.
struct SpecialStrings: Sendable {
  /// The longest first.
  private let strings: [(token: Int, bytes: [UInt8])]
  private let begins: [Bool]

  init(_ tokens: [Int], _ strings: ByteStrings) {
    var begins = [Bool](repeating: false, count: 256)
    let found = tokens.map { (token: $0, bytes: Array(strings.bytes(of: $0))) }.filter { !$0.bytes.isEmpty }
    for string in found { begins[Int(string.bytes[0])] = true }
    self.strings = found.sorted { ($1.bytes.count, $0.token) < ($0.bytes.count, $1.token) }
    self.begins = begins
  }

  /// The longest special token that begins at `index`, and its length in bytes.
  func match(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> (token: Int, length: Int)? {
    guard index < text.count, begins[Int(text[index])] else { return nil }
    for (token, bytes) in strings where bytes.count <= text.count - index {
      if text[index..<index + bytes.count].elementsEqual(bytes) { return (token, bytes.count) }
    }
    return nil
  }

  /// The first special token in the text from `start` on.
  func first(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> (token: Int, range: Range<Int>)? {
    guard !strings.isEmpty else { return nil }
    return begins.withUnsafeBufferPointer { begins in
      for index in start..<text.count where begins[Int(text[index])] {
        if let (token, length) = match(text, at: index) { return (token, index..<index + length) }
      }
      return nil
    }
  }
}
