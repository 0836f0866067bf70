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
/// What is dangerous in it is refused before the parser sees a byte (``XMLText``).
enum XMLTree {
  private static let deepest = 32
  private static let most = 500_000

  static func read(_ bytes: [UInt8], _ document: String) throws -> FeedElement {
    let text = try XMLText(bytes, document)
    let skipped = text.skippedLines
    let parser = XMLParser(data: text.data)
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
