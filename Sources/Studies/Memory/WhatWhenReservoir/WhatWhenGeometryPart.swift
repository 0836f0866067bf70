import Foundation
import Neurons
import Statistics
import StudyCore
import Support

extension WhatWhenReservoir {
  /// Claim 4: two cues with opposite contingencies; angles between readouts, and readouts without an axis.
  struct GeometryPart {
    let bench: Bench
    private var options: Options { bench.options }
    private var lab: Lab { bench.lab }
    /// Criteria, fixed before measuring.
    private enum Criteria {
      static let angles = 75.0...90.0
      static let keptContrast = 0.2
      static let peakShift = 20.0
      static let keptTotal = 0.8
      static let fallenTotal = 0.7
      static let intactContrast = 0.7
    }
    static let latency = 300.0

    /// What two readouts of two cues say.
    struct Answers: Sendable {
      /// `[cue][outcome]`
      var amplitudes: [[Double]]
      /// Of "when", by cue; nil without a peak.
      var peaks: [Double?]
      /// Of the sum of "what", by cue.
      var sumPeaks: [Double]
      /// How much more the probable outcome is expected, mean over cues.
      var contrast: Double {
        (amplitudes[0][0] - amplitudes[0][1] + amplitudes[1][1] - amplitudes[1][0]) / 2
      }
      /// The summed amplitudes, mean over cues.
      var total: Double { amplitudes.joined().reduce(0, +) / 2 }
    }

    struct Outcome: Sendable {
      /// Degrees: w_W to w_A - w_B, w_W to w_A + w_B, and w_W to w_A - w_B with a single cue.
      var identity, sum, single: Double
      var intact, withoutIdentity, withoutWhen, withoutRandom: Answers
      var readout: WhatWhenReadout
      var correlation: Double
    }

    func run() throws {
      let learners = [bench.local, bench.leastSquares]
      let outcomes = try bench.map("geometry", learners.count, seeds: options.seeds) { setting, seed in
        outcome(learners[setting], seed: seed)
      }
      try GeometryReport(bench: bench, learners: learners, outcomes: outcomes).write()
      lab.add(claim(outcomes[0]))
    }

    private func task(_ contingencies: [[Double]]) -> PredictionTask {
      PredictionTask([
        .init(
          trials: options.cueTrials,
          cues: contingencies.map { .init(probabilities: $0, latency: Self.latency) })
      ])
    }

    private func outcome(_ learner: Learner, seed: Int) -> Outcome {
      let features = bench.features(seed: seed, cues: 2)
      let course = bench.course(
        learner, features, task([[0.8, 0.2], [0.2, 0.8]]), named: "cues", seed: seed)
      let single = bench.course(
        learner, bench.features(seed: seed), task([[0.8, 0.2]]), named: "one cue", seed: seed
      ).readout
      let readout = course.readout
      var generator = lab.generator("random axis").split(seed)
      let random = readout.when.map { _ in generator.normal() }
      let (identity, sum) = (combined(readout, -1), combined(readout, 1))
      let trajectories = (0..<2).map { features.trial(cue: $0, using: &generator) }
      func answers(without axis: [Double]?, when: Bool = true) -> Answers {
        self.answers(readout, trajectories, features.timing, without: axis, alsoWhen: when)
      }
      return Outcome(
        identity: ReadoutGeometry.subspaceAngle(readout.when, identity),
        sum: ReadoutGeometry.subspaceAngle(readout.when, sum),
        single: ReadoutGeometry.subspaceAngle(single.when, combined(single, -1)),
        intact: answers(without: nil), withoutIdentity: answers(without: identity),
        withoutWhen: answers(without: readout.when, when: false), withoutRandom: answers(without: random),
        readout: readout, correlation: correlation(trajectories, features.timing))
    }

    /// w_A plus or minus w_B.
    private func combined(_ readout: WhatWhenReadout, _ sign: Double) -> [Double] {
      zip(readout.what[0], readout.what[1]).map { $0 + sign * $1 }
    }

    /// The correlation of the two cues' trajectories behind the cue.
    private func correlation(_ trajectories: [FeatureTrajectory], _ timing: TrialTiming) -> Double {
      let values = trajectories.map { x in timing.readSteps.flatMap { x[$0].dropLast() } }
      return Correlation.pearson(values[0], values[1]).coefficient
    }

