import Neurons
import Support
import Testing

/// A learner without weights: guesses what it is told, and answers imagined steps from a script.
private final class ScriptedLearner: ImaginativeLearner {
  let classCount = 4
  /// Hits if staying and if taking, given to every imagined step.
  var answer = [5, 5]
  private(set) var steps: [ImaginedStep] = []
  private(set) var rates: [Double] = []
  private(set) var validations = 0
  let guess: Int

  init(guess: Int, answer: [Int] = [5, 5]) {
    self.guess = guess
    self.answer = answer
  }

  func present(_: Samples<Double>, _ indices: [Int], labels: [Int]) -> [Int] {
    indices.map { _ in guess }
  }

  func imaginedHits(_ step: ImaginedStep) -> [Int] {
    steps.append(step)
    return answer
  }

  func learn(rate: Double) { rates.append(rate) }

  func guesses(_: Samples<Double>, _ indices: [Int]) -> [Int] {
    validations += 1
    return indices.map { _ in guess }
  }
}

/// One number a sample, all of one class.
private func stream(_ count: Int, class label: Int) throws -> Samples<Double> {
  try Samples(
    inputs: (0..<count).map(Double.init), dimension: 1, labels: Array(repeating: label, count: count),
    classCount: 4)
}

@Suite struct HomeostaticRegulatorTests {
  private func settings(_ change: (inout HomeostaticRegulator.Settings) -> Void = { _ in })
    -> HomeostaticRegulator.Settings
  {
    var settings = HomeostaticRegulator.Settings(
      initialRate: 0.25, step: 0.125, effects: .excitatory(from: 2, of: 4))
    change(&settings)
    return settings
  }

  private func rates(
    _ learner: ScriptedLearner, label: Int, _ settings: HomeostaticRegulator.Settings
  ) throws -> [Double] {
    var trainer = OnlineTrainer<Double>(epochs: 1)
    trainer.shuffles = false
    return try trainer.train(
      learner, HomeostaticRegulator(settings), on: stream(60, class: label),
      using: RandomGenerator(seed: 1)
    ).rates
  }

  @Test func theGuessIsImaginedAndTheTruthTakesEffect() throws {
    let learner = ScriptedLearner(guess: 3, answer: [4, 6])
    let rates = try rates(learner, label: 1, settings())
    // Decisions at samples 29, 39, 49, 59: the guess excites, the true class inhibits.
    #expect(
      learner.steps.map(\.rates) == [[0.25, 0.375], [0.125, 0.25], [0, 0.125], [1e-8, 0.125 + 1e-8]])
    #expect(rates == [0.25, 0.25, 0.125, 0, 1e-8, 1e-8])
    #expect(
      learner.steps.allSatisfy { $0.position == 9 && $0.memory == 20 && $0.gradient == .batch(first: 10) })
  }

  @Test func tiesAreDeclinedUnlessAccepted() throws {
    #expect(try rates(ScriptedLearner(guess: 3), label: 3, settings()) == Array(repeating: 0.25, count: 6))
    let accepting = settings { $0.acceptsTies = true }
    #expect(
      try rates(ScriptedLearner(guess: 3), label: 3, accepting) == [0.25, 0.25, 0.375, 0.5, 0.625, 0.75])
    #expect(
      try rates(ScriptedLearner(guess: 3, answer: [6, 5]), label: 3, accepting).allSatisfy { $0 == 0.25 })
  }

  @Test func theEffectMayFollowTheGuess() throws {
    let byGuess = settings { $0.effectFollowsGuess = true }
    let rates = try rates(ScriptedLearner(guess: 3, answer: [4, 6]), label: 0, byGuess)
    #expect(rates.last == 0.75)
  }

  @Test func literalOffsetSeesOneSamplesGradient() throws {
    let learner = ScriptedLearner(guess: 0)
    _ = try rates(learner, label: 0, settings { $0.offset = 0 })
    #expect(learner.steps.count == 3)
    #expect(learner.steps.allSatisfy { $0.position == 0 && $0.gradient == .batch(first: 1) })
    let whole = ScriptedLearner(guess: 0)
    _ = try rates(whole, label: 0, settings { ($0.offset, $0.imagination) = (0, .batchGradient) })
    #expect(whole.steps.allSatisfy { $0.gradient == .batch(first: 10) })
  }

  @Test func memoryRenamesLabelsUnlessAskedNotTo() throws {
    for asSeen in [false, true] {
      let learner = ScriptedLearner(guess: 0)
      var trainer = OnlineTrainer<Double>(epochs: 1)
      trainer.shuffles = false
      trainer.shift = try .listed([.init(afterBatch: 1, 0, 3), .init(afterBatch: 1, 3, 2)])
      let chosen = settings { $0.remembersLabelsAsSeen = asSeen }
      _ = try trainer.train(
        learner, HomeostaticRegulator(chosen), on: stream(30, class: 0), using: RandomGenerator(seed: 1))
      let seen = Array(repeating: asSeen ? 0 : 2, count: 11) + Array(repeating: 2, count: 9)
      #expect(learner.steps.map(\.memoryLabels) == [seen])
    }
  }
}

