import Datasets
import Figures
import Foundation
import Neurons
import StudyCore
import Support
import Synchronization
import Tensors

extension ExpressiveLeakyMemoryStudy {
  /// Claims 3 and 4: sums of two spoken digits, with long and with short memory, and beside an LSTM.
  struct AdditionPart {
    let options: Options
    let lab: Lab
    let source: Source

    /// The times of claim 3, in ms.
    private static let long = 500.0
    private static let short = 20.0
    private static let plain = "LSTM"
    private static let chrono = "chrono LSTM"

    /// One network for the sums.
    private struct Job: Sendable {
      var name: String
      var seed: Int
      /// The longest time constant in ms, or nil for an LSTM.
      var longest: Double?
    }

    private struct Trained: Sendable {
      let job: Job
      let parameters: Int
      let outcome: SequenceClassification.Outcome
    }

    func run() throws {
      var fromFile = false
      if case .digits = source { fromFile = true }
      guard fromFile || options.takes > 0 else {
        let obstacle = "this run speaks no digits (takes=0)"
        addTimeClaim([], unless: obstacle)
        return addRecurrentClaim([], unless: obstacle)
      }
      let task = try task()
      let trained = try train(task)
      let obstacle = options.seeds < 3 ? "three seeds are needed; this run has \(options.seeds)" : nil
      addTimeClaim(trained, unless: obstacle)
      addRecurrentClaim(trained, unless: obstacle)
      for name in Set(trained.map(\.job.name)).sorted() {
        lab.measure("sums.\(name).accuracy", accuracy(trained, name).mean)
      }
      try lab.add(table(trained))
      try lab.add(sweep(trained))
    }

    private func task() throws -> SequenceTask {
      var url: URL?
      if case .digits(let own) = source { url = own }
      let pair = try lab.spokenDigits(from: url, takes: options.takes)
      let binning = SpikeBinning(width: options.binWidth, duration: options.digitDuration, group: 5)
      let (train, test) = (
        try DigitAddition(pair.train, binning: binning), try DigitAddition(pair.test, binning: binning)
      )
      let dropout = options.sumDropout
      return SequenceTask(
        name: "sums of spoken digits", inputs: train.channels, steps: train.steps,
        classes: DigitAddition.classCount,
        train: { count, generator in
          let batch = train.batch(count, dropout: dropout, using: &generator)
          return (batch.events, batch.labels)
        },
        test: { count, generator in
          let batch = test.batch(count, using: &generator)
          return (batch.events, batch.labels)
        })
    }

    private func configuration(_ task: SequenceTask, longest: Double) -> ExpressiveLeakyMemory.Configuration {
      var c = ExpressiveLeakyMemory.Configuration(
        inputs: task.inputs, outputs: task.classes, memoryUnits: options.sumUnits)
      // Steps are long beside the shortest time constant.
      c.version = .second
      c.timeStep = options.binWidth * 1000
      c.memoryTimeConstants = 1...longest
      return c
    }

    private func train(_ task: SequenceTask) throws -> [Trained] {
      let claimed = [Self.long, Self.short]
      let times = (claimed + options.longestTimes.filter { !claimed.contains($0) })
      let recurrent = (0..<options.seeds).flatMap { seed in
        [Self.plain, Self.chrono].map { Job(name: $0, seed: seed, longest: nil) }
      }
      let jobs =
        recurrent
        + times.flatMap { time in
          (0..<(claimed.contains(time) ? options.seeds : 1)).map {
            Job(name: "ELM, \(Int(time)) ms", seed: $0, longest: time)
          }
        }
      var training = SequenceClassification()
      (training.steps, training.batch, training.learningRate) = (
        options.sumSteps, options.sumBatch, options.sumRate
      )
      let done = Atomic<Int>(0)
      let settings = training
      let total = jobs.count * options.sumSteps
      return try parallelMap(
        jobs.count,
        throwing: { index in
          try Torch.onOneThread {
            let job = jobs[index]
            var generator = lab.generator("sums \(job.name) \(job.seed)")
            let model = try model(job, task, &generator)
            var last = 0
            let outcome = try settings.run(model, task, using: &generator) { step in
              let now = done.wrappingAdd(step - last, ordering: .relaxed).newValue
              last = step
              try lab.progress("spoken sums", now, of: total, unit: "steps")
            }
            return Trained(job: job, parameters: model.parameterCount, outcome: outcome)
          }
        })
    }

