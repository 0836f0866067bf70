import Datasets
import Figures
import Foundation
import Neurons
import StudyCore
import Support
import Synchronization
import Tensors

extension ExpressiveLeakyMemoryStudy {
  /// Claim 7: long sequences, beside an LSTM and a small transformer with as many parameters.
  struct LongRangePart {
    let options: Options
    let lab: Lab

    private static let networks = ["ELM", "chrono LSTM", "transformer"]

    private struct Job: Sendable {
      var network: String
      var task: Int
    }

    private struct Trained: Sendable {
      let job: Job
      let parameters: Int
      let outcome: SequenceClassification.Outcome
    }

    func run() throws {
      let tasks = try [lists(), curves(), pictures()]
      let jobs = tasks.indices.flatMap { task in Self.networks.map { Job(network: $0, task: task) } }
      var training = SequenceClassification()
      (training.steps, training.batch, training.learningRate) = (
        options.longSteps, options.longBatch, options.longRate
      )
      let done = Atomic<Int>(0)
      let settings = training
      let trained = try parallelMap(
        jobs.count,
        throwing: { index in
          try Torch.onOneThread {
            let (job, task) = (jobs[index], tasks[jobs[index].task])
            var generator = lab.generator("long \(job.network) \(task.name)")
            let model = try model(job.network, task, &generator)
            var own = settings
            // A transformer has no last state; it is read over all steps.
            own.reading = job.network == "transformer" ? .mean : .last
            var last = 0
            let outcome = try own.run(model, task, using: &generator) { step in
              let now = done.wrappingAdd(step - last, ordering: .relaxed).newValue
              last = step
              try lab.progress("long sequences", now, of: jobs.count * options.longSteps, unit: "steps")
            }
            return Trained(job: job, parameters: model.parameterCount, outcome: outcome)
          }
        })
      for one in trained {
        lab.measure("long.\(tasks[one.job.task].name).\(one.job.network)", one.outcome.accuracy)
      }
      addClaim(trained, tasks)
      try lab.add(table(trained, tasks))
      try lab.add(bars(trained, tasks))
      try lab.add(examples())
    }

    private func addClaim(_ trained: [Trained], _ tasks: [SequenceTask]) {
      func accuracy(_ task: Int, _ network: String) -> Double {
        trained.first { $0.job.task == task && $0.job.network == network }!.outcome.accuracy
      }
      let wins = tasks.indices.filter { task in
        Self.networks.dropFirst().allSatisfy { accuracy(task, "ELM") > accuracy(task, $0) }
      }
      let text = tasks.indices.map { task in
        "\(tasks[task].name) (\(tasks[task].steps) steps): "
          + Self.networks.map { String(format: "%@ %.1f %%", $0, accuracy(task, $0) * 100) }.joined(
            separator: ", ")
      }
      lab.add(
        .decided(
          "7", "On long sequences the neuron beats a chrono-initialised LSTM and a transformer of its size",
          paper: "better than both on the Long Range Arena, and above 70 % on Pathfinder-X (16,384 steps)",
          test:
            "lists of operations, curves in pictures and permuted pictures made or read here, \(options.longSteps) steps of \(options.longBatch), one seed, parameters matched",
          criterion: "the highest accuracy of the three on at least two of three tasks",
          measured: text.joined(separator: "; "), holds: wins.count >= 2,
          reason:
            "sequences are shorter than the paper's and training stops after \(options.longSteps) steps, where what is learned first decides, not what is reached in the end",
          unless: options.longSteps < 100
            ? "training is too short in this run (longSteps=\(options.longSteps))" : nil))
    }

    // Tasks.

    private func lists() throws -> SequenceTask {
      var source = ListOperations()
      source.lengths = max(5, options.listLength / 4)...options.listLength
      source.maximumDepth = options.listLength < 500 ? 5 : 10
      source.maximumArguments = options.listLength < 500 ? 5 : 10
      let (lists, steps, tokens) = (source, options.listLength, ListOperations.Token.allCases.count)
      @Sendable func draw(_ count: Int, _ generator: inout RandomGenerator) throws -> SequenceTask.Samples {
        var (sequences, labels): ([[(time: Int, input: Int, value: Float)]], [Int]) = ([], [])
        for _ in 0..<count {
          let one = try lists.expression(using: &generator)
          // Expressions end with the sequence.
          let start = steps - one.tokens.count
          sequences.append(one.tokens.enumerated().map { (start + $0, Int($1.rawValue), 1) })
          labels.append(one.value)
        }
        return (try SynapticEvents(steps: steps, inputs: tokens, sequences: sequences), labels)
      }
      return SequenceTask(
        name: "lists", inputs: tokens, steps: steps, classes: 10, train: draw, test: draw)
    }

    private func curves() throws -> SequenceTask {
      var generator = lab.generator("curves")
      let images = try PathfinderImages().images(options.pictures, using: &generator)
      let held = max(8, options.pictures / 5)
      return sequenceTask(
        "curves", images.subset(Array(held..<images.count)), images.subset(Array(0..<held)), pixelsPerStep: 4)
    }

