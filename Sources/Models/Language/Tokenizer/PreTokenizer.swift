import Support

/// How a text is cut into pieces before bytes are merged; no token crosses the border of a piece.
public enum PreTokenizer: String, Sendable, CaseIterable {
  /// Contractions, words, numbers and signs, each with a space before it.
  case gpt2
  /// As GPT-2's, after every numeric character was taken out as a piece of its own.
  case smollm
  /// Words with any one sign before them, numbers of up to three digits, signs with the line ends after them.
  case llama3
  /// As Llama 3's, with single digits.
  case qwen2

  /// - Parameter name: `tokenizer.ggml.pre` of a GGUF file.
  /// - Throws: `CajalError` naming a cut that is not known.
  public init(named name: String) throws {
    switch name {
    case "gpt2", "gpt-2": self = .gpt2
    case "smollm", "starcoder", "refact", "command-r": self = .smollm
    case "llama3", "llama-v3", "llama-bpe": self = .llama3
    case "qwen2", "deepseek-r1-qwen": self = .qwen2
    default:
      throw CajalError(
        "a pre-tokenizer '\(name)' is not known; known are gpt2, smollm, llama3 (llama-bpe) and qwen2")
    }
  }

  /// The pieces of a text, in order.
  public func pieces(_ text: String) -> [String] {
    var text = text
    return text.withUTF8 { bytes in
      let scanner = PieceScanner(self, bytes)
      var pieces: [String] = []
      var start = 0
      while start < bytes.count {
        let end = scanner.end(from: start, limit: bytes.count)
        pieces.append(String(decoding: bytes[start..<end], as: UTF8.self))
        start = end
      }
      return pieces
    }
  }
}

/// Finds the pieces of a text in UTF-8: the patterns that the models were trained with, written out as scanners.
///
/// A scanner is needed since these patterns look ahead and name classes of Unicode, and run over every byte of a corpus.
struct PieceScanner {
  private let kind: PreTokenizer
  private let text: UnsafeBufferPointer<UInt8>
  private let classes: ScalarClasses

  init(_ kind: PreTokenizer, _ text: UnsafeBufferPointer<UInt8>) {
    self.kind = kind
    self.text = text
    classes = ScalarClasses()
  }

  /// Where the piece ends that begins at `start`, in the text up to `limit`.
  @inline(__always)
  func end(from start: Int, limit: Int) -> Int {
    switch kind {
    case .gpt2: endOfGPT2(start, limit, isolatingNumbers: false)
    case .smollm: endOfGPT2(start, limit, isolatingNumbers: true)
    case .llama3: endOfLlama3(start, limit, digits: 3)
    case .qwen2: endOfLlama3(start, limit, digits: 1)
    }
  }

  /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
  private func endOfGPT2(_ start: Int, _ limit: Int, isolatingNumbers: Bool) -> Int {
    if let end = endOfContraction(start, limit, ignoringCase: false) { return end }
    let body = text[start] == UInt8(ascii: " ") ? start + 1 : start
    if body < limit {
      let first = classes.scalar(text, body)
      if isolatingNumbers, first.kind == .number {
        return body > start ? body : body + first.length
      }
      if first.kind != .space { return endOfRun(first.kind, body + first.length, limit) }
    }
    return endOfSpace(start, limit, numbersEndText: isolatingNumbers)
  }

  /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
  private func endOfLlama3(_ start: Int, _ limit: Int, digits: Int) -> Int {
    if let end = endOfContraction(start, limit, ignoringCase: true) { return end }
    let first = classes.scalar(text, start)
    let second = start + first.length
    switch first.kind {
    case .letter: return endOfRun(.letter, second, limit)
    case .number: return endOfNumber(second, limit, digits - 1)
    case .space, .other: break
    }
    if !isLineEnd(start), second < limit {
      let next = classes.scalar(text, second)
      if next.kind == .letter { return endOfRun(.letter, second + next.length, limit) }
      if next.kind == .other, first.kind == .space, text[start] == UInt8(ascii: " ") {
        return endOfLines(endOfRun(.other, second + next.length, limit), limit)
      }
    }
    if first.kind == .other { return endOfLines(endOfRun(.other, second, limit), limit) }
    return lastLineEnd(start, limit) ?? endOfSpace(start, limit, numbersEndText: false)
  }

  private func endOfContraction(_ start: Int, _ limit: Int, ignoringCase: Bool) -> Int? {
    guard text[start] == UInt8(ascii: "'"), start + 1 < limit else { return nil }
    // Case folding knows a third s: ſ, U+017F.
    if ignoringCase, start + 2 < limit, text[start + 1] == 0xC5, text[start + 2] == 0xBF { return start + 3 }
    let lowered: UInt8 = ignoringCase ? 0x20 : 0
    switch text[start + 1] | lowered {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 2
    case let first where start + 2 < limit:
      switch (first, text[start + 2] | lowered) {
      case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
        (UInt8(ascii: "l"), UInt8(ascii: "l")):
        return start + 3
      default: return nil
      }
    default: return nil
    }
  }

  /// The end of a run of one class.
  private func endOfRun(_ kind: ScalarClass, _ start: Int, _ limit: Int) -> Int {
    var end = start
    while end < limit {
      let next = classes.scalar(text, end)
      guard next.kind == kind else { break }
      end += next.length
    }
    return end
  }

  private func endOfNumber(_ start: Int, _ limit: Int, _ more: Int) -> Int {
    var end = start
    for _ in 0..<more where end < limit {
      let next = classes.scalar(text, end)
      guard next.kind == .number else { break }
      end += next.length
    }
    return end
  }

  /// `\s+(?!\S)|\s+`: all of the space at the end of a text, all but the last character before something else.
  private func endOfSpace(_ start: Int, _ limit: Int, numbersEndText: Bool) -> Int {
    var end = start
    var last = start
    while end < limit {
      let next = classes.scalar(text, end)
      guard next.kind == .space else {
        return last == start || (numbersEndText && next.kind == .number) ? end : last
      }
      last = end
      end += next.length
    }
    return end
  }

  private func isLineEnd(_ index: Int) -> Bool { text[index] == 0x0A || text[index] == 0x0D }

  private func endOfLines(_ start: Int, _ limit: Int) -> Int {
    var end = start
    while end < limit, isLineEnd(end) { end += 1 }
    return end
  }

  /// `\s*[\r\n]+`: the end of the last line end in the space that begins here.
  private func lastLineEnd(_ start: Int, _ limit: Int) -> Int? {
    var end = start
    var found: Int?
    while end < limit {
      let next = classes.scalar(text, end)
      guard next.kind == .space else { break }
      if isLineEnd(end) { found = end + 1 }
      end += next.length
    }
    return found
  }
}
