import ControlStudies
import Foundation
import StudyCore
import Support
import TestSupport
import Testing

@Suite(.serialized) struct WormSwimmingTests: StudyChecks {
  let scratch = Scratch()
  let study = AnyStudy(WormSwimming.self)

  @Test func aQuickRunDecidesWhatItCan() throws {
    let record = try run()
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = record.findings.claims
    #expect(claims.map(\.id).sorted() == ["1", "2", "3", "4", "5", "6a", "6b", "6c", "7"])
    for id in ["1", "4", "7"] { #expect(claims.first { $0.id == id }?.verdict == .holds, "claim \(id)") }
    #expect(claims.allSatisfy { !$0.measured.isEmpty && !$0.measured.contains("nan") })
    let files = try FileManager.default.contentsOfDirectory(atPath: record.folder)
    for name in [
      "swimming.svg", "kymograph.svg", "neurons.svg", "transfer.svg", "evolution.svg",
      "policy-optimisation.svg",
      "ablations.svg", "ablations.csv", "report.html",
    ] { #expect(files.contains(name), "\(name)") }
  }

  private let small = [
    ("episodeLength", "120"), ("seeds", "1"), ("evaluations", "2"), ("circuitEpisodes", "16"),
    ("perceptronEpisodes", "16"), ("ablationEpisodes", "16"), ("policyRounds", "1"), ("policyEpisodes", "2"),
    ("otherLengths", "8"),
  ]

  @Test func metricsDoNotDependOnThreads() throws {
    try expectSameMetricsOnAnyThreads(small)
  }

  @Test func wrongOptionsAreNamed() throws {
    for (key, value) in [("population", "7"), ("period", "2000"), ("otherLengths", "7.5")] {
      let record = try run([(key, value)])
      #expect(record.state == .failed && record.problem?.contains(key) == true)
    }
    #expect(throws: CajalError.self) { _ = try run([("physics", "none")]) }
  }

  @Test func referenceVectorsAreMet() throws {
    #expect(try verified(file).allSatisfy(\.passes))
    let wrong = try changed { content in
      var reward = content["swim_reward"] as! [String: Any]
      reward["expected"] = [0.0, 0.0, 0.31, 1.0, 1.0]
      content["swim_reward"] = reward
    }
    #expect(try verified(wrong).contains { $0.name == "swim_reward" && !$0.passes })
  }
}
