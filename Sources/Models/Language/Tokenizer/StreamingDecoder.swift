/// Turns tokens into text as they come: a character whose bytes lie in several tokens appears when it is whole.
///
/// What all calls return, joined, is what ``Tokenizer/decode(_:)`` gives for all tokens at once.
public struct StreamingDecoder: Sendable {
  private let tokenizer: any Tokenizer
  /// The bytes of a character that may still become whole: three at most.
  private var held: [UInt8] = []

  public init(_ tokenizer: any Tokenizer) { self.tokenizer = tokenizer }

  /// The characters that are whole with this token; bytes that can never become one are U+FFFD.
  public mutating func append(_ token: Int) -> String {
    held += tokenizer.bytes(of: token)
    let whole = held.count - Self.unfinishedBytes(held)
    defer { held.removeFirst(whole) }
    return String(decoding: held[..<whole], as: UTF8.self)
  }

  /// What is left at the end: U+FFFD if a character has remained a part, else nothing.
  public mutating func finish() -> String {
    defer { held = [] }
    return String(decoding: held, as: UTF8.self)
  }

  /// How many bytes at the end are the beginning of a character.
  private static func unfinishedBytes(_ bytes: [UInt8]) -> Int {
    for length in 1...3 where length <= bytes.count {
      let start = bytes[bytes.count - length]
      if start & 0xC0 == 0x80 { continue }
      let second = length > 1 ? bytes[bytes.count - length + 1] : nil
      return beginsCharacter(start, second, length) ? length : 0
    }
    return 0
  }

  /// Whether `length` bytes, of which those after the second are known to continue, are a proper beginning (Unicode, table 3-7).
  private static func beginsCharacter(_ first: UInt8, _ second: UInt8?, _ length: Int) -> Bool {
    switch first {
    case 0xC2...0xDF: return length < 2
    case 0xE0...0xEF: if length > 2 { return false }
    case 0xF0...0xF4: if length > 3 { return false }
    default: return false
    }
    guard let second else { return true }
    switch first {
    case 0xE0: return second >= 0xA0
    case 0xED: return second < 0xA0
    case 0xF0: return second >= 0x90
    case 0xF4: return second < 0x90
    default: return true
    }
  }
}
