import Foundation
import Neurons
import Statistics
import StudyCore
import Support
import Tensors

extension WhatWhenReservoir {
  /// Trials from outside: the user's own, or the eruptions of Old Faithful. No claim of the paper.
  struct RecordedPart {
    let bench: Bench
    private var options: Options { bench.options }
    private var lab: Lab { bench.lab }

    /// Trials in milliseconds, those to learn from first.
    struct Setting: Sendable {
      let recorded: RecordedTrials
      let scale: Double
      let train, test: [PredictionTrial]
      var outcomes: Int { recorded.outcomes.count }
      var hasOmissions: Bool { (train + test).contains { $0.outcome == nil } }
    }

    /// What a learner says behind each cue.
    struct Answer: Sendable {
      var label: String
      /// By cue.
      var predictions: [WhatWhenReadout.Prediction]
      var records: [WhatWhenCourse.Record]
    }

    func run() throws {
      guard let setting = try setting() else { return }
      let answers = try bench.map("recorded trials", 1, seeds: options.seeds) { _, seed in
        self.answers(setting, seed: seed)
      }[0]
      try RecordedReport(bench: bench, setting: setting, answers: answers).write()
    }

    private func setting() throws -> Setting? {
      let recorded: RecordedTrials
      if let path = lab.dataPath {
        recorded = try RecordedTrials(csv: URL(fileURLWithPath: path))
      } else {
        do { recorded = try RecordedTrials.oldFaithful() } catch let error as CajalError {
          lab.note("Old Faithful was left out: \(error.message).")
          return nil
        }
      }
      lab.usesData(recorded.name, fingerprint: recorded.fingerprint)
      let scale = options.dataScale > 0 ? options.dataScale : recorded.scale(longest: 500)
      let trials = recorded.trials(scale: scale)
      let longest = TrialTiming().longestLatency
      if let late = trials.filter({ $0.outcome != nil }).map(\.latency).max(), late > longest {
        throw CajalError(
          "\(recorded.name): a latency of \(short(late)) ms does not fit the trial; with dataScale=\(options.dataScale) at most \(short(longest)) ms are possible"
        )
      }
      let count = max(1, min(trials.count - 1, Int(options.dataTraining * Double(trials.count))))
      return Setting(
        recorded: recorded, scale: scale, train: Array(trials[..<count]), test: Array(trials[count...]))
    }

    private func answers(_ setting: Setting, seed: Int) -> [Answer] {
      let features = bench.features(seed: seed, cues: setting.recorded.cues.count)
      var generator = lab.generator("recorded").split(seed)
      let passes = (0..<options.dataPasses).flatMap { _ in setting.train }
      let rule = WhatWhenReadout.Rule.local(
        LocalRule(
          when: NormalisedDeltaRule(rate: options.dataRate),
          what: NormalisedDeltaRule(rate: options.dataRate),
          gate: AttentionGate(outside: options.gate),
          phase: .replay(windowStride: 2, outsideStride: 8, outsideShare: options.replayShare)))
      func learned(_ rule: WhatWhenReadout.Rule, _ trials: [PredictionTrial]) -> WhatWhenReadout {
        let readout = WhatWhenReadout(features: features.count, outcomes: setting.outcomes, rule: rule)
        return WhatWhenCourse.run(trials, features, readout: readout, using: &generator).readout
      }
      let readouts = [
        ("local", learned(rule, passes)), ("RLS", learned(.recursiveLeastSquares, setting.train)),
        ("ridge", ridge(setting, features, using: &generator)),
      ]
      let trajectories = setting.recorded.cues.indices.map { features.trial(cue: $0, using: &generator) }
      return readouts.map { label, readout in
        let predictions = trajectories.map(readout.prediction)
        let records = predictions.enumerated().map { cue, prediction in
          WhatWhenCourse.record(
            setting.train.first { $0.cue == cue } ?? setting.test.first { $0.cue == cue }!, prediction,
            features.timing)
        }
        return Answer(label: label, predictions: predictions, records: records)
      }
    }

    /// Regression on the mean signals behind each cue, each as often as the cue.
    private func ridge(
      _ setting: Setting, _ features: CueFeatures, using generator: inout RandomGenerator
    ) -> WhatWhenReadout {
      var (trials, signals) = ([FeatureTrajectory](), [[[Double]]]())
      for cue in setting.recorded.cues.indices {
        let own = setting.train.filter { $0.cue == cue }
        guard !own.isEmpty else { continue }
        let weight = (Double(own.count) / Double(setting.train.count)).squareRoot()
        trials.append(features.trial(cue: cue, using: &generator).scaled(by: weight))
        signals.append(
          RecordedReport.meanSignals(own, features.timing).map { $0.map { $0 * weight } })
      }
      let (features, penalty) = (trials, options.ridgePenalty)
      return Torch.onOneThread { WhatWhenReadout.ridge(features, events: signals, penalty: penalty) }
    }
  }
}
