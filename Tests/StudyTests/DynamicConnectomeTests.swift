import Foundation
import PopulationStudies
import Recordings
import StudyCore
import Support
import Tensors
import TestSupport
import Testing

@Suite struct DynamicConnectomeTests: StudyChecks {
  let study = AnyStudy(DynamicConnectome.self)
  let scratch = Scratch()

  /// Everything small: the parts run, but decide little.
  private let small = [
    ("seeds", "1"), ("graphs", "1"), ("restarts", "2"), ("ablationSeeds", "1"), ("scanRank", "2"),
    ("sweeps", "20"),
    ("animals", "5"), ("neurons", "24"), ("duration", "120"), ("blockRestarts", "0"), ("spectralGroups", "2"),
    ("motifs", "2"), ("permutations", "99"),
  ]

  @Test func aSmallRunDecidesItsClaims() throws {
    let record = try run([("seeds", "2"), ("scanRank", "4")])
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = Dictionary(uniqueKeysWithValues: record.findings.claims.map { ($0.id, $0) })
    #expect(Set(claims.keys) == ["1a", "1b", "2", "3", "4", "5", "6", "7a", "7b", "8", "9"])
    for id in ["1a", "1b", "2", "6"] {
      #expect(claims[id]?.verdict == .holds, "\(id): \(claims[id]?.reason ?? "")")
    }
    for id in ["3", "4", "5"] { #expect(claims[id]?.verdict != .notTestable) }
    for id in ["7a", "7b", "8"] {
      #expect(claims[id]?.verdict == .notTestable && claims[id]?.reason?.contains("--data") == true)
    }
    // The atlas may be here.
    #expect(claims["9"]?.verdict == .holds || claims["9"]?.reason?.contains("data fetch") == true)
    #expect(record.findings.figures.count == 12 && record.findings.tables.count >= 10)
    for figure in record.findings.figures {
      let file = URL(fileURLWithPath: record.folder).appendingPathComponent(figure.file)
      #expect((try? Data(contentsOf: file).count) ?? 0 > 2_000, "\(figure.file)")
    }
    #expect(record.findings.tables.first { $0.name == "ablation" }?.rows.count == 15)
    #expect(record.findings.tables.first { $0.name == "benchmark" }?.rows.count == 10)
  }

  @Test func theSameSeedGivesTheSameNumbersOnAnyNumberOfThreads() throws {
    let threads = Threads.count
    defer { Threads.count = threads }
    Threads.count = 1
    let first = try run(small).findings.metrics
    #expect(first.count > 40)
    Threads.count = 2
    #expect(try run(small).findings.metrics == first)
  }

  /// Two neurons of every module rise together at events, all others on their own.
  @Test func aUsersRecordingsAreTakenApart() throws {
    let folder = scratch.url.appendingPathComponent("worms")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var generator = RandomGenerator(seed: 3)
    let names =
      ["AVAL", "AVAR", "AVEL", "RIML", "AIBL", "AVBL", "RIBL", "RMED", "RMEV"] + (1...11).map { "X\($0)A" }
    for worm in 0..<4 {
      let events = [20.0, 50, 80, 110, 140]
      let samples = 640
      var values = [Double](repeating: 0, count: samples * names.count)
      for neuron in names.indices {
        var noise = 0.0
        for time in 0..<samples {
          noise = 0.7 * noise + 0.05 * generator.normal()
          let seconds = Double(time) / 4
          let since = events.map { seconds - $0 }
          let rise = since.contains { $0 > 0 && $0 < 5 } ? 1.0 : 0
          let before = since.contains { $0 > -9 && $0 < -4 } ? 1.0 : 0
          values[time * names.count + neuron] = noise + (neuron < 5 ? rise : neuron < 9 ? before : 0)
        }
      }
      let time = TimeAxis(rate: 4, count: samples)
      let recording = try Recording(
        name: "worm\(worm)", activity: Tensor(values, shape: [samples, names.count]),
        neurons: NeuronTable(names: names), time: time,
        epochs: ["reversal": Epochs(events.map { Interval($0, $0 + 5) })])
      try RecordingFile.write(recording, to: folder.appendingPathComponent("worm\(worm).nwb"))
    }
    let settings = [("part", "recordings"), ("rank", "3"), ("scanRank", "3"), ("permutations", "999")]
    let record = try run(settings, data: folder.path)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    for id in ["7a", "7b"] {
      let claim = try #require(record.findings.claims.first { $0.id == id })
      #expect(claim.verdict == .holds, "\(claim.measured) \(claim.reason ?? "")")
    }
    #expect(record.findings.tables.contains { $0.name == "recordings-communities" })
    #expect(record.data.count >= 4)
    try FileManager.default.removeItem(at: folder.appendingPathComponent("worm1.nwb"))
    try FileManager.default.removeItem(at: folder.appendingPathComponent("worm2.nwb"))
    try FileManager.default.removeItem(at: folder.appendingPathComponent("worm3.nwb"))
    #expect(try run(settings, data: folder.path).problem?.contains("expected two or more") == true)
    #expect(try run(settings, data: "/nowhere").problem?.contains("/nowhere") == true)
  }

  @Test func wrongOptionsAreRejected() throws {
    #expect(throws: CajalError.self) { try run([("seeds", "many")]) }
    #expect(throws: CajalError.self) { try run([("affinity", "cosine")]) }
    #expect(throws: CajalError.self) { try run([("thresholds", "0.5,2")]) }
    #expect(throws: CajalError.self) { try run([("colour", "red")]) }
  }

  @Test func referenceVectorsAgree() throws {
    let sections = try verified(file)
    #expect(Set(sections.map(\.name)) == ["affinity", "ntf", "wsbm"])
    #expect(sections.allSatisfy { $0.passes })
  }

  @Test(arguments: ["affinity", "ntf", "wsbm"])
  func damagedVectorsAreFound(_ name: String) throws {
    let url = try changed { content in
      var section = content[name] as! [String: Any]
      switch name {
      case "affinity":
        var rows = section["pairs_by_time"] as! [[Double]]
        rows[3][7] += 0.01
        section["pairs_by_time"] = rows
      case "ntf": section["rel_error_after_1"] = 0.5836
      default:
        var partitions = section["partitions"] as! [String: [String: Any]]
        partitions["planted_dc"]!["ln_P_k"] = -59.78
        section["partitions"] = partitions
      }
      content[name] = section
    }
    #expect(try verified(url).filter { !$0.passes }.map(\.name) == [name])
  }

  @Test func missingAndUnknownSectionsFail() throws {
    let missing = try changed { $0["ntf"] = nil }
    #expect(try verified(missing).filter { !$0.passes }.map(\.name) == ["ntf"])
    let unknown = try changed { $0["colours"] = [1, 2] }
    #expect(try verified(unknown).filter { !$0.passes }.map(\.name) == ["colours"])
  }

  @Test func malformedVectorsAreNamed() throws {
    func problem(_ change: (inout [String: Any]) -> Void) throws -> String {
      let url = try changed(change)
      return (#expect(throws: CajalError.self) { try verified(url) })?.message ?? ""
    }
    func section(_ content: inout [String: Any], _ name: String, _ key: String, _ value: Any) {
      var section = content[name] as! [String: Any]
      section[key] = value
      content[name] = section
    }
    #expect(try problem { section(&$0, "affinity", "fs", -1) }.contains("'fs'"))
    #expect(try problem { section(&$0, "affinity", "traces", "none") }.contains("affinity.traces"))
    #expect(try problem { section(&$0, "ntf", "mask", [[1, 0]]) }.contains("ntf.mask"))
    #expect(try problem { section(&$0, "ntf", "init", [[[1]], [[1]], [[1]]]) }.contains("ntf.init"))
    #expect(try problem { section(&$0, "wsbm", "weights", [1]) }.contains("wsbm.weights"))
    #expect(try problem { section(&$0, "wsbm", "partitions", [:]) }.contains("wsbm.partitions"))
    #expect(try problem { $0["tolerance_rel"] = "small" }.contains("tolerance_rel"))
  }
}