    private func answers(
      _ readout: WhatWhenReadout, _ trajectories: [FeatureTrajectory], _ timing: TrialTiming,
      without axis: [Double]?, alsoWhen: Bool
    ) -> Answers {
      func cut(_ weights: [Double]) -> [Double] {
        axis.map { ReadoutGeometry.projectOut($0, from: weights) } ?? weights
      }
      let left = WhatWhenReadout(
        when: alsoWhen ? cut(readout.when) : readout.when, what: readout.what.map(cut))
      let trial = PredictionTrial(
        cue: 0, outcome: 0, latency: Self.latency, expectedLatencies: [Self.latency, Self.latency])
      var answers = Answers(amplitudes: [], peaks: [], sumPeaks: [])
      for x in trajectories {
        let prediction = left.prediction(x)
        let record = WhatWhenCourse.record(trial, prediction, timing)
        answers.amplitudes.append(record.amplitudes)
        answers.peaks.append(record.peak)
        let sum = zip(prediction.what[0], prediction.what[1]).map { $0 + $1 }
        let top = timing.readSteps.max { sum[$0] < sum[$1] }!
        answers.sumPeaks.append(Double(top - timing.cueOnset))
      }
      return answers
    }

    private func claim(_ seeds: [Outcome]) -> Claim {
      let angle = Spread(seeds.map(\.identity))
      func share(_ pick: (Outcome) -> Double) -> Spread { Spread(seeds.map(pick)) }
      let contrast = share { $0.withoutIdentity.contrast / $0.intact.contrast }
      let total = share { $0.withoutIdentity.total / $0.intact.total }
      let shift = Percentile.median(
        seeds.flatMap { seed in
          seed.withoutIdentity.peaks.map { $0.map { abs($0 - Self.latency) } ?? 800 }
        })
      let fallen = share { $0.withoutWhen.total / $0.intact.total }
      let left = share { $0.withoutWhen.contrast / $0.intact.contrast }
      let problems: [(Bool, String)] = [
        (Criteria.angles.contains(angle.mean), "the angle is \(angle.text(1)) degrees"),
        (abs(contrast.mean) <= Criteria.keptContrast, "without the identity axis a contrast stays"),
        (shift <= Criteria.peakShift, "without the identity axis the peak moves by \(short(shift)) ms"),
        (total.mean >= Criteria.keptTotal, "without the identity axis the amplitudes fall"),
        (fallen.mean <= Criteria.fallenTotal, "without the when axis the amplitudes stay"),
        (left.mean >= Criteria.intactContrast, "without the when axis the contrast falls"),
      ]
      let failing = problems.filter { !$0.0 }.map(\.1)
      lab.measure("geometry.local.angle", angle.mean, unit: "degrees")
      lab.measure("geometry.local.withoutIdentity.contrast", contrast.mean)
      lab.measure("geometry.local.withoutWhen.total", fallen.mean)
      lab.measure("geometry.local.withoutWhen.contrast", left.mean)
      return .decided(
        "4", "What and when are read along nearly orthogonal axes, and each can be removed alone.",
        paper:
          "Abstract only: near-orthogonal readout subspaces for what and when. No figure is known to us.",
        test:
          "Local rule, two cues with probabilities 0.8 : 0.2 and 0.2 : 0.8 at 300 ms, \(options.cueTrials) trials, \(seeds.count) reservoirs, weights of the end. Angle of the axes w_W and w_A - w_B; then w_A - w_B taken out of all readouts, or w_W out of w_A and w_B. Contrast: how much more the probable outcome is expected; total: the sum of both.",
        criterion:
          "mean angle 75 to 90 degrees; without the identity axis at most 20 % of the contrast and at least 80 % of the total are left and the median peak is within 20 ms; without the when axis at most 70 % of the total and at least 70 % of the contrast are left",
        measured: String(
          format:
            "angle %@ degrees (w_W to w_A + w_B %@; with one cue, where it must not be, %@). Without the identity axis: contrast %@, total %@ of what they were, peak off by %@ ms. Without the when axis: total %@, contrast %@. Intact: contrast %@, total %@; trajectories of the cues correlate by %.2f",
          angle.text(1), share { $0.sum }.text(1), share { $0.single }.text(1), contrast.text(2),
          total.text(2),
          short(shift), fallen.text(2), left.text(2), share { $0.intact.contrast }.text(2),
          share { $0.intact.total }.text(2), share { $0.correlation }.mean),
        holds: failing.isEmpty, reason: failing.joined(separator: "; "),
        unless: lab.size == .quick && !failing.isEmpty ? "small reservoirs and few trials" : nil)
    }
  }
}
