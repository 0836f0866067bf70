import Figures
import Probing
import Statistics
import StudyCore
import Support

extension RelationNeurons {
  /// Claim 5: experts are of the relation, not of the things that were asked about.
  struct EntityPart {
    let bench: Bench
    let matrix: MatrixPart.Result

    func run() throws {
      let similarity = try similarity()
      let familiar = try familiarDrops()
      let held = bench.relations.indices.map { matrix.drop($0, $0) }
      let jaccard = Spread(similarity)
      let ratio = Spread(held).mean / Spread(familiar).mean
      bench.lab.measure("entities.jaccard", jaccard.mean)
      bench.lab.measure("entities.ratio", ratio)
      try bench.lab.add(table(similarity, familiar, held))
      let count = bench.options.overlapCount
      bench.lab.add(
        .decided(
          "5", "The neurons belong to the relation, not to its entities",
          paper: "neurons found with some entities matter for facts about others",
          test:
            "experts found with either half of the entities; fall on held-out entities against that on the entities they were found with",
          criterion:
            "Jaccard index of the \(count) best > 0.3, and the fall on held-out entities >= 70 % of the other, means over relations",
          measured:
            "Jaccard \(short(jaccard.mean)) ± \(short(jaccard.standardError)) (chance \(short(JaccardIndex.expected(count, count, of: bench.neuronCount)))); fall \(short(Spread(held).mean)) held out, \(short(Spread(familiar).mean)) otherwise: \(short(100 * ratio)) %",
          holds: jaccard.mean > 0.3 && ratio >= 0.7 && Spread(familiar).mean > 0,
          reason: jaccard.mean > 0.3
            ? "the fall on held-out entities is smaller"
            : "the two halves rank neurons differently beyond the very best",
          unless: bench.lab.size == .quick
            ? "a handful of prompts a relation ranks neurons by chance; standard has dozens" : nil))
    }

    /// The Jaccard index of the best experts found with the two halves, by relation.
    private func similarity() throws -> [Double] {
      let prompts = bench.knowledge.secondIdentification.joined()
      let responses = try bench.model.decoder.pooledActivity(
        of: prompts.map(\.cloze.prompt), bench.options.poolingKind,
        tokensPerBatch: bench.options.tokensPerBatch
      ) { try bench.lab.progress("responses, other entities", $0, of: prompts.count, unit: "prompts") }
      let second = try Expertise(
        responses, relation: prompts.map { $0.relation }, relations: bench.relations.count,
        blocks: bench.expertise.blocks)
      return bench.relations.indices.map { relation in
        let sets = [bench.expertise, second].map {
          $0.topExperts(bench.options.overlapCount, for: relation, tieBreak: bench.options.tieBreakKind)
        }
        return sets[0].jaccardIndex(with: sets[1])
      }
    }

    /// What experts cost the entities that they were found with.
    private func familiarDrops() throws -> [Double] {
      try bench.relations.indices.map { relation in
        try bench.matrix(
          [matrix.sets[relation]], on: [bench.knowledge.familiar[relation].map(\.cloze)],
          before: [bench.knowledge.familiarBefore[relation]], "known entities"
        ).meanLogProbabilityDrops[0][0]
      }
    }

    private func table(_ similarity: [Double], _ familiar: [Double], _ held: [Double]) -> Table {
      var table = Table(
        name: "entities",
        caption:
          "Experts found with one half of the entities: overlap with those of the other half, and the fall of the log probability (nats) on either half.",
        columns: [
          "relation", "Jaccard of the \(bench.options.overlapCount) best", "fall, same entities",
          "fall, held out",
        ])
      for relation in similarity.indices {
        table.append([
          .text(bench.relations[relation].name), .number(similarity[relation]), .number(familiar[relation]),
          .number(held[relation]),
        ])
      }
      return table
    }
  }
}
