import Foundation
import NeuronStudies
import StudyCore
import Support
import Testing

@Suite struct SDRDendritesTests {
  private let study = AnyStudy(SDRDendrites.self)
  private let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Golden/sdr-dendrites.json")

  private func folder() -> URL {
    FileManager.default.temporaryDirectory.appendingPathComponent("sdr-\(UUID())")
  }

  private func run(
    _ settings: [(key: String, value: String)] = [], data: String? = nil, seed: UInt64 = 1,
    in home: URL
  ) throws -> RunRecord {
    var request = StudyRunner.Request()
    request.size = .quick
    request.seed = seed
    request.settings = settings
    request.dataPath = data
    request.folder = home.appendingPathComponent("run")
    return try StudyRunner(try RunStore(home: home)).run(study, request)
  }

  /// Everything small: the parts run, but decide little.
  private let small = [
    ("trials", "20000"), ("presentations", "2000"), ("unionTrials", "20000"), ("correlatedSets", "2"),
    ("correlatedPatterns", "1000"), ("repeats", "1"), ("images", "200"), ("segments", "100"),
    ("competitions", "1"),
  ].map { (key: $0.0, value: $0.1) }

  @Test func aQuickRunDecidesItsClaims() throws {
    let home = folder()
    defer { try? FileManager.default.removeItem(at: home) }
    let record = try run(in: home)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = Dictionary(uniqueKeysWithValues: record.findings.claims.map { ($0.id, $0) })
    #expect(Set(claims.keys) == ["1", "2", "3", "4", "5", "6", "6a", "6b", "6c", "7", "8", "9"])
    for id in ["1", "2", "3", "4", "5", "6a", "7", "8", "9"] {
      #expect(claims[id]?.verdict == .holds, "\(id): \(claims[id]?.reason ?? "")")
    }
    #expect(record.findings.figures.count == 10 && record.findings.tables.count >= 8)
    for figure in record.findings.figures {
      let file = home.appendingPathComponent("run/\(figure.file)")
      #expect((try? Data(contentsOf: file).count) ?? 0 > 2000, "\(figure.file)")
    }
    #expect(record.data.map(\.fingerprint.count) == [64])
  }

  @Test func theSameSeedGivesTheSameNumbers() throws {
    let home = folder()
    defer { try? FileManager.default.removeItem(at: home) }
    let first = try run(small, in: home).findings.metrics
    #expect(first.count > 100)
    #expect(try run(small, in: home).findings.metrics == first)
    #expect(try run(small, seed: 2, in: home).findings.metrics != first)
  }

  @Test func aUsersMatrixIsMeasured() throws {
    let home = folder()
    defer { try? FileManager.default.removeItem(at: home) }
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    let file = home.appendingPathComponent("spikes.csv")
    var generator = RandomGenerator(seed: 5)
    let rows = (0..<90).map { _ in
      let active = Set(generator.subset(8, of: 120))
      return (0..<120).map { active.contains($0) ? "1" : "0" }.joined(separator: ",")
    }
    try rows.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
    let settings = small + [(key: "synapses", value: "8")]
    let record = try run(settings, data: file.path, in: home)
    #expect(record.state == .finished && record.data.first?.name == "spikes.csv")
    let table = try #require(record.findings.tables.first { $0.name == "real-thresholds" })
    #expect(table.rows.count == 8 && table.caption.hasPrefix("spikes.csv"))
    #expect(record.findings.notes.contains { $0.contains("thresholds with at most") })
    try "1,0\n1,7\n".write(to: file, atomically: true, encoding: .utf8)
    let failed = try run(small, data: file.path, in: home)
    #expect(failed.state == .failed && failed.problem?.contains("line 2, column 2") == true)
    #expect(try run(small, data: "/nowhere", in: home).problem == "there is no file or folder /nowhere")
  }

