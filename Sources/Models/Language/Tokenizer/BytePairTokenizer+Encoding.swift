import Foundation

extension BytePairTokenizer {
  public func encode(_ text: String) -> [Int] {
    var text = text
    return text.withUTF8(encode)
  }

  /// The tokens of a text in valid UTF-8.
  public func encode(_ text: UnsafeBufferPointer<UInt8>) -> [Int] {
    var tokens: [Int] = []
    tokens.reserveCapacity(text.count / 3)
    var encoder = PieceEncoder(self, text)
    var start = 0
    while start < text.count {
      let found = specialStrings.first(in: text, from: start)
      let end = found?.range.lowerBound ?? text.count
      if normalizes, text[start..<end].contains(where: { $0 >= 0x80 }) {
        appendNormalized(UnsafeBufferPointer(rebasing: text[start..<end]), to: &tokens)
      } else {
        encoder.append(start..<end, to: &tokens)
      }
      if let found { tokens.append(found.token) }
      start = found?.range.upperBound ?? text.count
    }
    if special.addsBeginning, let beginning = special.beginning, tokens.first != beginning {
      tokens.insert(beginning, at: 0)
    }
    return tokens
  }

  private func appendNormalized(_ text: UnsafeBufferPointer<UInt8>, to tokens: inout [Int]) {
    var normal = String(decoding: text, as: UTF8.self).precomposedStringWithCanonicalMapping
    normal.withUTF8 { bytes in
      var encoder = PieceEncoder(self, bytes)
      encoder.append(0..<bytes.count, to: &tokens)
    }
  }
}

/// Encodes the pieces of one text; pieces seen before are copied from what was written for them then.
private struct PieceEncoder {
  /// Where a piece was met last, and the tokens that were written for it.
  private struct Seen {
    var hash: UInt64 = 0
    var piece = 0..<0
    var tokens = 0..<0
  }
  private let tokenizer: BytePairTokenizer
  private let text: UnsafeBufferPointer<UInt8>
  private let scanner: PieceScanner
  private var merger = BytePairMerger()
  private var seen: [Seen]

  init(_ tokenizer: BytePairTokenizer, _ text: UnsafeBufferPointer<UInt8>) {
    self.tokenizer = tokenizer
    self.text = text
    scanner = PieceScanner(tokenizer.preTokenizer, text)
    // A short text repeats too little to pay for the table.
    seen = [Seen](repeating: Seen(), count: text.count < 1_024 ? 0 : 4_096)
  }

  mutating func append(_ range: Range<Int>, to tokens: inout [Int]) {
    var start = range.lowerBound
    while start < range.upperBound {
      let end = scanner.end(from: start, limit: range.upperBound)
      append(piece: start..<end, to: &tokens)
      start = end
    }
  }

  private mutating func append(piece: Range<Int>, to tokens: inout [Int]) {
    let bytes = UnsafeBufferPointer(rebasing: text[piece])
    if bytes.count == 1 {
      let token = tokenizer.tokenOfByte[Int(bytes[0])]
      if token >= 0 { tokens.append(Int(token)) }
      return
    }
    guard !seen.isEmpty, bytes.count <= 32 else { return appendMerged(bytes, to: &tokens) }
    let hash = hashOfBytes(bytes)
    let slot = Int(truncatingIfNeeded: hash >> 40) & (seen.count - 1)
    let known = seen[slot]
    if known.hash == hash, equalBytes(UnsafeBufferPointer(rebasing: text[known.piece]), bytes) {
      for index in known.tokens { tokens.append(tokens[index]) }
    } else {
      let start = tokens.count
      appendMerged(bytes, to: &tokens)
      seen[slot] = Seen(hash: hash, piece: piece, tokens: start..<tokens.count)
    }
  }

  private mutating func appendMerged(_ bytes: UnsafeBufferPointer<UInt8>, to tokens: inout [Int]) {
    if tokenizer.ignoresMergesOfWholePieces,
      let whole = tokenizer.strings.withView({ tokenizer.table.find(bytes, in: $0) })
    {
      return tokens.append(whole)
    }
    merger.append(bytes, tokenizer.tokenOfByte, tokenizer.merges, to: &tokens)
  }
}
