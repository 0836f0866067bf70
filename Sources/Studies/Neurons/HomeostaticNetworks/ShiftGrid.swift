import Figures
import Neurons
import StudyCore
import Support

extension HomeostaticNetworks {
  /// Learners against shift rates: adaptation, harm, luck, and the tuned constants the paper lacks (claims 1
  /// to 4).
  struct ShiftGrid {
    let bench: TrialBench
    private(set) var results: Results
    /// The constant rate with the best mean accuracy, by swaps an epoch; the initial rate is among them.
    let bestConstants: [Int: Double]
    private let options: Options

    init(_ bench: TrialBench) throws {
      self.bench = bench
      options = bench.options
      let (options, shifts) = (bench.options, bench.options.shiftRates.map { TrialBench.Shift.steady($0) })
      results = try bench.run(
        "learners under shift",
        [options.untuned, options.randomWalk(bench.effects), options.homeostatic(bench.effects)], shifts)
      results.merge(try bench.run("tuned constants", options.constants.map(options.constant), shifts))
      let results = results
      bestConstants = Dictionary(
        uniqueKeysWithValues: options.shiftRates.map { swaps in
          let rates = [options.initialRate] + options.constants
          let accuracies = rates.map { rate in
            results.spread(options.constant(rate).name, .steady(swaps)) { $0.accuracy(options.late) }.mean
          }
          return (swaps, rates[accuracies.indices.max { accuracies[$0] < accuracies[$1] }!])
        })
    }

    func report(to lab: Lab) throws {
      try lab.add(table)
      try lab.add(decisionTable)
      measure(lab)
      lab.add(adaptationClaim)
      lab.add(harmClaim)
      lab.add(luckClaim)
      lab.add(tunedConstantClaim)
      for plot in ShiftFigures(self).all { try lab.add(plot) }
    }

    /// Mean prequential accuracy of the late epochs.
    func late(_ learner: String, _ swaps: Int) -> Spread {
      results.spread(learner, .steady(swaps)) { $0.accuracy(options.late) }
    }

    func advantage(_ learner: String, over other: String, _ swaps: Int) -> Spread {
      results.difference(learner, other, .steady(swaps)) { $0.accuracy(options.late) }
    }

    /// The learner with the best constant rate.
    func best(_ swaps: Int) -> Learner { options.constant(bestConstants[swaps]!) }

    private var learners: [Learner] {
      [options.untuned, options.randomWalk(bench.effects), options.homeostatic(bench.effects)]
        + options.constants.map(options.constant)
    }

    private func measure(_ lab: Lab) {
      for swaps in options.shiftRates {
        for learner in learners {
          let name = learner.name.replacing(" ", with: "")
          lab.measure("accuracy.\(name).spe\(swaps)", late(learner.name, swaps).mean)
          lab.measure(
            "rate.\(name).spe\(swaps)", results.spread(learner.name, .steady(swaps)) { $0.rate.last! }.mean)
        }
        lab.measure("advantage.spe\(swaps)", advantage("LRH", over: options.untuned.name, swaps).mean)
      }
    }

    private var table: Table {
      var table = Table(
        name: "shift-grid",
        caption:
          "Prequential accuracy of the last \(options.lateEpochs) of \(options.epochs) epochs, validation accuracy "
          + "before the last swap, and learning rate of the last epoch, over \(options.repetitions) seeds.",
        columns: [
          "swaps an epoch", "learner", "accuracy", "standard deviation", "validation accuracy",
          "standard deviation of it", "rate at the end", "standard deviation of the rate",
        ])
      for swaps in options.shiftRates {
        for learner in learners {
          let accuracy = late(learner.name, swaps)
          let validation = results.spread(learner.name, .steady(swaps)) { $0.validation }
          let rate = results.spread(learner.name, .steady(swaps)) { $0.rate.last! }
          table.append(
            [.integer(swaps), .text(learner.name)]
              + [accuracy, validation, rate].flatMap { [.number($0.mean), .number($0.deviation)] })
        }
      }
      return table
    }

    private var decisionTable: Table {
      var table = Table(
        name: "decisions",
        caption:
          "How the homeostatic learner decided, in shares of all decisions; taken: of those with that guess.",
        columns: [
          "swaps an epoch", "decisions", "guess right", "futures equal", "taking worse", "taken",
          "taken when right", "taken when wrong",
        ])
      for swaps in options.shiftRates {
        func mean(_ measure: (DecisionStatistics) -> Double) -> Table.Cell {
          .number(results.spread("LRH", .steady(swaps)) { measure($0.decisions) }.mean)
        }
        table.append([
          .integer(swaps), mean { Double($0.count) }, mean { $0.rightShare }, mean { $0.tieShare },
          mean { $0.worseShare }, mean { $0.takenShare }, mean { $0.takenShareWhenRight },
          mean { $0.takenShareWhenWrong },
        ])
      }
      return table
    }