  @Test func wrongOptionsAreRejected() throws {
    let home = folder()
    defer { try? FileManager.default.removeItem(at: home) }
    #expect(throws: CajalError.self) { try run([(key: "trials", value: "many")], in: home) }
    #expect(throws: CajalError.self) { try run([(key: "noise", value: "1.5")], in: home) }
    #expect(throws: CajalError.self) { try run([(key: "colour", value: "red")], in: home) }
    let clash = try run(small + [(key: "cells", value: "64")], in: home)
    #expect(clash.state == .failed && clash.problem?.contains("active=40") == true)
  }

  @Test func anInterruptedRunKeepsWhatItHas() throws {
    let home = folder()
    defer { try? FileManager.default.removeItem(at: home) }
    var request = StudyRunner.Request()
    request.size = .quick
    request.folder = home.appendingPathComponent("run")
    let lab = Box<Lab>()
    let record = try StudyRunner(try RunStore(home: home)).run(study, request) {
      lab.value = $0
    } reporter: { report in
      if report.stage.hasPrefix("random patterns") { lab.value?.interrupt() }
    }
    #expect(record.state == .partial && record.findings.claims.map(\.id) == ["4"])
  }

  private final class Box<Value>: @unchecked Sendable { var value: Value? }

  @Test func referenceVectorsAgree() throws {
    var file = try GoldenFile(contentsOf: golden)
    try study.verify(&file)
    let sections = file.finished()
    #expect(sections.count == 6 && sections.allSatisfy(\.passes))
  }

  @Test(arguments: [
    ("\"p\": 0.0010946166233369047", "\"p\": 0.0010946166333369047", "false_positive"),
    ("\"log10p\": -3.1334589788972473", "\"log10p\": -3.1334589708972473", "false_negative"),
    ("\"s_union\": 382", "\"s_union\": 383", "union_false_positive"),
    ("\"max_overlap\": [7", "\"max_overlap\": [6", "kernel"),
    ("\"median\": 0.017325532833967854", "\"median\": 0.017325532933967854", "optimal_threshold_curve"),
    ("\"on\": 290.07486595894784", "\"on\": 290.074867", "union_on_bits"),
  ])
  func damagedVectorsAreFound(_ original: String, _ damaged: String, _ section: String) throws {
    // The file may be laid out in any way.
    let compact = { (text: String) in text.filter { !$0.isWhitespace } }
    let text = compact(try String(contentsOf: golden, encoding: .utf8))
    #expect(text.contains(compact(original)), "\(original)")
    let path = folder().appendingPathExtension("json")
    defer { try? FileManager.default.removeItem(at: path) }
    try text.replacingOccurrences(of: compact(original), with: compact(damaged))
      .write(to: path, atomically: true, encoding: .utf8)
    var file = try GoldenFile(contentsOf: path)
    try study.verify(&file)
    #expect(file.finished().filter { !$0.passes }.map(\.name) == [section])
  }

  @Test func malformedVectorsAreNamed() throws {
    func problem(_ text: String) throws -> String {
      let path = folder().appendingPathExtension("json")
      defer { try? FileManager.default.removeItem(at: path) }
      try text.write(to: path, atomically: true, encoding: .utf8)
      var file = try GoldenFile(contentsOf: path)
      return (#expect(throws: CajalError.self) { try study.verify(&file) })?.message ?? ""
    }
    let tolerance = #""tolerance":{"p_rel":1e-9,"log10p_abs":1e-9}"#
    #expect(try problem("{\"tolerance\":{\"p_rel\":\"x\"}}").contains("tolerance.p_rel"))
    #expect(try problem("{\(tolerance),\"false_positive\":[{\"n\":5}]}").contains("'a'"))
    #expect(
      try problem("{\(tolerance),\"false_positive\":[{\"n\":5,\"a\":9,\"s\":1,\"theta\":1}]}").contains(
        "a = 9"))
    #expect(try problem("{\(tolerance),\"false_negative\":3}").contains("'false_negative'"))
  }
}
