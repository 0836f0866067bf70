import Figures
import Foundation
import Probing
import Statistics
import StudyCore
import Support

extension RelationNeurons {
  /// Claim 6: experts found in English, prompts in other languages.
  struct ForeignPart {
    let bench: Bench
    let matrix: MatrixPart.Result

    /// A relation in another language.
    private struct Foreign {
      let relation: Int
      let language: String
      let clozes: [Cloze]
      let before: [ContinuationScore]
      var known: Int { before.count { $0.rank <= 5 } }
    }

    /// What experts and random sets cost it.
    private struct Outcome {
      let foreign: Foreign
      let own: Bootstrap.Interval
      let random: [Double]
      var isHarmed: Bool { own.estimate > 0 && own.estimate > random.max()! }
    }

    func run() throws {
      let foreign = bench.lab.dataPath == nil ? try relations() : []
      let outcomes = try foreign.map(outcome)
      try bench.lab.add(table(outcomes))
      for outcome in outcomes {
        bench.lab.measure("languages.\(outcome.foreign.language).own", outcome.own.estimate, unit: "nats")
        bench.lab.measure(
          "languages.\(outcome.foreign.language).random", Spread(outcome.random).mean, unit: "nats")
      }
      let measured = outcomes.map { outcome in
        let control = Spread(outcome.random)
        return
          "\(outcome.foreign.language): fall \(short(outcome.own.estimate)) nats (\(short(outcome.own.low)) to \(short(outcome.own.high))), random \(control.significant), \(outcome.foreign.known) of \(outcome.foreign.before.count) prompts known"
      }
      let testable = outcomes.filter { $0.foreign.known >= 5 }
      bench.lab.add(
        .decided(
          "6", "Neurons found in English serve other languages",
          paper: "English-derived neurons matter for the relation in five more languages",
          test: "English experts off, prompts in French and Spanish",
          criterion:
            "in each language of which the model knows at least five of the facts, the log probability falls farther than with any of five random sets",
          measured: measured.joined(separator: "; "), holds: testable.allSatisfy(\.isHarmed),
          reason: "the experts do not matter more than random neurons in every language",
          unless: outcomes.isEmpty
            ? "there are no templates in other languages for these relations"
            : testable.isEmpty
              ? "the model, trained on English, knows fewer than five of the facts in any other language"
              : nil))
    }

    private func relations() throws -> [Foreign] {
      let all = try RelationDataset(contentsOf: StudyTexts.url("relations")).relations
      return try all.filter { $0.language != "en" }.compactMap { relation in
        guard let index = bench.relations.firstIndex(where: { $0.name == relation.name }) else { return nil }
        let tokenizer = bench.model.tokenizer
        let prompts = RelationDataset([relation]).unambiguous(tokenizer).prompts(tokenizer)
        // Every fact with the template that is likelier to be answered.
        let scores = try bench.scorer.scores(prompts.map(\.cloze)) {
          try bench.lab.progress("prompts in \(relation.language)", $0, of: prompts.count, unit: "prompts")
        }
        let best = Dictionary(grouping: prompts.indices) { prompts[$0].fact }.values.map { choices in
          choices.max { (scores[$0].logProbability, $1) < (scores[$1].logProbability, $0) }!
        }
        let chosen = best.sorted { (scores[$0].rank, $0) < (scores[$1].rank, $1) }
          .prefix(bench.options.languagePrompts)
        return Foreign(
          relation: index, language: relation.language, clozes: chosen.map { prompts[$0].cloze },
          before: chosen.map { scores[$0] })
      }
    }

    private func outcome(_ foreign: Foreign) throws -> Outcome {
      var generator = bench.lab.generator("language \(foreign.language)")
      let own = matrix.sets[foreign.relation]
      let random = (0..<5).map { _ in own.matched(neurons: bench.expertise.neurons, using: &generator) }
      let measured = try bench.matrix(
        [own] + random, on: [foreign.clozes], before: [foreign.before], "experts off in \(foreign.language)")
      return Outcome(
        foreign: foreign,
        own: bench.interval(measured.logProbabilityDrops(0, 0), "language \(foreign.language)"),
        random: measured.meanLogProbabilityDrops.dropFirst().map { $0[0] })
    }

    private func table(_ outcomes: [Outcome]) -> Table {
      var table = Table(
        name: "languages", caption: "English experts switched off, prompts in other languages.",
        columns: [
          "relation", "language", "prompts", "known", "fall (nats)", "low", "high",
          "fall with random neurons",
        ])
      for outcome in outcomes {
        table.append([
          .text(bench.relations[outcome.foreign.relation].name), .text(outcome.foreign.language),
          .integer(outcome.foreign.before.count), .integer(outcome.foreign.known),
          .number(outcome.own.estimate), .number(outcome.own.low), .number(outcome.own.high),
          .number(Spread(outcome.random).mean),
        ])
      }
      return table
    }
  }
}
