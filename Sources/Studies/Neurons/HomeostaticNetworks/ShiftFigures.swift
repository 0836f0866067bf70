import Figures
import Support

extension HomeostaticNetworks {
  /// The figures of the shift grid.
  struct ShiftFigures {
    private let grid: ShiftGrid
    private let options: Options

    init(_ grid: ShiftGrid) {
      self.grid = grid
      options = grid.bench.options
    }

    var all: [Plot] {
      options.shiftRates.map(accuracyPerEpoch) + [advantage, rates, trace, recovery, decisions]
    }

    private var bars: String { "Error bars: standard error over \(options.repetitions) seeds." }

    private func learners(_ swaps: Int) -> [(name: String, label: String)] {
      let best = grid.best(swaps)
      return [
        (options.untuned.name, "constant \(options.initialRate)"), ("LRR", "random walk"),
        ("LRH", "homeostatic"),
      ]
        + (best.name == options.untuned.name
          ? [] : [(best.name, "best constant \(grid.bestConstants[swaps]!)")])
    }

    private func accuracyPerEpoch(_ swaps: Int) -> Plot {
      var plot = Plot(
        name: "accuracy-spe-\(swaps)", title: "\(swaps) swaps an epoch",
        caption: "Prequential accuracy per epoch under \(swaps) label swaps an epoch. \(bars)",
        x: .init("epoch"), y: .init("prequential accuracy", range: 0...1))
      for learner in learners(swaps) {
        let epochs = (0..<options.epochs).map { epoch in
          grid.results.spread(learner.name, .steady(swaps)) { $0.accuracy[epoch] }
        }
        plot.add(
          learner.label.hasPrefix("best") ? .dashed : .line, learner.label,
          x: epochs.indices.map { Double($0 + 1) },
          y: epochs.map(\.mean), error: epochs.map(\.standardError))
      }
      return plot
    }

    /// A plot of several quantities against swaps an epoch.
    private func againstShift(
      _ name: String, _ title: String, _ caption: String, y: Plot.Axis,
      _ quantities: [(label: String, spread: (Int) -> Spread)]
    ) -> Plot {
      let places = options.shiftRates.indices.map(Double.init)
      let axis = Plot.Axis(
        "swaps an epoch", range: -0.3...(Double(places.count) - 0.7),
        ticks: zip(places, options.shiftRates).map { ($0, String($1)) })
      var plot = Plot(name: name, title: title, caption: "\(caption) \(bars)", x: axis, y: y)
      for quantity in quantities {
        let spreads = options.shiftRates.map(quantity.spread)
        plot.add(
          .linePoints, quantity.label, x: places, y: spreads.map { $0.mean * 100 },
          error: spreads.map { $0.standardError * 100 })
      }
      return plot
    }

    private var advantage: Plot {
      let untuned = options.untuned.name
      return againstShift(
        "advantage", "Advantage over the constant rate \(options.initialRate)",
        "Difference of prequential accuracy in the last \(options.lateEpochs) epochs to the learner with the "
          + "constant initial rate.",
        y: .init("advantage", unit: "points"),
        [
          ("random walk", { grid.advantage("LRR", over: untuned, $0) }),
          ("homeostatic", { grid.advantage("LRH", over: untuned, $0) }),
          ("best constant", { grid.advantage(grid.best($0).name, over: untuned, $0) }),
        ])
    }

    private var decisions: Plot {
      func spread(_ measure: @escaping (DecisionStatistics) -> Double) -> (Int) -> Spread {
        { swaps in grid.results.spread("LRH", .steady(swaps)) { measure($0.decisions) } }
      }
      return againstShift(
        "decisions", "When the two futures differ",
        "Share of decisions in which the homeostatic learner took the object in, among those with a right and a "
          + "wrong guess, and share in which taking it would have been worse; in all others both were equal.",
        y: .init("share of decisions", unit: "%"),
        [
          ("taking worse", spread { $0.worseShare }),
          ("taken, guess right", spread { $0.takenShareWhenRight }),
          ("taken, guess wrong", spread { $0.takenShareWhenWrong }),
        ])
    }

    private var rates: Plot {
      var plot = Plot(
        name: "rate-per-epoch", title: "Learning rate of the homeostatic learner",
        caption:
          "Mean learning rate of the homeostatic learner per epoch, for each number of swaps an epoch. \(bars)",
        x: .init("epoch"), y: .init("learning rate"))
      for swaps in options.shiftRates {
        let epochs = (0..<options.epochs).map { epoch in
          grid.results.spread("LRH", .steady(swaps)) { $0.rate[epoch] }
        }
        plot.add(
          .line, "SPE \(swaps)", x: epochs.indices.map { Double($0 + 1) }, y: epochs.map(\.mean),
          error: epochs.map(\.standardError))
      }
      return plot
    }

    /// The learning rate in the slowest shift, where single swaps can be seen.
    private var trace: Plot {
      let swaps = options.shiftRates[1]
      var plot = Plot(
        name: "rate-trace", title: "Learning rate of one seed, \(swaps) swaps an epoch",
        caption:
          "Learning rate through the training of the first seed; the points at the bottom are label swaps.",
        x: .init("epoch"), y: .init("learning rate"))
      for (name, label) in [
        (options.untuned.name, "constant"), ("LRR", "random walk"), ("LRH", "homeostatic"),
      ] {
        let outcome = grid.results[name, .steady(swaps)][0]
        plot.add(.line, label, x: outcome.rateTrace.map { $0.epoch }, y: outcome.rateTrace.map { $0.rate })
      }
      let times = grid.results["LRH", .steady(swaps)][0].swapTimes
      plot.add(.points, "label swap", x: times, y: times.map { _ in 0 })
      return plot
    }

    /// The fastest shift that leaves ten windows between swaps, else the slowest.
    private var recoveryShift: Int {
      options.shiftRates.last { $0 > 0 && grid.bench.recoveryWindows($0).upperBound >= 10 }
        ?? options.shiftRates[1]
    }

    private var recovery: Plot {
      let swaps = recoveryShift
      let windows = grid.bench.recoveryWindows(swaps)
      var plot = Plot(
        name: "recovery", title: "Recovery from a label swap, \(swaps) swaps an epoch",
        caption:
          "Accuracy of guesses in windows of \(options.recoveryWindow) samples around a swap, over the swaps of the "
          + "last \(options.lateEpochs) epochs. \(bars)",
        x: .init("samples since the swap"), y: .init("accuracy"))
      for learner in learners(swaps) {
        let curve = windows.indices.map { window in
          Spread(
            grid.results[learner.name, .steady(swaps)].compactMap { $0.recovery[window - windows.lowerBound] }
          )
        }
        plot.add(
          learner.label.hasPrefix("best") ? .dashed : .linePoints, learner.label,
          x: windows.map { (Double($0) + 0.5) * Double(options.recoveryWindow) },
          y: curve.map { $0.count == 0 ? .nan : $0.mean },
          error: curve.map { $0.count == 0 ? .nan : $0.standardError })
      }
      plot.marks = [.vertical(0, label: "swap")]
      return plot
    }
  }
}
