import Foundation
import Support
import Tensors

/// Teaches a spiking network tasks one after another and keeps the old ones, by orthogonal projection or otherwise.
///
/// ```swift
/// let trainer = ContinualTrainer(network, settings, seed: 1)
/// try trainer.learn(tasks)
/// print(trainer.outcome.averageAccuracy, trainer.outcome.backwardTransfer)
/// try trainer.save(to: file)                      // later: load(from:), then learn(tasks + [another])
/// ```
public final class ContinualTrainer {
  public let network: SpikingNetwork
  public let settings: ContinualSettings
  public internal(set) var outcome = ContinualOutcome()
  public internal(set) var memory = ReplayMemory()
  let seed: UInt64

  /// How many tasks have been learnt.
  public var learned: Int { outcome.accuracies.count }

  /// How far a training is.
  public struct Progress: Sendable {
    public var task: Int
    /// Epochs of the task that are done.
    public var epoch: Int
  }

  public init(_ network: SpikingNetwork, _ settings: ContinualSettings, seed: UInt64) {
    self.network = network
    self.settings = settings
    self.seed = seed
    for (index, stage) in network.stages.enumerated() {
      stage.layer.subspace = settings.protection.subspace(layer: index, inputs: stage.layer.inputs)
    }
  }

  /// Learns those of the tasks that have not been learnt yet, in order; after each, all up to it are tested.
  ///
  /// - Parameters:
  ///   - afterEpoch: Called after every epoch; what it throws ends the training.
  ///   - afterTask: Called when a task has been learnt and tested.
  /// - Throws: `CajalError` for tasks that do not fit together, or what the closures throw.
  public func learn(
    _ tasks: [ContinualTask], afterEpoch: (Progress) throws -> Void = { _ in },
    afterTask: (Int) throws -> Void = { _ in }
  ) throws {
    try check(tasks)
    for index in learned..<max(tasks.count, learned) {
      try learn(tasks[index], index, afterEpoch)
      let accuracies = tasks[...index].enumerated().map { accuracy($1, index: $0) }
      outcome.accuracies.append(accuracies)
      try afterTask(index)
    }
  }

  /// The accuracy on the test inputs of a task whose head is at `index` (or the shared one).
  public func accuracy(_ task: ContinualTask, index: Int, batch: Int = 500) -> Double {
    evaluated {
      let parts = zip(task.testInputs.split(batch), task.testLabels.split(batch))
      let right = parts.reduce(0.0) { sum, part in
        let answers = network.answers(settings.prepare(part.0), head: head(index))
        return sum + (answers.argmax(axis: 1) .== part.1).to(.float64).sum().item
      }
      return right / Double(task.testLabels.count)
    }
  }

  /// For every layer that protects a subspace, how near it is to the principal subspace of its presynaptic activity.
  ///
  /// - Parameters:
  ///   - inputs: `[B, …]` of a task, as the task holds them.
  ///   - index: The task.
  public func subspaceQualities(_ inputs: Tensor, index: Int) -> [SubspaceQuality] {
    evaluated {
      let activities = network.presynapticActivity(settings.prepare(inputs), head: head(index))
      return zip(network.layers(head: head(index)), activities).compactMap { layer, activity in
        layer.subspace?.protected.map { SubspaceQuality(rows: $0, activity: activity) }
      }
    }
  }

  /// The head of a task.
  public func head(_ task: Int) -> Int { settings.sharesHead ? 0 : task }

  private func evaluated<Result>(_ body: () -> Result) -> Result {
    network.evaluate()
    return withoutGradients(body)
  }

  func check(_ tasks: [ContinualTask]) throws {
    guard let first = tasks.first else { throw CajalError("there are no tasks to learn") }
    guard tasks.count >= learned else {
      throw CajalError("\(learned) tasks have been learnt, but only \(tasks.count) are given to go on from")
    }
    for task in tasks where task.inputShape != first.inputShape {
      throw CajalError(
        "task \(task.name) has inputs of \(task.inputShape), task \(first.name) of \(first.inputShape)")
    }
    if settings.sharesHead, let other = tasks.first(where: { $0.classCount != first.classCount }) {
      throw CajalError(
        "task \(other.name) has \(other.classCount) classes, task \(first.name) \(first.classCount): they cannot share a head"
      )
    }
    if let sizes = settings.protection.sizes { try check(sizes, tasks.count) }
  }

  private func check(_ sizes: SubspaceSizes, _ tasks: Int) throws {
    let inputs = network.stages.map(\.layer.inputs) + (settings.sharesHead ? [network.featureCount] : [])
    guard sizes.first.count >= inputs.count else {
      throw CajalError("subspace sizes of \(sizes.first.count) layers for \(inputs.count) protected layers")
    }
    for (layer, count) in inputs.enumerated() {
      let most = (0..<tasks).map { sizes.rows(task: $0)[layer] }.max() ?? 0
      if most > count {
        throw CajalError("\(most) subspace neurons a task for layer \(layer), which has only \(count) inputs")
      }
    }
  }

  // One task.

  private func learn(_ task: ContinualTask, _ index: Int, _ afterEpoch: (Progress) throws -> Void) throws {
    var generator = RandomGenerator(seed: seed).split(index)
    begin(task, index, &generator)
    let samples = Joined(task: task, index: index)
    try train(samples, rate: index == 0 ? settings.learningRate : settings.laterLearningRate, &generator) {
      try afterEpoch(Progress(task: index, epoch: $0))
    }
    end(task, index, &generator)
  }

  /// Makes the head and room in the subspaces; from the second task on, what cannot be protected is frozen.
  func begin(_ task: ContinualTask, _ index: Int, _ generator: inout RandomGenerator) {
    if index == 0 || !settings.sharesHead {
      network.addHead(classes: task.classCount, using: &generator)
      if settings.sharesHead {
        network.heads[0].subspace = settings.protection.subspace(
          layer: network.stages.count, inputs: network.heads[0].inputs)
      }
    }
    let rows = settings.protection.sizes?.rows(task: index) ?? []
    for (layer, count) in zip(network.layers(head: head(index)), rows) {
      layer.subspace?.beginTask(adding: count, using: &generator)
    }
    guard index > 0 else { return }
    for (_, parameter) in network.parameters where parameter.value.rank < 2 { parameter.isFrozen = true }
  }

  private func end(_ task: ContinualTask, _ index: Int, _ generator: inout RandomGenerator) {
    if settings.protection != .none {
      let count = min(settings.finalInputs, task.trainInputs.size(0))
      let activities = evaluated {
        network.presynapticActivity(settings.prepare(task.trainInputs[0..<count]), head: head(index))
      }
      for (layer, activity) in zip(network.layers(head: head(index)), activities) {
        layer.subspace?.endTask(thinned(activity))
      }
    }
    if let count = settings.replayedPerClass {
      memory.keep(task.trainInputs, task.trainLabels, perClass: count, using: &generator)
    }
  }

  /// Evenly taken samples, at most as many as a subspace is to see.
  func thinned(_ activity: Tensor) -> Tensor {
    let step = max(1, activity.size(0) / settings.observedSamples)
    return step == 1 ? activity : activity.narrowed(0, from: 0, to: activity.size(0), step: step)
  }
}
