import Figures
import Neurons
import Statistics
import StudyCore
import Support

extension WhatWhenReservoir {
  /// Peaks and amplitudes from trial to trial, with the switches.
  struct SwitchingFigures {
    let task: PredictionTask
    let learners: [Learner]
    let outcomes: [[SwitchingPart.Outcome]]
    let lab: Lab

    func draw() throws {
      try lab.add(peaks)
      try lab.add(amplitudes)
    }

    private var marks: [Plot.Mark] {
      zip(task.starts, task.blocks).dropFirst().map { .vertical(Double($0.0) + 0.5, label: $0.1.name) }
    }

    private var x: [Double] { (0..<task.trialCount).map { Double($0 + 1) } }

    private var peaks: Plot {
      var plot = Plot(
        name: "peaks", title: "When the peak is expected",
        caption:
          "Time of the peak of \"when\" by trial, median over reservoirs, read before the trial is learned from; local rule, least squares, and least squares reset at each switch. Dashed: the event. Dotted: switches of latency, of probability and of both.",
        x: .init("trial"), y: .init("peak behind the cue", unit: "ms", range: 0...720))
      plot.marks = marks
      for (learner, seeds) in zip(learners, outcomes) {
        let medians = (0..<task.trialCount).map { trial -> Double in
          let peaks = seeds.compactMap { $0.peaks[trial] }
          return peaks.count * 2 > seeds.count ? Percentile.median(peaks) : .nan
        }
        plot.add(.line, learner.label, x: x, y: medians)
      }
      let expected = task.blocks.flatMap { block in
        (0..<block.trials).map { _ in block.cues[0].latencies[0] }
      }
      plot.add(.dashed, "event", x: x, y: expected)
      return plot
    }

    private var amplitudes: Plot {
      var plot = Plot(
        name: "amplitudes", title: "How much each outcome is expected",
        caption:
          "Amplitude of both \"what\" at the event's time, mean over reservoirs and over five trials: first outcome (A) and second (B), local rule and least squares without reset. Dashed: the probability of A.",
        x: .init("trial"), y: .init("amplitude", range: -0.1...1.15))
      plot.marks = marks
      for (learner, seeds) in zip(learners, outcomes).prefix(2) {
        for (outcome, name) in ["A", "B"].enumerated() {
          let mean = (0..<task.trialCount).map { trial in
            let window = max(0, trial - 2)..<min(task.trialCount, trial + 3)
            return Spread(window.flatMap { t in seeds.map { $0.amplitudes[t][outcome] } }).mean
          }
          plot.add(.line, "\(learner.label), \(name)", x: x, y: mean)
        }
      }
      let expected = task.blocks.flatMap { block in
        (0..<block.trials).map { _ in block.cues[0].probabilities[0] }
      }
      plot.add(.dashed, "probability of A", x: x, y: expected)
      return plot
    }
  }
}
