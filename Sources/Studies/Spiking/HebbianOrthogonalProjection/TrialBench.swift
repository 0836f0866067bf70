import Datasets
import Neurons
import StudyCore
import Support
import Synchronization
import Tensors

extension HebbianOrthogonalProjection {
  /// What one training of a sequence gave.
  struct Trial: Sendable {
    var outcome: ContinualOutcome
    /// The accuracy on the first task after every epoch of any task.
    var firstTask: [Double] = []
    /// After the first task, by layer.
    var subspaces: [SubspaceQuality] = []
    /// The same where the rows go on learning from the activity of the network as it is then.
    var settledSubspaces: [SubspaceQuality] = []
    /// The longest row of any subspace in the end; about one unless the Hebbian rule has diverged.
    var longestRow = 0.0
    /// The relative change of `W x` since the first task was learnt, for x as it was then, by layer.
    var drift: [Double] = []
    /// The same through the whole network: what the layers answer to the first task's inputs now.
    var wholeDrift: [Double] = []
  }

  /// The trials of a condition, one a seed.
  struct Trials: Sendable {
    var condition: Condition
    var trials: [Trial]

    var accuracy: Spread { Spread(trials.map(\.outcome.averageAccuracy)) }
    var transfer: Spread { Spread(trials.map(\.outcome.backwardTransfer)) }
    /// How well tasks are learnt, before anything is forgotten.
    var plasticity: Spread { Spread(trials.map(\.outcome.learningAccuracy)) }

    /// The longest row of any subspace of any seed in the end.
    var longestRow: Double { trials.map(\.longestRow).max() ?? 0 }

    /// "ACC 78.4 ± 0.5 %, BWT -1.2 ± 0.3 points".
    var text: String { "ACC \(accuracy.percent), BWT \(transfer.points)" }
  }

  /// The images, the tasks made of them by seed, and the trainings.
  struct TrialBench: Sendable {
    let options: Options
    let images: ImageTask
    let lab: Lab

    /// Tasks of a seed, as bytes; what brings bytes to mean 0 and deviation 1 of the training pixels.
    struct Sequence: Sendable {
      let tasks: [ContinualTask]
      let prepare: @Sendable (Tensor) -> Tensor
    }

    var inputs: Int { images.train.imageSize }

    /// Trains every condition for every seed, many at once, each on one thread. Seeds are paired: tasks, starts and orders are
    /// the same for all conditions.
    func run(_ stage: String, _ conditions: [Condition], seeds: Int) throws -> [Trials] {
      let count = conditions.map(options.taskCount).max() ?? 0
      let sequences = try (0..<seeds).map { try sequence(seed: $0, tasks: count) }
      return try map(stage, conditions.count, seeds: seeds) { index, seed, generator, check in
        try self.train(conditions[index], sequences[seed], &generator, check)
      }.enumerated().map { Trials(condition: conditions[$0], trials: $1) }
    }

    /// Runs `body` for every setting and seed; results by setting, then by seed.
    func map<Value: Sendable>(
      _ stage: String, _ settings: Int, seeds: Int,
      _ body:
        @Sendable (_ setting: Int, _ seed: Int, inout RandomGenerator, () throws -> Void) throws -> Value
    ) throws -> [[Value]] {
      let generator = lab.generator("networks")
      let done = Atomic<Int>(0)
      let total = settings * seeds
      let flat = try parallelMap(
        total,
        throwing: { index in
          try Torch.onOneThread {
            var own = generator.split(index / settings)
            let check = {
              try lab.progress(stage, done.load(ordering: .relaxed), of: total, unit: "networks")
            }
            try check()
            let value = try body(index % settings, index / settings, &own, check)
            done.wrappingAdd(1, ordering: .relaxed)
            return value
          }
        })
      try lab.progress(stage, total, of: total, unit: "networks")
      return (0..<settings).map { setting in (0..<seeds).map { flat[$0 * settings + setting] } }
    }

    /// The tasks of a seed.
    private func sequence(seed: Int, tasks count: Int) throws -> Sequence {
      let base = try ImageTask(
        images.name, train: images.train.prefix(options.images), test: images.test.prefix(options.testImages))
      var generator = lab.generator("tasks").split(seed)
      let made =
        options.sequence == "rotated"
        ? TaskSequence.rotated(base, degrees: (0..<count).map { Double($0) * 180 / Double(count) })
        : TaskSequence.permuted(base, count: count, using: &generator)
      return Sequence(
        tasks: try made.tasks.map { try Self.flat($0) }, prepare: Self.standardising(base.train))
    }

    /// Images as rows of bytes.
    private static func flat(_ task: ImageTask) throws -> ContinualTask {
      func tensors(_ images: LabelledImages) -> (inputs: Tensor, labels: Tensor) {
        (Tensor(images.pixels, shape: [images.count, images.imageSize]), images.labelTensor)
      }
      return try ContinualTask(
        task.name, train: tensors(task.train), test: tensors(task.test), classCount: task.train.classCount)
    }

    /// Bytes to numbers with mean 0 and deviation 1 over all of these images' pixels.
    static func standardising(_ images: LabelledImages) -> @Sendable (Tensor) -> Tensor {
      let statistics = images.channelStatistics
      let mean = Spread(statistics.mean).mean
      let squares = zip(statistics.mean, statistics.deviation).map { $0 * $0 + $1 * $1 }
      let deviation = max(Spread(squares).mean - mean * mean, 1e-8).squareRoot()
      return { $0.to(.float32) / (255 * deviation) - mean / deviation }
    }

    // One training.

    private func train(
      _ condition: Condition, _ sequence: Sequence, _ generator: inout RandomGenerator,
      _ check: () throws -> Void
    ) throws -> Trial {
      let network = SpikingNetwork(
        input: [inputs], stages: options.hidden(condition).map { .dense($0) }, rule: condition.rule,
        steps: options.steps, feedback: condition.feedback, initialisation: condition.initialisation,
        using: &generator)
      let trainer = ContinualTrainer(
        network, options.settings(condition, prepare: sequence.prepare), seed: generator.next())
      let tasks = Array(sequence.tasks.prefix(options.taskCount(condition)))
      var follower = Follower(trainer: trainer, tasks: tasks, isOn: condition.isFollowed)
      if condition.keeping == .joint {
        try trainer.learnJointly(tasks) { _ in
          try check()
          follower.epochEnded()
        }
      } else {
        try trainer.learn(
          tasks,
          afterEpoch: { _ in
            try check()
            follower.epochEnded()
          }, afterTask: { if $0 == 0 { follower.firstTaskEnded() } })
      }
      return follower.trial()
    }
  }
}
