import Datasets
import Foundation
import Neurons
import StudyCore
import Support
import Synchronization

extension HomeostaticNetworks {
  /// Where trials are run: the data, the options, and one generator a seed.
  struct TrialBench: Sendable {
    /// The stream of one training.
    enum Shift: Hashable, Sendable {
      case steady(Int)
      /// Most swaps and none in turn.
      case seasons
    }

    let options: Options
    let effects: ClassEffects
    let training: Samples<Float>
    let validation: Samples<Float>
    private let lab: Lab

    init(_ options: Options, _ lab: Lab) throws {
      self.options = options
      self.lab = lab
      let data = try FashionMNIST.load(from: lab.dataPath)
      lab.usesData(data.train.name, fingerprint: data.train.fingerprint)
      lab.usesData(data.test.name, fingerprint: data.test.fingerprint)
      training = try Self.samples(data.train, options.trainImages)
      validation = try Self.samples(data.test, options.validationImages)
      guard options.excitatoryFrom < training.classCount, training.classCount > 1 else {
        throw CajalError(
          "excitatoryFrom \(options.excitatoryFrom) should be below the number of classes, \(training.classCount)"
        )
      }
      guard options.memory < training.count, options.highestShift * options.batch <= training.count else {
        throw CajalError(
          "\(training.count) training samples are too few for a memory of \(options.memory) and "
            + "\(options.highestShift) swaps an epoch")
      }
      effects = .excitatory(from: options.excitatoryFrom, of: training.classCount)
    }

    private static func samples(_ images: LabelledImages, _ count: Int) throws -> Samples<Float> {
      let part = images.prefix(min(count, images.count))
      return try Samples(
        bytes: part.pixels, dimension: part.imageSize, labels: part.labels, classCount: part.classCount)
    }

    /// Windows of the recovery curve, up to the next swap but at most 15.
    func recoveryWindows(_ swapsPerEpoch: Int) -> Range<Int> {
      let period = swapsPerEpoch > 0 ? training.count / swapsPerEpoch : 0
      let windows = min(15, period / options.recoveryWindow)
      return -min(3, windows)..<windows
    }

    /// Trains every learner under every shift with every seed, in parallel.
    ///
    /// Returns outcomes by learner, shift and seed. Learners of one seed share data order, swaps and first weights.
    func run(_ stage: String, _ learners: [Learner], _ shifts: [Shift]) throws -> Results {
      let seeds = options.repetitions
      let done = Atomic<Int>(0)
      let total = learners.count * shifts.count * seeds
      try lab.progress(stage, 0, of: total, unit: "trainings")
      let outcomes = try parallelMap(
        total,
        throwing: { index in
          let learner = learners[index / seeds % learners.count]
          let outcome = try train(learner, shifts[index / seeds / learners.count], seed: index % seeds)
          try lab.progress(
            stage, done.wrappingAdd(1, ordering: .relaxed).newValue, of: total, unit: "trainings")
          return outcome
        })
      var results = Results()
      for (index, outcome) in outcomes.enumerated() {
        let shift = shifts[index / seeds / learners.count]
        results.add(outcome, learners[index / seeds % learners.count].name, shift)
      }
      return results
    }

    private func train(_ learner: Learner, _ shift: Shift, seed: Int) throws -> Outcome {
      if lab.isInterrupted { throw Interruption() }
      let generator = lab.generator("trial").split(seed)
      var weights = generator.split(10)
      let sizes = [training.dimension] + options.hidden + [training.classCount]
      let network = try Perceptron<Float>(
        sizes: sizes, batch: options.batch, memory: learner.memory, biasDeviation: options.biasDeviation,
        using: &weights)
      let trainer = try trainer(shift, learner)
      let started = threadSeconds()
      let trace = try trainer.train(
        network, learner.regulator(generator.split(11)), on: training, validation: validation,
        using: generator.split(12), afterEpoch: { _ in if lab.isInterrupted { throw Interruption() } })
      let swaps = if case .steady(let swaps) = shift { swaps } else { 0 }
      return Outcome(
        trace, recoveryWindow: options.recoveryWindow, recoveryWindows: recoveryWindows(swaps),
        late: options.late, cpuSeconds: threadSeconds() - started)
    }

    private func trainer(_ shift: Shift, _ learner: Learner) throws -> OnlineTrainer<Float> {
      var trainer = OnlineTrainer<Float>(epochs: options.epochs)
      switch shift {
      case .steady(let swaps): trainer.shift = try .perEpoch(swaps)
      case .seasons:
        trainer.epochs = options.seasonEpochs * options.seasonCount
        trainer.shift = try .seasons(
          [options.highestShift, 0].map {
            .init(epochs: options.seasonEpochs, swapsPerEpoch: $0)
          })
      }
      trainer.batch = options.batch
      trainer.labelNoise = learner.labelNoise
      trainer.validationInterval = trainer.epochs
      trainer.validatesBeforeSwap = true
      return trainer
    }
  }

  /// Processor time of this thread.
  private static func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
