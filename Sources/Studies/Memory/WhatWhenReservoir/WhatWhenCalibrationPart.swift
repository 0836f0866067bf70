import Figures
import Foundation
import Neurons
import Statistics
import StudyCore
import Support

extension WhatWhenReservoir {
  /// Claim 2: amplitudes against probabilities; and what a time that varies does to them.
  struct CalibrationPart {
    let bench: Bench
    private var options: Options { bench.options }
    private var lab: Lab { bench.lab }
    private static let latency = 300.0
    /// Criteria, fixed before measuring.
    private static let slopes = 0.8...1.2
    private static let explained = 0.9

    /// The later half of a course.
    struct Outcome: Sendable {
      var amplitude: Double
      var mass: Double
      /// From trial to trial.
      var deviation: Double
      /// How often the first outcome came.
      var frequency: Double
    }

    /// A straight line through points.
    struct Line {
      let slope, intercept, explained: Double

      init(_ x: [Double], _ y: [Double]) {
        let (a, b) = (Spread(x), Spread(y))
        let correlation = Correlation.pearson(x, y).coefficient
        slope = a.deviation > 0 ? correlation * b.deviation / a.deviation : .nan
        intercept = b.mean - slope * a.mean
        explained = correlation * correlation
      }
    }

    func run() throws {
      let learners = [bench.local, bench.online, bench.leastSquares]
      let probabilities = options.probabilities
      let flat = try bench.map(
        "calibration", learners.count * probabilities.count, seeds: options.seeds
      ) { setting, seed in
        let probability = probabilities[setting % probabilities.count]
        return outcome(
          learners[setting / probabilities.count], probability: probability, jitter: 0,
          name: "calibration \(probability)", seed: seed)
      }
      let outcomes = learners.indices.map { learner in
        probabilities.indices.map { flat[learner * probabilities.count + $0] }
      }
      try report(learners, outcomes)
      lab.add(claim(outcomes[0]))
      try lab.add(figure(learners, outcomes))
      try jitter()
      try rates()
    }

    private func outcome(
      _ learner: Learner, probability: Double, jitter: Double, name: String, seed: Int
    ) -> Outcome {
      let task = PredictionTask([
        .init(
          trials: options.calibrationTrials,
          cues: [
            .init(probabilities: [probability, 1 - probability], latency: Self.latency, jitter: jitter)
          ])
      ])
      let course = bench.course(learner, bench.features(seed: seed), task, named: name, seed: seed)
      let late = course.records[(course.records.count / 2)...]
      let amplitudes = Spread(late.map { $0.amplitudes[0] })
      return Outcome(
        amplitude: amplitudes.mean, mass: Spread(late.map { $0.masses[0] }).mean,
        deviation: amplitudes.deviation,
        frequency: Double(late.filter { $0.trial.outcome == 0 }.count) / Double(late.count))
    }

    private func line(_ byProbability: [[Outcome]]) -> Line {
      Line(
        options.probabilities.flatMap { p in (0..<options.seeds).map { _ in p } },
        byProbability.flatMap { $0.map(\.amplitude) })
    }

    private func report(_ learners: [Learner], _ outcomes: [[[Outcome]]]) throws {
      var table = Table(
        name: "calibration",
        caption:
          "Amplitude of the first \"what\" by the probability of its outcome, over the later half of \(options.calibrationTrials) trials; mean and deviation over \(options.seeds) reservoirs.",
        columns: [
          "learner", "probability", "frequency", "amplitude", "deviation over reservoirs",
          "deviation from trial to trial", "summed over time",
        ])
      for (learner, byProbability) in zip(learners, outcomes) {
        for (probability, seeds) in zip(options.probabilities, byProbability) {
          let amplitude = Spread(seeds.map(\.amplitude))
          table.append([
            .text(learner.label), .number(probability), .number(Spread(seeds.map(\.frequency)).mean),
            .number(amplitude.mean), .number(amplitude.deviation),
            .number(Spread(seeds.map(\.deviation)).mean), .number(Spread(seeds.map(\.mass)).mean),
          ])
        }
        let line = line(byProbability)
        let name = learner.label.replacing(" ", with: "-")
        lab.measure("calibration.\(name).slope", line.slope)
        lab.measure("calibration.\(name).explained", line.explained)
      }
      try lab.add(table)
    }

