import Reading
import StudyCore

/// `cajal papers`
enum PapersCommand {
  private struct Row: Encodable {
    let slug, title, family, published, question, summary: String
    let authors, topics: [String]
    let arXiv: String?
    /// "runs" or "not yet".
    let state: String
  }

  static func run(_ arguments: Arguments) throws -> Int32 {
    let running = Set(Studies.all.map(\.paper.slug))
    if arguments.has("runs") {
      for slug in running.sorted() { print(slug) }
      return 0
    }
    let catalogue = try ReadingList.catalogue()
    var found = catalogue.entries
    if let first = arguments.operands.first {
      guard first == "search", arguments.operands.count > 1 else {
        throw UsageError(
          "expected 'cajal papers search WORDS', found '\(arguments.operands.joined(separator: " "))'")
      }
      found = catalogue.search(Array(arguments.operands.dropFirst()))
    }
    found = found.filter { running.contains($0.slug) } + found.filter { !running.contains($0.slug) }
    let rows = found.map {
      Row(
        slug: $0.slug, title: $0.title, family: $0.family, published: $0.published, question: $0.question,
        summary: $0.summary, authors: $0.authors, topics: $0.topics, arXiv: $0.arXiv,
        state: running.contains($0.slug) ? "runs" : "not yet")
    }
    if arguments.has("json") {
      try printJSON(rows)
      return 0
    }
    let width = rows.map(\.slug.count).max() ?? 0
    for row in rows {
      print(
        "\(pad(row.state, 7))  \(pad(row.slug, width))  \(row.question.isEmpty ? row.title : row.question)")
    }
    say("\(rows.count) papers, \(rows.filter { $0.state == "runs" }.count) run; 'cajal show SLUG' tells more")
    return 0
  }
}
