import Datasets
import Foundation
import NeuronStudies
import StudyCore
import Support
import TestSupport
import Testing

@Suite(.serialized) struct ExpressiveLeakyMemoryTests: StudyChecks {
  let scratch = Scratch()
  let study = AnyStudy(ExpressiveLeakyMemoryStudy.self)
  static let small = [
    ("trainRecordings", "3"), ("testRecordings", "6"), ("recordingSteps", "2000"), ("fitSteps", "12"),
    ("memoryUnits", "1,2,3"), ("comparisonSteps", "10"), ("ablationSteps", "10"), ("window", "100"),
    ("batch", "2"),
    ("branches", "15"), ("synapsesPerBranch", "100"), ("longSteps", "1"), ("pictures", "20"),
    ("listLength", "40"),
  ]

  @Test func aQuickRunLeavesClaimsFiguresAndTables() throws {
    let record = try run(Self.small)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = record.findings.claims
    #expect(claims.map(\.id) == ["1a", "1b", "1c", "2", "3", "4", "5", "6", "7"])
    #expect(claims.first { $0.id == "6" }?.verdict == .holds)
    // Without digits, with one seed and a single step these cannot be decided.
    #expect(
      claims.filter { ["2", "3", "4", "5", "7"].contains($0.id) }.allSatisfy { $0.verdict == .notTestable })
    #expect(claims.allSatisfy { !$0.measured.contains("nan") })
    let files = try FileManager.default.contentsOfDirectory(atPath: record.folder)
    for name in [
      "error-by-units.svg", "area-by-units.svg", "input.svg", "voltage.svg", "spike-probability.svg",
      "memory.svg",
      "receiver-operating-characteristic.svg", "synaptic-weights.svg", "error-by-parameters.svg",
      "ablations.svg",
      "time-constants.svg", "long-sequences.svg", "curves.svg", "memory-units.csv", "baselines.csv",
      "ablations.csv",
      "long-sequences.csv", "report.html",
    ] {
      #expect(files.contains(name), "\(name)")
    }
  }

  @Test func metricsDoNotDependOnThreads() throws {
    try expectSameMetricsOnAnyThreads(Self.small + [("part", "baselines")])
  }

  @Test func ownSpikesAreAdded() throws {
    var g = RandomGenerator(seed: 1)
    let samples = (0..<40).map { index in
      let times = (0..<10).map { _ in Float(g.uniform() * 0.3) }.sorted()
      return SpikeSample(times: times, units: times.map { _ in Int32(index % 10) })
    }
    let digits = try LabelledSpikes(
      name: "own", channelCount: 50, samples: samples, labels: (0..<40).map { $0 % 10 },
      classNames: (0..<10).map { "\($0)" }, fingerprint: "own")
    let url = scratch.url.appendingPathComponent("own.h5")
    try digits.write(shd: url)
    let record = try run(
      [
        ("part", "addition"), ("sumSteps", "10"), ("sumUnits", "4"), ("longestTimes", "20,500"),
        ("digitDuration", "0.3"),
      ],
      data: url.path)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    // Two LSTMs and two neurons.
    #expect(record.findings.tables.first?.rows.count == 4 && record.data.count == 1)
  }

  @Test func ownRecordingsTakeTheTeachersPlace() throws {
    let missing = try run([("part", "units")], data: "/nowhere.p")
    #expect(missing.state == .failed && missing.problem?.contains("/nowhere.p") == true)
    let files = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Golden/files/neuronio").standardizedFileURL
    // Forty milliseconds are too short for a window, and the run says so.
    let short = try run([("part", "units"), ("fitSteps", "10")], data: files.path)
    #expect(short.state == .failed && short.problem?.contains("40 steps") == true, "\(short.problem ?? "")")
  }

  @Test func verifyPassesAndNoticesDamage() throws {
    #expect(try verified(file).allSatisfy { $0.passes && $0.compared > 5 })
    let damaged = try changed { content in
      var routing = content["routing"] as! [String: Any]
      routing["windows_1278_valid_count"] = 4281
      content["routing"] = routing
      var tanh = content["custom_tanh"] as! [String: Any]
      tanh["y"] = [-1.65417492, -0.999997318, -0.1142, 0, 0.551683724, 1.49293876]
      content["custom_tanh"] = tanh
    }
    let sections = try verified(damaged)
    #expect(Set(sections.filter { !$0.passes }.map(\.name)) == ["routing", "custom_tanh"])
  }
}
