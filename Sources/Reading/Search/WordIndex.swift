import Datasets
import Foundation
import StudyCore
import Support

/// Search by words: SQLite's full-text search with stemmed words and BM25, over everything that the list says of a paper.
public final class WordIndex: SearchIndex {
  private let catalogue: Catalogue
  private let database: Database
  /// Marks the layout of the index; another number makes a new one.
  private static let layout = "1"
  /// Columns and how much a word counts in each.
  private static let columns: [(name: String, weight: Double)] = [
    ("slug", 4), ("title", 4), ("question", 3), ("topics", 3), ("authors", 2), ("summary", 1),
  ]

  /// - Parameter folder: Where the index is kept between calls, to be made again when the catalogue has changed; in memory where
  ///   none is given or nothing can be written.
  /// - Throws: `CajalError` when SQLite cannot do it.
  public init(_ catalogue: Catalogue, folder: URL? = nil) throws {
    self.catalogue = catalogue
    let content = Self.content(of: catalogue)
    guard let file = folder?.appendingPathComponent("words.sqlite") else {
      database = try Self.made(content, in: Database())
      return
    }
    let key = Fingerprint.of(Data((Self.layout + content.joined(separator: "\u{1F}")).utf8))
    if let kept = try? Self.kept(file, key) {
      database = kept
      return
    }
    // A cache that cannot be kept is made in memory.
    do {
      try AtomicFile.write(to: file) { _ = try Self.made(content, in: Database($0), key: key) }
      database = try Database(file)
    } catch { database = try Self.made(content, in: Database()) }
  }

  /// The columns of all papers, in the order of the catalogue.
  private static func content(of catalogue: Catalogue) -> [String] {
    catalogue.entries.flatMap {
      [
        $0.slug, $0.title, $0.question, ([$0.family] + $0.topics).joined(separator: ", "),
        ($0.authors + [$0.organization].compactMap { $0 }).joined(separator: ", "), $0.summary,
      ]
    }
  }

  private static func kept(_ file: URL, _ key: String) throws -> Database? {
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    let database = try Database(file)
    return try database.execute("SELECT key FROM made").first?.first?.string == key ? database : nil
  }

  private static func made(_ content: [String], in database: Database, key: String = "") throws -> Database {
    let names = columns.map(\.name).joined(separator: ", ")
    try database.execute("PRAGMA journal_mode=OFF")
    try database.transaction {
      try database.execute(
        "CREATE VIRTUAL TABLE paper USING fts5(\(names), tokenize='porter unicode61 remove_diacritics 2')")
      try database.execute("CREATE TABLE made (key TEXT)")
      try database.execute("INSERT INTO made VALUES (?)", [.text(key)])
      let places = columns.map { _ in "?" }.joined(separator: ",")
      for row in stride(from: 0, to: content.count, by: columns.count) {
        try database.execute(
          "INSERT INTO paper (rowid, \(names)) VALUES (?,\(places))",
          [.integer(row / columns.count)] + content[row..<row + columns.count].map { .text($0) })
      }
    }
    return database
  }

  /// Papers with all words first, then those with some; where no word is found whole, those with words that begin so.
  public func search(_ query: String, limit: Int) throws -> [PaperMatch] {
    let words = SearchWords.of(query)
    guard !words.isEmpty, limit > 0 else { return [] }
    let quoted = words.map { "\"\($0)\"" }
    var found = try matches(quoted.joined(separator: " AND "), limit)
    if found.count < limit, words.count > 1 {
      let known = Set(found.map(\.paper.slug))
      found += try matches(quoted.joined(separator: " OR "), limit + found.count)
        .filter { !known.contains($0.paper.slug) }
    }
    if found.isEmpty { found = try matches(quoted.map { $0 + "*" }.joined(separator: " AND "), limit) }
    return Array(found.prefix(limit))
  }

  /// How well papers fit that have any of the words, by slug; all above zero.
  func scores(_ query: String) throws -> [String: Double] {
    let words = SearchWords.of(query)
    guard !words.isEmpty else { return [:] }
    let found = try matches(words.map { "\"\($0)\"" }.joined(separator: " OR "), catalogue.entries.count)
    return Dictionary(found.map { ($0.paper.slug, $0.score) }, uniquingKeysWith: { first, _ in first })
  }

  /// Papers that share the words of title, question and topics.
  public func similar(to paper: Catalogue.Entry, limit: Int) throws -> [PaperMatch] {
    let words = Set(SearchWords.of(([paper.title, paper.question] + paper.topics).joined(separator: " ")))
      .filter { $0.count > 2 }.sorted()
    guard !words.isEmpty else { return [] }
    let found = try matches(words.map { "\"\($0)\"" }.joined(separator: " OR "), limit + 1)
    return Array(found.filter { $0.paper.slug != paper.slug }.prefix(limit))
  }

  private func matches(_ expression: String, _ limit: Int) throws -> [PaperMatch] {
    let weights = Self.columns.map { "\($0.weight)" }.joined(separator: ", ")
    let rows = try database.execute(
      "SELECT rowid, bm25(paper, \(weights)) AS score FROM paper WHERE paper MATCH ? ORDER BY score, rowid LIMIT ?",
      [.text(expression), .integer(limit)])
    return rows.compactMap { row in
      guard let place = row[0].int, let score = row[1].double, catalogue.entries.indices.contains(place)
      else {
        return nil
      }
      return PaperMatch(paper: catalogue.entries[place], score: -score)
    }
  }
}
