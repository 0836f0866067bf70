import Foundation
import Support

/// JSON Feed 1.1, a list of papers as objects (what `cajal papers --json` prints, too), or a list of identifiers.
enum JSONFeed {
  /// Bytes: a value of JSON takes a hundred times its letters in memory.
  private static let largest = 4 << 20

  static func read(_ bytes: [UInt8], _ document: String) throws -> PaperFile {
    guard bytes.count <= largest else {
      throw CajalError("\(document) has more than \(largest >> 20) MiB of JSON; split it")
    }
    let root = try LocatedJSON(Data(bytes), document: document)
    let items: [LocatedJSON]
    if let list = root.array {
      items = list
    } else {
      let members = try root.members("a JSON Feed or a list of papers")
      guard let found = members.first(where: { ["items", "papers"].contains($0.key) })?.value else {
        throw root.error("has no 'items'; expected a JSON Feed, or a list of papers or identifiers")
      }
      items = try found.list("a list of papers")
    }
    var references: [PaperReference] = []
    var refusals: [Refusal] = []
    for item in items {
      guard refusals.count < Refusal.most else {
        refusals.append(.rest(from: item.line))
        break
      }
      do { references.append(try reference(item)) } catch let error as CajalError {
        let prefix = "\(document), line \(item.line): "
        let reason =
          error.message.hasPrefix(prefix) ? String(error.message.dropFirst(prefix.count)) : error.message
        refusals.append(Refusal(line: item.line, name: item.path, reason: reason))
      }
    }
    return PaperFile(.json, references, refusals)
  }

  private static func reference(_ item: LocatedJSON) throws -> PaperReference {
    if let text = item.string {
      guard let identifier = ArXivIdentifier(text) else {
        throw item.expected("an identifier of arXiv, such as 2306.16922")
      }
      return PaperReference(identifier, line: item.line)
    }
    let members = Dictionary(
      try item.members("a paper as an object, or an identifier").map { ($0.key.lowercased(), $0.value) },
      uniquingKeysWith: { first, _ in first })
    var reference = PaperReference()
    reference.line = item.line
    func text(_ names: String...) throws -> String? {
      for name in names {
        guard let value = members[name], !value.isNull else { continue }
        if case .number(_, let digits) = value.value { return digits }
        let line = PaperText.line(try value.text("a text"))
        if !line.isEmpty { return line }
      }
      return nil
    }
    reference.title = try text("title").map { $0.contains("\\") ? TeXText.unicode($0) : $0 }
    reference.label = try text("slug", "id")
    if let list = members["authors"] ?? members["author"], !list.isNull {
      reference.authors = try (list.array ?? [list]).map(author).filter { !$0.isEmpty }
    }
    if case .number(let count, _)? = members["authorcount"]?.value, count > Double(reference.authors.count),
      count < 1e5
    {
      reference.authorCount = Int(count)
    }
    let links = [try text("url"), try text("external_url"), try text("link")].compactMap { $0 }
    // A name under a key of its own must be right; addresses may be anyone's.
    if let name = try text("arxiv", "arxiv_id", "arxivid", "eprint") {
      guard let identifier = ArXivIdentifier(name) else {
        throw item.error("names '\(name.prefix(60))', no identifier of arXiv such as 2306.16922")
      }
      reference.arXiv = identifier
    } else {
      reference.arXiv =
        (links + [try text("id"), try text("doi")].compactMap { $0 }).lazy
        .compactMap { ArXivIdentifier($0) }.first
    }
    reference.doi = try text("doi").flatMap(PaperIdentity.doi)
    reference.published =
      try text("date_published", "published", "date", "year").flatMap(PaperDate.iso) ?? reference.arXiv?.month
    reference.link = links.lazy.compactMap(PaperIdentity.link).first
    if let list = members["tags"] ?? members["topics"] ?? members["keywords"], !list.isNull {
      reference.topics = try list.list("a list of texts").map { PaperText.line(try $0.text("a text")) }
        .filter { !$0.isEmpty }
    }
    return reference
  }

  private static func author(_ value: LocatedJSON) throws -> String {
    if let text = value.string { return PaperText.line(text) }
    let members = try value.members("an author: a name, or an object with 'name'")
    return PaperText.line(try members.first { $0.key == "name" }?.value.text("a name") ?? "")
  }
}

extension LocatedJSON {
  fileprivate var isNull: Bool { if case .null = value { true } else { false } }
}
