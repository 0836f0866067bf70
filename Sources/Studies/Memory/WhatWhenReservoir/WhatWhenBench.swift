import Neurons
import StudyCore
import Support
import Synchronization

extension WhatWhenReservoir {
  /// A way to learn, with the reservoir that it reads.
  struct Learner: Sendable {
    enum Kind: Sendable { case usual, alike, rates }

    /// As figures and tables call it.
    var label: String
    var rule: WhatWhenReadout.Rule
    var kind = Kind.usual
    /// Whether least squares forget their certainty at a switch.
    var resets = false
  }

  /// Reservoirs, rules and trials, and how they are run side by side.
  struct Bench: Sendable {
    let options: Options
    let lab: Lab

    // Reservoirs.

    func configuration(cues: Int = 1, _ change: (inout IzhikevichReservoir.Configuration) -> Void = { _ in })
      -> IzhikevichReservoir.Configuration
    {
      var configuration = IzhikevichReservoir.Configuration(size: options.neurons, inputs: cues)
      (configuration.gain, configuration.bias) = (options.gain, options.bias)
      (configuration.inputStrength, configuration.synapticLevels) = (
        options.inputStrength, options.synapticLevels
      )
      configuration.heterogeneity =
        IzhikevichReservoir.Configuration.heterogeneities[options.heterogeneity] ?? .all
      configuration.membraneNoise = options.membraneNoise
      (configuration.temporalChannels, configuration.temporalStrength) = (
        options.temporalPulses, options.temporalStrength
      )
      change(&configuration)
      return configuration
    }

    /// The same reservoir for the same seed, whatever part asks.
    func features(seed: Int, cues: Int = 1, _ kind: Learner.Kind = .usual) -> CueFeatures {
      var generator = lab.generator("reservoir").split(seed)
      var timing = TrialTiming()
      switch kind {
      case .usual, .alike:
        timing.temporalPulses = options.temporalPulses
        let drawn = configuration(cues: cues) { if kind == .alike { $0.heterogeneity = [] } }
        return CueFeatures(
          IzhikevichReservoir(drawn, using: &generator), timing: timing, using: &generator)
      case .rates:
        let reservoir = RateReservoir(.init(size: options.neurons, inputs: cues), using: &generator)
        return CueFeatures(reservoir, timing: timing, using: &generator)
      }
    }

    // Rules.

    func local(
      gate: Double? = nil, share: Double? = nil, phase: LocalRule.Phase? = nil, whatRate: Double? = nil
    )
      -> WhatWhenReadout.Rule
    {
      .local(
        LocalRule(
          when: NormalisedDeltaRule(rate: options.whenRate),
          what: NormalisedDeltaRule(rate: whatRate ?? options.whatRate),
          gate: AttentionGate(outside: gate ?? options.gate),
          phase: phase
            ?? .replay(windowStride: 2, outsideStride: 8, outsideShare: share ?? options.replayShare)))
    }

    var local: Learner { Learner(label: "local", rule: local()) }
    var ungated: Learner { Learner(label: "no gate", rule: local(gate: 1, share: 1)) }
    var shut: Learner { Learner(label: "shut outside", rule: local(gate: 0, share: 0)) }
    var online: Learner { Learner(label: "all online", rule: local(phase: .online)) }
    var leastSquares: Learner { Learner(label: "RLS", rule: .recursiveLeastSquares) }
    var resetting: Learner { Learner(label: "RLS, reset", rule: .recursiveLeastSquares, resets: true) }
    var forgetting: Learner {
      Learner(
        label: "RLS, forgetting",
        rule: .recursiveLeastSquares(penalty: 1, forgetting: options.forgetting))
    }
    var rewarded: Learner {
      Learner(
        label: "reward-modulated",
        rule: .rewardModulated(
          RewardModulatedRule(rate: options.rewardRate, exploration: options.exploration),
          gate: AttentionGate(outside: options.gate)))
    }
    var rates: Learner { Learner(label: "local, rates", rule: local(), kind: .rates) }
    var alike: Learner { Learner(label: "local, alike", rule: local(), kind: .alike) }

    // Runs.

    /// Learns the trials of a task, which depend on its name and the seed alone.
    func course(
      _ learner: Learner, _ features: CueFeatures, _ task: PredictionTask, named name: String, seed: Int,
      keeping kept: Set<Int> = []
    ) -> WhatWhenCourse {
      var trials = lab.generator("trials \(name)").split(seed)
      var own = lab.generator("learning \(name) \(learner.label)").split(seed)
      let readout = WhatWhenReadout(
        features: features.count, outcomes: task.outcomeCount, rule: learner.rule)
      return WhatWhenCourse.run(
        task.trials(using: &trials), features, readout: readout,
        resets: learner.resets ? Set(task.starts.dropFirst()) : [], keeping: kept, using: &own)
    }

    /// Runs `body` for every setting and seed, many at once; results by setting, then by seed.
    func map<Value: Sendable>(
      _ stage: String, _ settings: Int, seeds: Int, unit: String = "courses",
      _ body: @Sendable (_ setting: Int, _ seed: Int) throws -> Value
    ) throws -> [[Value]] {
      let done = Atomic<Int>(0)
      let total = settings * seeds
      let flat = try parallelMap(
        total,
        throwing: { index in
          try lab.progress(stage, done.load(ordering: .relaxed), of: total, unit: unit)
          // Slow settings stand last in the lists: taken first, they do not leave a core idle in the end.
          let turned = total - 1 - index
          let value = try body(turned / seeds, turned % seeds)
          done.wrappingAdd(1, ordering: .relaxed)
          return value
        })
      try lab.progress(stage, total, of: total, unit: unit)
      return (0..<settings).map { setting in
        (0..<seeds).map { flat[total - 1 - (setting * seeds + $0)] }
      }
    }
  }
}
