import Foundation
import LanguageStudies
import StudyCore
import Support
import TestSupport
import Testing

@Suite(.serialized) struct RelationNeuronsTests: StudyChecks {
  let scratch = Scratch()
  let study = AnyStudy(RelationNeurons.self)

  @Test func aSmallRunLeavesClaimsFiguresAndTables() throws {
    let record = try run([("relations", "3"), ("randomSets", "2"), ("languagePrompts", "2")])
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = record.findings.claims
    #expect(claims.map(\.id) == ["1", "2", "3", "4", "5", "6"])
    #expect(claims.first { $0.id == "2" }?.verdict != .notTestable)
    #expect(claims.allSatisfy { !$0.measured.contains("nan") })
    let files = try FileManager.default.contentsOfDirectory(atPath: record.folder)
    for name in [
      "drops.svg", "blocks.svg", "overlap.svg", "cumulativity.svg", "variants.svg", "drops.csv",
      "knowledge.csv", "entities.csv", "languages.csv", "plain-text.csv", "variants.csv", "report.html",
    ] {
      #expect(files.contains(name), "\(name)")
    }
  }

  /// A file of one's own, in the layout of the LRE collection; relations of which the model knows nothing are refused.
  @Test func ownRelationsAreAsked() throws {
    let folder = scratch.url.appendingPathComponent("own")
    let colours = ["France", "Italy", "Spain", "Japan", "China", "Russia", "Egypt", "Greece", "Cuba", "Peru"]
    let capitals = [
      "Paris", "Rome", "Madrid", "Tokyo", "Beijing", "Moscow", "Cairo", "Athens", "Havana", "Lima",
    ]
    let languages = [
      "French", "Italian", "Spanish", "Japanese", "Chinese", "Russian", "Arabic", "Greek", "Spanish",
      "Spanish",
    ]
    func file(_ name: String, _ template: String, _ objects: [String]) -> String {
      let facts = zip(colours, objects).map { #"{"subject": "\#($0)", "object": "\#($1)"}"# }
      return #"{"name": "\#(name)", "prompt_templates": ["\#(template)"], "samples": ["#
        + facts.joined(separator: ", ") + "]}"
    }
    try AtomicFile.write(
      file("capital", "The capital of {} is", capitals), to: folder.appendingPathComponent("a.json"))
    try AtomicFile.write(
      file("language", "The main language in {} is", languages), to: folder.appendingPathComponent("b.json"))
    let record = try run([("part", "matrix")], data: folder.path)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    #expect(record.findings.metrics.contains { $0.name == "drop.language.own" })
    let unknown = try run([("part", "matrix"), ("minimumFacts", "11"), ("facts", "20")], data: folder.path)
    #expect(unknown.state == .failed && unknown.problem?.contains("facts") == true)
    let missing = try run([("part", "matrix")], data: "/nowhere.json")
    #expect(missing.state == .failed && missing.problem?.contains("/nowhere.json") == true)
  }

  @Test func sameSeedSameMetrics() throws {
    let settings = [("part", "matrix"), ("relations", "2"), ("facts", "8"), ("randomSets", "2")]
    let metrics = try [1, 2].map { _ in try run(settings).findings.metrics }
    #expect(metrics[0] == metrics[1] && !metrics[0].isEmpty)
  }

  @Test func wrongOptionsAreRefused() {
    for (key, value) in [
      ("part", "none"), ("topRate", "2"), ("counts", "a"), ("pooling", "first"), ("no", "1"),
    ] {
      #expect(throws: CajalError.self) { try run([(key, value)]) }
    }
  }

  @Test func verifyPassesAndNoticesDamage() throws {
    #expect(try verified(file).allSatisfy { $0.passes })
    let damaged = try changed { $0["average_precision"] = [0.3, 0.8, 0.2, 1.0, 0.4, 0.2] }
    #expect(try verified(damaged).contains { $0.name == "average_precision" && !$0.passes })
    let order = try changed { $0["ranking"] = [0, 1, 2, 3, 4, 5] }
    #expect(try verified(order).contains { $0.name == "ranking" && !$0.passes })
    let missing = try changed { $0["pooling"] = nil }
    #expect(try verified(missing).contains { $0.name == "pooling" && !$0.passes })
    let unknown = try changed { $0["other"] = [1] }
    #expect(try verified(unknown).contains { $0.name == "other" && !$0.passes })
    let malformed = try changed { $0["responses"] = [[1.0], [2.0, 3.0]] }
    #expect(throws: CajalError.self) { try verified(malformed) }
  }
}
