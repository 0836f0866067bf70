import Probing
import StudyCore

extension RelationNeurons {
  /// The parts of the study that can be run alone; the matrix of switched-off sets always runs.
  enum Part: String, CaseIterable {
    case all, matrix, cumulativity, entities, variants, languages
  }

  public struct Options: StudyOptions {
    var part = Part.all.rawValue
    /// Data.
    var relations = 8
    var facts = 80
    var rank = 5
    var minimumFacts = 12
    var identificationPrompts = 40
    var evaluationPrompts = 30
    /// Experts.
    var pooling = Pooling.last.rawValue
    var tieBreak = Expertise.TieBreak.margin.rawValue
    var hardNegatives = false
    var both = false
    var topRate = 0.01
    var replacesByMean = false
    /// Tests.
    var randomSets = 20
    var counts = [10, 30, 100, 300, 1000]
    var curveRelations = 4
    var singles = 3
    var others = 2
    var overlapCount = 300
    var sharedCount = 3000
    var languagePrompts = 30
    var tokensPerBatch = 512

    public init(size: StudySize) {
      switch size {
      case .standard: break
      case .quick:
        (relations, facts, minimumFacts) = (4, 8, 4)
        (identificationPrompts, evaluationPrompts) = (5, 4)
        (randomSets, counts, curveRelations, singles, others) = (3, [30, 300, 1000], 2, 1, 1)
        languagePrompts = 3
      case .full:
        (relations, facts, minimumFacts) = (100, 1_000, 12)
        (identificationPrompts, evaluationPrompts) = (60, 30)
        (counts, curveRelations, singles, others) = ([10, 30, 100, 300, 1000, 3000], 100, 5, 4)
        languagePrompts = 30
      }
    }

    public static let fields: [OptionField<Options>] = [
      .text(
        "part", \.part, oneOf: Part.allCases.map(\.rawValue),
        "what is run behind the matrix of claims 1, 3, 4: cumulativity (2), entities (5), variants, languages (6)"
      ),
      .integer("relations", \.relations, in: 2...100, "how many relations are asked for at most"),
      .integer("facts", \.facts, in: 4...10_000, "facts of a relation that are tried at most"),
      .integer("rank", \.rank, in: 1...1000, "a prompt counts as known up to this rank of the right token"),
      .integer(
        "minimumFacts", \.minimumFacts, in: 4...1000, "a relation with fewer known facts is left out"),
      .integer(
        "identificationPrompts", \.identificationPrompts, in: 2...1000,
        "prompts of a relation that experts are found with, at most"),
      .integer(
        "evaluationPrompts", \.evaluationPrompts, in: 2...1000,
        "prompts of a relation, one a fact, that damage is measured with, at most"),
      .text(
        "pooling", \.pooling, oneOf: Pooling.allCases.map(\.rawValue),
        "how activity over tokens becomes a response"),
      .text(
        "tieBreak", \.tieBreak, oneOf: Expertise.TieBreak.allCases.map(\.rawValue),
        "which of equally expert neurons come first"),
      .flag("hardNegatives", \.hardNegatives, "prompts with a relation's words that ask for something else"),
      .flag("both", \.both, "as many neurons that are low for the relation are switched off too"),
      .number("topRate", \.topRate, in: 1e-5...0.5, "the share of all neurons that is switched off"),
      .flag("replacesByMean", \.replacesByMean, "mean activity takes a neuron's place, not zero"),
      .integer("randomSets", \.randomSets, in: 2...1000, "random sets of neurons, of the same blocks"),
      .integers("counts", \.counts, in: 1...100_000, "claim 2: how many experts are switched off"),
      .integer("curveRelations", \.curveRelations, in: 1...100, "relations of claim 2 and of the variants"),
      .integer("singles", \.singles, in: 1...100, "claim 2: best experts that are switched off alone"),
      .integer(
        "others", \.others, in: 1...1000, "prompts of each other relation in claim 2 and the variants"),
      .integer("overlapCount", \.overlapCount, in: 1...100_000, "claim 5: experts whose overlap is measured"),
      .integer(
        "sharedCount", \.sharedCount, in: 1...100_000, "claim 3: experts of which shared ones are counted too"
      ),
      .integer("languagePrompts", \.languagePrompts, in: 2...1000, "claim 6: prompts of each language"),
      .integer("tokensPerBatch", \.tokensPerBatch, in: 16...100_000, "tokens that pass the model at once"),
    ]

    func runs(_ part: Part) -> Bool { self.part == Part.all.rawValue || self.part == part.rawValue }
    var poolingKind: Pooling { Pooling(rawValue: pooling)! }
    var tieBreakKind: Expertise.TieBreak { Expertise.TieBreak(rawValue: tieBreak)! }
  }
}
