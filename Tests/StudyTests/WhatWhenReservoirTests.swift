import Datasets
import Foundation
import MemoryStudies
import StudyCore
import Support
import TestSupport
import Testing

@Suite(.serialized) struct WhatWhenReservoirTests: StudyChecks {
  let scratch = Scratch()
  let study = AnyStudy(WhatWhenReservoir.self)
  static let small = [
    ("neurons", "80"), ("sizes", "40"), ("timingTrials", "16"), ("calibrationTrials", "16"),
    ("blockTrials", "12"), ("cueTrials", "20"), ("ceilingTrials", "2"), ("dataPasses", "1"),
  ]

  /// A tone is followed by food, a light by water or by nothing.
  private func trials() throws -> URL {
    let lines = (0..<40).map { index in
      index % 2 == 0
        ? "tone,food,\(1.0 + 0.01 * Double(index % 5))" : "light,\(index % 4 == 1 ? "none," : "water,2")"
    }
    let url = scratch.url.appendingPathComponent("trials.csv")
    try AtomicFile.write(
      "cue,outcome,latency\n" + lines.joined(separator: "\n"), to: url)
    return url
  }

  @Test func aQuickRunLeavesClaimsFiguresAndTables() throws {
    let record = try run(Self.small, data: trials().path)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = record.findings.claims
    #expect(claims.map(\.id) == ["1", "2", "3a", "3b", "4", "5", "6"])
    #expect(claims.allSatisfy { !$0.measured.contains("nan") && $0.paper.hasPrefix("Abstract only") })
    #expect(record.findings.notes.contains { $0.contains("reconstruction from its abstract") })
    let files = try FileManager.default.contentsOfDirectory(atPath: record.folder)
    for name in [
      "raster", "predictions", "learning", "calibration", "peaks", "amplitudes", "angles", "ablations",
      "weights",
      "ceilings", "recorded",
    ] {
      #expect(files.contains("\(name).svg"), "\(name)")
    }
    for name in [
      "timing", "jitter", "rates", "switching", "angles", "ablations", "ceilings", "noise", "recorded",
    ] {
      let table = record.findings.tables.first { $0.name == name }
      #expect(table?.rows.isEmpty == false && files.contains("\(name).csv"), "\(name)")
    }
  }

  @Test func metricsDoNotDependOnThreads() throws {
    let settings = Self.small + [("seeds", "2"), ("membraneNoise", "0.1")]
    let before = Threads.count
    defer { Threads.count = before }
    let data = try trials().path
    let metrics = try [1, 2].map { count in
      Threads.count = count
      return try ["timing", "switching", "geometry", "data"].map { part in
        try run(settings + [("part", part)], data: data).findings.metrics
      }
    }
    #expect(metrics[0] == metrics[1] && metrics[0].allSatisfy { !$0.isEmpty })
  }

  /// Trials of one's own: what always follows is foreseen, what is omitted half of the time is expected half.
  @Test func ownTrialsAreForeseen() throws {
    let settings = [
      ("part", "data"), ("neurons", "150"), ("dataPasses", "8"), ("seeds", "1"), ("dataRate", "0.05"),
    ]
    let record = try run(settings, data: trials().path)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    func metric(_ name: String) -> Double { record.findings.metrics.first { $0.name == name }?.value ?? .nan }
    #expect(
      metric("recorded.tone.food.frequency") == 1
        && abs(metric("recorded.light.water.frequency") - 6.0 / 13) < 1e-12)
    #expect(abs(metric("recorded.tone.food.predicted") - 1) < 0.25)
    #expect(abs(metric("recorded.light.water.predicted") - 0.5) < 0.25)
    #expect(metric("recorded.local.brier") < metric("recorded.overall.brier"))
    #expect(record.data.first?.name == "trials.csv")
  }

  @Test func unsuitableTrialsAreNamed() throws {
    let missing = try run([("part", "data")], data: "/nowhere.csv")
    #expect(missing.state == .failed && missing.problem?.contains("/nowhere.csv") == true)
    let far = try run([("part", "data"), ("dataScale", "1000")], data: trials().path)
    #expect(
      far.state == .failed && far.problem?.contains("latency of 2000 ms") == true, "\(far.problem ?? "")")
    let bad = scratch.url.appendingPathComponent("bad.csv")
    try AtomicFile.write("cue,when\na,1\n", to: bad)
    let refused = try run([("part", "data")], data: bad.path)
    #expect(refused.state == .failed && refused.problem?.contains("no column 'outcome'") == true)
    #expect(throws: CajalError.self) { _ = try run([("latencies", "5")]) }
  }

  @Test func verifyPassesAndNoticesDamage() throws {
    #expect(try verified(file).allSatisfy { $0.passes && $0.compared > 40 })
    func damaged(_ change: (inout [String: Any]) -> Void) throws -> Bool {
      try verified(
        changed { content in
          var section = content["case"] as! [String: Any]
          change(&section)
          content["case"] = section
        }
      ).allSatisfy(\.passes)
    }
    #expect(try !damaged { $0["bias"] = 4.5 })
    #expect(
      try !damaged { section in
        var rule = section["rls"] as! [String: Any]
        rule["P0"] = 1.001
        section["rls"] = rule
      })
    #expect(
      try !damaged { section in
        var rule = section["nlms"] as! [String: Any]
        rule["gate_low"] = 0.101
        section["nlms"] = rule
      })
    #expect(throws: CajalError.self) { _ = try damaged { $0["W"] = nil } }
    #expect(throws: CajalError.self) { _ = try damaged { $0["r"] = [0.5] } }
  }
}
