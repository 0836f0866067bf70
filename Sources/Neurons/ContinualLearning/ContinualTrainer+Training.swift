import Support
import Tensors

extension ContinualTrainer {
  /// Samples of one or several tasks, each with its task.
  struct Joined {
    let inputs, labels: Tensor
    /// The task of each sample.
    let tasks: [Int]

    init(task: ContinualTask, index: Int) {
      (inputs, labels) = (task.trainInputs, task.trainLabels)
      tasks = Array(repeating: index, count: labels.count)
    }

    init(_ all: [ContinualTask]) {
      inputs = Tensor.concatenated(all.map(\.trainInputs))
      labels = Tensor.concatenated(all.map(\.trainLabels))
      tasks = all.enumerated().flatMap { Array(repeating: $0, count: $1.trainLabels.count) }
    }
  }

  /// Learns all tasks at once, shuffled together: what could be reached if the past stayed at hand. No task may have been
  /// learnt before.
  ///
  /// - Parameter afterEpoch: Called after every epoch over all tasks.
  /// - Throws: `CajalError` for tasks that do not fit together, or what `afterEpoch` throws.
  public func learnJointly(_ tasks: [ContinualTask], afterEpoch: (Progress) throws -> Void = { _ in }) throws
  {
    precondition(learned == 0, "\(learned) tasks have been learnt one by one")
    try check(tasks)
    var generator = RandomGenerator(seed: seed).split(0)
    for (index, task) in tasks.enumerated() where index == 0 || !settings.sharesHead {
      network.addHead(classes: task.classCount, using: &generator)
    }
    try train(Joined(tasks), rate: settings.learningRate, &generator) {
      try afterEpoch(Progress(task: 0, epoch: $0))
    }
    outcome.accuracies = [tasks.enumerated().map { accuracy($1, index: $0) }]
  }

  func train(
    _ samples: Joined, rate: Double?, _ generator: inout RandomGenerator,
    afterEpoch: (Int) throws -> Void
  ) throws {
    let optimiser = SGD(
      network, learningRate: rate ?? settings.learningRate, momentum: settings.momentum)
    var loop = TrainingLoop(
      network, optimiser, batchSize: settings.batchSize, epochs: settings.epochs, seed: generator.next())
    let (steps, schedule) = (
      (samples.labels.count + settings.batchSize - 1) / settings.batchSize, settings.schedule
    )
    loop.schedule = Schedule { schedule($0 / steps) }
    enterTraining()
    try loop.run(
      samples: samples.labels.count,
      progress: { state in
        guard state.step == state.stepsPerEpoch else { return }
        try afterEpoch(state.epoch + 1)
        enterTraining()
      },
      loss: { loss(samples, $0, &generator) })
  }

  /// Training mode; what is frozen after the first task stays in evaluation.
  private func enterTraining() {
    network.train()
    for stage in network.stages where stage.normalisation?.weight.isFrozen == true {
      stage.normalisation?.evaluate()
    }
  }

  /// The loss of a batch, with a batch of replayed samples beside it if there are any; the subspaces see the activity.
  private func loss(_ samples: Joined, _ batch: Tensor, _ generator: inout RandomGenerator) -> Tensor {
    var inputs = samples.inputs.selected(batch, axis: 0)
    var labels = samples.labels.selected(batch, axis: 0)
    var tasks = batch.integers.map { samples.tasks[$0] }
    if let replayed = memory.batch(settings.batchSize, using: &generator) {
      inputs = Tensor.concatenated([inputs, replayed.inputs])
      labels = Tensor.concatenated([labels, replayed.labels])
      tasks += Array(repeating: replayed.task, count: replayed.labels.count)
    }
    let visit: SpikingNetwork.Visitor? = settings.protection == .none ? nil : observe
    let features = network.features(settings.prepare(inputs), visiting: visit)
    let byHead = Dictionary(grouping: tasks.indices) { head(tasks[$0]) }.sorted { $0.key < $1.key }
    if byHead.count == 1 {
      return network.rule.loss(network.output(features, head: byHead[0].key, visiting: visit), labels)
    }
    return byHead.reduce(Tensor(0)) { sum, part in
      let places = Tensor(part.value)
      let output = network.output(features.selected(places, axis: 1), head: part.key, visiting: visit)
      let share = Double(part.value.count) / Double(tasks.count)
      return sum + network.rule.loss(output, labels.selected(places, axis: 0)) * share
    }
  }

  private func observe(_ index: Int, _ layer: ProjectedLayer, _ activity: () -> Tensor) {
    if layer.subspace != nil { layer.subspace?.observe(thinned(activity())) }
  }
}
