import Support

/// An entry of a BibTeX file as it stands, macros put in, TeX not yet read.
struct BibTeXEntry {
  /// In small letters: `article`.
  let kind: String
  let key: String
  let line: Int
  /// By name in small letters.
  var fields: [String: String] = [:]
}

/// Reads BibTeX: nested braces, quotes, `#`, `@string`, `@comment`, `@preamble`.
///
/// Written here because the library that Debian has for it, btparse, keeps the state of a parse in global variables, talks to
/// stderr and ends the program where it meets what it did not expect.
struct BibTeXParser {
  private let bytes: [UInt8]
  private let document: String
  private var place = 0
  private var line = 1
  private var macros: [String: String]

  private(set) var entries: [BibTeXEntry] = []
  private(set) var refusals: [Refusal] = []

  /// Values beyond it are refused: macros that name each other grow without end.
  private static let longest = 1 << 16
  private static let deepest = 64
  private static let most = 50_000

  private struct Mistake: Error { let line: Int, what: String }

  init(_ bytes: [UInt8], _ document: String) {
    (self.bytes, self.document) = (bytes, document)
    let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    macros = Dictionary(uniqueKeysWithValues: months.map { ($0, $0) })
  }

  /// Reads the file; after a mistake it goes on at the next line that starts an entry.
  mutating func readAll() {
    while seek() {
      guard entries.count < Self.most else {
        let reason = "more than \(Self.most) entries; split the file"
        refusals.append(Refusal(line: line, name: "the rest of the file", reason: reason))
        return
      }
      // Each mistake may have cost the reading of a long value.
      guard refusals.count < Refusal.most else {
        refusals.append(.rest(from: line))
        return
      }
      let start = (place, line)
      var key = ""
      do { try readEntry(&key) } catch let mistake as Mistake {
        let name = key.isEmpty ? "an entry" : key
        refusals.append(Refusal(line: mistake.line, name: name, reason: mistake.what))
        // What was taken for a value may have been the entries that follow.
        (place, line) = start
        recover()
      } catch {}
    }
  }

  private var byte: UInt8? { place < bytes.count ? bytes[place] : nil }

  private func isAt(_ character: Character) -> Bool { byte == character.asciiValue }

  private func wrong(_ what: String) -> Mistake { Mistake(line: line, what: what) }

  private mutating func advance() {
    if bytes[place] == 0x0A { line += 1 }
    place += 1
  }

  private mutating func skipSpace() {
    while let byte, FeedText.isSpace(byte) { advance() }
  }

  /// Goes to the next `@`; what stands between entries is a remark.
  private mutating func seek() -> Bool {
    while let byte {
      if byte == UInt8(ascii: "@") { return true }
      advance()
    }
    return false
  }

  /// Goes to the next line that starts with `@`.
  private mutating func recover() {
    while byte != nil {
      let isEnd = isAt("\n")
      advance()
      guard isEnd else { continue }
      while let byte, byte == 0x20 || byte == 0x09 { place += 1 }
      if isAt("@") { return }
    }
  }

  private mutating func word(_ what: String) throws -> String {
    let start = place
    let ends = Set("{}()\",=#%'".utf8)
    while let byte, !FeedText.isSpace(byte), !ends.contains(byte) { place += 1 }
    guard place > start else { throw wrong("\(shown) where \(what) was expected") }
    return String(decoding: bytes[start..<place], as: UTF8.self)
  }

  private var shown: String {
    guard let byte else { return "the end of the file" }
    return byte == 0x0A ? "the end of the line" : "'\(Character(Unicode.Scalar(byte < 0x80 ? byte : 0x3F)))'"
  }

  /// Whether nothing but space stands before the byte at hand on its line.
  private var startsLine: Bool {
    var before = place - 1
    while before >= 0, bytes[before] != 0x0A, FeedText.isSpace(bytes[before]) { before -= 1 }
    return before < 0 || bytes[before] == 0x0A
  }

