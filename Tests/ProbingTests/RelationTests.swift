import Foundation
import Models
import Probing
import Statistics
import Support
import Tensors
import Testing

struct RelationTests {
  private func folder() throws -> URL {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("relations-\(UUID())")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }

  private func written(_ text: String) throws -> URL {
    let url = try folder().appendingPathComponent("r.json")
    try AtomicFile.write(text, to: url)
    return url
  }

  @Test func bothLayoutsAreRead() throws {
    let own = try Relation(
      contentsOf: written(
        #"{"relation": "capital", "family": "country", "templates": ["{}'s capital is"], "confounds": ["The flag of {} is"], "facts": [{"subject": "the Gambia", "object": "Banjul"}]}"#
      ))
    #expect(own.name == "capital" && own.family == "country" && own.confounds.count == 1)
    #expect(Relation.text(own.templates[0], "the Gambia") == "The Gambia's capital is")
    let other = try Relation(
      contentsOf: written(
        #"{"name": "capital", "prompt_templates": ["The capital of {} is"], "prompt_templates_zs": [], "samples": [{"subject": "Fiji", "object": "Suva"}], "properties": {"symmetric": false}}"#
      ))
    #expect(other.facts == [Relation.Fact("Fiji", "Suva")] && other.language == "en")
  }

  @Test func wrongFilesAreNamed() throws {
    for text in [
      "[]", "{}", #"{"relation": "r", "templates": ["a {}"]}"#,
      #"{"relation": "r", "templates": [], "facts": [{"subject": "a", "object": "b"}]}"#,
      #"{"relation": "r", "templates": ["no place"], "facts": [{"subject": "a", "object": "b"}]}"#,
      #"{"relation": "r", "templates": ["{}"], "facts": [{"subject": "a"}]}"#,
    ] {
      let url = try written(text)
      #expect {
        try RelationDataset(contentsOf: url)
      } throws: { error in
        (error as? CajalError)?.message.contains(url.path) == true
      }
    }
    #expect(throws: CajalError.self) { try RelationDataset(contentsOf: URL(fileURLWithPath: "/nowhere")) }
    let empty = try folder()
    #expect(throws: CajalError.self) { try RelationDataset(contentsOf: empty) }
  }

  @Test func halvesShareNoSubject() {
    func relation(_ name: String, _ range: Range<Int>) -> Relation {
      Relation(name, templates: ["{} is"], facts: range.map { .init("s\($0)", "o\($0)") })
    }
    let dataset = RelationDataset([relation("a", 0..<20), relation("b", 10..<40), relation("c", 35..<60)])
    var generator = RandomGenerator(seed: 4)
    let halves = dataset.splitByEntity(using: &generator)
    func subjects(_ half: RelationDataset) -> Set<String> {
      Set(half.relations.flatMap { $0.facts.map(\.subject) })
    }
    #expect(subjects(halves.identification).isDisjoint(with: subjects(halves.evaluation)))
    for (first, second) in zip(halves.identification.relations, halves.evaluation.relations) {
      #expect(abs(first.facts.count - second.facts.count) <= 1)
    }
  }

  @Test func promptsAskForTheFirstToken() {
    let relation = Relation(
      "r", templates: ["A {} is", "The {} is"], confounds: ["No {} was"],
      facts: [.init("x", "one"), .init("y", "two"), .init("z", "tree")])
    // Bytes: every object begins with the space before it, so that none can be told from another.
    #expect(RelationDataset([relation]).unambiguous(ByteTokenizer()).relations[0].facts.isEmpty)
    let prompts = RelationDataset([relation]).prompts(ByteTokenizer(), wholeObjects: true)
    #expect(prompts.count == 6)
    #expect(prompts[3].cloze == Cloze(bytes("The y is"), bytes(" two")))
    #expect(
      RelationDataset([relation]).hardNegatives(ByteTokenizer(), count: 2)
        == [bytes("No x was"), bytes("No y was")])
  }

  /// Neurons that are made to tell relation 1 from the others are its experts.
  @Test func plantedExpertsAreFound() throws {
    var generator = RandomGenerator(seed: 2)
    let labels = (0..<30).map { $0 % 3 }
    var values = (0..<30 * 40).map { _ in generator.normal() }
    for sample in 0..<30 {
      values[sample * 40 + 7] += labels[sample] == 1 ? 30 : 0
      values[sample * 40 + 33] += labels[sample] == 1 ? 20 : 0
      values[sample * 40 + 12] -= labels[sample] == 1 ? 25 : 0
    }
    let expertise = try Expertise(
      Tensor(values, shape: [30, 40]), relation: labels, relations: 3, blocks: 4)
    #expect(expertise.topExperts(2, for: 1).blocks == [[7], [], [], [3]])
    #expect(expertise.order(1, .high, 2) == [7, 33])
    #expect(expertise.topExperts(1, for: 1, both: true).blocks == [[7], [2], [], []])
    // A hard negative that looks like relation 1 spoils them.
    let spoiled = try Expertise(
      Tensor(values + values[40..<80], shape: [31, 40]), relation: labels + [nil], relations: 3, blocks: 4)
    #expect(spoiled.averagePrecision[1][7] < 1 && expertise.averagePrecision[1][7] == 1)
    #expect(throws: CajalError.self) {
      try Expertise(Tensor(values, shape: [30, 40]), relation: labels, relations: 4, blocks: 4)
    }
  }

  @Test func switchedOffNeuronsChangeScores() throws {
    let decoder = tinyDecoder()
    let scorer = ContinuationScorer(decoder)
    let groups = [
      [Cloze(bytes("one"), bytes("a"))], [Cloze(bytes("two"), bytes("b")), Cloze(bytes("x"), bytes("y"))],
    ]
    let all = NeuronSet(blocks: [Array(0..<24), [], [1, 2]])
    let none = NeuronSet(blocks: [[], [], []])
    let matrix = DeactivationMatrix.measured([none, all], on: groups, scorer) { _ in }
    #expect(matrix.meanLogProbabilityDrops[0].allSatisfy { abs($0) < 1e-5 })
    #expect(matrix.meanLogProbabilityDrops[1].allSatisfy { abs($0) > 1e-4 })
    #expect(matrix.logProbabilityDrops(1, 1).count == 2)
    // Zeros as means are zeros.
    let means = DeactivationMatrix.measured(
      [all], on: groups, scorer, .mean([Double](repeating: 0, count: 72))
    ) { _ in }
    #expect(abs(means.meanLogProbabilityDrops[0][0] - matrix.meanLogProbabilityDrops[1][0]) < 1e-5)
    #expect(DeactivationMatrix.relativeDrops(before: [0.5, 0.5], after: [0.25, 0.75]) == [0.5, -0.5])
  }

  @Test func overlapsAreCounted() {
    let a = NeuronSet(blocks: [[1, 2, 3], [4]])
    let b = NeuronSet(blocks: [[2, 3, 9], [5]])
    #expect(NeuronSet.overlapMatrix([a, b]) == [[4, 2], [2, 4]])
  }
}
