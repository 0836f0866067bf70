import Figures
import Foundation
import Probing
import Statistics
import StudyCore
import Support

extension RelationNeurons {
  /// Every relation's experts switched off, all relations measured: claims 1, 3 and 4.
  struct MatrixPart {
    let bench: Bench

    /// What other parts compare with.
    struct Result {
      let sets: [NeuronSet]
      /// A row a relation's experts, a column a relation's evaluation prompts.
      let experts: DeactivationMatrix
      /// A row a random set; set i has as many neurons in every block as the experts of relation `i % relations`.
      let random: DeactivationMatrix

      /// What the experts of `row` cost the relation `column`, in nats.
      func drop(_ row: Int, _ column: Int) -> Double { experts.meanLogProbabilityDrops[row][column] }
      /// The same of each random set.
      func randomDrops(_ column: Int) -> [Double] { random.meanLogProbabilityDrops.map { $0[column] } }
    }

    func run() throws -> Result {
      let result = try measured()
      let rows = summaries(result)
      measureMetrics(result, rows)
      bench.lab.add(existence(rows))
      try VersatilityTest(bench: bench, matrix: result).run()
      bench.lab.add(interference(result))
      try bench.lab.add(dropMap(result))
      try bench.lab.add(blockFigure(result))
      try bench.lab.add(table(result, rows))
      try plainText(result)
      return result
    }

    private func measured() throws -> Result {
      let sets = bench.relations.indices.map { bench.experts($0) }
      let groups = bench.knowledge.evaluation.map { $0.map(\.cloze) }
      let before = bench.knowledge.before
      let experts = try bench.matrix(sets, on: groups, before: before, "experts off")
      var generator = bench.lab.generator("random sets")
      let neurons = bench.model.decoder.configuration.neurons
      let random = (0..<bench.options.randomSets).map { index in
        sets[index % sets.count].matched(neurons: neurons, using: &generator)
      }
      return Result(
        sets: sets, experts: experts,
        random: try bench.matrix(random, on: groups, before: before, "random neurons off"))
    }

    /// What switching off a relation's experts does.
    struct Summary {
      let relation: Relation
      let accuracy: Double
      let own: Bootstrap.Interval
      let others: Double
      let random: Double
      /// Whether the model knows the relation well enough to be asked for it.
      var isEligible: Bool { accuracy >= 0.5 }
      var isSpecific: Bool { own.estimate > 0 && own.estimate >= 3 * random && own.estimate >= 2 * others }
    }

    private func summaries(_ result: Result) -> [Summary] {
      bench.relations.indices.map { r in
        let others = bench.relations.indices.filter { $0 != r }.map { result.drop(r, $0) }
        return Summary(
          relation: bench.relations[r], accuracy: result.experts.accuracyBefore[r],
          own: bench.interval(result.experts.logProbabilityDrops(r, r), bench.relations[r].name),
          others: Spread(others).mean, random: Spread(result.randomDrops(r)).mean)
      }
    }

    private func measureMetrics(_ result: Result, _ rows: [Summary]) {
      for (r, row) in rows.enumerated() {
        let name = row.relation.name
        bench.lab.measure("drop.\(name).own", row.own.estimate, unit: "nats")
        bench.lab.measure("drop.\(name).others", row.others, unit: "nats")
        bench.lab.measure("drop.\(name).random", row.random, unit: "nats")
        bench.lab.measure("accuracy.\(name).before", row.accuracy)
        bench.lab.measure("accuracy.\(name).after", result.experts.accuracyAfter[r][r])
      }
    }

    private func existence(_ rows: [Summary]) -> Claim {
      let eligible = rows.filter(\.isEligible)
      let specific = eligible.filter(\.isSpecific)
      let means = [\Summary.own.estimate, \.others, \.random].map { path in
        eligible.isEmpty ? Double.nan : Spread(eligible.map { $0[keyPath: path] }).mean
      }
      let each = eligible.map { row in
        "\(row.relation.name) \(short(row.own.estimate)) (\(short(row.own.low)) to \(short(row.own.high)))"
      }
      let missing = eligible.filter { !$0.isSpecific }.map(\.relation.name).joined(separator: ", ")
      return .decided(
        "1", "Relations have neurons of their own",
        paper: "switching off relation-specific neurons harms the relation far more than random ones do",
        test:
          "\(bench.topCount) experts (\(short(100 * bench.options.topRate)) % of all neurons) off, held-out entities, relations answered to at least one half",
        criterion:
          "log probability falls at least 3 times as far as with random neurons of the same blocks and twice as far as in other relations, for two thirds of the relations",
        measured:
          "\(specific.count) of \(eligible.count) relations; mean fall \(short(means[0])) nats in the relation, \(short(means[1])) in others, \(short(means[2])) with random neurons; \(each.joined(separator: ", ")) with 95% intervals over facts",
        holds: 3 * specific.count >= 2 * eligible.count,
        reason: "experts of \(missing) cost other relations or random neurons cost the relation too much",
        unless: eligible.count < 3
          ? "the model answers \(eligible.count) of the relations to one half; three are needed" : nil)
    }

    /// Claim 4: entries in which a relation gains from what another loses, against the random sets.
    private func interference(_ result: Result) -> Claim {
      let entries = gains(result)
      let best = entries.min { $0.p < $1.p }
      let count = bench.relations.count * (bench.relations.count - 1)
      let corrected = best.map { min(1, $0.p * Double(count)) } ?? 1
      let outside = entries.count { $0.isOutside }
      bench.lab.measure("interference.entries", Double(outside))
      bench.lab.measure("interference.p", corrected)
      let named = best.map { "\($0.name) gains \(short(-$0.drop)) nats (random \(short(-$0.random)))" }
      return .decided(
        "4", "Switching off one relation's neurons can improve another relation",
        paper: "accuracy of some relations rises when the neurons of others are switched off",
        test:
          "gain in log probability off the diagonal against \(bench.options.randomSets) random sets, by a t prediction interval",
        criterion:
          "at least one entry is beyond the 95% range of random sets, p < 0.05 corrected for \(count) entries (Bonferroni)",
        measured:
          "\(outside) of \(count) entries beyond the uncorrected range; the clearest: \(named ?? "none"), corrected p = \(short(corrected))",
        holds: corrected < 0.05,
        reason: "no gain is clear of what random sets do once all entries are counted",
        unless: bench.options.randomSets < 10
          ? "\(bench.options.randomSets) random sets give no range; ten are needed" : nil)
    }

    private struct Gain {
      let name: String
      let drop: Double
      let random: Double
      /// That a random set does so well, one-sided.
      let p: Double
      let isOutside: Bool
    }

    private func gains(_ result: Result) -> [Gain] {
      bench.relations.indices.flatMap { r in
        bench.relations.indices.filter { $0 != r }.compactMap { column -> Gain? in
          let random = Spread(result.randomDrops(column))
          let drop = result.drop(r, column)
          guard drop < 0, random.deviation > 0 else { return nil }
          let t = (drop - random.mean) / (random.deviation * (1 + 1 / Double(random.count)).squareRoot())
          guard t < 0 else { return nil }
          let p = Distributions.studentTwoSided(t, freedom: Double(random.count - 1))
          return Gain(
            name: "\(bench.relations[column].name) without \(bench.relations[r].name)", drop: drop,
            random: random.mean, p: p / 2, isOutside: p < 0.05)
        }
      }
    }
  }
}