  private mutating func readEntry(_ key: inout String) throws {
    let (start, isRemark) = (line, !startsLine)
    place += 1
    skipSpace()
    if isRemark, !(byte.map(FeedText.isLetter) ?? false) { return }
    let kind = try word("the kind of an entry").lowercased()
    skipSpace()
    guard isAt("{") || isAt("(") else {
      // A remark may hold an '@', as addresses do.
      if kind == "comment" || isRemark { return }
      throw wrong("\(shown) where '{' after @\(kind) was expected")
    }
    let end: Character = isAt("{") ? "}" : ")"
    if kind == "comment" {
      _ = try enclosed(until: end)
      return
    }
    place += 1
    skipSpace()
    switch kind {
    case "preamble": _ = try value()
    case "string":
      let name = try word("the name of a macro").lowercased()
      key = name
      try equals(name)
      macros[name] = try value()
    default:
      try fields(kind, start, end, &key)
      return
    }
    try close(end)
  }

  private mutating func fields(_ kind: String, _ start: Int, _ end: Character, _ key: inout String) throws {
    let first = place
    while let byte, byte != UInt8(ascii: ","), byte != end.asciiValue, byte != 0x0A { place += 1 }
    let name = PaperText.line(String(decoding: bytes[first..<place], as: UTF8.self))
    guard !name.contains("=") else { throw wrong("@\(kind) has no key before its fields") }
    key = String(name.prefix(120))
    var entry = BibTeXEntry(kind: kind, key: key, line: start)
    skipSpace()
    while isAt(",") {
      place += 1
      skipSpace()
      if byte == end.asciiValue { break }
      let name = try word("the name of a field").lowercased()
      try equals(name)
      let value = try value()
      // The first of two wins, as in BibTeX.
      entry.fields[name] = entry.fields[name] ?? value
      skipSpace()
    }
    try close(end)
    entries.append(entry)
  }

  private mutating func equals(_ name: String) throws {
    skipSpace()
    guard isAt("=") else { throw wrong("\(shown) where '=' after \(name.prefix(40)) was expected") }
    place += 1
    skipSpace()
  }

  private mutating func close(_ end: Character) throws {
    skipSpace()
    guard byte == end.asciiValue else { throw wrong("\(shown) where ',' or '\(end)' was expected") }
    place += 1
  }

  /// Pieces joined by `#`.
  private mutating func value() throws -> String {
    var text = ""
    while true {
      skipSpace()
      switch byte {
      case UInt8(ascii: "{"): text += try enclosed(until: "}")
      case UInt8(ascii: "\""): text += try enclosed(until: "\"")
      default:
        let word = try word("a value")
        if word.utf8.allSatisfy(FeedText.isDigit) {
          text += word
        } else if let macro = macros[word.lowercased()] {
          text += macro
        } else {
          throw wrong(
            "'\(word.prefix(40))' is no macro that the file defines; texts stand in braces or quotes")
        }
      }
      guard text.utf8.count <= Self.longest else { throw wrong("a value of more than \(Self.longest) bytes") }
      skipSpace()
      guard isAt("#") else { return text }
      place += 1
    }
  }

  /// The text behind the brace, parenthesis or quote at hand, up to `end`; inside braces an end is a letter. A backslash keeps none
  /// of them from counting, as in BibTeX.
  private mutating func enclosed(until end: Character) throws -> String {
    let opened = line
    advance()
    let start = place
    var depth = 0
    while let byte {
      if byte == end.asciiValue, depth == 0 {
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        place += 1
        return text
      }
      depth += byte == UInt8(ascii: "{") ? 1 : byte == UInt8(ascii: "}") ? -1 : 0
      guard depth >= 0 else { throw wrong("a '}' too much") }
      guard depth <= Self.deepest else { throw wrong("braces nest more than \(Self.deepest) deep") }
      guard place - start <= Self.longest else {
        throw Mistake(
          line: opened, what: "a value of more than \(Self.longest) bytes starts here, or is never closed")
      }
      advance()
    }
    throw Mistake(line: opened, what: "a \(end == "\"" ? "quote" : "brace") opened here is never closed")
  }
}
