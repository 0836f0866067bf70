import Figures
import Foundation
import StudyCore
import Support

extension HomeostaticNetworks {
  /// A rate of shift that itself changes (claim 5): seasons of most swaps and of none, in turn.
  struct Seasons {
    private let bench: TrialBench
    private let options: Options
    private let results: Results
    /// The constants tuned for either season alone.
    private let tuned: [Double]

    init(_ bench: TrialBench, constants: [Int: Double]) throws {
      self.bench = bench
      options = bench.options
      let options = bench.options
      tuned = [0, options.highestShift].map { constants[$0]! }
      results = try bench.run(
        "seasons",
        ([options.initialRate] + options.constants).map(options.constant)
          + [options.randomWalk(bench.effects), options.homeostatic(bench.effects)], [.seasons])
    }

    private var epochs: Int { options.seasonEpochs * options.seasonCount }

    private func isShift(_ epoch: Int) -> Bool { epoch / options.seasonEpochs % 2 == 0 }

    private func accuracy(_ learner: String) -> Spread {
      results.spread(learner, .seasons) { $0.accuracy(0..<epochs) }
    }

    /// Accuracy in the last season of shift and of calm.
    private func lastSeasons(_ learner: String) -> Spread {
      results.spread(learner, .seasons) { $0.accuracy((epochs - 2 * options.seasonEpochs)..<epochs) }
    }

    func report(to lab: Lab) throws {
      try lab.add(table)
      lab.measure("seasons.correlation", correlation.mean)
      lab.measure("seasons.riseInShift", change(inShift: true).mean)
      lab.measure("seasons.riseInCalm", change(inShift: false).mean)
      lab.add(claim)
      try lab.add(accuracyPlot)
      try lab.add(ratePlot)
    }

    /// Correlation of the rate with the season, over epochs: 1 in shift, 0 in calm.
    private var correlation: Spread {
      results.spread("LRH", .seasons) { outcome in
        let season = (0..<epochs).map { isShift($0) ? 1.0 : 0 }
        return pearson(outcome.rate, season)
      }
    }

    /// Change of the rate from the first to the last epoch of a season, as a share of the first.
    private func change(inShift: Bool) -> Spread {
      results.spread("LRH", .seasons) { outcome in
        let changes = (0..<options.seasonCount).filter { ($0 % 2 == 0) == inShift }.map { season in
          let first = outcome.rate[season * options.seasonEpochs]
          return (outcome.rate[(season + 1) * options.seasonEpochs - 1] - first) / max(first, 1e-12)
        }
        return changes.reduce(0, +) / Double(changes.count)
      }
    }

    private var claim: Claim {
      let homeostatic = accuracy("LRH").mean
      let criteria = Criteria([
        (
          tuned.allSatisfy { homeostatic >= accuracy(options.constant($0).name).mean },
          "a constant tuned for one season is better over all epochs; in the last two seasons LRH has "
            + lastSeasons("LRH").percent + ", the constants "
            + tuned.map { lastSeasons(options.constant($0).name).percent }.joined(separator: " and ")
        ),
        (change(inShift: true).mean > 0, "the rate does not rise in shift"),
      ])
      let claim = Claim(
        "5", "It is resilient to changing rates of shift",
        paper: "resilient to second-order shift (figures only)",
        test:
          "\(options.seasonCount) seasons of \(options.seasonEpochs) epochs, SPE \(options.highestShift) and 0 "
          + "in turn, \(options.repetitions) seeds; mean prequential accuracy of all epochs",
        criterion: "LRH not below the constants tuned for either season alone, and its rate rises in shift",
        measured: measured, holds: criteria.hold, reason: criteria.reason)
      return criteria.decide(claim, samples: epochs * bench.training.count)
    }

    private var measured: String {
      var parts = ["LRH \(accuracy("LRH").percent)", "LRC \(accuracy(options.untuned.name).percent)"]
      for (season, rate) in zip(["calm", "shift"], tuned) {
        parts.append(
          "constant \(rate), best in \(season) alone, \(accuracy(options.constant(rate).name).percent)")
      }
      let (shift, calm) = (change(inShift: true), change(inShift: false))
      parts.append("the rate changes by \(shift.wholePercent) in shift and \(calm.wholePercent) in calm")
      let error = rounded(correlation.standardError, 2)
      parts.append("correlation of rate and season \(rounded(correlation.mean, 2)) ± \(error)")
      return parts.joined(separator: "; ")
    }

