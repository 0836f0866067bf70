import Foundation

/// XML from outside, made safe for a parser.
///
/// Declarations of document types are refused: they are what entities that grow without end and entities that read files
/// are made of. So are tags without end. The parser is given UTF-8 whatever the text says of itself.
package struct XMLText {
  /// Behind the declaration `<?xml …?>`.
  package let data: Data
  /// Lines of the declaration, which a parser of ``data`` does not count.
  package let skippedLines: Int

  /// Bytes of a tag: parsers compare every attribute with every other.
  private static let longestTag = 4096

  /// - Parameters:
  ///   - bytes: In UTF-8 (``UTF8Text``): parsers are not proof against others.
  ///   - document: What messages call it.
  /// - Throws: `CajalError` naming document and line.
  package init(_ bytes: [UInt8], _ document: String) throws {
    let (head, skipped) = try Self.declaration(bytes, document)
    try Self.refuseDeclarations(bytes, document)
    try Self.refuseLongTags(bytes, document)
    data = Data(bytes[head...])
    skippedLines = skipped
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  /// Where the text behind `<?xml …?>` starts, and the lines before it.
  private static func declaration(_ bytes: [UInt8], _ document: String) throws -> (place: Int, lines: Int) {
    let start = bytes.firstIndex { !isSpace($0) } ?? 0
    guard bytes[start...].starts(with: Array("<?xml".utf8)), bytes.count > start + 5,
      isSpace(bytes[start + 5])
    else { return (start, newlines(bytes[..<start])) }
    guard let end = bytes[start...].firstIndex(of: UInt8(ascii: ">")) else {
      throw CajalError("\(document), line 1: its XML declaration does not end")
    }
    let text = String(decoding: bytes[start...end], as: UTF8.self).lowercased()
    if let mark = text.range(of: "encoding") {
      let name = text[mark.upperBound...].split { "=\"' \t\r\n?>".contains($0) }.first ?? ""
      guard ["utf-8", "utf8", "us-ascii", "iso-8859-1"].contains(name) else {
        throw CajalError(
          "\(document), line 1: in the encoding '\(name.prefix(40))', expected UTF-8; convert it with iconv")
      }
    }
    return (end + 1, newlines(bytes[...end]))
  }

  private static func newlines(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }
  }

  /// After `<!` only comments and CDATA may stand, wherever it is.
  private static func refuseDeclarations(_ bytes: [UInt8], _ document: String) throws {
    var line = 1
    for place in bytes.indices {
      if bytes[place] == 0x0A { line += 1 }
      guard bytes[place] == UInt8(ascii: "<"), place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "!")
      else {
        continue
      }
      let rest = bytes[(place + 2)...].prefix(7)
      if rest.starts(with: Array("--".utf8)) || rest.elementsEqual(Array("[CDATA[".utf8)) { continue }
      throw CajalError(
        "\(document), line \(line): declares a document type or entities, which nothing here needs; not read, since they can open other files and grow without end"
      )
    }
  }

  /// A '>' in quotes does not end a tag; what looks like one in comments, CDATA and instructions is none.
  private static func refuseLongTags(_ bytes: [UInt8], _ document: String) throws {
    let passed = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")].map {
      (Array($0.utf8), Array($1.utf8))
    }
    var place = 0
    var start: Int?
    var quote: UInt8?
    while place < bytes.count {
      let byte = bytes[place]
      defer { place += 1 }
      guard let first = start else {
        guard byte == UInt8(ascii: "<") else { continue }
        if let (open, close) = passed.first(where: { bytes[place...].starts(with: $0.0) }) {
          place += open.count
          while place < bytes.count, !bytes[place...].starts(with: close) { place += 1 }
        } else {
          (start, quote) = (place, nil)
        }
        continue
      }
      if let mark = quote {
        if byte == mark { quote = nil }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if byte == UInt8(ascii: ">") {
        start = nil
      }
      guard place - first <= longestTag else {
        let line = newlines(bytes[..<first]) + 1
        throw CajalError(
          "\(document), line \(line): a tag of more than \(longestTag) bytes, or one without end")
      }
    }
  }
}
