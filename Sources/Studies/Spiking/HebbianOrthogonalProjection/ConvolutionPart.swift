import Datasets
import Figures
import Neurons
import StudyCore
import Support
import Tensors

extension HebbianOrthogonalProjection {
  /// A convolutional network on the classes in pairs, a head for each pair. No claim of the paper is decided here: its own
  /// data (CIFAR-100 in ten parts) are not at hand.
  struct ConvolutionPart {
    let bench: TrialBench
    private var options: Options { bench.options }

    func run() throws {
      let tasks = try tasks()
      let labels = ["plain", "projected"]
      let outcomes = try bench.map("convolution", 2, seeds: options.convolutionSeeds) {
        index, _, generator, check in
        let trainer = self.trainer(isProtected: index == 1, tasks[0], &generator)
        try trainer.learn(tasks, afterEpoch: { _ in try check() })
        return trainer.outcome
      }
      var table = Table(
        name: "convolution",
        caption:
          "Convolutional network (\(options.channels.map(String.init).joined(separator: "-")) channels, 3×3, normalised, average pooling), \(tasks.count) tasks of two classes, \(options.convolutionImages) images a class, a head each, \(options.convolutionEpochs) epochs at rate \(options.convolutionRate), DSR.",
        columns: ["training", "seed", "ACC", "BWT", "accuracy when just learnt"])
      for (label, trials) in zip(labels, outcomes) {
        for (seed, outcome) in trials.enumerated() {
          table.append([
            .text(label), .integer(seed), .number(outcome.averageAccuracy), .number(outcome.backwardTransfer),
            .number(outcome.learningAccuracy),
          ])
        }
        bench.lab.measure("convolution.\(label).accuracy", Spread(trials.map(\.averageAccuracy)).mean)
        bench.lab.measure("convolution.\(label).transfer", Spread(trials.map(\.backwardTransfer)).mean)
      }
      try bench.lab.add(table)
      try bench.lab.add(figure(labels, outcomes, tasks.count))
    }

    private func tasks() throws -> [ContinualTask] {
      let classes = bench.images.train.classCount
      func some(_ images: LabelledImages, _ count: Int) -> LabelledImages {
        var taken = [Int](repeating: 0, count: classes)
        return images.subset(
          images.labels.indices.filter { index in
            taken[images.labels[index]] += 1
            return taken[images.labels[index]] <= count
          })
      }
      let base = try ImageTask(
        bench.images.name, train: some(bench.images.train, options.convolutionImages),
        test: some(bench.images.test, options.convolutionTestImages))
      let prepare = TrialBench.standardising(base.train)
      return try TaskSequence.split(base, classesPerTask: 2).tasks.map { task in
        func tensors(_ images: LabelledImages) -> (inputs: Tensor, labels: Tensor) {
          let shape = [images.count, images.channels, images.height, images.width]
          return (prepare(Tensor(images.pixels, shape: shape)), images.labelTensor)
        }
        return try ContinualTask(
          task.name, train: tensors(task.train), test: tensors(task.test), classCount: 2)
      }
    }

    private func trainer(isProtected: Bool, _ task: ContinualTask, _ generator: inout RandomGenerator)
      -> ContinualTrainer
    {
      let network = SpikingNetwork(
        input: task.inputShape, stages: options.channels.map { .convolution(channels: $0, pool: 2) },
        rule: .dsr(), steps: options.steps, using: &generator)
      // Patches of the first stage have few numbers; each later one sees nine times the channels before it.
      let patches = ([task.inputShape[0]] + options.channels.dropLast()).map { $0 * 9 }
      let sizes = SubspaceSizes(
        first: patches.map { max(2, $0 / 3) }, later: patches.map { max(1, $0 / 10) })
      var settings = ContinualSettings(
        protection: isProtected ? .hebbian([.init(learningRate: 0.02)], sizes) : .none, sharesHead: false,
        epochs: options.convolutionEpochs, batchSize: 32, learningRate: options.convolutionRate)
      settings.observedSamples = 2048
      return ContinualTrainer(network, settings, seed: generator.next())
    }

    private func figure(_ labels: [String], _ outcomes: [[ContinualOutcome]], _ count: Int) -> Plot {
      let x = (1...count).map(Double.init)
      var plot = Plot(
        name: "convolution", title: "A convolutional network on pairs of classes",
        caption:
          "Test accuracy on each task just after it was learnt (dashed) and after the last one, mean and range over \(options.convolutionSeeds) seeds.",
        x: .init("task", range: 0.7...(Double(count) + 0.3), ticks: x.map { ($0, "\(Int($0))") }),
        y: .init("accuracy", unit: "%"))
      for (label, trials) in zip(labels, outcomes) {
        let end = (0..<count).map { task in trials.map { $0.accuracies[count - 1][task] * 100 } }
        let first = (0..<count).map { task in Spread(trials.map { $0.accuracies[task][task] * 100 }).mean }
        plot.add(
          .linePoints, label, x: x, y: end.map { Spread($0).mean },
          intervals: trials.count > 1 ? end.map { $0.min()!...$0.max()! } : nil)
        plot.add(.dashed, "\(label), just learnt", x: x, y: first, colourOf: label)
      }
      return plot
    }
  }
}
