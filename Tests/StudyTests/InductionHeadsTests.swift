import Foundation
import LanguageStudies
import StudyCore
import Support
import Tensors
import TestSupport
import Testing

@Suite(.serialized) struct InductionHeadsTests: StudyChecks {
  let scratch = Scratch()
  let study = AnyStudy(InductionHeads.self)

  @Test func quickRunAnswersForEveryClaim() throws {
    let record = try run([("iterations", "60"), ("interval", "30")])
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = record.findings.claims
    #expect(Set(claims.map(\.id)) == ["1", "2", "3", "3a", "4", "5a", "5b", "6", "7"])
    #expect(claims.allSatisfy { !$0.measured.contains("nan") })
    // One network of each kind decides nothing.
    let decided = Set(claims.filter { $0.verdict != .notTestable }.map(\.id))
    #expect(decided.isSubset(of: ["6", "7"]))
    let files = try FileManager.default.contentsOfDirectory(atPath: record.folder)
    for name in [
      "loss-splits.svg", "loss-seeds.svg", "induction-course.svg", "previous-course.svg",
      "strength-accuracy.svg", "clamp-losses.svg", "clamp-previous.svg", "time-labels.svg",
      "time-classes.svg",
      "toy-loss.svg", "toy-progress.svg", "features.svg", "model-induction.svg", "model-previous.svg",
      "model-damage.svg", "phase-changes.csv", "heads.csv", "first-block.csv", "clamps.csv",
      "time-labels.csv",
      "time-classes.csv", "toy.csv", "features.csv", "model-heads.csv", "report.html",
    ] {
      #expect(files.contains(name), "\(name)")
    }
  }

  private let small = [
    ("iterations", "6"), ("clampIterations", "6"), ("interval", "3"), ("sequences", "16"),
    ("moreLabels", "6"),
  ]

  @Test func metricsDoNotDependOnThreads() throws {
    for part in ["heads", "clamps"] {
      try expectSameMetricsOnAnyThreads(small + [("part", part), ("seeds", "2"), ("clampSeeds", "2")])
    }
  }

  @Test func ownFeaturesAreRead() throws {
    var generator = RandomGenerator(seed: 1)
    let url = scratch.url.appendingPathComponent("own.npy")
    try NPY.write(Tensor.normal([14, 3, 24], using: &generator), to: url)
    let own = small + [("classes", "6"), ("testClasses", "4"), ("moreClasses", "8,40")]
    let record = try run(own + [("part", "data")], data: url.path)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    #expect(record.data.map(\.name) == ["own.npy"])
    #expect(record.findings.notes.contains { $0.contains("room for 10 classes") })
    #expect(record.findings.notes.contains { $0.contains("mean length") })
    let features = try run(own + [("part", "features")], data: url.path)
    #expect(features.findings.metrics.map(\.name) == ["features.own.npy6.newClasses"])
    #expect(try run([("part", "heads")], data: url.path).problem?.contains("14 classes") == true)
    #expect(try run([], data: "/nowhere.npy").problem?.contains("/nowhere.npy") == true)
  }

  @Test func wrongOptionsAreNamed() throws {
    #expect(throws: CajalError.self) { try run([("part", "everything")]) }
    #expect(try run([("activeHead", "8")]).problem?.contains("activeHead") == true)
    #expect(try run([("heads", "7")]).problem?.contains("7 heads") == true)
    #expect(
      try run([("part", "model"), ("model", "/nowhere.gguf")]).problem?.contains("/nowhere.gguf") == true)
  }

  // Reference vectors.

  @Test func referenceVectorsAgree() throws {
    let sections = try verified(file)
    #expect(sections.count == 4 && sections.allSatisfy(\.passes), "\(sections.filter { !$0.passes })")
    #expect(sections.first { $0.name == "block" }!.compared > 200)
  }

  @Test func damagedVectorsAreFound() throws {
    func failing(_ section: String, _ change: (inout [String: Any]) -> Void) throws -> [String] {
      let url = try changed { content in
        var part = content[section] as! [String: Any]
        change(&part)
        content[section] = part
      }
      return try verified(url).filter { !$0.passes }.map(\.name)
    }
    #expect(
      try failing("block") { $0["w_out"] = ($0["w_out"] as! [[Double]]).map { $0.map { $0 + 0.01 } } } == [
        "block"
      ])
    #expect(try failing("induction_strength") { $0["strength"] = [0.2, 0.4] } == ["induction_strength"])
    #expect(try failing("toy") { $0["true_a"] = [0.1, 0.2, 0.3, 0.4] } == ["toy"])
    func whole(_ change: (inout [String: Any]) -> Void) throws -> [String] {
      try verified(changed(change)).filter { !$0.passes }.map(\.name)
    }
    #expect(
      try whole { $0["perfect_induction_pattern_last_row"] = [0, 1, 0, 0, 0] } == [
        "perfect_induction_pattern_last_row"
      ])
    #expect(try whole { $0["toy"] = nil } == ["toy"])
    #expect(try whole { $0["more"] = 1 } == ["more"])
  }

  @Test func malformedVectorsAreNamed() throws {
    func problem(_ change: (inout [String: Any]) -> Void) throws -> String {
      let url = try changed(change)
      return (#expect(throws: CajalError.self) { try verified(url) })?.message ?? ""
    }
    #expect(try problem { $0["toy"] = ["true_a": [1]] }.contains("'true_b'"))
    #expect(try problem { $0["block"] = ["x": [[1.0], [2.0]]] }.contains("'x'"))
    #expect(
      try problem { $0["induction_strength"] = ["labels_context1_context2_query": [1, 1, 1]] }.contains(
        "query"))
  }
}
