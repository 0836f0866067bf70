import Figures
import Foundation
import Neurons
import Statistics
import StudyCore
import Support
import Tensors

extension WhatWhenReservoir {
  /// Claims 1 and 5: the time of the peak by latency, and what the gate does.
  struct TimingPart {
    let bench: Bench
    private var options: Options { bench.options }
    private var lab: Lab { bench.lab }
    private static let probability = 0.8
    /// Criteria, fixed before measuring.
    private static let peakError = 20.0
    /// A difference counts where it is more than so many standard errors.
    private static let errors = 2.0

    /// One learner on one latency with one seed.
    struct Outcome: Sendable {
      /// Milliseconds, median of the later half of the trials; a trial without a peak counts as the trial's length.
      var peakError: Double
      /// Trials until the peak stays within 30 ms; all of them where it never does.
      var trials: Double
      /// The mean distance of mean amplitudes from probabilities, over outcomes.
      var amplitudeError: Double
      /// Root mean square of "when", and of "what", where nothing comes.
      var unrest, whatUnrest: Double
      var errors: [Double?]
    }

    private var task: (Int) -> PredictionTask {
      { latency in
        PredictionTask([
          .init(
            trials: options.timingTrials,
            cues: [.init(probabilities: [Self.probability, 1 - Self.probability], latency: Double(latency))])
        ])
      }
    }

    private var learners: [Learner] {
      [
        bench.local, bench.ungated, bench.shut, bench.online, bench.rates, bench.alike, bench.rewarded,
        bench.leastSquares, bench.forgetting,
      ]
    }

    func run() throws {
      let latencies = options.latencies
      let flat = try bench.map("timing", learners.count * latencies.count, seeds: options.seeds) {
        setting, seed in
        let learner = learners[setting / latencies.count]
        let latency = latencies[setting % latencies.count]
        let features = bench.features(seed: seed, learner.kind)
        let course = bench.course(
          learner, features, task(latency), named: "timing \(latency)", seed: seed)
        return outcome(course, latency)
      }
      // By learner, by latency, by seed.
      let outcomes = learners.indices.map { learner in
        latencies.indices.map { flat[learner * latencies.count + $0] }
      }
      let ceiling = try self.ceiling()
      try report(outcomes, ceiling)
      lab.add(timingClaim(outcomes[0]))
      lab.add(gateClaim(outcomes))
      try lab.add(figure(outcomes))
    }

    private func outcome(_ course: WhatWhenCourse, _ latency: Int) -> Outcome {
      let count = course.records.count
      let late = course.records[(count / 2)...]
      let longest = Double(TrialTiming().duration)
      let amplitudes = (0..<2).map { outcome in Spread(late.map { $0.amplitudes[outcome] }).mean }
      let errors = course.peakErrors(0..<count)
      return Outcome(
        peakError: Percentile.median(errors[(count / 2)...].map { $0 ?? longest }),
        trials: Double(course.trialsToTime(0..<count, latency: Double(latency)) ?? count),
        amplitudeError: (abs(amplitudes[0] - Self.probability) + abs(amplitudes[1] - 1 + Self.probability))
          / 2,
        unrest: Spread(late.map(\.whenUnrest)).mean, whatUnrest: Spread(late.map(\.whatUnrest)).mean,
        errors: errors)
    }

    /// Ridge regression on the mean signals, by latency and seed.
    private func ceiling() throws -> [[Outcome]] {
      try bench.map("timing, ridge", options.latencies.count, seeds: options.seeds) { setting, seed in
        let features = bench.features(seed: seed)
        let latency = Double(options.latencies[setting])
        var generator = lab.generator("ridge").split(seed)
        let x = features.trial(cue: 0, using: &generator)
        let bell = features.timing.bell(latency: latency)
        let shares = [Self.probability, 1 - Self.probability]
        let readout = Torch.onOneThread {
          WhatWhenReadout.ridge(
            [x], events: [shares.map { share in bell.map { $0 * share } }], penalty: options.ridgePenalty)
        }
        let trial = PredictionTrial(
          cue: 0, outcome: 0, latency: latency, expectedLatencies: [latency, latency])
        let record = WhatWhenCourse.record(trial, readout.prediction(x), features.timing)
        let errors = zip(record.amplitudes, shares).map { abs($0 - $1) }
        return Outcome(
          peakError: record.peak.map { abs($0 - latency) } ?? Double(features.timing.duration), trials: 0,
          amplitudeError: Spread(errors).mean, unrest: record.whenUnrest,
          whatUnrest: record.whatUnrest, errors: [])
      }
    }

