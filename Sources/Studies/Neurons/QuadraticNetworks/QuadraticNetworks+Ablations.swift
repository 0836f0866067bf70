import Figures
import Foundation
import Neurons
import StudyCore
import Support

extension QuadraticNetworks {
  /// Claim 6: other ways to hold the quadratic terms back, and fewer terms, with dense networks.
  struct Ablations {
    let options: QuadraticNetworks.Options
    let data: ImageSplit
    let lab: Lab
    let comparison: GammaComparison
    let setting: (_ label: String, NeuronChoice, ReLinear) -> Setting

    /// The ways of restraint: the strengths of each, of which one is chosen on validation images.
    private enum Rule: String, CaseIterable {
      case gradients = "shrinking gradients"
      case l1 = "L1 weight shrinking"
      case l2 = "L2 weight shrinking"
    }

    func run() throws {
      let l1 = options.l1Strengths.map {
        setting("L1, α = \($0)", .quadratic(), .shrinkL1(gate: $0, square: $0))
      }
      let l2 = options.l2Strengths.map {
        setting("L2, β = \($0)", .quadratic(), .shrinkL2(gate: $0, square: $0))
      }
      let gamma = comparison.bestGamma
      let fewer = [
        setting("gate alone trained", .quadratic(), .shrinkGradients(gate: gamma, square: 0)),
        setting("square alone trained", .quadratic(), .shrinkGradients(gate: 0, square: gamma)),
        setting("compact", .quadratic(.compact), .shrinkGradients(gamma)),
        setting("product only", .quadratic(.productOnly), .shrinkGradients(gamma)),
        setting("linear plus square", .quadratic(.linearPlusSquare), .shrinkGradients(gamma)),
      ]
      let all = try lab.train("dense, ablations", l1 + l2 + fewer, on: data, seeds: options.denseSeeds)
      let byRule: [(Rule, [Trials])] = [
        (.gradients, zip(comparison.gammas, comparison.trials).filter { $0.0 > 0 }.map(\.1)),
        (.l1, Array(all[..<l1.count])), (.l2, Array(all[l1.count..<(l1.count + l2.count)])),
      ]
      let best = byRule.map { ($0.0, $0.1.max { $0.validation.mean < $1.validation.mean }!) }
      try report(all, best, fewer: Array(all[(l1.count + l2.count)...]))
    }

    private func report(_ all: [Trials], _ best: [(Rule, Trials)], fewer: [Trials]) throws {
      var table = Table(
        name: "ablations",
        caption:
          "Ways of restraint and networks with fewer terms (γ = \(comparison.bestGamma)); dense networks.",
        columns: ["network", "validation accuracy", "test accuracy", "deviation over seeds", "failed"])
      for trial in [comparison.conventional] + comparison.trials + all {
        table.append([
          .text(trial.label), .number(trial.validation.mean), .number(trial.test.mean),
          .number(trial.test.deviation), .integer(trial.failures),
        ])
      }
      try lab.add(table)
      try lab.add(
        figure(
          [("conventional", comparison.conventional)] + best.map { ($0.1.label, $0.1) }
            + fewer.map { ($0.label, $0) }))
      for (rule, trial) in best { lab.measure("ablation.\(rule)", trial.test.mean) }
      for trial in fewer {
        lab.measure("ablation.\(trial.label.replacingOccurrences(of: " ", with: "-"))", trial.test.mean)
      }
      lab.add(ruleClaim(best))
      lab.add(termClaim(fewer))
    }

    private func ruleClaim(_ best: [(Rule, Trials)]) -> Claim {
      let conventional = comparison.conventional
      let failing = best.filter { $0.1.failures > 0 || $0.1.gain(over: conventional).mean < 0 }
      return decided(
        "6a", "Shrinking gradients, L1 and L2 weight shrinking all make quadratic networks trainable.",
        paper: "The three regularisations serve the same end.",
        criterion:
          "at its strength chosen on validation images each of the three fails for no seed and is not below the conventional network in mean test accuracy",
        measured: "conventional \(conventional.test.text()); "
          + best.map { "\($0.0.rawValue), \($0.1.label): \($0.1.text)" }.joined(separator: "; ") + ".",
        holds: failing.isEmpty,
        reason: failing.map {
          "\($0.0.rawValue) \($0.1.failures > 0 ? "had networks that failed" : "stayed below the conventional network")"
        }
        .joined(separator: "; "))
    }

    private func termClaim(_ fewer: [Trials]) -> Claim {
      let full = comparison.best
      let equal = fewer.filter { trial in
        let gain = full.gain(over: trial)
        return gain.mean <= gain.standardError
      }
      return decided(
        "6b", "Both quadratic terms contribute.",
        paper: "The full neuron is proposed, the compact one as a cheaper variant.",
        criterion:
          "the full network's mean test accuracy is above that of every network with one of the terms left out or untrained, by more than the standard error of the paired difference",
        measured: "full \(full.test.text()); "
          + fewer.map { "\($0.label) \($0.text)" }.joined(separator: "; ") + ".",
        holds: equal.isEmpty,
        reason: "no worse, within the noise of the seeds: \(equal.map(\.label).joined(separator: ", "))")
    }

    private func decided(
      _ id: String, _ statement: String, paper: String, criterion: String, measured: String, holds: Bool,
      reason: String
    ) -> Claim {
      .decided(
        id, statement, paper: paper, test: "\(comparison.setting); the same seeds for all.",
        criterion: criterion,
        measured: measured, holds: holds, reason: reason, unless: comparison.obstacle)
    }

    private func figure(_ rows: [(label: String, trials: Trials)]) -> Plot {
      let whole = rows.filter { $0.trials.failures == 0 }
      let places = whole.indices.map { Double(whole.count - $0) }
      var plot = Plot(
        name: "ablations", title: "Ways of restraint, and fewer terms",
        caption:
          "Test accuracy of dense networks, mean and deviation over seeds; each way of restraint at the strength chosen on validation images. Networks that failed are left out.",
        x: .init("test accuracy"),
        y: .init(
          "", range: 0.5...(Double(whole.count) + 0.5), ticks: zip(places, whole).map { ($0, $1.label) })
      )
      plot.add(.points, "mean", x: whole.map(\.trials.test.mean), y: places)
      // One line with gaps: from a deviation below the mean to one above.
      let ends = whole.flatMap { row in
        let spread = row.trials.test
        return [spread.mean - spread.deviation, spread.mean + spread.deviation, .nan]
      }
      plot.add(.line, "± deviation", x: ends, y: places.flatMap { [$0, $0, $0] })
      return plot
    }
  }
}
