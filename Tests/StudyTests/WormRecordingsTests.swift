import Foundation
import PopulationStudies
import Recordings
import StudyCore
import Support
import TestSupport
import Testing

@Suite(.serialized) struct WormRecordingsTests: StudyChecks {
  let scratch = Scratch()
  let study = AnyStudy(WormRecordings.self)

  @Test func aQuickRunLeavesClaimsFiguresAndTables() throws {
    let record = try run()
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = record.findings.claims
    #expect(Set(claims.map(\.id)) == ["1", "2", "3", "4", "5", "6", "7"])
    // Made worms decide what the form does, not what animals do.
    for claim in claims {
      #expect((claim.verdict == .notTestable) == ["3", "4", "7"].contains(claim.id), "\(claim.id)")
      #expect(!claim.measured.contains("nan"), "\(claim.measured)")
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: record.folder)
    for name in [
      "animals.svg", "connectivity.svg", "coverage.svg", "development.svg", "prediction.svg",
      "signals-by-distance.svg",
      "time-scales.svg", "trace.svg", "velocity.svg", "wiring-chemical.svg", "annotations.csv", "corpus.csv",
      "prediction.csv", "report.html",
    ] {
      #expect(files.contains(name), "\(name)")
    }
  }

  /// A folder of one's own recordings, as comma-separated values.
  @Test func ownRecordingsAreRead() throws {
    let folder = scratch.url.appendingPathComponent("worms")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var generator = RandomGenerator(seed: 3)
    var maker = SyntheticWorms()
    (maker.laboratories, maker.worms, maker.durations) = (1, 4, 200...220)
    (maker.neurons, maker.labelled) = (60...70, 0.9...0.95)
    for (index, worm) in try maker(using: &generator).enumerated() {
      try RecordingFile.write(worm.recording, to: folder.appendingPathComponent("worm\(index).csv"))
    }
    let record = try run([("part", "behaviour")], data: folder.path)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claim = try #require(record.findings.claims.first { $0.id == "7" })
    #expect(claim.verdict == .holds, "\(claim.measured)")
    let missing = try run([("part", "corpus")], data: "/nowhere")
    #expect(missing.state == .failed && missing.problem?.contains("/nowhere") == true)
    let empty = scratch.url.appendingPathComponent("empty")
    try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
    #expect(try run([("part", "corpus")], data: empty.path).problem?.contains("no recording") == true)
  }

  @Test func sameSeedSameMetrics() throws {
    let settings = [("part", "prediction"), ("laboratories", "2"), ("worms", "1")]
    let metrics = try [1, 2].map { _ in try run(settings).findings.metrics }
    #expect(metrics[0] == metrics[1] && !metrics[0].isEmpty)
  }

  @Test func wrongOptionsAreRefused() {
    for (key, value) in [
      ("part", "none"), ("testShare", "2"), ("animalCounts", "a"), ("step", "0"), ("no", "1"),
    ] {
      #expect(throws: CajalError.self) { try run([(key, value)]) }
    }
  }

  @Test func verifyPassesAndNoticesDamage() throws {
    #expect(try verified(file).allSatisfy { $0.passes })
    for section in ["aggregate", "naming", "next_step", "connectome_merge"] {
      let missing = try changed { $0[section] = nil }
      #expect(try verified(missing).contains { $0.name == section && !$0.passes })
    }
    let damaged = try changed { content in
      var step = content["next_step"] as! [String: Any]
      step["persistence_masked_mse"] = 0.06
      content["next_step"] = step
    }
    #expect(try verified(damaged).contains { $0.name == "next_step" && !$0.passes })
    let unknown = try changed { $0["other"] = [1] }
    #expect(try verified(unknown).contains { $0.name == "other" && !$0.passes })
  }
}