    private func report(_ outcomes: [[[Outcome]]], _ ceiling: [[Outcome]]) throws {
      var table = Table(
        name: "timing",
        caption:
          "One cue, \(options.timingTrials) trials, the first outcome with probability \(Self.probability); \(options.seeds) reservoirs of \(options.neurons) neurons. Medians or means over reservoirs; errors over the later half of the trials.",
        columns: [
          "learner", "latency (ms)", "peak error (ms)", "largest (ms)", "trials until within 30 ms",
          "amplitude error", "unrest of when", "unrest of what",
        ])
      func append(_ label: String, _ byLatency: [[Outcome]], hasTrials: Bool) {
        for (latency, seeds) in zip(options.latencies, byLatency) {
          table.append([
            .text(label), .integer(latency), .number(Percentile.median(seeds.map(\.peakError))),
            .number(seeds.map(\.peakError).max()!),
            hasTrials ? .number(Percentile.median(seeds.map(\.trials))) : .missing,
            .number(Spread(seeds.map(\.amplitudeError)).mean), .number(Spread(seeds.map(\.unrest)).mean),
            .number(Spread(seeds.map(\.whatUnrest)).mean),
          ])
        }
      }
      for (learner, byLatency) in zip(learners, outcomes) {
        append(learner.label, byLatency, hasTrials: true)
        let name = learner.label.replacing(", ", with: "-").replacing(" ", with: "-")
        for (latency, seeds) in zip(options.latencies, byLatency) {
          lab.measure(
            "timing.\(name).\(latency).peakError", Percentile.median(seeds.map(\.peakError)), unit: "ms")
        }
      }
      append("ridge", ceiling, hasTrials: false)
      try lab.add(table)
    }

    private func timingClaim(_ byLatency: [[Outcome]]) -> Claim {
      let medians = byLatency.map { Percentile.median($0.map(\.peakError)) }
      let largest = byLatency.map { $0.map(\.peakError).max()! }
      let trials = byLatency.map { Percentile.median($0.map(\.trials)) }
      let texts = options.latencies.indices.map {
        "\(options.latencies[$0]) ms: \(short(medians[$0])) ms (largest \(short(largest[$0]))), there after \(short(trials[$0])) trials"
      }
      let late = options.latencies.indices.filter { medians[$0] > Self.peakError }
      return .decided(
        "1", "Anticipation peaks at the right time.",
        paper: "Abstract only: the network fires at the correct times. No figure is known to us.",
        test:
          "Local rule, one cue, \(options.timingTrials) trials a latency, \(options.seeds) reservoirs of \(options.neurons) neurons. Distance of the peak of \"when\", read before the trial is learned from, from the event; median over the later half of the trials, then over reservoirs.",
        criterion: "the median is at most 20 ms at every latency",
        measured: texts.joined(separator: "; "), holds: late.isEmpty,
        reason:
          "the median is larger at \(late.map { "\(options.latencies[$0]) ms" }.joined(separator: ", "))",
        unless: lab.size == .quick && !late.isEmpty ? "small reservoirs and few trials" : nil)
    }

    /// What a variant changes, paired over latencies and seeds, in three measures.
    private func gateClaim(_ outcomes: [[[Outcome]]]) -> Claim {
      let measures: [(String, (Outcome) -> Double)] = [
        ("peak error", { $0.peakError }), ("amplitude error", { $0.amplitudeError }),
        ("trials until right", { $0.trials }),
      ]
      var (texts, isWorse, extra) = ([String](), [Bool](), [String]())
      for (name, variant) in [("without the gate", outcomes[1]), ("shut outside", outcomes[2])] {
        func change(_ pick: (Outcome) -> Double) -> Spread {
          Spread(zip(variant.joined(), outcomes[0].joined()).map { pick($0) - pick($1) })
        }
        let changes = measures.map { (name: $0.0, change: change($0.1)) }
        isWorse.append(
          changes.contains {
            $0.change.mean > 0 && $0.change.mean > Self.errors * $0.change.standardError
          })
        texts.append(
          "\(name): "
            + changes.map {
              "\($0.name) \($0.change.mean < 0 ? "" : "+")\(short($0.change.mean)) ± \(short($0.change.standardError))"
            }.joined(separator: ", "))
        let unrest = change { $0.unrest }
        extra.append("\(name) \(unrest.mean < 0 ? "" : "+")\(short(unrest.mean))")
      }
      let holds = isWorse.allSatisfy { $0 }
      return .decided(
        "5", "The gate of attention matters.",
        paper: "Abstract only: plasticity is gated by attention. No ablation is known to us.",
        test:
          "The tasks of claim 1 with gate 1 everywhere, and with gate 0 outside, for both readouts; differences to the gate of \(options.gate) (\(options.replayShare) in replay), paired over latencies and reservoirs, ± standard error.",
        criterion:
          "each variant is worse by more than two standard errors in peak error, amplitude error or trials until the peak is right",
        measured: texts.joined(separator: "; ") + ". Unrest of \"when\" outside: "
          + extra.joined(separator: ", ")
          + ".",
        holds: holds,
        reason: zip(["without a gate", "with the gate shut outside"], isWorse).filter { !$0.1 }.map {
          "\($0.0) nothing gets worse beyond the noise"
        }.joined(separator: "; "), unless: lab.size == .quick && !holds ? "too few reservoirs" : nil)
    }

    private func figure(_ outcomes: [[[Outcome]]]) -> Plot {
      var plot = Plot(
        name: "learning", title: "How fast the peak finds its time",
        caption:
          "Distance of the peak of \"when\" from the event by trial, each read before its trial is learned from: mean over latencies and reservoirs; a trial without a peak counts as 100 ms, and no distance as more.",
        x: .init("trial", scale: .log), y: .init("distance", unit: "ms", range: 0...105))
      for index in [0, 1, 2, 6, 7, 8] {
        let all = outcomes[index].joined().map { $0.errors.map { min($0 ?? 100, 100) } }
        let mean = (0..<options.timingTrials).map { trial in Spread(all.map { $0[trial] }).mean }
        plot.add(
          index == 0 ? .line : .thinLine, learners[index].label, x: mean.indices.map { Double($0 + 1) },
          y: mean)
      }
      return plot
    }
  }
}
