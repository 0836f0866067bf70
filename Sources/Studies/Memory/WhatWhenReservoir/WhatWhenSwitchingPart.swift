import Figures
import Foundation
import Neurons
import Statistics
import StudyCore
import Support

extension WhatWhenReservoir {
  /// Claim 3: the latency changes, then the probability, then both.
  struct SwitchingPart {
    let bench: Bench
    private var options: Options { bench.options }
    private var lab: Lab { bench.lab }
    /// Criteria, fixed before measuring.
    private static let trials = 20.0
    private static let ratio = 3.0
    static let latencies = [300.0, 450, 450, 300]
    private static let probabilities = [0.8, 0.8, 0.3, 0.8]

    /// How long one learner needed, in trials; the block's length where it did not get there.
    struct Outcome: Sendable {
      /// After the switch of latency, of probability, and of both: the peak, and the order of the amplitudes.
      var latency, probability, bothLatency, bothProbability: Double
      /// The share of windows before any switch in which the order is wrong by chance.
      var falseAlarms: Double
      var peaks: [Double?]
      var amplitudes: [[Double]]
      /// Mean amplitudes over the last quarter of each block, `[blocks][K]`.
      var settled: [[Double]]
    }

    var task: PredictionTask {
      PredictionTask(
        ["learning", "latency", "probability", "both"].enumerated().map { index, name in
          let first = Self.probabilities[index]
          return .init(
            name, trials: options.blockTrials,
            cues: [.init(probabilities: [first, 1 - first], latency: Self.latencies[index])])
        })
    }

    func run() throws {
      let learners = [
        bench.local, bench.ungated, bench.online, bench.rates, bench.rewarded, bench.leastSquares,
        bench.resetting, bench.forgetting,
      ]
      let outcomes = try bench.map("switching", learners.count, seeds: options.seeds) { setting, seed in
        let learner = learners[setting]
        return outcome(
          bench.course(
            learner, bench.features(seed: seed, learner.kind), task, named: "switching", seed: seed))
      }
      try report(learners, outcomes)
      func of(_ learner: Learner) -> [Outcome] {
        outcomes[learners.firstIndex { $0.label == learner.label }!]
      }
      let compared = (
        local: of(bench.local), plain: of(bench.leastSquares), reset: of(bench.resetting),
        forgetting: of(bench.forgetting)
      )
      lab.add(latencyClaim(compared))
      lab.add(probabilityClaim(compared))
      let shown = [bench.local, bench.leastSquares, bench.resetting]
      try SwitchingFigures(task: task, learners: shown, outcomes: shown.map(of), lab: lab).draw()
    }

    private func outcome(_ course: WhatWhenCourse) -> Outcome {
      let length = options.blockTrials
      func block(_ index: Int) -> Range<Int> { index * length..<(index + 1) * length }
      func time(_ index: Int) -> Double {
        Double(course.trialsToTime(block(index), latency: Self.latencies[index]) ?? length)
      }
      let before = length / 2..<length
      let alarms = before.dropLast(4).filter { course.trialsToCross($0..<$0 + 5) == 0 }
      return Outcome(
        latency: time(1), probability: Double(course.trialsToCross(block(2)) ?? length), bothLatency: time(3),
        bothProbability: Double(course.trialsToCross(block(3), from: 1, to: 0) ?? length),
        falseAlarms: Double(alarms.count) / Double(max(1, before.count - 4)),
        peaks: course.records.map(\.peak), amplitudes: course.records.map(\.amplitudes),
        settled: (0..<4).map { index in
          let late = course.records[block(index)].suffix(max(1, length / 4))
          return (0..<2).map { outcome in Spread(late.map { $0.amplitudes[outcome] }).mean }
        })
    }

