import Foundation
import LanguageStudies
import StudyCore
import Support
import TestSupport
import Testing

@Suite(.serialized) struct DragonHatchlingStudyTests: StudyChecks {
  let scratch = Scratch()
  let study = AnyStudy(DragonHatchlingStudy.self)

  @Test func aQuickRunDecidesWhatItCan() throws {
    let record = try run()
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = record.findings.claims
    #expect(claims.map(\.id) == ["1", "2", "3a", "3b", "4", "5a", "5b", "6", "7"])
    // A model that has learned nothing decides nothing but whether its two forms are one.
    #expect(claims.filter { $0.verdict != .notTestable }.map(\.id) == ["3a", "3b"])
    #expect(claims[2].verdict == .holds)
    #expect(claims.allSatisfy { !$0.measured.contains("nan") })
    let files = try FileManager.default.contentsOfDirectory(atPath: record.folder)
    for name in [
      "loss-tokens.svg", "loss-seconds.svg", "loss-parameters.svg", "active-position.svg", "time-context.svg",
      "memory-context.svg", "surprise-course.svg", "surprise-frequencies.svg", "modularity.svg",
      "degrees.svg",
      "entries.svg", "synapse-areas.svg", "synapse-course.svg", "merging.svg", "ablations.svg", "sizes.csv",
      "active.csv", "surprise.csv", "modularity.csv", "synapses.csv", "merging.csv", "ablations.csv",
      "written.csv", "model.safetensors", "report.html",
    ] {
      #expect(files.contains(name), "\(name)")
    }
    #expect(record.data.map(\.name).sorted() == ["King James Bible", "fortunes", "licences"])
  }

  @Test func metricsDoNotDependOnThreads() throws {
    let settings = [("part", "ablations"), ("ablationSteps", "3")]
    let before = Threads.count
    defer { Threads.count = before }
    let metrics = try [1, 2].map { count in
      Threads.count = count
      return try run(settings).findings.metrics
    }
    #expect(metrics[0] == metrics[1] && metrics[0].count == 8)
    let sparsity = try (0..<2).map { _ in try run([("part", "sparsity"), ("steps", "3")]).findings.metrics }
    #expect(sparsity[0] == sparsity[1] && !sparsity[0].isEmpty)
  }

  /// Lines about the sea, some with a number.
  private func ownText() throws -> URL {
    let file = scratch.url.appendingPathComponent("own.txt")
    let lines = (0..<600).map { index in
      index % 2 == 0
        ? "The boat left harbour \(index % 7) at dawn and twelve sailors hoisted the heavy sails again."
        : "The harbour was quiet on day \(index % 9) and the sailors mended the heavy old sails slowly."
    }
    try lines.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
    return file
  }

  @Test func ownTextIsRead() throws {
    let record = try run(
      [("part", "synapses"), ("words", "twelve,dozen"), ("sentences", "8"), ("steps", "4")],
      data: try ownText().path)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    #expect(record.data.map(\.name) == ["own.txt"])
    #expect(record.findings.claims.first?.measured.contains("twelve: r =") == true)
  }

  @Test func wrongOptionsAndDataAreNamed() throws {
    let option = #expect(throws: CajalError.self) { _ = try run([("part", "everything")]) }
    #expect(option?.message.contains("surprise") == true)
    func problem(_ settings: [(String, String)], data: String? = nil) throws -> String {
      let record = try run(settings, data: data)
      #expect(record.state == .failed)
      return record.problem ?? ""
    }
    #expect(try problem([], data: "/nowhere.txt").contains("/nowhere.txt"))
    let short = scratch.url.appendingPathComponent("short.txt")
    try "Not enough.".write(to: short, atomically: true, encoding: .utf8)
    #expect(try problem([("part", "loss")], data: short.path).contains("too short"))
    #expect(try problem([("part", "graph"), ("edges", "1000000")]).contains("at most"))
    #expect(try problem([("heads", "3")]).contains("do not divide"))
    #expect(try problem([("prompt", "")]).contains("prompt"))
  }

  // Reference vectors.

  @Test func kernelsAgreeWithReferenceVectors() throws {
    let sections = try verified(file)
    #expect(sections.map(\.name).sorted() == ["expected", "input"])
    for section in sections { #expect(section.passes && section.compared > 60, "\(section)") }
  }

  @Test func wrongVectorsFail() throws {
    let wrong = try changed { content in
      var expected = content["expected"] as! [String: Any]
      expected["next_token_loss"] = 2.6
      content["expected"] = expected
    }
    #expect(try verified(wrong).contains { $0.name == "expected" && !$0.passes })
    let unknown = try changed { $0["more"] = [1] }
    #expect(try verified(unknown).contains { $0.name == "more" && !$0.passes })
    let missing = try changed { $0["expected"] = nil }
    #expect(try verified(missing).contains { !$0.passes })
    let broken = try changed { content in
      var input = content["input"] as! [String: Any]
      input["tokens"] = [1, 99]
      content["input"] = input
    }
    #expect(throws: CajalError.self) { _ = try verified(broken) }
  }
}
