import Foundation
import MemoryStudies
import StudyCore
import Support
import TestSupport
import Testing

@Suite(.serialized) struct HippocampalCAMTests: StudyChecks {
  let scratch = Scratch()
  let study = AnyStudy(HippocampalCAM.self)

  @Test func aQuickRunDecidesItsClaims() throws {
    let record = try run()
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = record.findings.claims
    #expect(claims.map(\.id).sorted() == ["1", "2", "3", "4", "5", "6", "7", "8a", "8b", "8c", "9"])
    #expect(claims.first { $0.id == "1" }?.verdict == .holds, "the recordings are reproduced")
    #expect(claims.allSatisfy { !$0.measured.isEmpty && !$0.measured.contains("nan") })
    let files = try FileManager.default.contentsOfDirectory(atPath: record.folder)
    for name in [
      "raster.svg", "stress-test.svg", "map.svg", "weights.svg", "recalled-pictures.svg", "fragments.svg",
      "residual-weights.svg", "spacing.svg", "load.svg", "forgetting.svg", "ablations.svg",
      "spikes-functional.csv", "spikes-stress.csv", "spikes-map.csv", "published.csv", "random-memories.csv",
      "fragments.csv", "spacing.csv", "load.csv", "forgetting.csv", "ablations.csv", "report.html",
    ] { #expect(files.contains(name), "\(name)") }
  }

  /// A run of a second: few and small networks.
  private let small = [
    ("cues", "5"), ("bits", "8"), ("densities", "0.3"), ("networks", "2"), ("fragmentBits", "2"),
    ("overwrites", "1"), ("queries", "4"), ("fragmentNetworks", "2"), ("spacings", "7,14"),
    ("spacingCues", "6"), ("spacingNetworks", "2"), ("loads", "8"), ("loadBits", "12"), ("later", "0,5"),
    ("forgettingNetworks", "2"), ("ablationNetworks", "2"), ("pictureCount", "6"), ("vocabulary", "20"),
  ]

  @Test func theSameSeedGivesTheSameOnAnyNumberOfThreads() throws {
    try expectSameMetricsOnAnyThreads(small)
  }

  @Test func aRunWithoutAllSpacingsLeavesItsClaimOpen() throws {
    let record = try run(small)
    #expect(record.findings.claims.first { $0.id == "5" }?.verdict == .notTestable)
  }

  private func written(_ name: String, _ text: String) throws -> String {
    let url = scratch.url.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
    return url.path
  }

  @Test func ownMemoriesAreAnswered() throws {
    let path = try written(
      "rooms.csv",
      "operation,cue,content\nlearn,kitchen,table lamp\nlearn,study,lamp books\nrecall,,lamp\nrecall,study,\n"
    )
    let record = try run(data: path)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    #expect(record.findings.claims.map(\.id) == ["own"] && record.findings.claims[0].verdict == .holds)
    let answers = try String(contentsOfFile: record.folder + "/answers.csv", encoding: .utf8)
    #expect(answers.contains("who has lamp,\"kitchen, study\",\"kitchen, study\",yes"))
    for name in ["spikes.csv", "memory.json", "raster.svg", "weights.svg"] {
      #expect(FileManager.default.fileExists(atPath: "\(record.folder)/\(name)"), "\(name)")
    }
    let close = try run([("afterLearning", "7")], data: path)
    #expect(close.state == .failed && close.problem?.contains("10 ms are needed") == true)
    let noted = try run([("afterLearning", "7"), ("overlap", "noted")], data: path)
    #expect(noted.state == .finished && noted.findings.notes.contains { $0.contains("sooner") })
  }

  @Test func ownTextsBecomeAnIndex() throws {
    _ = try written("texts/one.txt", "apples and pears grow on trees")
    _ = try written("texts/two.txt", "apples are eaten with cheese, and cheese with bread")
    _ = try written("texts/three.txt", "the river runs under the bridge")
    let record = try run(data: scratch.url.appendingPathComponent("texts").path)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    #expect(record.findings.claims.map(\.id) == ["9"] && record.findings.claims[0].verdict == .holds)
    #expect(record.findings.claims[0].measured.contains("3 texts and"))
  }

  @Test func wrongOptionsAndDataAreNamed() throws {
    #expect(throws: CajalError.self) { _ = try run([("overlap", "perhaps")]) }
    let sizes = try run([("cues", "5,6")] + small.filter { $0.0 != "cues" })
    #expect(sizes.state == .failed && sizes.problem?.contains("belong together") == true)
    let data = try run(data: "/nowhere")
    #expect(data.state == .failed && data.problem?.contains("/nowhere") == true)
    let path = try written("bad.csv", "operation,cue,content\nlearn,a,b\nforget,a,\n")
    let bad = try run(data: path)
    #expect(bad.state == .failed && bad.problem?.contains("line 3") == true)
    let parameters = try written("parameters.json", #"{"slow": {"treshold": -50}}"#)
    let wrong = try run([("parameters", parameters)])
    #expect(wrong.state == .failed && wrong.problem?.contains("slow.treshold") == true)
  }

  // Reference vectors.

  @Test func spikesAndWeightsAgreeWithTheRecordings() throws {
    let sections = try verified(file)
    #expect(sections.map(\.name) == ["cases"])
    #expect(sections[0].passes && sections[0].compared > 2500, "\(sections[0])")
  }

  @Test(arguments: ["outCont", "condInt"])
  func aChangedSpikeFails(_ layer: String) throws {
    let url = try changed { content in
      var cases = content["cases"] as! [[String: Any]]
      var spikes = cases[1]["spikes"] as! [String: [[Int]]]
      spikes[layer]![0][0] += 1
      cases[1]["spikes"] = spikes
      content["cases"] = cases
    }
    let section = try verified(url)[0]
    #expect(!section.passes && section.problem?.contains(layer) == true)
  }

  @Test func damagedVectorsFail() throws {
    let weight = try changed { content in
      var cases = content["cases"] as! [[String: Any]]
      var weights = cases[0]["weights"] as! [String: [String: [[Double]]]]
      weights["43"]!["cueCue_to_contCue"]![0][0] += 1e-4
      cases[0]["weights"] = weights
      content["cases"] = cases
    }
    #expect(try !verified(weight)[0].passes)
    let missing = try changed { $0["cases"] = nil }
    #expect(try verified(missing).first { $0.name == "cases" }?.passes == false)
    let unknown = try changed { $0["other"] = [1] }
    #expect(try verified(unknown).first { $0.name == "other" }?.passes == false)
    let malformed = try changed { content in
      var cases = content["cases"] as! [[String: Any]]
      cases[0]["input_spikes_cue"] = [1, 2]
      content["cases"] = cases
    }
    let problem = #expect(throws: CajalError.self) { _ = try verified(malformed) }
    #expect(problem?.message.contains("input_spikes_cue") == true)
  }
}
