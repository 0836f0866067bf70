import Datasets
import Figures
import Foundation
import Neurons
import StudyCore
import Support
import Tensors

extension LearnedDelays {
  /// Claim 5: spoken digits of voices that were not heard before.
  struct SpeechPart {
    let options: Options
    let lab: Lab

    private static let kinds: [DelayedNetwork.Synapses] = [.undelayed, .fixed, .learned]

    func run() throws {
      guard lab.dataPath != nil || options.takes > 0 else {
        return addClaim(nil, inputs: 1, outputs: 1, unless: "this run speaks no digits (takes=0)")
      }
      let (train, test) = try lab.spokenDigits(
        from: lab.dataPath.map(URL.init(fileURLWithPath:)), takes: options.takes)
      let binning = SpikeBinning(width: options.binWidth, duration: options.digitDuration, group: 5)
      func samples(_ data: LabelledSpikes) -> DelayedTraining.Samples {
        let shape = [data.count, binning.steps, binning.channels(of: data.channelCount)]
        return .init(Tensor(data.counts(binning), shape: shape), labels: data.labels)
      }
      let task = Task(
        name: train.name, train: samples(train), test: samples(test), classes: train.classCount)
      let trained = try LearnedDelays.train(jobs(task), [task], "spoken digits", lab)
      for kind in Self.kinds {
        lab.measure("speech.\(kind.rawValue).accuracy", trained.spread(kind.rawValue, \.accuracy).mean)
        lab.measure("speech.\(kind.rawValue).tuned", trained.spread(kind.rawValue, \.tunedAccuracy).mean)
      }
      try lab.add(table(trained))
      try lab.add(bars(trained, task))
      try lab.add(confusion(trained, test))
      addClaim(
        trained, inputs: task.channels, outputs: task.classes,
        unless: options.seeds < 3 ? "three seeds are needed; this run has \(options.seeds)" : nil)
    }

    private func jobs(_ task: Task) -> [Job] {
      let wide = equalWidth(options.digitHidden, inputs: task.channels, outputs: task.classes)
      return (0..<options.seeds).flatMap { seed in
        Self.kinds.map { synapses in
          let hidden = synapses == .learned ? options.digitHidden : wide
          var c = DelayedNetwork.Configuration(
            inputs: task.channels, hidden: [hidden, hidden], outputs: task.classes)
          (c.synapses, c.length, c.taps) = (synapses, options.digitLength, options.taps)
          (c.timeConstant, c.dropout) = (options.digitTimeConstant, options.digitDropout)
          var training = options.training(epochs: options.digitEpochs)
          training.evaluationInterval = 0
          return Job(name: synapses.rawValue, configuration: c, training: training, seed: seed)
        }
      }
    }

    private func addClaim(_ trained: [Trained]?, inputs: Int, outputs: Int, unless obstacle: String?) {
      func mean(_ kind: DelayedNetwork.Synapses) -> Spread {
        trained?.spread(kind.rawValue, \.tunedAccuracy) ?? Spread([0])
      }
      let (none, fixed, learned) = (mean(.undelayed), mean(.fixed), mean(.learned))
      let hidden = (
        learned: options.digitHidden, fixed: equalWidth(options.digitHidden, inputs: inputs, outputs: outputs)
      )
      lab.add(
        .decided(
          "5", "On spoken digits learned delays beat fixed ones, and fixed ones none",
          paper: "95.1 % on the Spiking Heidelberg Digits with learned delays",
          test:
            "digits in two languages, voices held out, trained parameters equal, delays rounded and tuned",
          criterion: "learned > fixed > none in the mean, learned - none >= 3 points",
          measured: trained == nil
            ? "" : "none \(none.percent), fixed \(fixed.percent), learned \(learned.percent)",
          holds: learned.mean > fixed.mean && fixed.mean > none.mean && learned.mean - none.mean >= 0.03,
          reason:
            "at equal trained parameters fixed delays buy a wider network (\(hidden.fixed) neurons a layer, not \(hidden.learned)), which gains more in \(options.digitEpochs) epochs; rounding costs learned delays little (\(Spread(trained?.filter { $0.name == "learned" }.map { $0.outcome.accuracy - $0.outcome.wholeAccuracy } ?? [0]).points))",
          unless: obstacle))
    }

    private func table(_ trained: [Trained]) -> Table {
      var table = Table(
        name: "spoken-digits", caption: "Accuracy on spoken digits of held-out voices.",
        columns: ["delays", "seed", "trained parameters", "with kernels", "rounded", "rounded and tuned"])
      for one in trained {
        table.append([
          .text(one.name), .integer(one.seed), .integer(one.parameters), .number(one.outcome.accuracy),
          .number(one.outcome.wholeAccuracy), .number(one.outcome.tunedAccuracy),
        ])
      }
      return table
    }

    private func bars(_ trained: [Trained], _ task: Task) -> Plot {
      var plot = Plot(
        name: "spoken-digits", title: "Spoken digits by networks with and without delays",
        caption:
          "Accuracy on held-out voices, mean and standard deviation over seeds; delays rounded and tuned.",
        x: .init("", ticks: [(0, "no delays"), (1, "fixed delays"), (2, "learned delays")]),
        y: .init("accuracy", range: 0...1))
      let values = Self.kinds.map { trained.spread($0.rawValue, \.tunedAccuracy) }
      plot.add(.bars, "", x: [0, 1, 2], y: values.map(\.mean), error: values.map(\.deviation))
      plot.marks.append(.horizontal(1 / Double(task.classes), label: "chance"))
      return plot
    }

    private func confusion(_ trained: [Trained], _ test: LabelledSpikes) -> Plot {
      let count = test.classCount
      var rows = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
      for one in trained where one.name == DelayedNetwork.Synapses.learned.rawValue {
        for (label, prediction) in zip(test.labels, one.predictions) { rows[label][prediction] += 1 }
      }
      rows = rows.map { row in row.map { $0 / max(1, row.reduce(0, +)) } }
      let ticks = test.classNames.indices.map { (Double($0), test.classNames[$0]) }
      var plot = Plot(
        name: "confusion", title: "What learned delays take for what",
        caption:
          "Share of the test utterances of each spoken digit (row) by the digit that the networks heard (column).",
        x: .init("heard", ticks: count <= 12 ? ticks : []),
        y: .init("spoken", ticks: count <= 40 ? ticks : []))
      plot.heatMap = .init(
        rows: rows, x: -0.5...Double(count) - 0.5, y: -0.5...Double(count) - 0.5, label: "share")
      return plot
    }
  }
}
