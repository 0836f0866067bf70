import CSQLite
import Foundation
import Support

/// A connection to an SQLite file; every return code is checked.
package final class Database {
  private var handle: OpaquePointer?
  package let path: String

  /// A value of a row or a parameter of a statement.
  package enum Value: Equatable {
    case null
    case integer(Int)
    case real(Double)
    case text(String)

    package var string: String? { if case .text(let value) = self { value } else { nil } }
    package var int: Int? { if case .integer(let value) = self { value } else { nil } }
    package var double: Double? {
      switch self {
      case .real(let value): value
      case .integer(let value): Double(value)
      default: nil
      }
    }
  }

  /// Opens or makes the file.
  ///
  /// - Throws: `CajalError` naming the file.
  package init(_ url: URL) throws {
    path = url.path
    do {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    } catch { throw CajalError("cannot make the folder of \(path): \(error.localizedDescription)") }
    try open(path)
  }

  /// A database in memory, gone with this value.
  package init() throws {
    path = ":memory:"
    try open(path)
  }

  private func open(_ name: String) throws {
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX
    try check(sqlite3_open_v2(name, &handle, flags, nil))
    // Runs side by side wait for each other instead of failing.
    sqlite3_busy_timeout(handle, 20_000)
  }

  /// What a file of ours is told by.
  package struct Kind {
    let applicationID, schemaVersion: Int

    package init(applicationID: Int, schemaVersion: Int) {
      (self.applicationID, self.schemaVersion) = (applicationID, schemaVersion)
    }
  }

  /// Opens a file of a kind; where there is none, `create` makes its tables.
  ///
  /// - Throws: `CajalError` when the file is damaged, belongs to another program or to another Cajal; it is left as it is.
  package convenience init(_ url: URL, kind: Kind, create: (Database) throws -> Void) throws {
    // Programs that start together must not make the file twice.
    let lock = FolderLock(url.deletingLastPathComponent())
    defer { lock.release() }
    try self.init(url)
    let owner = try execute("PRAGMA application_id")[0][0].int
    let version = try execute("PRAGMA user_version")[0][0].int ?? 0
    let tables = try execute("SELECT count(*) FROM sqlite_master")[0][0].int ?? 0
    if tables == 0, owner == 0 {
      try execute("PRAGMA journal_mode=WAL")
      try transaction {
        try execute("PRAGMA application_id=\(kind.applicationID)")
        try execute("PRAGMA user_version=\(kind.schemaVersion)")
        try create(self)
      }
      return
    }
    guard owner == kind.applicationID else {
      throw CajalError("\(path) is the database of another program; set CAJAL_HOME to another folder")
    }
    guard version == kind.schemaVersion else {
      throw CajalError(
        "\(path) was written by another version of Cajal (format \(version), expected \(kind.schemaVersion))")
    }
  }

  deinit { sqlite3_close_v2(handle) }

  private func check(_ code: Int32) throws {
    guard code != SQLITE_OK, code != SQLITE_ROW, code != SQLITE_DONE else { return }
    let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
    if code == SQLITE_NOTADB || code == SQLITE_CORRUPT {
      throw CajalError(
        "\(path) is damaged or no SQLite database (\(message)); move it away, or set CAJAL_HOME to another folder"
      )
    }
    // SQLite meets a full disk as a failure to write as often as by its name.
    let hint = [SQLITE_FULL, SQLITE_IOERR].contains(code & 0xFF) ? " (is there room left on the disk?)" : ""
    throw CajalError("database \(path): \(message)\(hint)")
  }

  /// Runs a statement and gives its rows.
  @discardableResult
  package func execute(_ sql: String, _ parameters: [Value] = []) throws -> [[Value]] {
    var statement: OpaquePointer?
    try check(sqlite3_prepare_v2(handle, sql, -1, &statement, nil))
    defer { sqlite3_finalize(statement) }
    for (index, parameter) in parameters.enumerated() {
      try check(bind(statement, Int32(index + 1), parameter))
    }
    var rows: [[Value]] = []
    while true {
      let code = sqlite3_step(statement)
      try check(code)
      guard code == SQLITE_ROW else { return rows }
      rows.append((0..<sqlite3_column_count(statement)).map { column(statement, $0) })
    }
  }

  /// Runs `body` whole or not at all.
  package func transaction<Result>(_ body: () throws -> Result) throws -> Result {
    try execute("BEGIN IMMEDIATE")
    do {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      _ = try? execute("ROLLBACK")
      throw error
    }
  }

  private func bind(_ statement: OpaquePointer?, _ index: Int32, _ value: Value) -> Int32 {
    switch value {
    case .null: sqlite3_bind_null(statement, index)
    case .integer(let value): sqlite3_bind_int64(statement, index, Int64(value))
    case .real(let value): sqlite3_bind_double(statement, index, value)
    case .text(let value):
      // SQLITE_TRANSIENT: SQLite copies the text.
      sqlite3_bind_text(statement, index, value, -1, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
    }
  }

  private func column(_ statement: OpaquePointer?, _ index: Int32) -> Value {
    switch sqlite3_column_type(statement, index) {
    case SQLITE_INTEGER: .integer(Int(sqlite3_column_int64(statement, index)))
    case SQLITE_FLOAT: .real(sqlite3_column_double(statement, index))
    case SQLITE_TEXT: .text(String(cString: sqlite3_column_text(statement, index)))
    default: .null
    }
  }
}
