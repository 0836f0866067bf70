import Figures
import StudyCore
import Support

extension HomeostaticNetworks {
  /// The rule as the authors' code runs it (claim 6): the decision falls on the first sample of a minibatch, so
  /// that the imagined steps follow one sample's gradient divided by the size of the minibatch.
  struct LiteralRule {
    private let options: Options
    private let shift: TrialBench.Shift
    private let results: Results

    init(_ bench: TrialBench) throws {
      options = bench.options
      shift = .steady(bench.options.highestShift)
      let learners = bench.options.literalRates.flatMap { rate in
        [
          bench.options.constant(rate)
        ] + Self.offsets(bench.options).map { Self.learner(bench, rate, offset: $0) }
      }
      results = try bench.run("the literal rule", learners, [shift])
    }

    /// The authors' offset and the study's.
    private static func offsets(_ options: Options) -> [Int] { Set([0, options.offset]).sorted() }

    private static func learner(_ bench: TrialBench, _ rate: Double, offset: Int) -> Learner {
      bench.options.homeostatic(bench.effects, named: name(rate, offset)) {
        ($0.initialRate, $0.step, $0.offset) = (rate, rate * bench.options.relativeStep, offset)
      }
    }

    private static func name(_ rate: Double, _ offset: Int) -> String { "LRH from \(rate), offset \(offset)" }

    private func accuracy(_ learner: String) -> Spread {
      results.spread(learner, shift) { $0.accuracy(options.late) }
    }

    func report(to lab: Lab) throws {
      try lab.add(table)
      lab.add(claim)
    }

    private var claim: Claim {
      let advantages = options.literalRates.map { rate in
        results.difference(Self.name(rate, 0), options.constant(rate).name, shift) {
          $0.accuracy(options.late)
        }
      }
      let holds = advantages.allSatisfy { $0.mean > 0.05 }
      return Claim(
        "6", "The published rule, as its code runs, adapts better than a constant rate",
        paper: "as claim 1; the code decides at the first sample of a minibatch",
        test:
          "offset 0 from the rates \(options.literalRates) at SPE \(options.highestShift), \(options.repetitions) seeds",
        criterion: "mean(LRH - LRC) above 5 points from every initial rate",
        measured: zip(options.literalRates, advantages).map { rate, advantage in
          let (literal, whole) = (Self.name(rate, 0), Self.name(rate, options.offset))
          return
            "from \(rate): \(advantage.points), rate at the end \(ratio(literal, rate)) times the first, "
            + "\(percent(literal) { $0.tieShare }) of decisions ties, \(percent(literal) { $0.takenShare }) taken; "
            + "offset \(options.offset): rate \(ratio(whole, rate)) times, \(percent(whole) { $0.tieShare }) ties"
        }.joined(separator: "; "),
        holds: holds,
        reason: holds
          ? nil
          : "a step along one sample's gradient divided by \(options.batch) hardly changes what the memory gives: "
            + "most futures are equal, and the rate does not rise as it does with the whole minibatch's gradient"
      )
    }

    private func ratio(_ learner: String, _ rate: Double) -> String {
      rounded(results.spread(learner, shift) { $0.rate.last! / rate }.mean, 2)
    }

    private func percent(_ learner: String, _ share: (DecisionStatistics) -> Double) -> String {
      rounded(results.spread(learner, shift) { share($0.decisions) * 100 }.mean, 1) + " %"
    }

    private var table: Table {
      var table = Table(
        name: "literal-rule",
        caption:
          "The decision at the first sample of a minibatch (offset 0, the authors' code) and at sample "
          + "\(options.offset), at SPE \(options.highestShift).",
        columns: [
          "learner", "accuracy", "standard deviation", "rate at the end", "standard deviation of the rate",
          "ties (share)", "taken (share)",
        ])
      for rate in options.literalRates {
        for learner in [options.constant(rate).name] + Self.offsets(options).map({ Self.name(rate, $0) }) {
          let end = results.spread(learner, shift) { $0.rate.last! }
          table.append([
            .text(learner), .number(accuracy(learner).mean), .number(accuracy(learner).deviation),
            .number(end.mean), .number(end.deviation), results.decisionShare(learner, shift) { $0.tieShare },
            results.decisionShare(learner, shift) { $0.takenShare },
          ])
        }
      }
      return table
    }
  }
}