    private var table: Table {
      var table = Table(
        name: "seasons",
        caption:
          "Prequential accuracy under seasons, mean over \(options.repetitions) seeds: all epochs, epochs of shift, "
          + "epochs of calm.",
        columns: [
          "learner", "accuracy", "standard deviation", "in shift", "in calm", "last two seasons",
          "rate at the end",
        ])
      let learners =
        ([options.initialRate] + options.constants).map { options.constant($0).name } + ["LRR", "LRH"]
      for learner in learners {
        func mean(inShift: Bool) -> Double {
          results.spread(learner, .seasons) { outcome in
            Spread((0..<epochs).filter { isShift($0) == inShift }.map { outcome.accuracy[$0] }).mean
          }.mean
        }
        table.append([
          .text(learner), .number(accuracy(learner).mean), .number(accuracy(learner).deviation),
          .number(mean(inShift: true)), .number(mean(inShift: false)), .number(lastSeasons(learner).mean),
          .number(results.spread(learner, .seasons) { $0.rate.last! }.mean),
        ])
      }
      return table
    }

    private var bands: [Plot.Mark] {
      (0..<options.seasonCount).filter { $0 % 2 == 0 }.map { season in
        let start = Double(season * options.seasonEpochs) + 0.5
        return .band(start...(start + Double(options.seasonEpochs)), label: "shift")
      }
    }

    private func plot(
      _ name: String, _ title: String, _ caption: String, y: Plot.Axis,
      _ learners: [(name: String, label: String)],
      _ measure: (Outcome) -> [Double]
    ) -> Plot {
      var plot = Plot(
        name: name, title: title,
        caption: caption + " Shaded: seasons of \(options.highestShift) swaps an epoch; else none. "
          + "Error bars: standard error over \(options.repetitions) seeds.",
        x: .init("epoch", range: 0...(Double(epochs) + 0.5)), y: y)
      for learner in learners {
        let spreads = (0..<epochs).map { epoch in
          results.spread(learner.name, .seasons) { measure($0)[epoch] }
        }
        plot.add(
          .line, learner.label, x: spreads.indices.map { Double($0 + 1) }, y: spreads.map(\.mean),
          error: spreads.map(\.standardError))
      }
      plot.marks = bands
      return plot
    }

    private var accuracyPlot: Plot {
      var learners = [
        (options.untuned.name, "constant \(options.initialRate)"), ("LRR", "random walk"),
        ("LRH", "homeostatic"),
      ]
      for (rate, season) in zip(tuned, ["calm", "shift"]) where rate != options.initialRate {
        let season = tuned[0] == tuned[1] ? "both" : season
        if !learners.contains(where: { $0.0 == options.constant(rate).name }) {
          learners.append((options.constant(rate).name, "constant \(rate), best in \(season)"))
        }
      }
      return plot(
        "seasons-accuracy", "Seasons of shift and calm", "Prequential accuracy per epoch.",
        y: .init("prequential accuracy", range: 0...1), learners
      ) { $0.accuracy }
    }

    private var ratePlot: Plot {
      plot(
        "seasons-rate", "Learning rate under seasons", "Mean learning rate per epoch.",
        y: .init("learning rate"), [("LRH", "homeostatic"), ("LRR", "random walk")]
      ) { $0.rate }
    }
  }

  /// Pearson's correlation; 0 where one side does not vary.
  private static func pearson(_ a: [Double], _ b: [Double]) -> Double {
    let (left, right) = (Spread(a), Spread(b))
    guard left.deviation > 0, right.deviation > 0 else { return 0 }
    let covariance =
      zip(a, b).reduce(0) { $0 + ($1.0 - left.mean) * ($1.1 - right.mean) } / Double(a.count - 1)
    return covariance / (left.deviation * right.deviation)
  }
}
