import Datasets
import Figures
import Foundation
import Models
import Probing
import Statistics
import StudyCore
import Support
import Tensors

extension RelationNeurons {
  /// The model, the facts that it knows, and the experts found on one half of them.
  struct Bench {
    let options: Options
    let lab: Lab
    let model: LanguageModel
    let scorer: ContinuationScorer
    let knowledge: Knowledge
    /// Responses `[S, L · N]` to the identification prompts, then to the hard negatives.
    let responses: Tensor
    let expertise: Expertise

    init(_ options: Options, _ lab: Lab) throws {
      (self.options, self.lab) = (options, lab)
      try lab.progress("opening the model", 0, of: 1)
      model = try LanguageModel.smolLM2()
      lab.usesData("smollm2", fingerprint: try Fingerprint.ofFile(try LanguageModel.smolLM2File()))
      model.decoder.freeze()
      scorer = ContinuationScorer(model.decoder, tokensPerBatch: options.tokensPerBatch)
      knowledge = try Knowledge(model, scorer, options, lab)
      responses = try Self.responses(model, knowledge, options.poolingKind, options, lab)
      expertise = try Self.expertise(responses, knowledge, model, hardNegatives: options.hardNegatives)
    }

    /// Neurons of the model.
    var neuronCount: Int { model.decoder.configuration.blocks * model.decoder.configuration.neurons }
    /// How many experts are switched off.
    var topCount: Int { max(1, Int((options.topRate * Double(neuronCount)).rounded())) }
    var relations: [Relation] { knowledge.relations }

    static func responses(
      _ model: LanguageModel, _ knowledge: Knowledge, _ pooling: Pooling, _ options: Options, _ lab: Lab
    ) throws -> Tensor {
      let texts = knowledge.identification.joined().map(\.cloze.prompt) + knowledge.hardNegatives
      return try model.decoder.pooledActivity(
        of: texts, pooling, tokensPerBatch: options.tokensPerBatch
      ) { try lab.progress("responses (\(pooling.rawValue))", $0, of: texts.count, unit: "prompts") }
    }

    static func expertise(
      _ responses: Tensor, _ knowledge: Knowledge, _ model: LanguageModel, hardNegatives: Bool
    ) throws -> Expertise {
      let labels = knowledge.identification.joined().map { Int?.some($0.relation) }
      let all = hardNegatives ? labels + knowledge.hardNegatives.map { _ in nil } : labels
      return try Expertise(
        responses.narrowed(0, from: 0, to: all.count), relation: all, relations: knowledge.relations.count,
        blocks: model.decoder.configuration.blocks)
    }

    /// The experts of a relation.
    func experts(_ relation: Int, _ count: Int? = nil) -> NeuronSet {
      expertise.topExperts(
        count ?? topCount, for: relation, both: options.both, tieBreak: options.tieBreakKind)
    }

    /// The mean response of each neuron over all identification prompts.
    var meanActivity: [Double] {
      responses.narrowed(0, from: 0, to: knowledge.identification.joined().count).mean(axis: 0).doubles
    }

    var deactivation: Deactivation { options.replacesByMean ? .mean(meanActivity) : .zero }

    /// Measures with each set switched off in turn.
    func matrix(
      _ sets: [NeuronSet], on groups: [[Cloze]], before: [[ContinuationScore]]? = nil, _ stage: String
    )
      throws -> DeactivationMatrix
    {
      try DeactivationMatrix.measured(sets, on: groups, before: before, scorer, deactivation) {
        try lab.progress(stage, $0, of: sets.count, unit: "sets")
      }
    }

    /// The evaluation prompts of a relation, and a few of every other: groups 0 and 1.
    func ownAndOthers(_ relation: Int) -> (groups: [[Cloze]], before: [[ContinuationScore]]) {
      var (groups, before): ([[Cloze]], [[ContinuationScore]]) = ([[], []], [[], []])
      for other in relations.indices {
        let count = other == relation ? Int.max : options.others
        groups[other == relation ? 0 : 1] += knowledge.evaluation[other].prefix(count).map(\.cloze)
        before[other == relation ? 0 : 1] += knowledge.before[other].prefix(count)
      }
      return (groups, before)
    }

    /// The mean of measurements with its 95% interval by a bootstrap over facts.
    func interval(_ drops: [Double], _ name: String) -> Bootstrap.Interval {
      var generator = lab.generator("bootstrap \(name)")
      return Bootstrap().interval(drops, using: &generator)
    }
  }
}
