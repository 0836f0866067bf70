import Foundation
import FoundationXML
import Support

/// An element of an XML text, with its line.
final class FeedElement {
  /// Without the prefix of its namespace: `creator` for `dc:creator`.
  let name: String
  let attributes: [String: String]
  let line: Int
  fileprivate(set) var text = ""
  fileprivate(set) var children: [FeedElement] = []

  fileprivate init(_ name: String, _ attributes: [String: String], _ line: Int) {
    (self.name, self.attributes, self.line) = (name, attributes, line)
  }

  func all(_ name: String) -> [FeedElement] { children.filter { $0.name == name } }

  /// The text of the first child of that name, as one line; nil where it is empty.
  func line(_ name: String) -> String? {
    guard let text = children.first(where: { $0.name == name })?.text, case let line = PaperText.line(text),
      !line.isEmpty
    else { return nil }
    return line
  }
}

/// XML from anywhere, read into a tree.
///
/// Declarations of document types are refused before the parser sees a byte: they are what entities that grow without end
/// and entities that read files are made of, and no feed needs one. The parser is given UTF-8 whatever the text says of itself.
enum XMLTree {
  private static let deepest = 32
  private static let most = 500_000
  /// Bytes of a tag: the parser compares every attribute with every other.
  private static let longestTag = 4096

  static func read(_ bytes: [UInt8], _ document: String) throws -> FeedElement {
    let (head, skipped) = try declaration(bytes, document)
    try refuseDeclarations(bytes, document)
    try refuseLongTags(bytes, document)
    let parser = XMLParser(data: Data(bytes[head...]))
    parser.shouldResolveExternalEntities = false
    parser.shouldProcessNamespaces = false
    let builder = Builder(skipped)
    parser.delegate = builder
    let done = parser.parse()
    if let problem = builder.problem {
      throw CajalError("\(document), line \(problem.line): \(problem.what)")
    }
    guard done, builder.open.isEmpty, let root = builder.root else {
      let line = max(1, parser.lineNumber) + skipped
      throw CajalError(
        "\(document), line \(line): no well-formed XML, or cut short\(reason(parser.parserError))")
    }
    return root
  }

  private static func reason(_ error: (any Error)?) -> String {
    guard let text = (error as NSError?)?.userInfo["NSXMLParserErrorMessage"] as? String else { return "" }
    return " (\(PaperText.line(text)))"
  }

  /// Where the text behind `<?xml …?>` starts, and the lines before it.
  private static func declaration(_ bytes: [UInt8], _ document: String) throws -> (place: Int, lines: Int) {
    let start = bytes.firstIndex { !FeedText.isSpace($0) } ?? 0
    guard bytes[start...].starts(with: Array("<?xml".utf8)), bytes.count > start + 5,
      FeedText.isSpace(bytes[start + 5])
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
        "\(document), line \(line): declares a document type or entities, which no feed needs; not read, since they can open other files and grow without end"
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

  private final class Builder: NSObject, XMLParserDelegate {
    private let skipped: Int
    private var count = 0
    var open: [FeedElement] = []
    var root: FeedElement?
    var problem: (line: Int, what: String)?

    init(_ skipped: Int) { self.skipped = skipped }

    private func stop(_ parser: XMLParser, _ what: String) {
      problem = problem ?? (max(1, parser.lineNumber) + skipped, what)
      parser.abortParsing()
    }

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      guard problem == nil else { return }
      count += 1
      guard open.count < XMLTree.deepest else {
        return stop(parser, "elements nest more than \(XMLTree.deepest) deep")
      }
      guard count <= XMLTree.most else { return stop(parser, "more than \(XMLTree.most) elements") }
      let local = String(name.split(separator: ":").last ?? "")
      let element = FeedElement(local, attributes, max(1, parser.lineNumber) + skipped)
      if let last = open.last { last.children.append(element) } else { root = root ?? element }
      open.append(element)
    }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
      if problem == nil { _ = open.popLast() }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
      if problem == nil { open.last?.text += string }
    }

    func parser(_ parser: XMLParser, foundCDATA block: Data) {
      if problem == nil { open.last?.text += String(decoding: block, as: UTF8.self) }
    }
  }
}
