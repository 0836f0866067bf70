import Foundation
import LanguageStudies
import StudyCore
import Support
import TestSupport
import Testing

@Suite(.serialized) struct ProjectionDecodingTests: StudyChecks {
  let scratch = Scratch()
  let study = AnyStudy(ProjectionDecoding.self)

  @Test func aSmallRunLeavesClaimsFiguresAndTables() throws {
    let record = try run([("mapTokens", "50")])
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = record.findings.claims
    #expect(claims.map(\.id) == ["1", "1a", "2", "3", "4", "5", "6"])
    #expect(claims.filter { $0.verdict != .notTestable }.count >= 4)
    #expect(claims.allSatisfy { !$0.measured.contains("nan") })
    let files = try FileManager.default.contentsOfDirectory(atPath: record.folder)
    for name in [
      "standing-out.svg", "depth.svg", "lens.svg", "clamps.svg", "suppression.svg", "nouns.csv",
      "clearest.csv", "report.html",
    ] {
      #expect(files.contains(name), "\(name)")
    }
  }

  /// Tuning, generation and small models, made small; the model's weights are put back.
  @Test func theRestRunsToo() throws {
    let small = [
      ("tuningSteps", "2"), ("tuningRates", "1e-5,1e-2"), ("smallSteps", "30"), ("agreementNeurons", "2"),
    ]
    let tuned = try run([("part", "agreement")] + small)
    #expect(tuned.state == .finished, "\(tuned.problem ?? "")")
    let claim = try #require(tuned.findings.claims.first)
    #expect(claim.id == "5" && claim.verdict != .notTestable)
    let rates = tuned.findings.metrics.filter { $0.name.hasPrefix("agreement.tuned") }.map(\.value)
    #expect(rates.count == 2 && rates[0] > rates[1])
    let written = try run([("part", "generation"), ("generatedTokens", "3"), ("concepts", "2")])
    #expect(
      written.state == .finished && written.findings.tables.first { $0.name == "answers" }?.rows.count == 9)
  }

  @Test func ownWordsAreClamped() throws {
    let words = scratch.url.appendingPathComponent("words.txt")
    try AtomicFile.write("moon\nsun\nqwertzuiopy\n", to: words)
    let record = try run([("part", "clamps")], data: words.path)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    #expect(record.findings.tables.first { $0.name == "nouns" }?.rows.count == 2)
    #expect(record.findings.notes.contains { $0.contains("qwertzuiopy") })
    let missing = try run([("part", "clamps")], data: "/nowhere.txt")
    #expect(missing.state == .failed && missing.problem?.contains("/nowhere.txt") == true)
  }

  @Test func wrongOptionsAreRefused() {
    for (key, value) in [("part", "none"), ("clamp", "0"), ("values", ""), ("chat", "maybe")] {
      #expect(throws: CajalError.self) { try run([(key, value)]) }
    }
  }

  @Test func verifyPassesAndNoticesDamage() throws {
    #expect(try verified(file).allSatisfy { $0.passes })
    let damaged = try changed { content in
      content["smollm2"] = nil
      var clamp = content["clamp"] as! [String: Any]
      clamp["value"] = 3.6
      content["clamp"] = clamp
      content["top_token"] = [0, 0, 0, 0, 0, 0, 0]
    }
    let sections = try verified(damaged)
    for name in ["smollm2", "clamp", "top_token"] {
      #expect(sections.contains { $0.name == name && !$0.passes }, "\(name)")
    }
    let malformed = try changed { $0["embedding"] = [[1.0, 2.0], [3.0]] }
    #expect(throws: CajalError.self) { try verified(malformed) }
  }
}
