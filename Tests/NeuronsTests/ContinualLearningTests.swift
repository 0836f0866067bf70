import Datasets
import Foundation
import Neurons
import Recordings
import Support
import Tensors
import Testing

@Suite struct ContinualLearningTests {
  /// Clouds about random centres, another set of centres a task.
  private func tasks(_ count: Int, inputs: [Int] = [40], classes: Int = 3) throws -> [ContinualTask] {
    try (0..<count).map { index in
      var generator = RandomGenerator(seed: 100).split(index)
      let centres = Tensor.normal([classes] + inputs, deviation: 1.5, using: &generator)
      func draw(_ samples: Int) -> (inputs: Tensor, labels: Tensor) {
        let labels = Tensor((0..<samples).map { $0 % classes })
        let noise = Tensor.normal([samples] + inputs, deviation: 0.3, using: &generator)
        return (centres.selected(labels, axis: 0) + noise, labels)
      }
      return try ContinualTask("clouds \(index)", train: draw(192), test: draw(90), classCount: classes)
    }
  }

  private func network(
    _ rule: LearningRule = .dsr(), _ feedback: Feedback = .backpropagation, input: [Int] = [40],
    stages: [SpikingStageShape] = [.dense(30), .dense(30)]
  ) -> SpikingNetwork {
    var generator = RandomGenerator(seed: 7)
    return SpikingNetwork(
      input: input, stages: stages, rule: rule, steps: 5, feedback: feedback,
      initialisation: rule == .dsr() ? .uniformFanIn : .kaimingNormal(), using: &generator)
  }

  private func settings(_ protection: Protection = .none, epochs: Int = 5, rate: Double = 0.2)
    -> ContinualSettings
  {
    ContinualSettings(protection: protection, epochs: epochs, batchSize: 32, learningRate: rate)
  }

  private var hebbian: Protection {
    .hebbian(
      [.init(learningRate: 0.01), .init(learningRate: 0.05)],
      SubspaceSizes(first: [8, 8, 8], later: [6, 6, 6]))
  }

  @Test func outcomesAreAveragedAsDefined() {
    let outcome = ContinualOutcome(accuracies: [[0.9], [0.7, 0.8], [0.6, 0.5, 0.95]])
    #expect(abs(outcome.averageAccuracy - 2.05 / 3) < 1e-12)
    #expect(abs(outcome.backwardTransfer - (-0.3 - 0.3) / 2) < 1e-12)
    #expect(abs(outcome.learningAccuracy - 2.65 / 3) < 1e-12)
    #expect(ContinualOutcome(accuracies: [[0.9]]).backwardTransfer == 0)
    let sizes = SubspaceSizes(first: [80, 20], later: [70, 30], reduction: 20, reducedAt: [3, 6])
    #expect(sizes.rows(task: 0) == [80, 20] && sizes.rows(task: 2) == [70, 30])
    #expect(sizes.rows(task: 3) == [50, 10] && sizes.rows(task: 9) == [30, 0])
  }

  @Test(arguments: [LearningRule.dsr(), .bptt(), .ottt()]) func everyRuleLearnsATask(_ rule: LearningRule)
    throws
  {
    for feedback in Feedback.allCases {
      let trainer = ContinualTrainer(network(rule, feedback), settings(epochs: 12), seed: 1)
      try trainer.learn(try tasks(1))
      #expect(trainer.outcome.averageAccuracy > 0.9, "\(rule.name), \(feedback): \(trainer.outcome)")
    }
  }

  @Test func protectionKeepsOldResponses() throws {
    let all = try tasks(3)
    func change(_ protection: Protection) throws -> Double {
      let trainer = ContinualTrainer(network(), settings(protection), seed: 1)
      try trainer.learn(Array(all[..<1]))
      let activity = trainer.network.presynapticActivity(all[0].trainInputs, head: 0)[0]
      let layer = trainer.network.stages[0].layer
      let before = activity.matmul(layer.weight.value.detached().transposed())
      try trainer.learn(all)
      let after = activity.matmul(layer.weight.value.detached().transposed())
      return ((after - before).norm() / before.norm()).item
    }
    let (plain, protected) = (try change(.none), try change(hebbian))
    #expect(plain > 3 * protected && protected > 0, "\(plain) \(protected)")
  }

