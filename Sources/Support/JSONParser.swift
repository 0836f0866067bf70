import Foundation

/// Reads JSON byte by byte and keeps account of lines.
struct JSONParser {
  let bytes: [UInt8]
  let document: String
  private var place = 0
  private var line = 1
  private var lineStart = 0
  private var path: [String] = []

  private static let deepest = 64

  init(bytes: [UInt8], document: String) { (self.bytes, self.document) = (bytes, document) }

  mutating func whole() throws -> LocatedJSON {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { (place, lineStart) = (3, 3) }
    try skipSpace()
    guard place < bytes.count else { throw wrong("the text is empty") }
    let root = try value()
    try skipSpace()
    guard place == bytes.count else { throw wrong("\(shown) follows the end of the text") }
    return root
  }

  private func wrong(_ what: String) -> CajalError {
    CajalError("\(document), line \(line), column \(place - lineStart + 1): \(what)")
  }

  /// The byte at hand, as a message shows it.
  private var shown: String {
    guard place < bytes.count else { return "the end of the text" }
    let rest = String(decoding: bytes[place..<min(bytes.count, place + 4)], as: UTF8.self)
    return rest.first.map { $0.isNewline ? "the end of the line" : "'\($0)'" } ?? "a byte"
  }

  private var byte: UInt8? { place < bytes.count ? bytes[place] : nil }

  private func isAt(_ character: Character) -> Bool { byte == character.asciiValue }

  private mutating func skipSpace() throws {
    while let byte {
      switch byte {
      case UInt8(ascii: "\n"):
        place += 1
        (line, lineStart) = (line + 1, place)
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): place += 1
      case UInt8(ascii: "/"), UInt8(ascii: "#"): throw wrong("JSON has no comments")
      default: return
      }
    }
  }

  private mutating func value() throws -> LocatedJSON {
    guard path.count < Self.deepest else { throw wrong("more than \(Self.deepest) levels") }
    let start = line
    let value: LocatedJSON.Value
    switch byte ?? 0 {
    case UInt8(ascii: "{"): value = .object(try object())
    case UInt8(ascii: "["): value = .array(try array())
    case UInt8(ascii: "\""): value = .string(try string())
    case UInt8(ascii: "'"): throw wrong("texts stand in double quotes")
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): value = try number()
    default: value = try word()
    }
    return LocatedJSON(value, joinedPath, start, document)
  }

  private var joinedPath: String {
    path.reduce("") { $1.hasPrefix("[") || $0.isEmpty ? $0 + $1 : "\($0).\($1)" }
  }

  private mutating func object() throws -> [(key: String, value: LocatedJSON)] {
    var members: [(key: String, value: LocatedJSON)] = []
    var lines: [String: Int] = [:]
    place += 1
    try skipSpace()
    if isAt("}") {
      place += 1
      return members
    }
    while true {
      guard isAt("\"") else {
        throw wrong(
          "\(shown) where a key in double quotes was expected\(isAt("}") ? ": the last comma is too much" : "")"
        )
      }
      let keyLine = line
      let key = try string()
      path.append(key)
      if let first = lines.updateValue(keyLine, forKey: key) {
        throw wrong("\(joinedPath) stands twice, first on line \(first)")
      }
      try skipSpace()
      guard isAt(":") else { throw wrong("\(shown) where a colon after '\(key)' was expected") }
      place += 1
      try skipSpace()
      members.append((key, try value()))
      path.removeLast()
      guard try goesOn(until: "}") else { return members }
    }
  }

  private mutating func array() throws -> [LocatedJSON] {
    var values: [LocatedJSON] = []
    place += 1
    try skipSpace()
    if isAt("]") {
      place += 1
      return values
    }
    while true {
      if isAt("]") { throw wrong("the last comma is too much") }
      path.append("[\(values.count)]")
      values.append(try value())
      path.removeLast()
      guard try goesOn(until: "]") else { return values }
    }
  }

  /// After a member or an element: a comma, or the end.
  private mutating func goesOn(until end: Character) throws -> Bool {
    try skipSpace()
    if isAt(end) {
      place += 1
      return false
    }
    guard isAt(",") else { throw wrong("\(shown) where a comma or '\(end)' was expected") }
    place += 1
    try skipSpace()
    return true
  }

  private mutating func number() throws -> LocatedJSON.Value {
    let start = place
    func isDigit(_ byte: UInt8?) -> Bool {
      byte.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
    }
    func text() -> String { String(decoding: bytes[start..<place], as: UTF8.self) }
    if isAt("-") { place += 1 }
    let first = place
    while isDigit(byte) { place += 1 }
    var isRight = place > first && (bytes[first] != UInt8(ascii: "0") || place == first + 1)
    if isAt(".") {
      place += 1
      isRight = isRight && isDigit(byte)
      while isDigit(byte) { place += 1 }
    }
    if isAt("e") || isAt("E") {
      place += 1
      if isAt("+") || isAt("-") { place += 1 }
      isRight = isRight && isDigit(byte)
      while isDigit(byte) { place += 1 }
    }
    guard isRight, let value = Double(text()), value.isFinite else {
      let what = "'\(text())' is no number"
      place = start
      throw wrong(what)
    }
    return .number(value, text: text())
  }

  private mutating func word() throws -> LocatedJSON.Value {
    let start = place
    while let byte, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) { place += 1 }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    switch text {
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "null": return .null
    default:
      place = start
      throw wrong(
        text.isEmpty
          ? "\(shown) where a value was expected" : "'\(text)' is no value; texts stand in double quotes")
    }
  }

  private mutating func string() throws -> String {
    place += 1
    var text: [UInt8] = []
    while let byte {
      switch byte {
      case UInt8(ascii: "\""):
        place += 1
        guard let string = String(validating: text, as: UTF8.self) else {
          throw wrong("this text is not in UTF-8")
        }
        return string
      case UInt8(ascii: "\\"): text += Array(String(try escape()).utf8)
      case 0..<0x20: throw wrong("a text that does not end on its line")
      default:
        text.append(byte)
        place += 1
      }
    }
    throw wrong("a text that does not end")
  }

  private mutating func escape() throws -> Unicode.Scalar {
    place += 1
    defer { place += 1 }
    let plain: [Character: Unicode.Scalar] = [
      "\"": "\"", "\\": "\\", "/": "/", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t",
    ]
    if let byte, let scalar = plain[Character(Unicode.Scalar(byte))] { return scalar }
    guard isAt("u") else { throw wrong("\\\(shown) is no escape") }
    let first = try hexadecimal()
    // Beyond the first plane: two escapes, the halves of a pair.
    if (0xD800..<0xDC00).contains(first),
      bytes[place + 1..<min(bytes.count, place + 3)].elementsEqual(Array("\\u".utf8))
    {
      place += 2
      let second = try hexadecimal()
      if (0xDC00..<0xE000).contains(second) {
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))!
      }
    }
    guard let scalar = Unicode.Scalar(first) else { throw wrong("half of a pair of escapes") }
    return scalar
  }

  /// The four digits after the `u` at hand; ends on the last of them.
  private mutating func hexadecimal() throws -> UInt32 {
    guard place + 4 < bytes.count,
      let value = UInt32(String(decoding: bytes[place + 1...place + 4], as: UTF8.self), radix: 16)
    else { throw wrong("\\u without four hexadecimal digits") }
    place += 4
    return value
  }
}
