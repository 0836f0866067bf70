import Support

/// Sets a learner's rate while it learns.
public protocol LearningRateRegulator: Sendable {
  /// The learning rate in force.
  var rate: Double { get }
  /// How many past samples it asks the learner about.
  var memory: Int { get }
  /// Called for every minibatch after it was presented and before it is learned.
  ///
  /// Returns the decisions taken, for the record.
  mutating func regulate<Learner: ImaginativeLearner>(
    _ moment: RegulationMoment, _ learner: Learner
  ) -> [RegulationDecision]
}

/// The minibatch that a regulator looks at.
public struct RegulationMoment: Sendable {
  /// The number of the minibatch's first sample, from the start of the epoch.
  public var firstSample: Int
  /// The same from the start of the training.
  public var firstSampleOverall: Int
  public var guesses: [Int]
  /// The labels in force.
  public var labels: [Int]
  /// The original classes of the epoch so far, and the labels they had when they were shown.
  let shownClasses: [Int]
  let shownLabels: [Int]
  let meaning: LabelMeaning

  /// The labels of the `count` samples before `position` of the minibatch, the oldest first: as they were
  /// shown, or renamed by every swap since.
  public func memoryLabels(_ count: Int, before position: Int, asSeen: Bool) -> [Int] {
    let range = (firstSample + position - count)..<(firstSample + position)
    return asSeen ? Array(shownLabels[range]) : shownClasses[range].map { meaning[$0] }
  }
}

/// One opportunity to change the rate.
public struct RegulationDecision: Sendable, Equatable {
  /// The number of the sample, from the start of the training.
  public var sample: Int
  public var guess: Int
  public var label: Int
  /// Samples of the memory recognised if the rate stays, and if the guessed class took effect.
  public var hitsIfStaying: Int
  public var hitsIfTaking: Int
  public var taken: Bool

  public init(sample: Int, guess: Int, label: Int, hitsIfStaying: Int, hitsIfTaking: Int, taken: Bool) {
    self.sample = sample
    self.guess = guess
    self.label = label
    self.hitsIfStaying = hitsIfStaying
    self.hitsIfTaking = hitsIfTaking
    self.taken = taken
  }
}

/// What taking in an object of each class does to the learning rate.
public struct ClassEffects: Sendable, Equatable {
  /// +1 for a class that raises the rate, -1 for one that lowers it.
  public let signs: [Double]

  public init(_ signs: [Double]) {
    precondition(signs.allSatisfy { abs($0) == 1 }, "the effect of a class is +1 or -1, not \(signs)")
    self.signs = signs
  }

  subscript(classIndex: Int) -> Double {
    precondition(signs.indices.contains(classIndex), "class \(classIndex) of \(signs.count) effects")
    return signs[classIndex]
  }

  /// Classes from `first` on excite, those below inhibit; 0 lets all excite.
  public static func excitatory(from first: Int, of classes: Int) -> ClassEffects {
    ClassEffects((0..<classes).map { $0 >= first ? 1 : -1 })
  }
}

/// Never changes the rate: the paper's LRC.
public struct ConstantRate: LearningRateRegulator {
  public let rate: Double
  public var memory: Int { 0 }

  public init(_ rate: Double) { self.rate = rate }

  public mutating func regulate<Learner: ImaginativeLearner>(
    _: RegulationMoment, _: Learner
  ) -> [RegulationDecision] { [] }
}

/// Moves the rate at random, in the direction of the shown class: the paper's LRR.
public struct RandomWalkRate: LearningRateRegulator {
  public private(set) var rate: Double
  public let step: Double
  public let interval: Int
  public let offset: Int
  public let effects: ClassEffects
  /// The chance of a move at each opportunity.
  public let probability: Double
  /// The rate that replaces a negative one.
  public let floor: Double
  private var generator: RandomGenerator
  public var memory: Int { 0 }

  public init(
    initialRate: Double, step: Double, interval: Int = 10, offset: Int = 0, effects: ClassEffects,
    probability: Double = 0.5, floor: Double = 1e-8, generator: RandomGenerator
  ) {
    precondition(interval > 0 && (0..<interval).contains(offset), "offset \(offset) of interval \(interval)")
    rate = initialRate
    self.step = step
    self.interval = interval
    self.offset = offset
    self.effects = effects
    self.probability = probability
    self.floor = floor
    self.generator = generator
  }

  public mutating func regulate<Learner: ImaginativeLearner>(
    _ moment: RegulationMoment, _: Learner
  ) -> [RegulationDecision] {
    for (position, label) in moment.labels.enumerated() {
      let sample = moment.firstSample + position
      guard sample > 0, sample % interval == offset, generator.uniform() < probability else { continue }
      rate += effects[label] * step
      if rate < 0 { rate = floor }
    }
    return []
  }
}
