import Foundation
import Support

/// Atom as arXiv's interface gives it, and RSS as arXiv's announcements come.
enum XMLFeed {
  static func read(_ bytes: [UInt8], _ document: String) throws -> PaperFile {
    let root = try XMLTree.read(bytes, document)
    switch root.name {
    case "feed": return atom(root)
    case "rss", "RDF": return rss(root)
    default:
      throw CajalError(
        "\(document), line \(root.line): <\(root.name.prefix(40))> is no feed; expected Atom (<feed>) or RSS (<rss>)"
      )
    }
  }

  private static func atom(_ feed: FeedElement) -> PaperFile {
    var references: [PaperReference] = []
    var refusals: [Refusal] = []
    for entry in feed.all("entry") {
      let name = entry.line("id") ?? ""
      if name.contains("/api/errors") {
        refusals.append(
          Refusal(
            line: entry.line, name: "arXiv's answer",
            reason: entry.line("summary") ?? "an error without a reason"))
        continue
      }
      var reference = PaperReference()
      reference.line = entry.line
      reference.title = entry.line("title").map(plain)
      reference.authors = entry.all("author").compactMap { $0.line("name").map(plain) }
      reference.published = (entry.line("published") ?? entry.line("updated")).flatMap(PaperDate.iso)
      let links = entry.all("link").compactMap { $0.attributes["href"] }
      reference.arXiv = ([name] + links).lazy.compactMap { ArXivIdentifier($0) }.first
      reference.doi = entry.line("doi").flatMap(PaperIdentity.doi)
      reference.link = (links + [name]).lazy.compactMap(PaperIdentity.link).first
      reference.topics = entry.all("category").compactMap { $0.attributes["term"] }.map(PaperText.line)
      references.append(reference)
    }
    return PaperFile(.atom, references, refusals)
  }

  private static func rss(_ root: FeedElement) -> PaperFile {
    let channels = root.all("channel")
    let items = root.all("item") + channels.flatMap { $0.all("item") }
    return PaperFile(.rss, items.map(item), [])
  }

  private static func item(_ item: FeedElement) -> PaperReference {
    var reference = PaperReference()
    reference.line = item.line
    let guid = item.line("guid")
    let link = item.line("link")
    reference.arXiv =
      [guid, link, item.attributes["about"] ?? item.attributes["rdf:about"]].lazy
      .compactMap { $0.flatMap { ArXivIdentifier($0) } }.first
    // Older announcements put the name behind the title: "… (arXiv:2306.16922v1 [cs.NE])".
    reference.title = item.line("title").map { title in
      plain(title.range(of: " (arXiv:").map { String(title[..<$0.lowerBound]) } ?? title)
    }
    reference.authors = item.all("creator").flatMap { authors($0.text) }
    // What is announced again, as a replacement, came earlier than on this day.
    let isNew = !(item.line("announce_type") ?? "new").hasPrefix("replace")
    let day = (item.line("pubDate").flatMap(rfc822) ?? item.line("date").flatMap(PaperDate.iso))
    reference.published = isNew ? day ?? reference.arXiv?.month : reference.arXiv?.month ?? day
    reference.doi = item.line("DOI").flatMap(PaperIdentity.doi) ?? item.line("doi").flatMap(PaperIdentity.doi)
    reference.link = link.flatMap(PaperIdentity.link)
    reference.topics = item.all("category").map { PaperText.line($0.text) }.filter { !$0.isEmpty }
    return reference
  }

  /// Names between commas; older announcements wrap each into a link.
  private static func authors(_ text: String) -> [String] {
    var plain = ""
    var inside = false
    for character in text {
      if character == "<" { inside = true }
      if !inside { plain.append(character) }
      if character == ">" { inside = false }
    }
    // Affiliations in parentheses may hold commas.
    var depth = 0
    return plain.split { character in
      depth += character == "(" ? 1 : character == ")" ? -1 : 0
      return (character == "," || character.isNewline) && depth <= 0
    }.map { Self.plain(PaperText.line(String($0))) }.filter { !$0.isEmpty }
  }

  /// Titles and names that hold TeX are read as TeX; others stay, dollars and all.
  private static func plain(_ text: String) -> String { text.contains("\\") ? TeXText.unicode(text) : text }

  /// The day of `Mon, 04 Jan 2016 00:00:00 -0500`.
  private static func rfc822(_ text: String) -> String? {
    let words = text.split { $0 == " " || $0 == "," }.map(String.init)
    guard let place = words.firstIndex(where: { PaperDate.month($0) != nil && Int($0) == nil }), place > 0,
      place + 1 < words.count, let day = Int(words[place - 1]), let year = Int(words[place + 1])
    else { return PaperDate.iso(text) }
    return PaperDate.date(year: year, month: PaperDate.month(words[place]), day: day)
  }
}