    private var adaptationClaim: Claim {
      let steps = options.shiftRates.map { advantage("LRH", over: options.untuned.name, $0) }
      let grows = zip(steps, steps.dropFirst()).allSatisfy { low, high in
        let variance: Double = [low, high].reduce(0) { $0 + $1.standardError * $1.standardError }
        return high.mean >= low.mean - variance.squareRoot()
      }
      let high = steps[steps.count - 1].mean > 0.05
      let criteria = Criteria([
        (grows, "the advantage does not grow with every step of SPE"),
        (high, "the advantage is too small at the highest SPE"),
      ])
      return Claim(
        "1", "The homeostatic learner adapts better to concept shift, the more so the faster it is",
        paper: "LRH above LRC under shift, the advantage growing with the rate of shift (figures only)",
        test: "LRH against LRC from the same rate \(options.initialRate), \(options.epochs) epochs of "
          + "\(bench.training.count) images, \(options.repetitions) paired seeds",
        criterion:
          "mean(LRH - LRC) grows with SPE (ties within one standard error), above 5 points at the highest",
        measured: perShift { advantage("LRH", over: options.untuned.name, $0).points },
        holds: criteria.hold, reason: criteria.reason)
    }

    private var harmClaim: Claim {
      let difference = results.difference("LRH", options.untuned.name, .steady(0)) { $0.validation }
      let holds = difference.mean >= -0.01
      return Claim(
        "2", "Without shift, the homeostatic learner is no worse",
        paper: "no loss worth mentioning without shift",
        test: "validation accuracy after the last epoch at SPE 0, \(bench.validation.count) images",
        criterion: "LRH not more than 1 point below LRC",
        measured: "LRH - LRC \(difference.points); LRH "
          + results.spread("LRH", .steady(0)) { $0.validation }.percent
          + ", LRC " + results.spread(options.untuned.name, .steady(0)) { $0.validation }.percent,
        holds: holds,
        reason: holds
          ? nil : "the rate rises without need and ends at \(endRate("LRH", 0)), which costs accuracy")
    }

    private var luckClaim: Claim {
      let shifted = options.shiftRates.dropFirst()
      let steadier = shifted.allSatisfy { late("LRH", $0).deviation < late("LRR", $0).deviation }
      let better = shifted.allSatisfy { late("LRH", $0).mean > late("LRR", $0).mean }
      let criteria = Criteria([
        (steadier, "LRH spreads more than LRR at one SPE or more"),
        (better, "LRR is as good at one SPE or more"),
      ])
      return Claim(
        "3", "It is regulation, not a rate that moves at random",
        paper: "LRH above LRR under shift",
        test: "LRH against LRR at every SPE above 0, \(options.repetitions) seeds",
        criterion:
          "LRH has the smaller standard deviation over seeds and the higher mean, at every SPE above 0",
        measured: perShift(shifted) {
          "LRH \(late("LRH", $0).percentAndDeviation), LRR \(late("LRR", $0).percentAndDeviation)"
        },
        holds: criteria.hold, reason: criteria.reason)
    }

    private var tunedConstantClaim: Claim {
      let near = options.shiftRates.allSatisfy { late("LRH", $0).mean >= late(best($0).name, $0).mean - 0.08 }
      let above = options.shiftRates.allSatisfy { late("LRH", $0).mean > late(options.untuned.name, $0).mean }
      let criteria = Criteria([
        (
          near,
          "the gap to the best constant exceeds 8 points: at SPE \(options.highestShift) the rate reaches "
            + "\(endRate("LRH", options.highestShift)) after \(options.epochs) epochs, the best constant is "
            + "\(bestConstants[options.highestShift]!)"
        ), (above, "LRH is not above LRC at every SPE"),
      ])
      let claim = Claim(
        "4", "It spares the search for a good constant rate",
        paper: "no tuned constant was compared",
        test: "constants \(options.constants) at every SPE against LRH started at \(options.initialRate)",
        criterion:
          "LRH at least the best constant less 8 points, and above the constant \(options.initialRate), at every SPE",
        measured: perShift { swaps in
          "LRH \(late("LRH", swaps).percent), best constant \(bestConstants[swaps]!) "
            + "\(late(best(swaps).name, swaps).percent), gap \(advantage("LRH", over: best(swaps).name, swaps).points)"
        },
        holds: criteria.hold, reason: criteria.reason)
      return criteria.decide(claim, samples: bench.training.count * options.epochs)
    }

    private func perShift(_ shifts: some Sequence<Int>, _ text: (Int) -> String) -> String {
      shifts.map { "SPE \($0): \(text($0))" }.joined(separator: "; ")
    }

    private func perShift(_ text: (Int) -> String) -> String { perShift(options.shiftRates, text) }

    private func endRate(_ learner: String, _ swaps: Int) -> String {
      rounded(results.spread(learner, .steady(swaps)) { $0.rate.last! }.mean, 4)
    }

    /// How fast the kernels were, beside what one core can do.
    var speed: String {
      let constant = results.cost { $0.hasPrefix("LRC") }
      let homeostatic = results.cost { $0 == "LRH" }
      let sizes = [bench.training.dimension] + options.hidden + [bench.training.classCount]
      let operations = Double(Perceptron<Float>.operations(sizes: sizes, batch: options.batch))
      let achieved = operations * Double(constant.batches) / constant.seconds / 1e9
      func micro(_ cost: (seconds: Double, batches: Int)) -> String {
        rounded(cost.seconds / Double(cost.batches) * 1e6, 1)
      }
      return """
        Speed: a minibatch of LRC takes \(micro(constant)) µs of one core, all included, \
        \(rounded(achieved, 0)) GFLOP/s; one of LRH, with its imagined steps, \(micro(homeostatic)) µs. Registers alone \
        reach \(rounded(PeakThroughput.singleThread(), 0)) GFLOP/s on this core.
        """
    }
  }
}
