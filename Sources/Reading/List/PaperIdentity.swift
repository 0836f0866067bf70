import StudyCore

/// What tells whether two papers are one.
enum PaperIdentity {
  /// Names under which a paper is known, the surest first: arXiv, DOI, title with year.
  static func keys(title: String?, published: String?, arXiv: ArXivIdentifier?, doi: String?) -> [String] {
    var keys: [String] = []
    if let arXiv { keys.append(key(arXiv)) }
    if let doi { keys.append("doi:\(doi)") }
    if let title, case let words = PaperText.folded(title), !words.isEmpty {
      keys.append("title:\(words):\(published?.prefix(4) ?? "")")
    }
    return keys
  }

  static func keys(_ entry: Catalogue.Entry) -> [String] {
    keys(
      title: entry.title, published: entry.published, arXiv: entry.arXiv.flatMap { ArXivIdentifier($0) },
      doi: entry.doi)
  }

  /// The surest of the keys of a paper without a DOI. Most papers have a name on arXiv, so that no title is taken apart.
  static func surestKey(_ entry: Catalogue.Entry) -> String? {
    entry.arXiv.flatMap { ArXivIdentifier($0) }.map(key) ?? keys(entry).first
  }

  private static func key(_ arXiv: ArXivIdentifier) -> String { "arxiv:\(arXiv)" }

  /// A DOI in small letters, without the address of a resolver; nil for arXiv's own, which say what its identifier says.
  static func doi(_ text: String) -> String? {
    var rest = Substring(text.lowercased().filter { !$0.isWhitespace })
    for start in ["https://", "http://", "dx.doi.org/", "doi.org/", "doi:"] where rest.hasPrefix(start) {
      rest = rest.dropFirst(start.count)
    }
    let parts = rest.split(separator: "/", maxSplits: 1)
    guard rest.hasPrefix("10."), parts.count == 2, rest.count <= 300,
      rest.unicodeScalars.allSatisfy({
        $0.value > 0x20 && $0.value < 0x7F && $0 != "\"" && $0 != "<" && $0 != ">"
      }),
      !rest.hasPrefix("10.48550/")
    else { return nil }
    return String(rest)
  }

  /// An address of the web; nil for anything else, since pages and letters link to it.
  static func link(_ text: String) -> String? {
    let lower = text.lowercased()
    guard lower.hasPrefix("https://") || lower.hasPrefix("http://"), text.count <= 2000,
      text.unicodeScalars.allSatisfy({
        $0.value > 0x20 && $0.value < 0x7F && $0 != "\"" && $0 != "<" && $0 != ">"
      })
    else { return nil }
    return text
  }
}
