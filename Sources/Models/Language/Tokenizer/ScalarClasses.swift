/// What the patterns of pre-tokenizers tell apart: `\p{L}`, `\p{N}`, `\s` and the rest.
enum ScalarClass: UInt8 { case other, letter, number, space }

/// The class of the characters of a text in UTF-8.
struct ScalarClasses {
  /// Characters of one and two bytes are looked up; others ask the standard library.
  private static let table: [ScalarClass] = (0..<0x800).map { ScalarClass(Unicode.Scalar(UInt32($0))!) }
  private let table = Self.table

  /// The class and the length in bytes of the character that begins at `index`; the text must be valid UTF-8.
  @inline(__always)
  func scalar(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> (kind: ScalarClass, length: Int) {
    let first = UInt32(text[index])
    return table.withUnsafeBufferPointer { table in
      if first < 0x80 { return (table[Int(first)], 1) }
      let second = UInt32(text[index + 1]) & 0x3F
      if first < 0xE0 { return (table[Int((first & 0x1F) << 6 | second)], 2) }
      return Self.long(text, index, first, second)
    }
  }

  @inline(never)
  private static func long(
    _ text: UnsafeBufferPointer<UInt8>, _ index: Int, _ first: UInt32, _ second: UInt32
  ) -> (kind: ScalarClass, length: Int) {
    let third = UInt32(text[index + 2]) & 0x3F
    if first < 0xF0 {
      return (ScalarClass(Unicode.Scalar((first & 0x0F) << 12 | second << 6 | third)!), 3)
    }
    let fourth = UInt32(text[index + 3]) & 0x3F
    return (
      ScalarClass(Unicode.Scalar((first & 0x07) << 18 | second << 12 | third << 6 | fourth)!), 4
    )
  }
}

extension ScalarClass {
  init(_ scalar: Unicode.Scalar) {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: self = .letter
    case .decimalNumber, .letterNumber, .otherNumber: self = .number
    // White space is among these alone: tab and line ends are controls.
    case .spaceSeparator, .lineSeparator, .paragraphSeparator, .control:
      self = scalar.properties.isWhitespace ? .space : .other
    default: self = .other
    }
  }
}