@Suite struct OtherRegulatorTests {
  @Test func constantNeverMoves() throws {
    let trace = try OnlineTrainer<Double>(epochs: 2).train(
      ScriptedLearner(guess: 1), ConstantRate(0.1), on: stream(45, class: 1), using: RandomGenerator(seed: 1))
    #expect(trace.rates == Array(repeating: 0.1, count: 10) && trace.ratePerEpoch == [0.1, 0.1])
    #expect(trace.accuracyPerEpoch == [1, 1] && trace.counts == [10, 10, 10, 10, 5, 10, 10, 10, 10, 5])
    #expect(trace.decisions.isEmpty && trace.epochs == 2)
  }

  @Test func theRandomWalkIsReflectedAtItsFloor() throws {
    let walk = RandomWalkRate(
      initialRate: 0.25, step: 0.125, effects: .excitatory(from: 2, of: 4), probability: 1,
      generator: RandomGenerator(seed: 1))
    let down = try OnlineTrainer<Double>(epochs: 1).train(
      ScriptedLearner(guess: 0), walk, on: stream(60, class: 1), using: RandomGenerator(seed: 1))
    #expect(down.rates == [0.25, 0.125, 0, 1e-8, 1e-8, 1e-8])
    let half = RandomWalkRate(
      initialRate: 0, step: 1, effects: .excitatory(from: 0, of: 4), generator: RandomGenerator(seed: 4))
    let up = try OnlineTrainer<Double>(epochs: 1).train(
      ScriptedLearner(guess: 0), half, on: stream(20_000, class: 1), using: RandomGenerator(seed: 1))
    #expect(abs(up.rates.last! - 1000) < 90)
  }
}

@Suite struct ConceptShiftTests {
  private func swaps(_ shift: ConceptShift, samples: Int, epochs: Int, batch: Int = 10) throws
    -> [ConceptShift.Swap]
  {
    var trainer = OnlineTrainer<Double>(epochs: epochs)
    (trainer.shift, trainer.batch) = (shift, batch)
    return try trainer.train(
      ScriptedLearner(guess: 0), ConstantRate(1), on: stream(samples, class: 0),
      using: RandomGenerator(seed: 5)
    ).swaps
  }

  @Test func swapsAreEvenAndEndWithTheEpoch() throws {
    #expect(try swaps(.perEpoch(4), samples: 200, epochs: 2).map(\.batch) == [4, 9, 14, 19, 24, 29, 34, 39])
    #expect(try swaps(.none, samples: 200, epochs: 2).isEmpty)
    // 200 / 3 = 66: due at the next end of a minibatch.
    #expect(try swaps(.perEpoch(3), samples: 200, epochs: 1).map(\.batch) == [6, 13, 19])
    let pairs = try swaps(.perEpoch(20), samples: 200, epochs: 20)
    #expect(pairs.allSatisfy { $0.first != $0.second && (0..<4).contains($0.first) })
    #expect(Set(pairs.map { [$0.first, $0.second] }).count == 12)
    #expect(pairs.allSatisfy { $0.batch % 20 != 0 })
  }

  @Test func seasonsFollowOneAnother() throws {
    let shift = try ConceptShift.seasons([
      .init(epochs: 2, swapsPerEpoch: 2), .init(epochs: 1, swapsPerEpoch: 0),
    ])
    #expect((0..<7).map { shift.swapsPerEpoch(in: $0) } == [2, 2, 0, 2, 2, 0, 2])
    #expect(try swaps(shift, samples: 100, epochs: 4).map(\.batch) == [4, 9, 14, 19, 34, 39])
  }

  @Test func labelsStaySwapped() {
    var meaning = LabelMeaning(classes: 4)
    meaning.swap(0, 3)
    meaning.swap(3, 1)
    #expect(meaning.labels == [1, 3, 2, 0])
    meaning.swap(3, 1)
    meaning.swap(0, 3)
    #expect(meaning == LabelMeaning(classes: 4))
  }

