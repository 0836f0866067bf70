import Figures
import Neurons
import StudyCore
import Support

extension HomeostaticNetworks {
  /// What each part of the rule is good for: one part changed at a time.
  struct Ablations {
    private let options: Options
    private let shifts: [Int]
    private var results: Results
    private let names: [String]

    init(_ bench: TrialBench, _ grid: Results) throws {
      options = bench.options
      shifts = (bench.options.ablationsWithoutShift ? [0] : []) + [bench.options.highestShift]
      let learners = Self.learners(bench)
      results = grid
      results.merge(try bench.run("ablations", learners, shifts.map { .steady($0) }))
      names = ["LRH", bench.options.untuned.name] + learners.map(\.name)
    }

    private static let unbalanced = "all classes excite"

    private static func learners(_ bench: TrialBench) -> [Learner] {
      let (options, effects) = (bench.options, bench.effects)
      let allExcite = ClassEffects.excitatory(from: 0, of: effects.signs.count)
      return options.memories.map { memory in
        options.homeostatic(effects, named: "memory of \(memory)") { $0.memory = memory }
      } + [
        options.homeostatic(effects, named: "effect by guess") { $0.effectFollowsGuess = true },
        options.homeostatic(effects, named: "takes ties") { $0.acceptsTies = true },
        options.homeostatic(allExcite, named: unbalanced),
        options.homeostatic(effects, named: "step on the memory") { $0.imagination = .memoryStep },
        options.homeostatic(effects, named: "labels as seen") { $0.remembersLabelsAsSeen = true },
      ]
        + options.labelNoise.flatMap { noise in
          var constant = options.untuned
          (constant.name, constant.labelNoise) = ("LRC, labels random \(noise)", noise)
          return [
            constant, options.homeostatic(effects, named: "LRH, labels random \(noise)", labelNoise: noise),
          ]
        }
    }

    func report(to lab: Lab) throws {
      try lab.add(table)
      try lab.add(plot)
      for name in names.dropFirst(2) {
        let key = name.replacing(",", with: "").replacing(" ", with: "-")
        for swaps in shifts { lab.measure("ablation.\(key).spe\(swaps)", accuracy(name, swaps).mean) }
      }
      lab.note(balance)
    }

    private func accuracy(_ name: String, _ swaps: Int) -> Spread {
      results.spread(name, .steady(swaps)) { $0.accuracy(options.late) }
    }

    /// What the balance of exciting and inhibiting classes contributes.
    private var balance: String {
      let swaps = shifts[shifts.count - 1]
      let difference = results.difference(Self.unbalanced, "LRH", .steady(swaps)) {
        $0.accuracy(options.late)
      }
      return """
        Without any inhibiting class the same rule reaches \(accuracy(Self.unbalanced, swaps).percent) at SPE \(swaps), \
        \(difference.points) against the half-and-half rule.
        """
    }

    private var table: Table {
      var table = Table(
        name: "ablations",
        caption: "One part of the rule changed at a time, mean over \(options.repetitions) seeds.",
        columns: [
          "learner", "swaps an epoch", "accuracy", "standard deviation", "rate at the end", "ties (share)",
          "taken (share)",
        ])
      for name in names {
        for swaps in shifts {
          let (accuracy, shift) = (accuracy(name, swaps), TrialBench.Shift.steady(swaps))
          table.append([
            .text(name), .integer(swaps), .number(accuracy.mean), .number(accuracy.deviation),
            .number(results.spread(name, shift) { $0.rate.last! }.mean),
            results.decisionShare(name, shift) { $0.tieShare },
            results.decisionShare(name, shift) { $0.takenShare },
          ])
        }
      }
      return table
    }

    private var plot: Plot {
      let places = names.indices.map(Double.init)
      var plot = Plot(
        name: "ablations", title: "One part of the rule changed at a time",
        caption:
          "Prequential accuracy in the last \(options.lateEpochs) epochs, by swaps an epoch (SPE), mean over "
          + "\(options.repetitions) seeds. Random labels bound what can be reached.",
        x: .init("prequential accuracy", range: 0...1),
        y: .init(
          "", range: -0.6...(Double(names.count) - 0.4),
          ticks: zip(places, names.reversed()).map { ($0, $1) }))
      for (index, swaps) in shifts.enumerated() {
        plot.add(
          .points, "SPE \(swaps)", x: names.reversed().map { accuracy($0, swaps).mean },
          y: places.map { $0 + (index == 0 ? 0.12 : -0.12) })
      }
      return plot
    }
  }
}
