import Foundation
import Reading
import StudyCore
import Support

/// `cajal papers`
enum PapersCommand {
  private struct Row: Encodable {
    let slug, title, family, published, question, summary: String
    let authors, topics: [String]
    let arXiv, doi, address: String?
    /// "runs" or "not yet".
    let state: String
    /// How well it fits what was searched, larger is better.
    let score: Double?
  }

  static let syntax = CommandSyntax(
    name: "papers", operands: "[search WORDS… | similar SLUG | encode DIR]",
    summary: "The reading list of published systems, searched by words or by meaning.",
    flags: [
      .init(
        name: "by", value: "WAY",
        help: "words, or meaning (the default once 'cajal data fetch minilm' brought the encoder)",
        choices: ["words", "meaning"]),
      .init(name: "limit", value: "N", help: "how many papers a search gives at most (10)"),
      .init(name: "json", value: nil, help: "print JSON, for programs"),
      .init(name: "runs", value: nil, help: "only the names of those that run, one a line"),
    ],
    examples: [
      ("cajal papers", "list all papers, those that run first"),
      ("cajal papers search dendrite", "papers in which the word occurs, in any of its forms"),
      ("cajal papers search which neurons store facts", "what answers a question, by meaning"),
      ("cajal papers similar relation-neurons", "more like this one"),
      (
        "cajal papers encode Sources/Reading/Resources/Meaning",
        "for those who changed the packaged list: the vectors that come with it"
      ),
    ], completes: "papers", subcommands: adding + following)

  static func run(_ arguments: Arguments) throws -> Int32 {
    if arguments.has("runs") {
      for slug in Set(Studies.all.map(\.paper.slug)).sorted() { print(slug) }
      return 0
    }
    let rest = Array(arguments.operands.dropFirst())
    switch (arguments.operands.first, rest.count) {
    case (nil, _): try list(arguments)
    case ("search", 1...): try search(rest.joined(separator: " "), arguments)
    case ("similar", 1): try similar(rest[0], arguments)
    case ("encode", 1): try encode(rest[0])
    default:
      throw UsageError(
        "expected 'cajal papers search WORDS', 'cajal papers similar SLUG' or 'cajal papers encode DIR', found '\(arguments.operands.joined(separator: " "))'"
      )
    }
    return 0
  }

  /// The papers that all commands see.
  static func catalogue() throws -> Catalogue { try ReadingList.catalogue() }

  private static func list(_ arguments: Arguments) throws {
    let running = Set(Studies.all.map(\.paper.slug))
    let papers = try catalogue().entries
    let ordered = papers.filter { running.contains($0.slug) } + papers.filter { !running.contains($0.slug) }
    try show(ordered.map { ($0, nil) }, running, arguments)
  }

  private static func search(_ query: String, _ arguments: Arguments) throws {
    let limit = try limit(arguments)
    let matches = try index(arguments).search(query, limit: limit)
    try show(matches.map { ($0.paper, $0.score) }, Set(Studies.all.map(\.paper.slug)), arguments)
  }

  private static func similar(_ slug: String, _ arguments: Arguments) throws {
    let catalogue = try catalogue()
    guard let paper = catalogue.entries.first(where: { $0.slug == slug }) else {
      throw UsageError("there is no paper '\(slug)'\(suggestion(slug, among: catalogue.entries.map(\.slug)))")
    }
    let words = try WordIndex(catalogue, folder: ReadingFolder.url())
    let limit = try limit(arguments)
    let found: [PaperMatch]
    if arguments.value("by") == "words" {
      found = try words.similar(to: paper, limit: limit)
    } else {
      let vectors = try PaperVectors().available(catalogue)
      if arguments.value("by") == "meaning", vectors[slug] == nil { _ = try MeaningIndex(catalogue) }
      found = try RelatedPapers(catalogue, vectors: vectors, words: words).of(paper, limit: limit)
    }
    try show(found.map { ($0.paper, $0.score) }, Set(Studies.all.map(\.paper.slug)), arguments)
  }

  /// The way to search that was asked for, or the best that is here.
  private static func index(_ arguments: Arguments) throws -> any SearchIndex {
    let catalogue = try catalogue()
    let way = arguments.value("by")
    if way == "meaning" || (way == nil && PaperVectors.canEncode()) { return try MeaningIndex(catalogue) }
    if way == nil { say("searching by words; 'cajal data fetch minilm' (80 MB) lets it search by meaning") }
    return try WordIndex(catalogue, folder: ReadingFolder.url())
  }

  private static func limit(_ arguments: Arguments) throws -> Int {
    guard let text = arguments.value("limit") else { return 10 }
    guard let limit = Int(text), (1...100_000).contains(limit) else {
      throw UsageError("--limit is '\(text)', expected a whole number from 1 to 100000")
    }
    return limit
  }

  private static func encode(_ folder: String) throws {
    try PackagedVectors().write(Catalogue.load(), to: URL(fileURLWithPath: folder)) { say("encoding \($0)") }
    print(folder)
  }

  private static func show(
    _ papers: [(paper: Catalogue.Entry, score: Double?)], _ running: Set<String>, _ arguments: Arguments
  ) throws {
    let rows = papers.map { paper, score in
      Row(
        slug: paper.slug, title: paper.title, family: paper.family, published: paper.published,
        question: paper.question, summary: paper.summary, authors: paper.authors, topics: paper.topics,
        arXiv: paper.arXiv, doi: paper.doi, address: paper.address,
        state: running.contains(paper.slug) ? "runs" : "not yet", score: score)
    }
    if arguments.has("json") { return try printJSON(rows) }
    let width = rows.map(\.slug.count).max() ?? 0
    for row in rows {
      print(
        "\(pad(row.state, 7))  \(pad(row.slug, width))  \(row.question.isEmpty ? row.title : row.question)")
    }
    say(
      "\(rows.count) papers, \(rows.filter { $0.state == "runs" }.count) run; 'cajal show SLUG' tells more"
    )
  }
}
