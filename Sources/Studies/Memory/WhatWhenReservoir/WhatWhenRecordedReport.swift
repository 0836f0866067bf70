import Figures
import Foundation
import Neurons
import Statistics
import StudyCore
import Support

extension WhatWhenReservoir {
  /// Predictions of recorded trials against the frequencies and times that were observed.
  struct RecordedReport {
    let bench: Bench
    let setting: RecordedPart.Setting
    /// By seed, then by learner.
    let answers: [[RecordedPart.Answer]]
    private var recorded: RecordedTrials { setting.recorded }
    private var timing: TrialTiming { TrialTiming() }

    func write() throws {
      try bench.lab.add(frequencies)
      try bench.lab.add(scores)
      try bench.lab.add(figure)
    }

    /// The mean over trials of each outcome's signal, `[K][T]`.
    static func meanSignals(_ trials: [PredictionTrial], _ timing: TrialTiming) -> [[Double]] {
      var sums = [[Double]](
        repeating: [Double](repeating: 0, count: timing.duration),
        count: trials[0].expectedLatencies.count)
      for trial in trials {
        guard let outcome = trial.outcome else { continue }
        for (step, value) in timing.bell(latency: trial.latency).enumerated() {
          sums[outcome][step] += value / Double(trials.count)
        }
      }
      return sums
    }

    /// Probabilities of what comes: each amplitude at its outcome's usual time, none below 0, as a share of their sum; times the sum of
    /// "when" where outcomes are omitted at times.
    private func probabilities(_ record: WhatWhenCourse.Record) -> [Double] {
      let positive = record.amplitudes.map { max(0, $0) }
      let sum = positive.reduce(0, +)
      guard sum > 0 else { return positive.map { _ in 1 / Double(positive.count) } }
      let any = setting.hasOmissions ? max(0, min(1, record.whenMass)) : 1
      return positive.map { any * $0 / sum }
    }

    /// When an output expects its outcome: the centre of what of it is above 0 while something is expected, in milliseconds from
    /// the cue.
    private func centre(_ prediction: WhatWhenReadout.Prediction, _ outcome: Int) -> Double {
      let (steps, output) = (WhatWhenCourse.expectingSteps(prediction, timing), prediction.what[outcome])
      let weight = steps.reduce(0.0) { $0 + max(0, output[$1]) }
      let moment = steps.reduce(0.0) { $0 + max(0, output[$1]) * Double($1 - timing.cueOnset) }
      return weight > 0 ? moment / weight : .nan
    }

    private func share(_ trials: [PredictionTrial], _ outcome: Int) -> Double {
      trials.isEmpty ? .nan : Double(trials.filter { $0.outcome == outcome }.count) / Double(trials.count)
    }

    private var frequencies: Table {
      var table = Table(
        name: "recorded",
        caption:
          "\(recorded.name): how often each outcome followed each cue and when, observed in the first \(setting.train.count) trials and the last \(setting.test.count), and predicted by the local rule behind \(bench.options.dataPasses) passes over the first; times in the data's unit (\(short(setting.scale)) ms of the reservoir each), predictions mean and deviation over \(answers.count) reservoirs.",
        columns: [
          "cue", "outcome", "trials", "frequency, learned from", "frequency later", "predicted probability",
          "deviation of it", "mean time, learned from", "mean time later", "predicted time",
          "deviation of time",
        ])
      for (cue, name) in recorded.cues.enumerated() {
        let (train, test) = (setting.train.filter { $0.cue == cue }, setting.test.filter { $0.cue == cue })
        for (outcome, label) in recorded.outcomes.enumerated() {
          let own = train.filter { $0.outcome == outcome }
          let later = test.filter { $0.outcome == outcome }
          let probability = Spread(answers.map { probabilities($0[0].records[cue])[outcome] })
          let times = answers.map { centre($0[0].predictions[cue], outcome) / setting.scale }
          let isRare = own.count < 2
          table.append([
            .text(name), .text(label), .integer(own.count), .number(share(train, outcome)),
            test.isEmpty ? .missing : .number(share(test, outcome)), .number(probability.mean),
            .number(probability.deviation), mean(own), mean(later),
            isRare ? .missing : .number(Spread(times).mean),
            isRare ? .missing : .number(Spread(times).deviation),
          ])
          bench.lab.measure("recorded.\(name).\(label).frequency", share(train, outcome))
          bench.lab.measure("recorded.\(name).\(label).predicted", probability.mean)
        }
      }
      return table
    }

    private func mean(_ trials: [PredictionTrial]) -> Table.Cell {
      trials.isEmpty ? .missing : .number(Spread(trials.map { $0.latency / setting.scale }).mean)
    }

    // On trials that were not learned from.

    private struct Score {
      var brier: Double
      var timing: Double
    }