    private func claim(_ byProbability: [[Outcome]]) -> Claim {
      let all = line(byProbability)
      let each = (0..<options.seeds).map { seed in
        Line(options.probabilities, byProbability.map { $0[seed].amplitude })
      }
      let slopes = Spread(each.map(\.slope))
      let drawn = Line(
        byProbability.flatMap { $0.map(\.frequency) }, byProbability.flatMap { $0.map(\.amplitude) })
      let holds = Self.slopes.contains(all.slope) && all.explained >= Self.explained
      return .decided(
        "2", "The size of the anticipation is proportional to probability.",
        paper:
          "Abstract only: firing magnitudes are proportional to the probabilities. No figure is known to us.",
        test:
          "Local rule, one cue, latency 300 ms, \(options.calibrationTrials) trials at each of \(options.probabilities.count) probabilities, \(options.seeds) reservoirs. Mean amplitude of the first \"what\" within 10 ms of the event over the later half, against the probability: one line through all reservoirs.",
        criterion: "slope from 0.8 to 1.2 and r² at least 0.9",
        measured: String(
          format:
            "slope %.3f, intercept %+.3f, r² %.3f; by reservoir slope %@; against the frequency that was drawn slope %.3f, r² %.3f. From trial to trial the amplitude varies by %.2f at probability one half or nearest",
          all.slope, all.intercept, all.explained, slopes.text(3), drawn.slope, drawn.explained,
          middleDeviation(byProbability)),
        holds: holds,
        reason: all.explained < Self.explained
          ? "the amplitudes scatter" : String(format: "the slope is %.2f", all.slope),
        unless: lab.size == .quick && !holds ? "small reservoirs and few trials" : nil)
    }

    private func middleDeviation(_ byProbability: [[Outcome]]) -> Double {
      let middle = options.probabilities.indices.min {
        abs(options.probabilities[$0] - 0.5) < abs(options.probabilities[$1] - 0.5)
      }!
      return Spread(byProbability[middle].map(\.deviation)).mean
    }

    private func figure(_ learners: [Learner], _ outcomes: [[[Outcome]]]) -> Plot {
      var plot = Plot(
        name: "calibration", title: "Amplitude against probability",
        caption:
          "Amplitude of a \"what\" at the event's time by the probability of its outcome, mean and standard deviation over \(options.seeds) reservoirs. Dashed: equal.",
        x: .init("probability", range: -0.05...1.05), y: .init("amplitude", range: -0.15...1.15))
      for (index, learner) in learners.enumerated() {
        let spreads = outcomes[index].map { Spread($0.map(\.amplitude)) }
        // Side by side, so that bars can be told apart.
        let shift = 0.012 * Double(index - 1)
        plot.add(
          .points, learner.label, x: options.probabilities.map { $0 + shift }, y: spreads.map(\.mean),
          error: options.seeds > 1 ? spreads.map(\.deviation) : nil)
      }
      plot.add(.dashed, "equal", x: [0, 1], y: [0, 1])
      return plot
    }

    /// A latency that varies flattens the bell: its height falls, its sum stays.
    private func jitter() throws {
      let outcomes = try bench.map("jitter", options.jitters.count, seeds: options.seeds) { setting, seed in
        let jitter = options.jitters[setting]
        return outcome(
          bench.local, probability: 0.8, jitter: jitter, name: "jitter \(jitter)", seed: seed)
      }
      let width = TrialTiming().eventWidth
      let theory = options.jitters.map { 0.8 * width / (width * width + $0 * $0).squareRoot() }
      var table = Table(
        name: "jitter",
        caption:
          "A latency that varies: amplitude at its mean and sum over time of the first \"what\" (probability 0.8), and the height of the mean signal. Mean and deviation over \(options.seeds) reservoirs.",
        columns: [
          "jitter (ms)", "amplitude", "deviation", "mean signal", "sum over time", "deviation of the sum",
        ])
      for (index, jitter) in options.jitters.enumerated() {
        let (amplitude, mass) = (
          Spread(outcomes[index].map(\.amplitude)), Spread(outcomes[index].map(\.mass))
        )
        table.append([
          .number(jitter), .number(amplitude.mean), .number(amplitude.deviation), .number(theory[index]),
          .number(mass.mean), .number(mass.deviation),
        ])
        lab.measure("jitter.\(short(jitter)).amplitude", amplitude.mean)
        lab.measure("jitter.\(short(jitter)).sum", mass.mean)
      }
      try lab.add(table)
    }

    /// Steadiness against speed: what the rate of "what" buys.
    private func rates() throws {
      let rates = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2]
      let outcomes = try bench.map("rates", rates.count, seeds: options.seeds) { setting, seed in
        outcome(
          Learner(label: "rate \(rates[setting])", rule: bench.local(whatRate: rates[setting])),
          probability: 0.7, jitter: 0, name: "rates", seed: seed)
      }
      var table = Table(
        name: "rates",
        caption:
          "The rate of \"what\": amplitude at probability 0.7 over the later half of \(options.calibrationTrials) trials, and how much it varies from trial to trial; mean over \(options.seeds) reservoirs.",
        columns: ["rate", "amplitude", "deviation over reservoirs", "deviation from trial to trial"])
      for (rate, seeds) in zip(rates, outcomes) {
        let amplitude = Spread(seeds.map(\.amplitude))
        table.append([
          .number(rate), .number(amplitude.mean), .number(amplitude.deviation),
          .number(Spread(seeds.map(\.deviation)).mean),
        ])
      }
      try lab.add(table)
    }
  }
}