  @Test func wrongShiftsAreRefused() throws {
    #expect(throws: CajalError.self) { try ConceptShift.perEpoch(-1) }
    #expect(throws: CajalError.self) { try ConceptShift.seasons([]) }
    #expect(throws: CajalError.self) { try ConceptShift.listed([.init(afterBatch: 1, 2, 2)]) }
    #expect(throws: CajalError.self) {
      try swaps(.listed([.init(afterBatch: 1, 2, 7)]), samples: 50, epochs: 1)
    }
    let problem = #expect(throws: CajalError.self) { try swaps(.perEpoch(30), samples: 200, epochs: 1) }
    #expect(problem?.message.contains("30 swaps an epoch") == true)
  }
}

@Suite struct OnlineTrainerTests {
  @Test func validationFollowsTheLabels() throws {
    for before in [true, false] {
      var trainer = OnlineTrainer<Double>(epochs: 3)
      trainer.shift = try .listed([.init(afterBatch: 4, 0, 1)])
      trainer.validatesBeforeSwap = before
      trainer.validationInterval = 2
      let learner = ScriptedLearner(guess: 0)
      let set = try stream(50, class: 0)
      let trace = try trainer.train(
        learner, ConstantRate(1), on: set, validation: set, using: RandomGenerator(seed: 1))
      #expect(trace.validation == [1: 0, 2: 0] && learner.validations == 2)
      trainer.validationInterval = 1
      let each = try trainer.train(
        learner, ConstantRate(1), on: set, validation: set, using: RandomGenerator(seed: 1))
      #expect(each.validation == [0: before ? 1 : 0, 1: 0, 2: 0])
    }
  }

  @Test func recoveryIsAlignedOnSwaps() throws {
    // A learner that always guesses class 0 is right until the swap and wrong after it.
    var trainer = OnlineTrainer<Double>(epochs: 1)
    trainer.shift = try .listed([.init(afterBatch: 9, 0, 1), .init(afterBatch: 19, 0, 1)])
    let trace = try trainer.train(
      ScriptedLearner(guess: 0), ConstantRate(1), on: stream(400, class: 0), using: RandomGenerator(seed: 1))
    #expect(trace.recovery(window: 50, windows: -3..<5) == [nil, 0.5, 0.5, 0.5, 0.5, 1, 1, nil])
    #expect(trace.recovery(window: 50, windows: 0..<1, epochs: 1..<2) == [nil])
  }

  @Test func labelNoiseReplacesTheGivenShare() throws {
    var trainer = OnlineTrainer<Double>(epochs: 1)
    trainer.labelNoise = 0.4
    let trace = try trainer.train(
      ScriptedLearner(guess: 2), ConstantRate(1), on: stream(20_000, class: 2),
      using: RandomGenerator(seed: 1))
    // Random labels hit the class one time in four.
    #expect(abs(trace.accuracyPerEpoch[0] - 0.7) < 0.015)
  }

  @Test func sameGeneratorSameTrace() throws {
    let samples: Samples<Float> = try clouds(500, dimension: 10, classes: 4, spread: 2)
    func run(_ seed: UInt64) throws -> OnlineTrace {
      var generator = RandomGenerator(seed: seed)
      let network = try Perceptron<Float>(sizes: [10, 16, 4], memory: 20, using: &generator)
      var trainer = OnlineTrainer<Float>(epochs: 3)
      trainer.shift = try .perEpoch(5)
      return try trainer.train(
        network, HomeostaticRegulator(.init(initialRate: 0.2, effects: .excitatory(from: 2, of: 4))),
        on: samples, validation: samples, using: generator)
    }
    #expect(try run(3) == run(3))
    #expect(try run(3) != run(4))
  }

  @Test func whatDoesNotFitIsRefusedAndStopsAreHonoured() throws {
    let set = try stream(50, class: 0)
    let learner = ScriptedLearner(guess: 0)
    #expect(throws: CajalError.self) {
      try OnlineTrainer<Double>(epochs: 0).train(
        learner, ConstantRate(1), on: set, using: RandomGenerator(seed: 1))
    }
    let other = try Samples(inputs: [1.0], dimension: 1, labels: [0], classCount: 2)
    let problem = #expect(throws: CajalError.self) {
      try OnlineTrainer<Double>(epochs: 1).train(
        learner, ConstantRate(1), on: set, validation: other, using: RandomGenerator(seed: 1))
    }
    #expect(problem?.message.contains("validation samples have 2 classes") == true)
    #expect(throws: Interruption.self) {
      try OnlineTrainer<Double>(epochs: 5).train(
        learner, ConstantRate(1), on: set, using: RandomGenerator(seed: 1)
      ) { if $0 == 2 { throw Interruption() } }
    }
  }
}
