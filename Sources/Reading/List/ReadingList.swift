import Foundation
import StudyCore
import Support

/// The papers that come with Cajal and those that its user added; and who follows them.
///
/// An SQLite file, `papers.sqlite`, beside the record of runs. Programs side by side wait for each other.
public final class ReadingList {
  /// Marks the file as ours ("CjPa").
  private static let applicationID = 0x436A_5061
  private static let schemaVersion = 1
  let database: Database
  public let home: URL
  /// The papers that come with Cajal.
  let packaged: Catalogue

  /// Opens the list in `home`, making it if there is none.
  ///
  /// - Parameters:
  ///   - packaged: The papers that come with Cajal.
  ///   - now: When papers that are new with this version of Cajal count as come.
  /// - Throws: `CajalError` when the file is damaged, belongs to another program or to another Cajal; it is left as it is.
  public init(home: URL = CajalHome.folder, packaged: Catalogue? = nil, now: Date = Date()) throws {
    self.home = home
    let packaged = try packaged ?? Catalogue.load()
    self.packaged = packaged
    let file = Self.file(home)
    // Addresses of people are nobody else's business.
    try? FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    let descriptor = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    if descriptor >= 0 { close(descriptor) }
    database = try Database(
      file, kind: .init(applicationID: Self.applicationID, schemaVersion: Self.schemaVersion)
    ) { database in
      for statement in Self.tables { try database.execute(statement) }
      for entry in packaged.entries {
        let day = Self.date(entry.published) ?? now
        try Self.arrive(PaperIdentity.surestKey(entry), day, database)
      }
    }
    // What is deleted does not stay in free pages.
    try database.execute("PRAGMA secure_delete=ON")
    try noteNewPackaged(now)
  }

  /// Papers that come with Cajal and the user's own; reads only, and makes no file where there is none.
  public static func catalogue(home: URL = CajalHome.folder) throws -> Catalogue {
    guard FileManager.default.fileExists(atPath: file(home).path) else { return try Catalogue.load() }
    return try ReadingList(home: home).catalogue()
  }

  private static func file(_ home: URL) -> URL { home.appendingPathComponent("papers.sqlite") }

  private static let tables = [
    "CREATE TABLE paper (slug TEXT PRIMARY KEY, added REAL NOT NULL, record TEXT NOT NULL)",
    // When each paper came, by the name that stays.
    "CREATE TABLE arrival (key TEXT PRIMARY KEY, date REAL NOT NULL)",
    """
    CREATE TABLE subscriber (id INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT NOT NULL UNIQUE COLLATE NOCASE,
      frequency TEXT NOT NULL, topics TEXT NOT NULL, since REAL NOT NULL, last_sent REAL,
      papers INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0, refusals INTEGER NOT NULL DEFAULT 0, problem TEXT, problem_date REAL)
    """,
    "CREATE TABLE delivered (subscriber INTEGER NOT NULL, key TEXT NOT NULL, PRIMARY KEY (subscriber, key))",
    // At most one message waits for each subscriber; a row is here from before the first attempt until after the acceptance.
    """
    CREATE TABLE outbox (subscriber INTEGER PRIMARY KEY, message_id TEXT NOT NULL, created REAL NOT NULL,
      attempts INTEGER NOT NULL, keys TEXT NOT NULL, message TEXT NOT NULL)
    """,
  ]

  /// All papers, newest first: those that come with Cajal, and the user's own that are not among them.
  public func catalogue() throws -> Catalogue {
    let own = try ownPapers()
    guard !own.isEmpty else { return packaged }
    let known = Set(packaged.entries.flatMap { PaperIdentity.keys($0) })
    return Catalogue(entries: packaged.entries + own.filter { known.isDisjoint(with: $0.keys) }.map(\.listed))
  }

  /// The user's own, newest first.
  public func ownPapers() throws -> [OwnPaper] {
    try database.execute("SELECT record FROM paper ORDER BY added DESC, slug").map { row in
      do { return try JSONDecoder().decode(OwnPaper.self, from: Data((row[0].string ?? "").utf8)) } catch {
        throw CajalError("\(database.path) holds a paper that cannot be read: \(error)")
      }
    }
  }

