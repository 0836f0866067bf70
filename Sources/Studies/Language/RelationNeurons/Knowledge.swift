import Figures
import Foundation
import Models
import Probing
import StudyCore
import Support

extension RelationNeurons {
  /// Which facts the model knows, split by subject.
  struct Knowledge {
    /// The relations with enough known facts.
    let relations: [Relation]
    /// Known prompts by relation that experts are found with, of subjects of the first half.
    let identification: [[RelationPrompt]]
    /// Known prompts of subjects of the other half, one a fact.
    let evaluation: [[RelationPrompt]]
    /// Prompts like those of ``evaluation`` of subjects of the first half.
    let familiar: [[RelationPrompt]]
    /// The intact model on ``evaluation`` and on ``familiar``.
    let before: [[ContinuationScore]]
    let familiarBefore: [[ContinuationScore]]
    /// All known prompts of subjects of the other half: experts are found a second time with them.
    let secondIdentification: [[RelationPrompt]]
    let hardNegatives: [[Int]]

    /// Those whose facts a model of this size knows come first.
    static let order = [
      "country-capital", "antonym", "country-language", "element-symbol", "country-continent", "plural",
      "landmark-country", "past-participle", "capital-country", "country-religion",
    ]

    /// A prompt and what the intact model makes of it.
    private struct Tried {
      let prompt: RelationPrompt
      let score: ContinuationScore
    }

    init(_ model: LanguageModel, _ scorer: ContinuationScorer, _ options: Options, _ lab: Lab) throws {
      let dataset = try Self.dataset(options, lab).unambiguous(model.tokenizer)
      let tried = try Self.tried(dataset, model, scorer, lab)
      try lab.add(Self.table(dataset, tried, options))
      let known = tried.filter { $0.score.rank <= options.rank }
      let facts = dataset.relations.indices.map { relation in
        Set(known.filter { $0.prompt.relation == relation }.map(\.prompt.fact))
      }
      let kept = dataset.relations.indices.filter { facts[$0].count >= options.minimumFacts }
      guard kept.count > 1 else {
        throw CajalError(
          "the model knows \(options.minimumFacts) facts of \(kept.count) of \(dataset.relations.count) relations only; two are needed"
        )
      }
      relations = kept.map { index in dataset.relations[index].filtered { facts[index].contains($0) } }
      var generator = lab.generator("split")
      let halves = RelationDataset(relations).splitByEntity(using: &generator)
      let parts = kept.indices.map { index -> (first: [Tried], second: [Tried]) in
        let own = known.filter { $0.prompt.relation == kept[index] }
        let first = Set(halves.identification.relations[index].facts)
        return (
          own.filter { first.contains($0.prompt.fact) }, own.filter { !first.contains($0.prompt.fact) }
        )
      }
      func numbered(_ choice: (Int) -> [Tried]) -> [[RelationPrompt]] {
        kept.indices.map { index in
          choice(index).map { tried in
            var prompt = tried.prompt
            prompt.relation = index
            return prompt
          }
        }
      }
      let many = options.identificationPrompts
      identification = numbered { Self.spread(parts[$0].first, many) }
      secondIdentification = numbered { Self.spread(parts[$0].second, many) }
      let unseen = parts.map { Self.onePerFact($0.second, options.evaluationPrompts, &generator) }
      let seen = parts.map { Self.onePerFact($0.first, options.evaluationPrompts, &generator) }
      (evaluation, before) = (numbered { unseen[$0] }, unseen.map { $0.map(\.score) })
      (familiar, familiarBefore) = (numbered { seen[$0] }, seen.map { $0.map(\.score) })
      for (relation, groups) in zip(relations, zip(identification, evaluation))
      where groups.0.isEmpty || groups.1.isEmpty {
        throw CajalError(
          "the known subjects of '\(relation.name)' all fall into one half, because other relations share them"
        )
      }
      hardNegatives = RelationDataset(halves.identification.relations)
        .hardNegatives(model.tokenizer, count: max(2, many / 4))
    }

    /// The user's relations, or those that come with the study.
    private static func dataset(_ options: Options, _ lab: Lab) throws -> RelationDataset {
      let url = try lab.dataPath.map { URL(fileURLWithPath: $0) } ?? StudyTexts.url("relations")
      let all = try RelationDataset(contentsOf: url)
      let english = all.relations.filter { $0.language == "en" }
      let chosen = lab.dataPath == nil ? ordered(english) : all.relations
      lab.usesData(
        lab.dataPath ?? "relations", fingerprint: try StudyTexts.fingerprint(url))
      return RelationDataset(
        chosen.prefix(options.relations).map { relation in
          var relation = relation
          relation.facts = Array(relation.facts.prefix(options.facts))
          return relation
        })
    }

    private static func ordered(_ relations: [Relation]) -> [Relation] {
      let place = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
      return relations.sorted {
        (place[$0.name] ?? order.count, $0.name) < (place[$1.name] ?? order.count, $1.name)
      }
    }

    private static func tried(
      _ dataset: RelationDataset, _ model: LanguageModel, _ scorer: ContinuationScorer, _ lab: Lab
    ) throws -> [Tried] {
      let prompts = dataset.prompts(model.tokenizer)
      let scores = try scorer.scores(prompts.map(\.cloze)) {
        try lab.progress("which facts are known", $0, of: prompts.count, unit: "prompts")
      }
      return zip(prompts, scores).map { Tried(prompt: $0, score: $1) }
    }

    /// At most `count` prompts, as many different facts as there are first.
    private static func spread(_ tried: [Tried], _ count: Int) -> [Tried] {
      var seen: [Relation.Fact: Int] = [:]
      let turns = tried.map { tried in
        seen[tried.prompt.fact, default: 0] += 1
        return seen[tried.prompt.fact]!
      }
      let order = tried.indices.sorted { (turns[$0], $0) < (turns[$1], $1) }
      return order.prefix(count).map { tried[$0] }
    }

    /// At most `count` prompts of as many facts, each with one of its templates at random.
    private static func onePerFact(_ tried: [Tried], _ count: Int, _ generator: inout RandomGenerator)
      -> [Tried]
    {
      let byFact = Dictionary(grouping: tried, by: \.prompt.fact)
      var facts = byFact.keys.sorted { $0.subject < $1.subject }
      generator.shuffle(&facts)
      return facts.prefix(count).map { fact in
        let choices = byFact[fact]!
        return choices[generator.integer(below: choices.count)]
      }
    }

    private static func table(_ dataset: RelationDataset, _ tried: [Tried], _ options: Options) -> Table {
      var table = Table(
        name: "knowledge",
        caption:
          "What the intact model knows: prompts whose right token is among the first \(options.rank). Relations with fewer than \(options.minimumFacts) known facts are left out.",
        columns: [
          "relation", "facts", "known facts", "prompts", "known prompts", "exact answers (%)",
          "mean log probability (nats)", "used",
        ])
      for (index, relation) in dataset.relations.enumerated() {
        let own = tried.filter { $0.prompt.relation == index }
        guard !own.isEmpty else { continue }
        let known = own.filter { $0.score.rank <= options.rank }
        let facts = Set(known.map(\.prompt.fact)).count
        table.append([
          .text(relation.name), .integer(relation.facts.count), .integer(facts), .integer(own.count),
          .integer(known.count), .number(own.map(\.score).accuracy * 100),
          .number(own.map(\.score).meanLogProbability),
          .text(facts >= options.minimumFacts ? "yes" : "no"),
        ])
      }
      return table
    }
  }
}
