import Datasets
import Foundation
import SpikingStudies
import StudyCore
import Support
import TestSupport
import Testing

@Suite(.serialized) struct LearnedDelaysTests: StudyChecks {
  let scratch = Scratch()
  let study = AnyStudy(LearnedDelays.self)
  static let small = [
    ("epochs", "3"), ("samples", "120"), ("testSamples", "60"), ("exactSamples", "5"), ("tuningEpochs", "1"),
    ("plainWidths", "12,20"), ("hidden", "16"),
  ]

  @Test func aQuickRunLeavesClaimsFiguresAndTables() throws {
    let record = try run(Self.small)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = record.findings.claims
    #expect(Set(claims.map(\.id)) == ["1", "2", "2a", "3", "3a", "4", "5", "6", "7"])
    // Spikes of the convolution and of the queues are the same whatever has been learned.
    #expect(claims.first { $0.id == "6" }?.verdict == .holds)
    #expect(claims.allSatisfy { !$0.measured.contains("nan") })
    let files = try FileManager.default.contentsOfDirectory(atPath: record.folder)
    for name in [
      "accuracy.svg", "rounding.svg", "delays.svg", "weights-and-delays.svg", "alignment.svg",
      "parameters.svg",
      "motifs.csv", "widths.csv", "report.html",
    ] {
      #expect(files.contains(name), "\(name)")
    }
  }

  @Test func metricsDoNotDependOnThreads() throws {
    let settings = Self.small + [("part", "motifs"), ("seeds", "2")]
    try expectSameMetricsOnAnyThreads(settings)
  }

  /// A file of labelled spikes takes the place of the spoken digits.
  @Test func ownSpikesAreClassified() throws {
    var g = RandomGenerator(seed: 1)
    let samples = (0..<60).map { index in
      let times = (0..<20).map { _ in Float(g.uniform() * 0.5) }.sorted()
      return SpikeSample(times: times, units: times.map { _ in Int32(index % 3 * 10 + g.integer(below: 10)) })
    }
    let data = try LabelledSpikes(
      name: "own", channelCount: 30, samples: samples, labels: (0..<60).map { $0 % 3 },
      classNames: ["a", "b", "c"], fingerprint: "own")
    let url = scratch.url.appendingPathComponent("own.h5")
    try data.write(shd: url)
    let record = try run(
      [("part", "speech"), ("digitEpochs", "3"), ("digitHidden", "8"), ("tuningEpochs", "0")], data: url.path)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    #expect(record.data.count == 1 && record.findings.tables.first?.rows.count == 3)
    let missing = try run([("part", "speech")], data: "/nowhere.h5")
    #expect(missing.state == .failed && missing.problem?.contains("/nowhere.h5") == true)
  }

  @Test func verifyPassesAndNoticesDamage() throws {
    let text = try String(contentsOf: file, encoding: .utf8)
    func sections(_ text: String) throws -> [GoldenFile.Section] {
      let copy = scratch.url.appendingPathComponent("\(UUID()).json")
      try text.write(to: copy, atomically: true, encoding: .utf8)
      return try verified(copy)
    }
    #expect(try sections(text).allSatisfy { $0.passes && $0.compared > 100 })
    #expect(try !sections(text.replacing("2.69880745", with: "2.69890745")).allSatisfy(\.passes))
    #expect(throws: CajalError.self) { _ = try sections(text.replacing("\"SIG\"", with: "\"GIS\"")) }
  }
}