  /// Changes what the user says of an own paper.
  ///
  /// - Throws: `CajalError` when there is no such paper, or it comes with Cajal.
  public func edit(_ slug: String, _ notes: PaperNotes) throws -> OwnPaper {
    try database.transaction {
      var paper = try own(slug)
      notes.apply(to: &paper.entry)
      try save(paper)
      return paper
    }
  }

  /// Takes an own paper off the list.
  public func remove(_ slug: String) throws -> OwnPaper {
    try database.transaction {
      let paper = try own(slug)
      try database.execute("DELETE FROM paper WHERE slug=?", [.text(slug)])
      // What came with Cajal as well stays where it is.
      let isPackaged = packaged.entries.contains { PaperIdentity.surestKey($0) == paper.keys.first }
      if isPackaged { return paper }
      try database.execute("DELETE FROM arrival WHERE key=?", [paper.keys.first.map { .text($0) } ?? .null])
      return paper
    }
  }

  private func own(_ slug: String) throws -> OwnPaper {
    let papers = try ownPapers()
    if let paper = papers.first(where: { $0.entry.slug == slug }) { return paper }
    if packaged.entries.contains(where: { $0.slug == slug }) {
      throw CajalError("'\(slug)' comes with Cajal; only papers that you added can be changed or removed")
    }
    throw CajalError(
      "there is no paper '\(slug)' among those that you added\(suggestion(slug, among: papers.map(\.entry.slug)))"
    )
  }

  func save(_ paper: OwnPaper) throws {
    let record = String(decoding: try JSONEncoder().encode(paper), as: UTF8.self)
    try database.execute(
      "INSERT OR REPLACE INTO paper VALUES (?,?,?)",
      [.text(paper.entry.slug), .real(paper.added.timeIntervalSince1970), .text(record)])
  }

  /// Remembers when a paper came, once.
  static func arrive(_ key: String?, _ date: Date, _ database: Database) throws {
    guard let key else { return }
    try database.execute(
      "INSERT OR IGNORE INTO arrival VALUES (?,?)", [.text(key), .real(date.timeIntervalSince1970)])
  }

  func arrivals() throws -> [String: Date] {
    let rows = try database.execute("SELECT key, date FROM arrival")
    return Dictionary(
      rows.map { ($0[0].string ?? "", Date(timeIntervalSince1970: $0[1].double ?? 0)) },
      uniquingKeysWith: { $1 })
  }

  /// Papers that a newer Cajal brought come now; own papers make room for their slugs.
  private func noteNewPackaged(_ now: Date) throws {
    func missing() throws -> [Catalogue.Entry] {
      let known = try arrivals()
      return packaged.entries.filter { entry in
        PaperIdentity.surestKey(entry).map { known[$0] == nil } ?? false
      }
    }
    guard try !missing().isEmpty else { return }
    try database.transaction {
      for entry in try missing() { try Self.arrive(PaperIdentity.surestKey(entry), now, database) }
      let own = try ownPapers()
      let slugs = Set(packaged.entries.map(\.slug))
      var maker = SlugMaker(taken: slugs.union(own.map(\.entry.slug)))
      for var paper in own where slugs.contains(paper.entry.slug) {
        try database.execute("DELETE FROM paper WHERE slug=?", [.text(paper.entry.slug)])
        paper.entry.slug = maker.unused(paper.entry.slug)
        try save(paper)
      }
    }
  }

  /// The start of a day in universal time, from a text such as `2026-01-31`, `2026-01` or `2026`; nil for other texts.
  public static func day(_ text: String) -> Date? { PaperDate.iso(text) == text ? date(text) : nil }

  /// The start of a day, month or year in universal time.
  static func date(_ iso: String) -> Date? {
    let parts = iso.split(separator: "-").compactMap { Int($0) }
    guard let year = parts.first else { return nil }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(identifier: "UTC")!
    return calendar.date(
      from: DateComponents(
        year: year, month: parts.count > 1 ? parts[1] : 1, day: parts.count > 2 ? parts[2] : 1))
  }
}
