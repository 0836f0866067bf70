import Figures
import Probing
import Statistics
import StudyCore
import Support

extension RelationNeurons {
  /// Claim 2: more experts off, more damage; no single one matters.
  struct CumulativityPart {
    let bench: Bench

    /// Falls by relation and number of neurons, in nats.
    private struct Curves {
      var own: [[Double]] = []
      var others: [[Double]] = []
      var random: [[Double]] = []
      /// The largest change that one of the best experts alone makes, by relation.
      var single: [Double] = []
    }

    func run() throws {
      let curves = try measured()
      let counts = bench.options.counts.sorted()
      let mean = mean(curves.own)
      let rho = Correlation.spearman(counts.map(Double.init), mean).coefficient
      let largest = mean.last!
      let share = Spread(curves.single).mean / largest
      let worst = zip(curves.single, curves.own).map { $0 / $1.last! }.max()!
      if rho.isFinite { bench.lab.measure("cumulativity.spearman", rho) }
      bench.lab.measure("cumulativity.single", share)
      try bench.lab.add(figure(curves, counts))
      try bench.lab.add(table(curves, counts))
      bench.lab.add(
        .decided(
          "2", "Damage adds up over neurons, and no single neuron holds a relation",
          paper: "the more relation-specific neurons are off, the fewer facts are recalled",
          test:
            "mean fall over \(curves.own.count) relations for \(counts.map(String.init).joined(separator: ", ")) experts; each of the \(bench.options.singles) best alone",
          criterion:
            "Spearman's correlation of number and mean fall >= 0.9, and one expert alone changes less than a tenth of what \(counts.last!) do",
          measured:
            "Spearman \(short(rho)); mean fall \(mean.map(short).joined(separator: ", ")) nats; one alone at most \(short(100 * share)) % on average over relations, \(short(100 * worst)) % in the worst",
          holds: rho >= 0.9 && share < 0.1 && worst < 0.1 && largest > 0,
          reason: rho < 0.9 ? "the fall is not in step with the number" : "a single expert changes more",
          unless: counts.count < 3 ? "three numbers of experts are needed" : nil))
    }

    private func measured() throws -> Curves {
      var curves = Curves()
      let counts = bench.options.counts.sorted()
      let relations = bench.relations.indices.prefix(bench.options.curveRelations)
      var generator = bench.lab.generator("cumulativity")
      for relation in relations {
        let stage = "\(bench.relations[relation].name), more and more experts off"
        let (groups, before) = bench.ownAndOthers(relation)
        let sets = counts.map { bench.experts(relation, $0) }
        let singles = bench.expertise.order(
          relation, .high, bench.options.singles, bench.options.tieBreakKind
        )
        .map { NeuronSet(flat: [$0], blocks: sets[0].blocks.count, neurons: bench.expertise.neurons) }
        let random = sets.map { $0.matched(neurons: bench.expertise.neurons, using: &generator) }
        let experts = try bench.matrix(sets, on: groups, before: before, stage).meanLogProbabilityDrops
        curves.own.append(experts.map { $0[0] })
        curves.others.append(experts.map { $0[1] })
        let controls = try bench.matrix(random + singles, on: [groups[0]], before: [before[0]], stage)
          .meanLogProbabilityDrops.map { $0[0] }
        curves.random.append(Array(controls.prefix(counts.count)))
        curves.single.append(controls.dropFirst(counts.count).map { abs($0) }.max()!)
      }
      return curves
    }

    private func mean(_ rows: [[Double]]) -> [Double] {
      rows[0].indices.map { k in Spread(rows.map { $0[k] }).mean }
    }

    private func figure(_ curves: Curves, _ counts: [Int]) -> Plot {
      var plot = Plot(
        name: "cumulativity", title: "More experts off, more damage",
        caption:
          "Mean fall of the log probability over \(curves.own.count) relations (bars: standard error over relations), in the relation, in the others, and with random neurons of the same blocks.",
        x: .init("neurons switched off", scale: .log), y: .init("fall of the log probability", unit: "nats"))
      for (label, rows) in [
        ("the relation", curves.own), ("other relations", curves.others),
        ("the relation, random neurons", curves.random),
      ] {
        plot.add(
          .linePoints, label, x: counts.map(Double.init), y: mean(rows),
          error: counts.indices.map { k in Spread(rows.map { $0[k] }).standardError })
      }
      return plot
    }

    private func table(_ curves: Curves, _ counts: [Int]) -> Table {
      var table = Table(
        name: "cumulativity",
        caption: "Fall of the log probability (nats) by number of neurons switched off.",
        columns: ["relation", "neurons", "in the relation", "in others", "random neurons"])
      for relation in curves.own.indices {
        for (k, count) in counts.enumerated() {
          table.append([
            .text(bench.relations[relation].name), .integer(count), .number(curves.own[relation][k]),
            .number(curves.others[relation][k]), .number(curves.random[relation][k]),
          ])
        }
      }
      return table
    }
  }
}