    private func pictures() throws -> SequenceTask {
      var generator = lab.generator("permuted pictures")
      let images = try FashionMNIST.load()
      lab.usesData(images.train.name, fingerprint: images.train.fingerprint)
      let order = generator.permutation(images.train.imageSize)
      return sequenceTask(
        "permuted pictures", images.train.prefix(4 * options.pictures).permutingPixels(order),
        images.test.prefix(max(8, options.pictures / 2)).permutingPixels(order), pixelsPerStep: 4)
    }

    private func sequenceTask(
      _ name: String, _ train: LabelledImages, _ test: LabelledImages, pixelsPerStep: Int
    )
      -> SequenceTask
    {
      @Sendable func draw(_ images: LabelledImages, _ count: Int, _ generator: inout RandomGenerator)
        -> SequenceTask.Samples
      {
        let chosen = (0..<count).map { _ in generator.integer(below: images.count) }
        let events = SynapticEvents(images.sequence(at: chosen, pixelsPerStep: pixelsPerStep))
        return (events, chosen.map { images.labels[$0] })
      }
      return SequenceTask(
        name: name, inputs: pixelsPerStep, steps: train.imageSize / pixelsPerStep, classes: train.classCount,
        train: { draw(train, $0, &$1) }, test: { draw(test, $0, &$1) })
    }

    // Networks.

    private func model(_ network: String, _ task: SequenceTask, _ generator: inout RandomGenerator) throws
      -> any SynapticModel
    {
      var c = ExpressiveLeakyMemory.Configuration(
        inputs: task.inputs, outputs: task.classes, memoryUnits: options.longUnits)
      c.version = .second
      c.memoryTimeConstants = 1...Double(task.steps)
      // Steps have no unit here; a trace of one step leaves integration to memory.
      c.synapticTimeConstant = 1
      switch network {
      case "ELM": return try ExpressiveLeakyMemory(c, using: &generator)
      case "transformer":
        let (heads, layers) = (2, 2)
        let features = matched(c.parameterCount, step: heads) {
          CausalTransformer.parameterCount(task.inputs, features: $0, task.classes, layers: layers)
        }
        return DenseSequenceModel(
          CausalTransformer(
            task.inputs, features: features, heads: heads, task.classes, layers: layers, causal: false,
            using: &generator))
      default:
        let hidden = matched(c.parameterCount) {
          RecurrentReadout.parameterCount(task.inputs, hidden: $0, task.classes)
        }
        return DenseSequenceModel(
          RecurrentReadout(
            task.inputs, hidden: hidden, task.classes, memory: task.steps, using: &generator))
      }
    }

    // Results.

    private func table(_ trained: [Trained], _ tasks: [SequenceTask]) -> Table {
      var table = Table(
        name: "long-sequences",
        caption: "Classes of whole sequences after \(options.longSteps) steps of training.",
        columns: ["task", "steps of a sequence", "classes", "network", "parameters", "last loss", "accuracy"])
      for one in trained {
        let task = tasks[one.job.task]
        table.append([
          .text(task.name), .integer(task.steps), .integer(task.classes), .text(one.job.network),
          .integer(one.parameters), .number(one.outcome.losses.last ?? .nan), .number(one.outcome.accuracy),
        ])
      }
      return table
    }

    private func bars(_ trained: [Trained], _ tasks: [SequenceTask]) -> Plot {
      var plot = Plot(
        name: "long-sequences", title: "Long sequences by three kinds of networks",
        caption:
          "Accuracy on sequences of their own, at equal numbers of parameters and steps of training. Strokes are chance.",
        x: .init("", ticks: tasks.indices.map { (Double($0), tasks[$0].name) }),
        y: .init("accuracy", range: 0...1))
      plot.x.range = -0.5...Double(tasks.count) - 0.5
      for (place, network) in Self.networks.enumerated() {
        let own = trained.filter { $0.job.network == network }
        plot.add(
          .points, network, x: own.map { Double($0.job.task) + 0.15 * Double(place - 1) },
          y: own.map(\.outcome.accuracy))
      }
      for task in tasks.indices {
        let chance = 1 / Double(tasks[task].classes)
        plot.add(
          .dashed, task == 0 ? "chance" : "", x: [Double(task) - 0.3, Double(task) + 0.3],
          y: [chance, chance],
          colourOf: task == 0 ? nil : "chance")
      }
      return plot
    }

    /// Four pictures of curves, two of each kind.
    private func examples() throws -> Plot {
      var generator = lab.generator("curves")
      let images = try PathfinderImages().images(4, using: &generator)
      var plot = Plot(
        name: "curves", title: "Are the discs the ends of one curve?",
        caption:
          "Pictures of the task: the discs mark different curves in the first and third picture, one curve in the second and fourth.",
        x: .init(""), y: .init(""))
      let size = images.width
      plot.heatMap = .init(
        rows: (0..<size).reversed().map { row -> [Double] in
          (0..<4).flatMap { image -> [Double] in
            images.image(image).dropFirst(row * size).prefix(size).map { Double($0) / 255 }
          }
        }, x: 0...Double(4 * size), y: 0...Double(size), label: "brightness", keepsAspect: true)
      plot.height = 260
      return plot
    }
  }
}
