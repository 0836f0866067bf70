import CSQLite
import Foundation
import StudyCore
import Support
import TestSupport
import Testing

@Suite struct RunStoreTests {
  let scratch = Scratch()

  private var file: URL { scratch.url.appendingPathComponent("runs.sqlite") }

  private func execute(_ sql: String) {
    var handle: OpaquePointer?
    sqlite3_open(file.path, &handle)
    sqlite3_exec(handle, sql, nil, nil, nil)
    sqlite3_close(handle)
  }

  @Test func aFileThatIsNoDatabaseIsLeftAlone() throws {
    let text = Data("these are my notes, not a database at all; please keep them".utf8)
    try text.write(to: file)
    let said = message { _ = try RunStore(home: scratch.url) }
    #expect(said.contains(file.path) && said.contains("damaged or no SQLite database"), "\(said)")
    #expect(try Data(contentsOf: file) == text)
  }

  @Test func aDamagedDatabaseIsReportedNotOverwritten() throws {
    let runner = StudyRunner(try RunStore(home: scratch.url))
    var request = StudyRunner.Request()
    request.size = .quick
    _ = try runner.run(AnyStudy(ToyStudy.self), request)
    var handle: OpaquePointer?
    sqlite3_open(file.path, &handle)
    sqlite3_exec(handle, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE", nil, nil, nil)
    sqlite3_close(handle)
    var bytes = try Data(contentsOf: file)
    for index in 2048..<bytes.count { bytes[index] = 0xA5 }
    try bytes.write(to: file)
    let said = message { _ = try RunStore(home: scratch.url).runs() }
    #expect(said.contains(file.path), "\(said)")
    #expect(try Data(contentsOf: file).count == bytes.count)
  }

  @Test func aForeignDatabaseIsRefused() {
    execute("CREATE TABLE bookmarks (url TEXT)")
    #expect(message { _ = try RunStore(home: scratch.url) }.contains("the database of another program"))
  }

  @Test func aNewerFormatIsRefused() throws {
    _ = try RunStore(home: scratch.url)
    execute("PRAGMA user_version=99")
    #expect(message { _ = try RunStore(home: scratch.url) }.contains("format 99, expected 1"))
  }

  @Test func anUnwritableHomeIsNamed() {
    #expect(message { _ = try RunStore(home: URL(fileURLWithPath: "/proc/none")) }.contains("/proc/none"))
  }

  @Test func aRunWhoseProcessIsGoneDidNotFinish() throws {
    let store = try RunStore(home: scratch.url)
    var request = StudyRunner.Request()
    request.size = .quick
    _ = try StudyRunner(store).run(AnyStudy(ToyStudy.self), request)
    // Above the largest process number of Linux.
    execute(
      "UPDATE run SET state='running', process=99999999, record=replace(record, '\"finished\"', '\"running\"')"
    )
    let run = try #require(try store.runs().first)
    #expect(run.state == .failed && run.problem == "did not finish")
  }

  @Test func runsSideBySideAreAllKept() throws {
    let home = scratch.url
    let problems = parallelMap(8) { index in
      message {
        var request = StudyRunner.Request()
        request.size = .quick
        request.seed = UInt64(index)
        request.folder = home.appendingPathComponent("run\(index)")
        _ = try StudyRunner(RunStore(home: home)).run(AnyStudy(ToyStudy.self), request)
      }
    }
    #expect(problems.allSatisfy { $0 == "nothing was thrown" }, "\(problems)")
    let runs = try RunStore(home: home).runs()
    #expect(Set(runs.map(\.seed)) == Set((0..<8).map(UInt64.init)) && Set(runs.map(\.id)).count == 8)
  }
}