    private func model(_ job: Job, _ task: SequenceTask, _ generator: inout RandomGenerator) throws
      -> any SynapticModel
    {
      let c = configuration(task, longest: job.longest ?? Self.long)
      if job.longest != nil { return try ExpressiveLeakyMemory(c, using: &generator) }
      let hidden = matched(c.parameterCount) {
        RecurrentReadout.parameterCount(task.inputs, hidden: $0, task.classes)
      }
      return DenseSequenceModel(
        RecurrentReadout(
          task.inputs, hidden: hidden, task.classes, memory: job.name == Self.chrono ? task.steps : nil,
          using: &generator))
    }

    private func accuracy(_ trained: [Trained], _ name: String) -> Spread {
      Spread(trained.filter { $0.job.name == name }.map(\.outcome.accuracy))
    }

    private func accuracy(_ trained: [Trained], ofTime time: Double) -> Spread {
      accuracy(trained, "ELM, \(Int(time)) ms")
    }

    private func addTimeClaim(_ trained: [Trained], unless obstacle: String?) {
      let (long, short) = (
        accuracy(trained, ofTime: Self.long), accuracy(trained, ofTime: Self.short)
      )
      lab.add(
        .decided(
          "3", "Slow time constants matter where the past does",
          paper: "on SHD-Adding accuracy falls when the longest time constant is short",
          test:
            "sums of two spoken digits of held-out voices, \(options.sumUnits) memory units, \(options.sumSteps) steps: time constants of 1 to 500 ms against 1 to 20 ms",
          criterion: "accuracy falls by at least 10 points with 20 ms",
          measured: trained.isEmpty ? "" : "\(long.percent) with 500 ms, \(short.percent) with 20 ms",
          holds: long.mean - short.mean >= 0.1,
          reason:
            "in \(options.sumSteps) steps neither neuron has learned the sums well enough to tell the two apart",
          unless: obstacle))
    }

    private func addRecurrentClaim(_ trained: [Trained], unless obstacle: String?) {
      let (own, plain, chrono) = (
        accuracy(trained, ofTime: Self.long), accuracy(trained, Self.plain), accuracy(trained, Self.chrono)
      )
      let size = trained.first { $0.job.longest != nil }?.parameters ?? 0
      lab.add(
        .decided(
          "4", "The neuron beats an LSTM of the same size on the sums",
          paper: "better than LSTMs on SHD-Adding at any width of a bin",
          test: "the same task, batches and steps; \(size) parameters each",
          criterion: "a higher mean accuracy than the plain LSTM over three seeds",
          measured: trained.isEmpty
            ? "" : "ELM \(own.percent), LSTM \(plain.percent), chrono-initialised LSTM \(chrono.percent)",
          holds: own.mean > plain.mean,
          reason: max(own.mean, plain.mean, chrono.mean) < 0.15
            ? "in \(options.sumSteps) steps no network learns the sums: all answer as one that always names the commonest sum (10 %)"
            : "in \(options.sumSteps) steps an LSTM of this size learns the sums faster", unless: obstacle
        ))
    }

    private func table(_ trained: [Trained]) -> Table {
      var table = Table(
        name: "spoken-sums", caption: "Sums of two spoken digits of voices that were not heard in training.",
        columns: ["network", "seed", "parameters", "last loss", "accuracy"])
      for one in trained {
        table.append([
          .text(one.job.name), .integer(one.job.seed), .integer(one.parameters),
          .number(one.outcome.losses.last ?? .nan), .number(one.outcome.accuracy),
        ])
      }
      return table
    }

    private func sweep(_ trained: [Trained]) -> Plot {
      var plot = Plot(
        name: "accuracy-by-time-constant", title: "Sums of spoken digits need slow memory",
        caption:
          "Accuracy on sums of two spoken digits by the longest time constant of memory, deviation over seeds where there are several; lines are LSTMs with as many parameters.",
        x: .init("longest time constant", unit: "ms", scale: .log), y: .init("accuracy", range: 0...1))
      let times = Set(trained.compactMap(\.job.longest)).sorted()
      let values = times.map { accuracy(trained, ofTime: $0) }
      plot.add(.linePoints, "ELM", x: times, y: values.map(\.mean), error: values.map(\.deviation))
      for name in [Self.plain, Self.chrono] {
        let mean = accuracy(trained, name).mean
        if let first = times.first, let last = times.last {
          plot.add(.dashed, name, x: [first, last], y: [mean, mean])
        }
      }
      plot.marks.append(.horizontal(0.1, label: "the most frequent sum"))
      return plot
    }
  }
}
