import Datasets
import Foundation
import Neurons
import StudyCore
import Support
import Synchronization
import Tensors

extension LearnedDelays {
  /// What one network is, and how it is trained.
  struct Job: Sendable {
    var name: String
    var configuration: DelayedNetwork.Configuration
    var training: DelayedTraining
    var seed: Int
  }

  /// What is left of a trained network.
  struct Trained: Sendable {
    var name: String
    var seed: Int
    var parameters: Int
    var outcome: DelayedTraining.Outcome
    /// Of the first layer: delays before and after learning, weights, `[out, in, K]`.
    var delaysBefore, delays: [Int]
    var weights: [Double]
    var predictions: [Int]
  }

  /// Labelled spikes for training and test; threads share them for reading only.
  struct Task: @unchecked Sendable {
    let name: String
    let train, test: DelayedTraining.Samples
    let classes: Int
    var channels: Int { train.spikes.size(2) }
  }

  /// Motifs for training and test, of the same classes.
  static func motifs(_ code: SpikeMotifs.Code, _ options: Options, _ lab: Lab, seed: Int) -> Task {
    var motifs = SpikeMotifs()
    motifs.code = code
    var generator = lab.generator("motifs \(code.rawValue) \(seed)")
    let templates = motifs.templates(using: &generator)
    let train = motifs.samples(options.samples, of: templates, using: &generator)
    let test = motifs.samples(options.testSamples, of: templates, using: &generator)
    return Task(
      name: code.rawValue, train: .init(train.spikes, labels: train.labels),
      test: .init(test.spikes, labels: test.labels), classes: motifs.classes)
  }

  /// Trains all networks, one a thread; `tasks` by seed.
  static func train(_ jobs: [Job], _ tasks: [Task], _ stage: String, _ lab: Lab) throws -> [Trained] {
    let done = Atomic<Int>(0)
    let total = jobs.reduce(0) { $0 + $1.training.epochs }
    return try parallelMap(
      jobs.count,
      throwing: { index in
        try Torch.onOneThread {
          try train(jobs[index], tasks[jobs[index].seed % tasks.count], lab) {
            try lab.progress(
              stage, done.wrappingAdd(1, ordering: .relaxed).newValue, of: total, unit: "epochs")
          }
        }
      })
  }

  private static func train(_ job: Job, _ task: Task, _ lab: Lab, step: () throws -> Void) throws -> Trained {
    var generator = lab.generator("network \(job.name) \(job.seed)")
    let network = DelayedNetwork(job.configuration, using: &generator)
    let (before, parameters) = (network.projections[0].delays.integers, network.trainedCount)
    let outcome = try job.training.run(
      network, task.train, evaluation: task.test, seed: generator.next()
    ) { _ in try step() }
    return Trained(
      name: job.name, seed: job.seed, parameters: parameters, outcome: outcome,
      delaysBefore: before, delays: network.projections[0].delays.integers,
      weights: network.projections[0].weight.value.detached().doubles,
      predictions: DelayedTraining.predict(network, task.test.spikes))
  }

  /// Hidden neurons with which a network without learned delays has as many trained parameters as one with `hidden`.
  static func equalWidth(_ hidden: Int, inputs: Int, outputs: Int) -> Int {
    let wanted = 2 * synapses(hidden, inputs, outputs) + 4 * hidden
    return (hidden...).first { synapses($0, inputs, outputs) + 4 * $0 >= wanted }!
  }

  /// Hidden neurons of the widest network with learned delays that has at most half the trained parameters of one with
  /// `hidden` and no delays.
  static func halfWidth(_ hidden: Int, inputs: Int, outputs: Int) -> Int {
    let most = (synapses(hidden, inputs, outputs) + 4 * hidden) / 2
    return (1...hidden).last { 2 * synapses($0, inputs, outputs) + 4 * $0 <= most } ?? 1
  }

  /// Synapses of a network with two hidden layers of `h`.
  private static func synapses(_ h: Int, _ inputs: Int, _ outputs: Int) -> Int {
    inputs * h + h * h + h * outputs
  }
}

extension [LearnedDelays.Trained] {
  /// Mean and spread of a measure over the networks called `name`.
  func spread(_ name: String, _ measure: (DelayedTraining.Outcome) -> Double) -> Spread {
    Spread(filter { $0.name == name }.map { measure($0.outcome) })
  }

  /// The difference of two kinds, seed by seed.
  func difference(
    _ a: String, _ b: String, _ measure: (DelayedTraining.Outcome) -> Double
  ) -> Spread {
    Spread(
      zip(filter { $0.name == a }, filter { $0.name == b }).map { measure($0.outcome) - measure($1.outcome) })
  }
}