  @Test func trainingIsRepeatable() throws {
    let all = try tasks(2)
    let outcomes = try (0..<2).map { _ in
      let trainer = ContinualTrainer(network(), settings(hebbian, epochs: 2), seed: 3)
      try trainer.learn(all)
      return trainer.outcome
    }
    #expect(outcomes[0] == outcomes[1] && outcomes[0].accuracies.map(\.count) == [1, 2])
  }

  @Test func aSavedTrainingGoesOnAsIfNeverStopped() throws {
    let all = try tasks(3)
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).safetensors")
    defer { try? FileManager.default.removeItem(at: url) }
    for sharesHead in [true, false] {
      var settings = settings(hebbian, epochs: 2)
      settings.sharesHead = sharesHead
      settings.replayedPerClass = 4
      let whole = ContinualTrainer(network(), settings, seed: 3)
      try whole.learn(all)
      let first = ContinualTrainer(network(), settings, seed: 3)
      try first.learn(Array(all[..<2]))
      try first.save(to: url)
      let second = ContinualTrainer(network(), settings, seed: 3)
      try second.load(from: url)
      #expect(second.learned == 2 && second.memory.tasks.count == 2)
      try second.learn(all)
      #expect(second.outcome == whole.outcome)
      let weights = [whole, second].map { $0.network.stages[0].layer.weight.value.floats }
      #expect(weights[0] == weights[1])
    }
    let other = ContinualTrainer(network(stages: [.dense(20)]), settings(), seed: 3)
    let error = #expect(throws: CajalError.self) { try other.load(from: url) }
    #expect(error?.message.contains(url.path) == true)
  }

  @Test func replayKeepsSomeOfEachClass() throws {
    let task = try tasks(1)[0]
    var (memory, generator) = (ReplayMemory(), RandomGenerator(seed: 1))
    #expect(memory.batch(4, using: &generator) == nil)
    memory.keep(task.trainInputs, task.trainLabels, perClass: 5, using: &generator)
    let labels = memory.tasks[0].labels.integers
    #expect(labels.count == 15 && (0..<3).allSatisfy { label in labels.count { $0 == label } == 5 })
    #expect(memory.batch(8, using: &generator)?.labels.count == 8)
  }

  @Test func jointTrainingSeesAllTasks() throws {
    let all = try tasks(3)
    for sharesHead in [true, false] {
      var settings = settings(epochs: 8)
      settings.sharesHead = sharesHead
      let trainer = ContinualTrainer(network(), settings, seed: 2)
      try trainer.learnJointly(all)
      #expect(trainer.network.heads.count == (sharesHead ? 1 : 3))
      #expect(trainer.outcome.averageAccuracy > 0.85, "\(trainer.outcome)")
    }
  }

  /// Normalisation and thresholds stand still from the second task on; convolutions protect their patches.
  @Test(arguments: [LearningRule.dsr(), .ottt()]) func convolutionalNetworksLearnWithAHeadATask(
    _ rule: LearningRule
  )
    throws
  {
    let all = try tasks(2, inputs: [1, 8, 8], classes: 2)
    let stages: [SpikingStageShape] = [
      .convolution(channels: 6, pool: 2), .convolution(channels: 8, normalises: false), .dense(20),
    ]
    var settings = settings(
      .hebbian([.init()], SubspaceSizes(first: [3, 10, 10], later: [1, 5, 5])), epochs: 4, rate: 0.1)
    settings.sharesHead = false
    settings.observedSamples = 500
    let network = network(rule, input: [1, 8, 8], stages: stages)
    let trainer = ContinualTrainer(network, settings, seed: 1)
    try trainer.learn(Array(all[..<1]))
    let norm = try #require(network.stages[0].normalisation)
    let before = [norm.weight.value, norm.runningMean.value].map { $0.detached().floats }
    try trainer.learn(all)
    #expect([norm.weight.value, norm.runningMean.value].map { $0.detached().floats } == before)
    #expect(network.layers(head: 0).dropLast().map { $0.subspace!.protected!.size(0) } == [4, 15, 15])
    #expect(network.heads.count == 2 && network.heads[1].subspace == nil)
    // Online training is slower to start on so few images.
    #expect(trainer.outcome.averageAccuracy > (rule == .ottt() ? 0.6 : 0.8), "\(trainer.outcome)")
    #expect(trainer.subspaceQualities(all[0].testInputs, index: 0).count == 3)
  }

  /// The way from a folder of images to a continual learner, as the study's page shows it.
  @Test func imagesBecomeTasks() throws {
    var generator = RandomGenerator(seed: 1)
    let labels = (0..<120).map { $0 % 2 }
    let pixels = labels.flatMap { label in
      (0..<36).map { UInt8(($0 % 2 == label ? 180 : 30) + generator.integer(below: 40)) }
    }
    let images = try LabelledImages(
      name: "stripes", channels: 1, height: 6, width: 6, pixels: pixels, labels: labels,
      classNames: ["a", "b"],
      fingerprint: "f")
    let sequence = TaskSequence.permuted(
      try ImageTask("stripes", train: images, test: images), count: 3, using: &generator)
    let tasks = try sequence.tasks.map { task in
      func data(_ images: LabelledImages) -> (inputs: Tensor, labels: Tensor) {
        (images.tensor.flattened(from: 1), images.labelTensor)
      }
      return try ContinualTask(
        task.name, train: data(task.train), test: data(task.test), classCount: task.train.classCount)
    }
    let network = SpikingNetwork(
      input: [36], stages: [.dense(30)], rule: .dsr(), steps: 6, using: &generator)
    let protection = Protection.hebbian(
      [.init(learningRate: 0.01)], SubspaceSizes(first: [8, 6], later: [5, 4]))
    let trainer = ContinualTrainer(
      network, ContinualSettings(protection: protection, epochs: 10, batchSize: 20, learningRate: 0.3),
      seed: 1)
    try trainer.learn(tasks)
    #expect(trainer.outcome.averageAccuracy > 0.9, "\(trainer.outcome)")
  }

  @Test func stagesAreSitesOfTheTap() throws {
    let network = network()
    let recorder = ActivityRecorder("stages.*")
    withInstruments(recorder) { _ = withoutGradients { network.features(Tensor.zeros([4, 40])) } }
    #expect(recorder.taken().keys.sorted() == ["stages.0", "stages.1"])
  }

  @Test func tasksThatDoNotFitAreNamed() throws {
    let good = try tasks(1)[0]
    let other = try tasks(1, inputs: [30])[0]
    let trainer = ContinualTrainer(network(), settings(epochs: 1), seed: 1)
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return ""
    }
    #expect(message { try trainer.learn([good, other]) }.contains("[30]"))
    #expect(message { try trainer.learn([]) }.contains("no tasks"))
    let more = try tasks(1, classes: 4)[0]
    #expect(message { try trainer.learn([good, more]) }.contains("4 classes"))
    let few = Protection.hebbian([.init()], SubspaceSizes(first: [5], later: [5]))
    let short = ContinualTrainer(network(), settings(few), seed: 1)
    #expect(message { try short.learn([good]) }.contains("3 protected layers"))
    let labels = Tensor([0, 7])
    #expect(
      message {
        _ = try ContinualTask(
          "odd", train: (Tensor.zeros([2, 4]), labels), test: (Tensor.zeros([2, 4]), labels), classCount: 3)
      }.contains("label 7"))
  }
}
