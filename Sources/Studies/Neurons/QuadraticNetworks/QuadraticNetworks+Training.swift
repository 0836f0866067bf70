import Foundation
import Neurons
import StudyCore
import Support
import Synchronization
import Tensors

extension QuadraticNetworks {
  /// A network to be trained, and how.
  struct Setting: Sendable {
    /// As figures and tables call it.
    var label: String
    var make: @Sendable (inout RandomGenerator) -> Layer
    var training: SupervisedTraining
  }

  /// What one training gave.
  struct Outcome: Sendable, Equatable {
    /// Accuracy on the images on which strengths are chosen.
    var validation: Double
    var test: Double
    var history: SupervisedTraining.History

    /// Below this accuracy a network of ten classes is said to be at chance.
    static let chance = 0.15
    /// Whether the loss was lost, or the network ended at chance.
    var hasFailed: Bool { history.hasCollapsed || test < Self.chance }
  }

  /// The outcomes of a setting, one a seed.
  struct Trials: Sendable {
    var label: String
    var outcomes: [Outcome]

    var test: Spread { Spread(outcomes.map(\.test)) }
    var validation: Spread { Spread(outcomes.map(\.validation)) }
    var failures: Int { outcomes.count(where: \.hasFailed) }

    /// Test accuracy with its spread, and how many failed.
    var text: String {
      if failures == outcomes.count { return "all \(failures) failed" }
      return test.text() + (failures > 0 ? ", \(failures) failed" : "")
    }

    /// The differences of test accuracy from another setting's, seed by seed.
    func gain(over other: Trials) -> Spread {
      Spread(zip(outcomes, other.outcomes).map { $0.test - $1.test })
    }
  }
}

extension Lab {
  /// Runs `body` for every setting and seed, many at once, each on one thread. Seeds are paired: every setting sees the
  /// same sequence of random numbers.
  ///
  /// - Parameter body: Is given the setting's and the seed's number, the generator, and a closure to call now and then,
  ///   which throws when the run is interrupted.
  /// - Returns: By setting, then by seed.
  func trials<Value: Sendable>(
    _ stage: String, settings: Int, seeds: Int,
    _ body: @Sendable (_ setting: Int, _ seed: Int, inout RandomGenerator, () throws -> Void) throws -> Value
  ) throws -> [[Value]] {
    let generator = generator(stage)
    let done = Atomic<Int>(0)
    let total = settings * seeds
    let flat = try parallelMap(
      total,
      throwing: { index in
        try Torch.onOneThread {
          var own = generator.split(index / settings)
          let check = { try self.progress(stage, done.load(ordering: .relaxed), of: total, unit: "networks") }
          try check()
          let value = try body(index % settings, index / settings, &own, check)
          done.wrappingAdd(1, ordering: .relaxed)
          return value
        }
      })
    try progress(stage, total, of: total, unit: "networks")
    return (0..<settings).map { setting in (0..<seeds).map { flat[$0 * settings + setting] } }
  }

  /// Trains every setting on images, over seeds.
  func train(
    _ stage: String, _ settings: [QuadraticNetworks.Setting], on data: QuadraticNetworks.ImageSplit,
    seeds: Int
  ) throws -> [QuadraticNetworks.Trials] {
    let outcomes = try trials(stage, settings: settings.count, seeds: seeds) { index, _, generator, check in
      let network = settings[index].make(&generator)
      let history = try settings[index].training.fit(
        network, data.train.inputs, data.train.labels, using: &generator, afterEpoch: { _ in try check() },
        loss: { $0.crossEntropy($1) })
      return QuadraticNetworks.Outcome(
        validation: network.accuracy(data.validation.inputs, data.validation.labels),
        test: network.accuracy(data.test.inputs, data.test.labels), history: history)
    }
    return zip(settings, outcomes).map { QuadraticNetworks.Trials(label: $0.label, outcomes: $1) }
  }
}
