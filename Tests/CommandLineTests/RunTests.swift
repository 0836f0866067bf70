import Foundation
import Testing

@Suite(.serialized) struct RunTests {
  let cajal = Program()

  private var runs: [[String: Any]] { (try? cajal("results --json").json as? [[String: Any]]) ?? [] }

  /// A run from a shell, its report, its place in results, show and gallery.
  @Test func aRunLeavesAReportAndIsRemembered() throws {
    let outcome = try cajal("run sdr-dendrites --size quick --seed 3")
    #expect(
      outcome.code == 0 && outcome.output.contains("paper said") && outcome.output.contains("we measured"))
    let line = try #require(outcome.output.split(separator: "\n").last { $0.hasPrefix("Report: ") })
    #expect(FileManager.default.fileExists(atPath: String(line.dropFirst("Report: ".count))))
    #expect(!outcome.errors.contains("\r"), "a pipe gets plain lines")
    #expect(
      runs.count == 1 && runs[0]["study"] as? String == "sdr-dendrites"
        && runs[0]["state"] as? String == "finished")
    #expect(try cajal("show sdr-dendrites").output.contains("Last run:"))
    let gallery = try cajal("gallery")
    let front = URL(fileURLWithPath: String(gallery.output.dropFirst("Gallery: ".count).dropLast()))
    let page = try String(contentsOf: front, encoding: .utf8)
    #expect(page.contains("papers/sdr-dendrites.html") && page.contains("papers/sdr-dendrites.svg"))
    let paper = front.deletingLastPathComponent().appendingPathComponent("papers/sdr-dendrites.html")
    #expect(try String(contentsOf: paper, encoding: .utf8).contains("../runs/sdr-dendrites/"))
    #expect(try cajal("results no-such").code == 2)
  }

  @Test func jsonOfARunIsOneDocument() throws {
    let outcome = try cajal("run sdr-dendrites --size quick --json")
    let records = try #require(outcome.json as? [[String: Any]])
    #expect(records.count == 1 && records[0]["seed"] as? Int == 1)
  }

  @Test func interruptionKeepsWhatWasMeasured() throws {
    let outcome = try cajal.shell(
      "set -m; cajal run sdr-dendrites --size full & pid=$!; sleep 4; pkill -INT -P $pid || kill -INT $pid; wait $pid"
    )
    #expect(outcome.code == 130, "\(outcome.code) \(outcome.errors)")
    #expect(outcome.errors.contains("interrupted after"))
    let run = try #require(runs.first)
    #expect(run["state"] as? String == "partial")
    let findings = run["findings"] as? [String: Any]
    #expect((findings?["metrics"] as? [Any])?.isEmpty == false)
    #expect(FileManager.default.fileExists(atPath: (run["folder"] as? String ?? "") + "/report.html"))
  }

  @Test func placesThatCannotBeWrittenAreNamed() throws {
    let out = try cajal("run sdr-dendrites --size quick --out /proc/none")
    #expect(out.code == 1 && out.errors.contains("cannot write /proc/none"), "\(out.errors)")
    let home = try cajal("run sdr-dendrites --size quick", environment: ["CAJAL_HOME": "/proc/none"])
    #expect(home.code == 1 && home.errors.contains("/proc/none"), "\(home.errors)")
    #expect(try cajal("gallery --out /proc/none/g.html").errors.contains("cannot write /proc/none/"))
  }

  /// A limit on the size of files stands for a disk that is full.
  @Test func aFullDiskIsReportedAndLeavesNothingHalfWritten() throws {
    let folder = cajal.home.appendingPathComponent("out")
    let outcome = try cajal.shell(
      "trap '' XFSZ; ulimit -f 6; CAJAL_HOME= HOME=/nonexistent true; cajal run sdr-dendrites --size quick --out \(folder.path)"
    )
    #expect(outcome.code == 1, "\(outcome.code)")
    #expect(
      outcome.errors.contains("cannot write") || outcome.errors.contains("database"), "\(outcome.errors)")
    let left = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    #expect(!left.contains { $0.hasSuffix(".part") }, "\(left)")
  }

  @Test func aBrokenRecordIsRefusedNotReplaced() throws {
    try FileManager.default.createDirectory(at: cajal.home, withIntermediateDirectories: true)
    let file = cajal.home.appendingPathComponent("runs.sqlite")
    try Data("not a database, but somebody's notes of a long afternoon".utf8).write(to: file)
    for line in ["run sdr-dendrites --size quick", "results", "gallery", "show sdr-dendrites"] {
      let outcome = try cajal(line)
      #expect(
        outcome.code == 1 && outcome.errors.contains("runs.sqlite is damaged or no SQLite database"),
        "\(line): \(outcome.errors)")
    }
    #expect(try Data(contentsOf: file).starts(with: "not a database".utf8))
  }

  @Test func twoRunsAtOnceAreBothKept() throws {
    let outcome = try cajal.shell(
      "cajal run sdr-dendrites --size quick --seed 1 & cajal run sdr-dendrites --size quick --seed 2 & wait -n && wait"
    )
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(
      Set(runs.compactMap { $0["seed"] as? Int }) == [1, 2]
        && runs.allSatisfy { $0["state"] as? String == "finished" })
  }

  @Test func missingDataAreNamed() throws {
    let outcome = try cajal("run homeostatic-networks --size quick --data /nowhere")
    #expect(outcome.code == 1 && outcome.errors.contains("/nowhere"), "\(outcome.errors)")
  }
}
