import Foundation
import LanguageStudies
import StudyCore
import Support
import TestSupport
import Testing

@Suite(.serialized) struct CoreNeuronsTests: StudyChecks {
  let scratch = Scratch()
  let study = AnyStudy(CoreNeurons.self)

  @Test func aSmallRunDecidesWhatItCan() throws {
    let record = try run([("windows", "2"), ("promptTokens", "96"), ("continuationTokens", "16")])
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = record.findings.claims
    #expect(
      claims.map(\.id) == ["1a", "1b", "1c", "2a", "2b", "3", "4a", "4b", "4c", "4d", "5", "6a", "6b"])
    // Times that other programs disturbed decide nothing.
    #expect(claims.filter { $0.verdict == .notTestable && $0.id != "6a" }.map(\.id) == ["2a", "2b", "4d"])
    #expect(claims.allSatisfy { !$0.measured.contains("nan") })
    let files = try FileManager.default.contentsOfDirectory(atPath: record.folder)
    for name in [
      "perplexity-cores.svg", "stability.svg", "neuron-frequency.svg", "topic-similarity.svg",
      "topic-similarity-specific.svg", "topic-map.svg", "short-prompts.svg", "speed.svg",
      "rectified-kept.svg",
      "rectified-training.svg", "perplexity.csv", "stability.csv", "topics.csv", "short-prompts.csv",
      "speed.csv",
      "rectified.csv", "rectified-sparse.csv", "report.html",
    ] {
      #expect(files.contains(name), "\(name)")
    }
    #expect(record.data.count == 2)
  }

  @Test func shortPromptsDecideNothingAboutLongOnes() throws {
    let record = try run([
      ("part", "stability"), ("windows", "2"), ("promptTokens", "32"), ("continuationTokens", "4"),
    ])
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claim = try #require(record.findings.claims.first { $0.id == "3" })
    #expect(claim.verdict == .notTestable && claim.reason?.contains("96 are needed") == true)
  }

  @Test func metricsDoNotDependOnThreads() throws {
    let settings = [("part", "topics"), ("passages", "2"), ("topicTokens", "24")]
    try expectSameMetricsOnAnyThreads(settings)
  }

  @Test func ownPassagesAreRead() throws {
    let file = scratch.url.appendingPathComponent("own.tsv")
    let lines = (0..<6).map { index in
      index % 2 == 0
        ? "sea\tThe boat \(index) left the harbour at dawn and the sailors hoisted the heavy sails."
        : "desk\tThe form number \(index) must be signed and returned to the office by Monday."
    }
    try lines.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
    let record = try run([("part", "topics"), ("topicTokens", "16")], data: file.path)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    #expect(record.findings.claims.contains { $0.id == "4a" && $0.test.contains("6 passages on 2 topics") })
  }

  @Test func wrongOptionsAndDataAreNamed() throws {
    let option = #expect(throws: CajalError.self) { _ = try run([("part", "everything")]) }
    #expect(option?.message.contains("rectified") == true)
    func problem(_ settings: [(String, String)], data: String? = nil) throws -> String {
      let record = try run(settings, data: data)
      #expect(record.state == .failed)
      return record.problem ?? ""
    }
    #expect(try problem([("part", "speed")], data: "/nowhere").contains("/nowhere"))
    #expect(try problem([("part", "speed"), ("firstBlock", "30")]).contains("firstBlock=30"))
    #expect(try problem([("part", "speed"), ("model", "/nowhere.gguf")]).contains("/nowhere.gguf"))
    let file = scratch.url.appendingPathComponent("plain.txt")
    try "no topic here".write(to: file, atomically: true, encoding: .utf8)
    #expect(try problem([("part", "topics")], data: file.path).contains("line 1"))
    #expect(try problem([("part", "quality"), ("promptTokens", "50000")]).contains("50024 tokens"))
  }

  // Reference vectors.

  @Test func kernelsAgreeWithReferenceVectors() throws {
    let sections = try verified(file)
    #expect(sections.map(\.name).sorted() == ["cases", "smollm2"])
    for section in sections { #expect(section.passes, "\(section)") }
  }

  /// The file after a change of its first case; without the real model.
  private func changedCase(_ change: (inout [String: Any], inout [String: Any]) -> Void) throws -> URL {
    try changed { content in
      content["smollm2"] = nil
      var cases = content["cases"] as! [[String: Any]]
      var (input, expected) = (
        cases[0]["input"] as! [String: Any], cases[0]["expected"] as! [String: Any]
      )
      change(&input, &expected)
      cases[0] = ["input": input, "expected": expected]
      content["cases"] = cases
    }
  }

  @Test func damagedVectorsFail() throws {
    func failing(_ url: URL) throws -> [String] {
      try verified(url).filter { !$0.passes }.map(\.name).sorted()
    }
    // The section that is left out fails as missing.
    #expect(try failing(changedCase { _, _ in }) == ["smollm2"])
    #expect(
      try failing(
        changedCase {
          $0["alpha"] = 0.9
          $1["nearest_centroid"] = 0
        }) == ["cases", "smollm2"])
    #expect(try failing(changedCase { $1["nearest_centroid"] = 2 }) == ["cases", "smollm2"])
    #expect(
      try failing(
        changed {
          $0["smollm2"] = nil
          $0["other"] = [1]
        }) == ["other", "smollm2"])
    let ragged = try changedCase { input, _ in input["gate"] = [[1, 2], [3]] }
    let problem = #expect(throws: CajalError.self) { _ = try verified(ragged) }
    #expect(problem?.message.contains("'gate'") == true)
    let short = try changedCase { input, _ in input["x"] = [1] }
    #expect(throws: CajalError.self) { _ = try verified(short) }
  }
}
