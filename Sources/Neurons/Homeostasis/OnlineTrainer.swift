import Support

/// Trains a learner on a stream of minibatches whose labels may change their meaning.
public struct OnlineTrainer<Scalar: KernelScalar>: Sendable {
  public var epochs: Int
  /// Samples a minibatch.
  public var batch = 10
  /// Draws a new order for every epoch.
  public var shuffles = true
  public var shift = ConceptShift.none
  /// The share of presentations whose class is replaced by a random one.
  public var labelNoise = 0.0
  /// Validates after every so many epochs, and always after the last.
  public var validationInterval = 1
  /// Validates before a swap that coincides with the end of the epoch (the paper's code: after).
  public var validatesBeforeSwap = false

  public init(epochs: Int) { self.epochs = epochs }

  /// Trains through all epochs.
  ///
  /// Order, swaps and noise come from streams of their own, so that learners with the same generator see the
  /// same data: a paired comparison.
  ///
  /// - Parameter afterEpoch: called with the number of epochs done; may throw to stop.
  /// - Throws: ``CajalError`` when samples, learner, regulator and shift do not fit.
  public func train<Learner: ImaginativeLearner>(
    _ learner: Learner, _ regulator: any LearningRateRegulator, on samples: Samples<Scalar>,
    validation: Samples<Scalar>? = nil, using generator: RandomGenerator,
    afterEpoch: (Int) throws -> Void = { _ in }
  ) throws -> OnlineTrace where Learner.Scalar == Scalar {
    try check(learner.classCount, samples, validation)
    var run = OnlineRun(trainer: self, samples: samples, generator: generator)
    var regulator = regulator
    for epoch in 0..<epochs {
      run.beginEpoch()
      for start in stride(from: 0, to: samples.count, by: batch) {
        run.batch(epoch, start, learner, &regulator)
        let end = min(start + batch, samples.count)
        let validates = end == samples.count && isValidated(epoch)
        if validates, validatesBeforeSwap { run.validate(epoch, learner, validation) }
        run.shift(epoch, start, end)
        if validates, !validatesBeforeSwap { run.validate(epoch, learner, validation) }
      }
      try afterEpoch(epoch + 1)
    }
    return run.trace
  }

  private func isValidated(_ epoch: Int) -> Bool {
    epoch + 1 == epochs || (epoch + 1) % max(validationInterval, 1) == 0
  }

  private func check(_ classes: Int, _ samples: Samples<Scalar>, _ validation: Samples<Scalar>?) throws {
    guard epochs > 0, batch > 0, samples.count > 0, (0...1).contains(labelNoise) else {
      throw CajalError(
        "training needs epochs, a batch, samples and a label noise from 0 to 1, not "
          + "\(epochs), \(batch), \(samples.count), \(labelNoise)")
    }
    for (set, name) in [(samples, "training"), (validation ?? samples, "validation")] {
      guard set.classCount == classes, set.dimension == samples.dimension else {
        throw CajalError(
          "the \(name) samples have \(set.classCount) classes of \(set.dimension) numbers; "
            + "\(classes) and \(samples.dimension) were expected")
      }
    }
    try shift.validate(epochLength: samples.count, batch: batch, classes: classes)
  }
}

/// The state of one training.
private struct OnlineRun<Scalar: KernelScalar> {
  let trainer: OnlineTrainer<Scalar>
  let samples: Samples<Scalar>
  var trace: OnlineTrace
  private var meaning: LabelMeaning
  private var order: [Int]
  /// The original classes and the labels of the epoch, in the order shown.
  private var shownClasses: [Int] = []
  private var shownLabels: [Int] = []
  private var orderGenerator: RandomGenerator
  private var swapGenerator: RandomGenerator
  private var noiseGenerator: RandomGenerator

  init(trainer: OnlineTrainer<Scalar>, samples: Samples<Scalar>, generator: RandomGenerator) {
    self.trainer = trainer
    self.samples = samples
    trace = OnlineTrace(
      batch: trainer.batch, batchesPerEpoch: (samples.count + trainer.batch - 1) / trainer.batch)
    meaning = LabelMeaning(classes: samples.classCount)
    order = Array(0..<samples.count)
    orderGenerator = generator.split(1)
    swapGenerator = generator.split(2)
    noiseGenerator = generator.split(3)
  }

  mutating func beginEpoch() {
    if trainer.shuffles { orderGenerator.shuffle(&order) }
    shownClasses.removeAll(keepingCapacity: true)
    shownLabels.removeAll(keepingCapacity: true)
  }

  mutating func batch<Learner: ImaginativeLearner>(
    _ epoch: Int, _ start: Int, _ learner: Learner, _ regulator: inout any LearningRateRegulator
  ) where Learner.Scalar == Scalar {
    let indices = Array(order[start..<min(start + trainer.batch, order.count)])
    for index in indices {
      let isNoise = trainer.labelNoise > 0 && noiseGenerator.uniform() < trainer.labelNoise
      let shown = isNoise ? noiseGenerator.integer(below: samples.classCount) : samples.labels[index]
      shownClasses.append(shown)
      shownLabels.append(meaning[shown])
    }
    let labels = Array(shownLabels[start...])
    let guesses = learner.present(samples, indices, labels: labels)
    let moment = RegulationMoment(
      firstSample: start, firstSampleOverall: epoch * samples.count + start, guesses: guesses, labels: labels,
      shownClasses: shownClasses, shownLabels: shownLabels, meaning: meaning)
    trace.decisions += regulator.regulate(moment, learner)
    learner.learn(rate: regulator.rate)
    trace.rates.append(regulator.rate)
    trace.counts.append(labels.count)
    trace.hits.append(zip(guesses, labels).count { $0 == $1 })
  }

  mutating func shift(_ epoch: Int, _ start: Int, _ end: Int) {
    let swaps = trainer.shift.due(
      afterBatch: trace.hits.count - 1, epoch: epoch, start: start, end: end, epochLength: samples.count,
      classes: samples.classCount, using: &swapGenerator)
    for swap in swaps { meaning.swap(swap.first, swap.second) }
    trace.swaps += swaps
  }

  mutating func validate<Learner: ImaginativeLearner>(
    _ epoch: Int, _ learner: Learner, _ validation: Samples<Scalar>?
  ) where Learner.Scalar == Scalar {
    guard let validation, validation.count > 0 else { return }
    let guesses = learner.guesses(validation, Array(0..<validation.count))
    let hits = zip(guesses, validation.labels).count { $0 == meaning[$1] }
    trace.validation[epoch] = Double(hits) / Double(validation.count)
  }
}