    private func report(_ learners: [Learner], _ outcomes: [[Outcome]]) throws {
      var table = Table(
        name: "switching",
        caption:
          "Trials to adapt to a switch (of \(options.blockTrials) that there were; the peak: until the running median of five stays within 30 ms; the order of amplitudes: until the running median of five differences turns), median over \(options.seeds) reservoirs. Blocks: 300 ms and 0.8; 450 ms; 0.3; 300 ms and 0.8.",
        columns: [
          "learner", "latency: peak", "worst", "probability: order", "worst of order", "both: peak",
          "both: order",
          "wrong order by chance", "A, B in the end of block 1", "of block 2", "of block 3", "of block 4",
        ])
      for (learner, seeds) in zip(learners, outcomes) {
        let amplitudes = (0..<4).map { block in
          (0..<2).map { outcome in
            String(format: "%.2f", Spread(seeds.map { $0.settled[block][outcome] }).mean)
          }.joined(separator: ", ")
        }
        table.append(
          [
            .text(learner.label), .number(Percentile.median(seeds.map(\.latency))),
            .number(seeds.map(\.latency).max()!), .number(Percentile.median(seeds.map(\.probability))),
            .number(seeds.map(\.probability).max()!), .number(Percentile.median(seeds.map(\.bothLatency))),
            .number(Percentile.median(seeds.map(\.bothProbability))),
            .number(Spread(seeds.map(\.falseAlarms)).mean),
          ] + amplitudes.map { .text($0) })
        let name = learner.label.replacing(", ", with: "-").replacing(" ", with: "-")
        lab.measure("switching.\(name).latency", Percentile.median(seeds.map(\.latency)), unit: "trials")
        lab.measure(
          "switching.\(name).probability", Percentile.median(seeds.map(\.probability)), unit: "trials")
      }
      try lab.add(table)
    }

    typealias Compared = (local: [Outcome], plain: [Outcome], reset: [Outcome], forgetting: [Outcome])

    private func latencyClaim(_ compared: Compared) -> Claim {
      claim(
        "3a", "The time is learned anew fast, where least squares need a reset.", compared, \.latency,
        what: "the latency goes from 300 to 450 ms", measure: "until the peak stays within 30 ms")
    }

    private func probabilityClaim(_ compared: Compared) -> Claim {
      claim(
        "3b", "Probabilities are learned anew fast, where least squares need a reset.", compared,
        \.probability,
        what: "the first outcome's probability goes from 0.8 to 0.3",
        measure: "until the ratio of the amplitudes crosses 1")
    }

    private func claim(
      _ id: String, _ statement: String, _ compared: Compared, _ pick: KeyPath<Outcome, Double>, what: String,
      measure: String
    ) -> Claim {
      func median(_ seeds: [Outcome]) -> Double { Percentile.median(seeds.map { $0[keyPath: pick] }) }
      func text(_ seeds: [Outcome]) -> String {
        let values = seeds.map { $0[keyPath: pick] }
        let stuck = values.filter { $0 >= Double(options.blockTrials) }.count
        return "\(short(median(seeds))) (\(short(values.min()!)) to \(short(values.max()!))"
          + (stuck > 0 ? ", \(stuck) of \(values.count) not within the block)" : ")")
      }
      let (local, plain) = (median(compared.local), median(compared.plain))
      let isFast = local <= Self.trials
      let isFaster = plain >= Self.ratio * max(1, local)
      let isCured = min(median(compared.reset), median(compared.forgetting)) <= Self.trials
      let problems =
        (isFast ? [] : ["the local rule takes \(short(local)) trials"])
        + (isFaster ? [] : ["least squares without a reset take only \(short(plain))"])
        + (isCured ? [] : ["neither reset nor forgetting helps least squares"])
      let alarms = Spread(compared.local.map(\.falseAlarms)).mean
      return .decided(
        id, statement,
        paper:
          "Abstract only: rapid adaptation to changes of timing and of probability, where FORCE needs explicit resets. No figure is known to us.",
        test:
          "After blocks of \(options.blockTrials) trials \(what); trials \(measure) (running median of five). Median over \(options.seeds) reservoirs, range in parentheses. Least squares: every 4 ms, P from I, as it is, with P reset at the switch, with forgetting factor \(options.forgetting).",
        criterion:
          "the local rule takes at most 20 trials, least squares at least 3 times as many, and at most 20 with a reset or with forgetting",
        measured:
          "local \(text(compared.local)); least squares \(text(compared.plain)), with reset \(text(compared.reset)), with forgetting \(text(compared.forgetting))"
          + (id == "3b"
            ? String(format: ". Before the switch the order is wrong in %.1f %% of windows", 100 * alarms)
            : ""),
        holds: problems.isEmpty, reason: problems.joined(separator: "; "),
        unless: lab.size == .quick && !problems.isEmpty ? "short blocks and small reservoirs" : nil)
    }
  }
}
