import Neurons
import Support

extension HomeostaticNetworks {
  /// A kind of learner in the study: a name, and how its rate is set.
  struct Learner: Sendable {
    var name: String
    /// Memory that its network needs.
    let memory: Int
    /// The share of labels shown at random.
    var labelNoise = 0.0
    let regulator: @Sendable (RandomGenerator) -> any LearningRateRegulator
  }
}

extension HomeostaticNetworks.Options {
  /// LRC: a constant rate.
  func constant(_ rate: Double) -> HomeostaticNetworks.Learner {
    HomeostaticNetworks.Learner(name: "LRC \(rate)", memory: 0) { _ in ConstantRate(rate) }
  }

  /// LRC at the initial rate.
  var untuned: HomeostaticNetworks.Learner { constant(initialRate) }

  /// LRR: moves at random.
  func randomWalk(_ effects: ClassEffects) -> HomeostaticNetworks.Learner {
    HomeostaticNetworks.Learner(name: "LRR", memory: 0) { generator in
      RandomWalkRate(
        initialRate: initialRate, step: initialRate * relativeStep, interval: interval, offset: offset,
        effects: effects, generator: generator)
    }
  }

  /// LRH: the homeostatic learner, or a variant of it.
  func homeostatic(
    _ effects: ClassEffects, named name: String = "LRH", labelNoise: Double = 0,
    _ change: (inout HomeostaticRegulator.Settings) -> Void = { _ in }
  ) -> HomeostaticNetworks.Learner {
    var settings = HomeostaticRegulator.Settings(
      initialRate: initialRate, step: initialRate * relativeStep, effects: effects)
    (settings.interval, settings.offset, settings.memory) = (interval, offset, memory)
    settings.imagination = HomeostaticRegulator.Imagination(rawValue: imagination) ?? .partialGradient
    change(&settings)
    let chosen = settings
    return HomeostaticNetworks.Learner(name: name, memory: chosen.memory, labelNoise: labelNoise) { _ in
      HomeostaticRegulator(chosen)
    }
  }
}
