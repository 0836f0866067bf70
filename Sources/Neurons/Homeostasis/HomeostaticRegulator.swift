import Support

/// A learner's appetite for its own learning rate: the paper's LRH (Man, Damasio and Neven, 2022).
///
/// At regular moments the learner imagines two futures: leave the present object and keep the rate, or take
/// it in and let the *guessed* class move the rate. If its recent memory would be recognised better,
/// it takes the object, and the *true* class has its effect.
///
/// ```swift
/// var regulator = HomeostaticRegulator(.init(initialRate: 0.005, effects: .excitatory(from: 5, of: 10)))
/// let trace = try OnlineTrainer<Float>(epochs: 20).train(network, regulator, on: samples, using: generator)
/// ```
public struct HomeostaticRegulator: LearningRateRegulator {
  /// Which gradient the imagined step follows.
  public enum Imagination: String, Sendable, CaseIterable {
    /// What the minibatch has gathered when the object is met (the paper's code).
    case partialGradient
    /// The whole minibatch.
    case batchGradient
    /// The memory itself (an independent re-implementation).
    case memoryStep
  }

  public struct Settings: Sendable {
    public var initialRate: Double
    /// How far one object moves the rate.
    public var step: Double
    /// A decision every so many samples, at the sample `offset` of each interval.
    public var interval = 10
    /// 0 is the paper's code; 9, the end of the minibatch, decides with its whole gradient.
    public var offset = 9
    /// How many of the most recent samples judge the two futures.
    public var memory = 20
    public var effects: ClassEffects
    public var imagination = Imagination.partialGradient
    /// The rate that replaces a negative one.
    public var floor = 1e-8
    /// Takes the object also when both futures are equally good.
    public var acceptsTies = false
    /// The guessed class has its effect in reality too, not only in imagination.
    public var effectFollowsGuess = false
    /// The memory keeps labels as they were shown, instead of renaming them with every swap.
    public var remembersLabelsAsSeen = false

    /// The step is a tenth of the initial rate unless given (the paper's choice).
    public init(initialRate: Double, step: Double? = nil, effects: ClassEffects) {
      self.initialRate = initialRate
      self.step = step ?? initialRate / 10
      self.effects = effects
    }
  }

  public let settings: Settings
  public private(set) var rate: Double
  public var memory: Int { settings.memory }

  public init(_ settings: Settings) {
    precondition(
      settings.interval > 0 && (0..<settings.interval).contains(settings.offset),
      "offset \(settings.offset) of interval \(settings.interval)")
    precondition(settings.memory > 0, "a homeostatic regulator needs a memory, not \(settings.memory)")
    self.settings = settings
    rate = settings.initialRate
  }

  public mutating func regulate<Learner: ImaginativeLearner>(
    _ moment: RegulationMoment, _ learner: Learner
  ) -> [RegulationDecision] {
    var decisions: [RegulationDecision] = []
    for position in moment.labels.indices {
      let sample = moment.firstSample + position
      guard sample > settings.memory, sample % settings.interval == settings.offset else { continue }
      decisions.append(decide(moment, position, learner))
    }
    return decisions
  }

  private mutating func decide<Learner: ImaginativeLearner>(
    _ moment: RegulationMoment, _ position: Int, _ learner: Learner
  ) -> RegulationDecision {
    let (guess, label) = (moment.guesses[position], moment.labels[position])
    let labels = moment.memoryLabels(
      settings.memory, before: position, asSeen: settings.remembersLabelsAsSeen)
    let gradient: ImaginedStep.Gradient =
      switch settings.imagination {
      case .partialGradient: .batch(first: position + 1)
      case .batchGradient: .batch(first: moment.labels.count)
      case .memoryStep: .memory
      }
    let hits = learner.imaginedHits(
      ImaginedStep(
        gradient: gradient, position: position, memoryLabels: labels, rates: [rate, moved(by: guess)]))
    let taken = settings.acceptsTies ? hits[1] >= hits[0] : hits[1] > hits[0]
    if taken { rate = moved(by: settings.effectFollowsGuess ? guess : label) }
    return RegulationDecision(
      sample: moment.firstSampleOverall + position, guess: guess, label: label, hitsIfStaying: hits[0],
      hitsIfTaking: hits[1], taken: taken)
  }

  /// The rate after taking in an object of a class.
  private func moved(by classIndex: Int) -> Double {
    let moved = rate + settings.effects[classIndex] * settings.step
    return moved < 0 ? settings.floor : moved
  }
}
