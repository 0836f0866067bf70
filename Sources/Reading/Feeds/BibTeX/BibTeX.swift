import Foundation

/// Files of BibTeX and biblatex.
enum BibTeX {
  static func read(_ bytes: [UInt8], _ document: String) -> PaperFile {
    var parser = BibTeXParser(bytes, document)
    parser.readAll()
    return PaperFile(.bibTeX, parser.entries.map(reference), parser.refusals)
  }

  static func reference(_ entry: BibTeXEntry) -> PaperReference {
    var reference = PaperReference()
    (reference.line, reference.label) = (entry.line, entry.key)
    let title = [entry.fields["title"], entry.fields["subtitle"]].compactMap { $0.map(TeXText.unicode) }
    if let first = title.first, !first.isEmpty { reference.title = title.joined(separator: ": ") }
    reference.authors = authors(entry.fields["author"] ?? entry.fields["editor"] ?? "")
    reference.arXiv = identifier(entry)
    reference.doi = entry.fields["doi"].flatMap { PaperIdentity.doi(TeXText.unicode($0)) }
    reference.published = published(entry) ?? reference.arXiv?.month
    reference.link = entry.fields["url"].map(TeXText.unicode).flatMap(PaperIdentity.link)
    reference.topics = (entry.fields["keywords"] ?? "").split { $0 == "," || $0 == ";" }
      .map { TeXText.unicode(String($0)) }.filter { !$0.isEmpty }
    return reference
  }

  /// Where entries say their name on arXiv: `eprint`, an address, arXiv's own DOI, or the journal "arXiv preprint arXiv:…".
  private static func identifier(_ entry: BibTeXEntry) -> ArXivIdentifier? {
    let archive = (entry.fields["archiveprefix"] ?? entry.fields["eprinttype"] ?? "arxiv").lowercased()
    if archive == "arxiv", let eprint = entry.fields["eprint"],
      let found = ArXivIdentifier(TeXText.unicode(eprint))
    {
      return found
    }
    for name in [
      "arxiv", "arxivid", "url", "doi", "journal", "journaltitle", "note", "howpublished", "volume",
    ] {
      guard let field = entry.fields[name].map(TeXText.unicode) else { continue }
      for word in field.split(whereSeparator: { " ,;()[]<>".contains($0) }) {
        let lower = word.lowercased()
        guard lower.contains("arxiv") || name.hasPrefix("arxiv") else { continue }
        if let found = ArXivIdentifier(String(word)) { return found }
      }
      // "arXiv: 2306.16922", with a space.
      if let mark = field.range(of: "arxiv:", options: .caseInsensitive),
        let word = field[mark.upperBound...].split(separator: " ").first,
        let found = ArXivIdentifier(String(word))
      {
        return found
      }
    }
    return nil
  }

  private static func published(_ entry: BibTeXEntry) -> String? {
    if let date = entry.fields["date"].map(TeXText.unicode).flatMap(PaperDate.iso) { return date }
    guard
      let year = entry.fields["year"].map(TeXText.unicode).flatMap({ text in
        text.split { !$0.isNumber }.compactMap { Int($0) }.first { $0 > 999 }
      })
    else { return nil }
    // "jan", "January", "1", and with a day: "jan # {~4}", "10~January".
    let parts = TeXText.unicode(entry.fields["month"] ?? "").split { " ./,".contains($0) }.map(String.init)
    let named = parts.first { !($0.first?.isNumber ?? true) }
    let month = (named ?? parts.first).flatMap(PaperDate.month)
    let day = named == nil ? nil : parts.compactMap { Int($0) }.first
    return PaperDate.date(year: year, month: month, day: day)
      ?? PaperDate.date(year: year, month: nil, day: nil)
  }

  /// Names between `and` outside braces; "Last, First" and "Last, Jr, First" are turned. A list that ends in
  /// "and others" ends so here, too: how many they are is not known.
  static func authors(_ text: String) -> [String] {
    var names: [String] = []
    var (current, depth): ([Substring], Int) = ([], 0)
    func finish() {
      let name = self.name(current.joined(separator: " "))
      if !name.isEmpty { names.append(name) }
      current = []
    }
    for word in text.split(whereSeparator: \.isWhitespace) {
      if depth == 0, word.lowercased() == "and" {
        finish()
        continue
      }
      for byte in word.utf8 { depth += byte == UInt8(ascii: "{") ? 1 : byte == UInt8(ascii: "}") ? -1 : 0 }
      current.append(word)
    }
    finish()
    return names
  }

  private static func name(_ text: String) -> String {
    var depth = 0
    // A comma in braces is an organisation's own.
    let parts = text.split { character in
      depth += character == "{" ? 1 : character == "}" ? -1 : 0
      return character == "," && depth == 0
    }.map { TeXText.unicode(String($0)) }.filter { !$0.isEmpty }
    switch parts.count {
    case 0: return ""
    case 1: return parts[0]
    case 2: return "\(parts[1]) \(parts[0])"
    default: return "\(parts[2]) \(parts[0]) \(parts[1])"
    }
  }
}