    private func score(
      _ probabilities: (PredictionTrial) -> [Double], _ time: (PredictionTrial) -> Double
    ) -> Score {
      let briers = setting.test.map { trial in
        let expected = probabilities(trial)
        let none = max(0, 1 - expected.reduce(0, +))
        let error = expected.indices.reduce(0.0) { sum, outcome in
          let error = expected[outcome] - (trial.outcome == outcome ? 1 : 0)
          return sum + error * error
        }
        let missed = none - (trial.outcome == nil ? 1 : 0)
        return error + missed * missed
      }
      let occurred = setting.test.filter { $0.outcome != nil }
      let distances = occurred.map { abs(time($0) - $0.latency) / setting.scale }.filter(\.isFinite)
      return Score(brier: Spread(briers).mean, timing: distances.isEmpty ? .nan : Spread(distances).mean)
    }

    private var scores: Table {
      var table = Table(
        name: "recorded-scores",
        caption:
          "\(recorded.name): predictions of the last \(setting.test.count) trials. Brier score of what comes (0 is best) and mean distance of its time from the peak of \"when\", in the data's unit; means over \(answers.count) reservoirs. Beside them the observed frequencies and median times of the first \(setting.train.count) trials, by cue and over all.",
        columns: ["prediction", "Brier score", "deviation", "distance of time", "deviation of distance"])
      for learner in answers[0].indices {
        let each = answers.map { seed -> Score in
          let answer = seed[learner]
          return score(
            { probabilities(answer.records[$0.cue]) }, { answer.records[$0.cue].peak ?? .nan })
        }
        let (brier, time) = (Spread(each.map(\.brier)), Spread(each.map(\.timing)))
        table.append([
          .text(answers[0][learner].label), .number(brier.mean), .number(brier.deviation), .number(time.mean),
          .number(time.deviation),
        ])
        bench.lab.measure("recorded.\(answers[0][learner].label).brier", brier.mean)
        bench.lab.measure("recorded.\(answers[0][learner].label).distance", time.mean)
      }
      for (label, byCue) in [("frequencies by cue", true), ("frequencies over all", false)] {
        func pool(_ trial: PredictionTrial) -> [PredictionTrial] {
          let own = byCue ? setting.train.filter { $0.cue == trial.cue } : setting.train
          return own.isEmpty ? setting.train : own
        }
        let observed = score(
          { trial in recorded.outcomes.indices.map { share(pool(trial), $0) } },
          { trial in Percentile.median(pool(trial).filter { $0.outcome != nil }.map(\.latency)) })
        table.append([.text(label), .number(observed.brier), .missing, .number(observed.timing), .missing])
        bench.lab.measure("recorded.\(byCue ? "byCue" : "overall").brier", observed.brier)
        bench.lab.measure("recorded.\(byCue ? "byCue" : "overall").distance", observed.timing)
      }
      return table
    }

    /// Behind each cue, one beside the other, the mean signals that were observed and the outputs.
    private var figure: Plot {
      let cues = recorded.cues.indices.prefix(4)
      let width = Double(timing.duration - timing.cueOnset) + 60
      // Round numbers of the data's unit.
      let span = Double(timing.duration - timing.cueOnset) / setting.scale
      let power = pow(10, log10(span / 3).rounded(.down))
      let step = [1.0, 2, 5].map { $0 * power }.last { $0 <= span / 3 } ?? power
      let ticks = stride(from: 0, through: span, by: step).map { $0 }
      var plot = Plot(
        name: "recorded", title: "\(recorded.name): expected and observed",
        caption:
          "Behind each cue, one beside the other, the mean signal of each outcome over the trials that were learned from (dashed) and the output of its \"what\" (local rule, mean over \(answers.count) reservoirs). Time in the data's unit from the cue on.",
        x: .init(
          "time behind the cue", range: -20...Double(cues.count) * width,
          ticks: cues.flatMap { cue in
            ticks.map { (Double(cue) * width + $0 * setting.scale, short($0)) }
          }), y: .init("signal"))
      var (times, observed, expected) = (
        [Double](), [[Double]](repeating: [], count: setting.outcomes),
        [[Double]](repeating: [], count: setting.outcomes)
      )
      var highest = 0.2
      for cue in cues {
        let own = setting.train.filter { $0.cue == cue }
        guard !own.isEmpty else { continue }
        let signals = Self.meanSignals(own, timing)
        let steps = timing.cueOnset..<timing.duration
        times += steps.map { Double(cue) * width + Double($0 - timing.cueOnset) } + [Double(cue + 1) * width]
        for outcome in signals.indices {
          let outputs = steps.map { step in
            Spread(answers.map { $0[0].predictions[cue].what[outcome][step] }).mean
          }
          observed[outcome] += signals[outcome][steps] + [.nan]
          expected[outcome] += outputs + [.nan]
          highest = max(highest, signals[outcome].max()!, outputs.max()!)
        }
      }
      plot.y.range = -0.3 * highest...1.25 * highest
      for cue in cues {
        plot.marks.append(
          .text(
            x: Double(cue) * width + 350, y: 1.17 * highest, label: "behind \(recorded.cues[cue])"))
      }
      for outcome in recorded.outcomes.indices.prefix(4) {
        plot.add(.line, recorded.outcomes[outcome], x: times, y: expected[outcome])
        plot.add(.dashed, "", x: times, y: observed[outcome], colourOf: recorded.outcomes[outcome])
      }
      return plot
    }
  }
}
