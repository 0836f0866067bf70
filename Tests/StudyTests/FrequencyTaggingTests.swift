import Foundation
import Models
import PopulationStudies
import Probing
import StudyCore
import Support
import Tensors
import TestSupport
import Testing

@Suite(.serialized) struct FrequencyTaggingStudyTests: StudyChecks {
  let scratch = Scratch()
  let study = AnyStudy(FrequencyTaggingStudy.self)

  @Test func aSmallRunAnswersForEveryClaim() throws {
    let record = try run([("paragraphs", "1"), ("channels", "3")])
    #expect(record.state == .finished, "\(record.problem ?? "")")
    let claims = record.findings.claims
    #expect(Set(claims.map(\.id)) == ["1", "2a", "2b", "2c", "3", "4", "5", "6"])
    #expect(claims.allSatisfy { !$0.measured.contains("nan") && $0.verdict != .notTestable })
    let files = try FileManager.default.contentsOfDirectory(atPath: record.folder)
    for name in [
      "spectra", "ratio-by-layer-sentence", "ratio-by-layer-phrase", "proportions", "profiles",
      "sentence-map",
      "example-neurons", "silencing", "cortex-coherence", "cortex-similarity", "cortex-amplitude",
    ] { #expect(files.contains("\(name).svg"), "\(name)") }
    #expect(files.contains("peak-ratios.csv") && files.contains("layers.csv"))
    let value = { (name: String) in record.findings.metrics.first { $0.name == name }?.value ?? .nan }
    #expect(value("ratio.sentences.sentence") > 2 && value("ratio.random.sentence") < 1.5)
    // About one in twenty passes by chance.
    #expect((0.02...0.09).contains(value("significant.chance.sentence")))
  }

  private let small = [
    ("sentences", "12"), ("orders", "2"), ("permutations", "20"), ("randomSets", "2"), ("channels", "2"),
    ("trials", "4"), ("modelTrials", "1"), ("paragraphs", "1"),
  ]

  /// Sentences of one's own, five words each, some of several tokens.
  @Test func ownSentencesAreRead() throws {
    let url = scratch.url.appendingPathComponent("own.txt")
    let subjects = ["gardener", "mechanic", "violinist", "grandmother", "sailor", "astronomer"]
    let lines = subjects.flatMap { ["The old \($0) opens windows.", "A young \($0) repairs bicycles!"] }
    try lines.joined(separator: "\n").write(to: url, atomically: true, encoding: .utf8)
    let record = try run(small, data: url.path)
    #expect(record.state == .finished, "\(record.problem ?? "")")
    #expect(record.data.contains { $0.name == "own.txt" })
    try (lines + ["Too short."]).joined(separator: "\n").write(to: url, atomically: true, encoding: .utf8)
    #expect(try run(small, data: url.path).problem?.contains("sentence 13") == true)
    #expect(try run(small, data: "/nowhere.txt").problem?.contains("/nowhere.txt") == true)
  }

  @Test func wrongOptionsAreRejected() throws {
    #expect(throws: CajalError.self) { try run([("orders", "0")]) }
    #expect(throws: CajalError.self) { try run([("colour", "red")]) }
    #expect(try run(small + [("model", "/nowhere.gguf")]).problem?.contains("/nowhere.gguf") == true)
    #expect(try run(small + [("dropped", "5")]).problem?.contains("too few") == true)
  }

  @Test func referenceVectorsAgree() throws {
    let sections = try verified(file)
    #expect(sections.count == 24 && sections.allSatisfy(\.passes), "\(sections.filter { !$0.passes })")
  }

  @Test func damagedVectorsAreFound() throws {
    func failing(_ change: (inout [String: Any]) -> Void) throws -> [String] {
      try verified(changed(change)).filter { !$0.passes }.map(\.name)
    }
    for name in ["thr_1hz", "amp_ctrl_2hz", "si_value", "pi_z"] {
      let found = try failing { content in
        var values = content[name] as! [Double]
        values[0] += 0.01
        content[name] = values
      }
      #expect(found == [name])
    }
    #expect(try failing { $0["si_selected"] = [0] } == ["si_selected"])
    #expect(try failing { $0["sig_2hz"] = [true, true, true, false, false] } == ["sig_2hz"])
    #expect(try failing { $0["bin_1hz"] = 11 } == ["bin_1hz"])
    #expect(try failing { $0["itpc"] = nil } == ["itpc"])
    #expect(try failing { $0["more"] = 1 } == ["more"])
    #expect(try failing { $0["experiment"] = nil }.contains("experiment"))
  }

  @Test func malformedVectorsAreNamed() throws {
    func problem(_ change: (inout [String: Any]) -> Void) throws -> String {
      let url = try changed(change)
      return (#expect(throws: CajalError.self) { try verified(url) })?.message ?? ""
    }
    #expect(try problem { $0["experiment"] = [[1.0, 2.0]] }.contains("'experiment'"))
    #expect(try problem { $0["permutations"] = [[0, 1, 2]] }.contains("'permutations'"))
    #expect(try problem { $0["fs"] = 0 }.contains("'fs'"))
    #expect(try problem { $0["freqs"] = ["x"] }.contains("'freqs'"))
    #expect(try problem { $0["itpc"] = ["itpc": [1]] }.contains("'phases_trials_by_freq'"))
  }

  /// The snippet of the study's page, on activity that is no model's.
  @Test func theLibraryServesAnySource() throws {
    var generator = RandomGenerator(seed: 1)
    func activity(_ follows: Bool) -> Tensor {
      let wave = (0..<200).map { cos(Double($0) * .pi / 2) * (follows ? 1 : 0) }
      return Tensor(wave, shape: [200, 1], as: .float32) + Tensor.normal([200, 30], using: &generator)
    }
    let (rhythmic, broken) = (activity(true), activity(false))

    let tagging = FrequencyTagging.hierarchical(unitRate: 4, sentenceLength: 4)
    let test = tagging.permutationTest(rhythmic, permutations: 500, using: &generator)
    let excess = tagging.contrast(
      tagging.amplitudes(rhythmic), tagging.amplitudes(broken), significant: test.isSignificant)
    let followers = FrequencyTagging.selected(FrequencyTagging.zScores(excess[0]), above: 1)
    #expect(
      test.isSignificant[0][0].allSatisfy { $0 } && excess[0].allSatisfy { $0 > 0 } && followers.count < 15)
  }
}
