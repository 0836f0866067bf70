import Foundation
import Support

/// The record of every run: an SQLite file, with the figures and tables of each run in a folder beside it.
public final class RunStore {
  /// Marks the file as ours ("Cajl").
  private static let applicationID = 0x4361_6A6C
  private static let schemaVersion = 1
  private let database: Database
  public let home: URL

  /// Opens the record in `home`, making it if there is none.
  ///
  /// - Throws: `CajalError` when the file is damaged, belongs to another program or to a newer Cajal; it is left as it is.
  public init(home: URL = CajalHome.folder) throws {
    self.home = home
    database = try Database(
      home.appendingPathComponent("runs.sqlite"),
      kind: .init(applicationID: Self.applicationID, schemaVersion: Self.schemaVersion), create: Self.create)
  }

  private static func create(_ database: Database) throws {
    // One row a run; what is asked for by name is a column, the rest lies in JSON.
    try database.execute(
      """
      CREATE TABLE IF NOT EXISTS run (id INTEGER PRIMARY KEY, study TEXT NOT NULL, state TEXT NOT NULL, size TEXT NOT NULL,
        seed TEXT NOT NULL, started REAL NOT NULL, duration REAL NOT NULL, process INTEGER NOT NULL, record TEXT NOT NULL)
      """)
    try database.execute(
      "CREATE TABLE IF NOT EXISTS metric (run INTEGER NOT NULL REFERENCES run(id), name TEXT NOT NULL, value REAL, unit TEXT)"
    )
    try database.execute("CREATE INDEX IF NOT EXISTS metric_run ON metric(run)")
  }

  /// Adds a run and gives it its number.
  public func begin(_ record: RunRecord) throws -> RunRecord {
    var record = record
    let row = try database.execute(
      "INSERT INTO run (study, state, size, seed, started, duration, process, record) VALUES (?,?,?,?,?,?,?,'{}') RETURNING id",
      [
        .text(record.study), .text(record.state.rawValue), .text(record.size.rawValue),
        .text("\(record.seed)"),
        .real(record.started.timeIntervalSince1970), .real(0),
        .integer(Int(ProcessInfo.processInfo.processIdentifier)),
      ])
    record.id = row[0][0].int!
    try update(record)
    return record
  }

  /// Writes what is known of a run now.
  public func update(_ record: RunRecord) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let text = String(decoding: try encoder.encode(record), as: UTF8.self)
    try database.transaction {
      try database.execute(
        "UPDATE run SET state=?, duration=?, record=? WHERE id=?",
        [.text(record.state.rawValue), .real(record.duration), .text(text), .integer(record.id)])
      try database.execute("DELETE FROM metric WHERE run=?", [.integer(record.id)])
      for metric in record.findings.metrics {
        try database.execute(
          "INSERT INTO metric VALUES (?,?,?,?)",
          [
            .integer(record.id), .text(metric.name), metric.value.isFinite ? .real(metric.value) : .null,
            metric.unit.map { .text($0) } ?? .null,
          ])
      }
    }
  }

  /// The runs of a study, or all, newest first.
  public func runs(of study: String? = nil, limit: Int = 1000) throws -> [RunRecord] {
    let rows = try database.execute(
      "SELECT record, process FROM run WHERE ?1 IS NULL OR study=?1 ORDER BY id DESC LIMIT ?2",
      [study.map { .text($0) } ?? .null, .integer(limit)])
    return try rows.map { row in
      var record = try decode(row[0].string ?? "{}")
      // A run whose process is gone did not finish.
      if record.state == .running, let process = row[1].int, kill(pid_t(process), 0) != 0 {
        record.state = .failed
        record.problem = record.problem ?? "did not finish"
      }
      return record
    }
  }

  /// The last run of a study that measured something.
  public func last(of study: String) throws -> RunRecord? {
    try measured(study).first
  }

  /// The run that speaks for a study: the last one that decided a claim, or the last one at all.
  public func representative(of study: String) throws -> RunRecord? {
    let runs = try measured(study)
    return runs.first { !$0.findings.claims.isEmpty } ?? runs.first
  }

  private func measured(_ study: String) throws -> [RunRecord] {
    try runs(of: study).filter { $0.state == .finished || $0.state == .partial }
  }

  private func decode(_ text: String) throws -> RunRecord {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do { return try decoder.decode(RunRecord.self, from: Data(text.utf8)) } catch {
      throw CajalError("\(database.path) holds a run that cannot be read: \(error)")
    }
  }
}
