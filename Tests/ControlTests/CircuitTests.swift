import Control
import Foundation
import Support
import Tensors
import Testing

@Suite struct CircuitTests {
  private func circuit(_ change: (inout WormMotorCircuit.Configuration) -> Void = { _ in }, seed: UInt64 = 1)
    -> WormMotorCircuit
  {
    var configuration = WormMotorCircuit.Configuration()
    change(&configuration)
    var generator = RandomGenerator(seed: seed)
    return WormMotorCircuit(configuration, using: &generator)
  }

  @Test func weightsAreCountedAndNamed() {
    #expect(circuit().weights == [1, 1, 1, -1])
    #expect(circuit().names == ["proprioception", "oscillator", "ipsilateral", "contralateral"])
    #expect(circuit { $0.sharesWeights = false }.weights.count == 30)
    #expect(
      circuit {
        $0.takesSpeed = true
        $0.takesTurns = true
      }.weights.count == 6)
    let free = circuit {
      $0.constrainsSigns = false
      $0.initialisation = .uniform
      $0.sharesWeights = false
    }
    #expect(free.weights.contains { $0 < 0 } && free.weights.allSatisfy { abs($0) <= 1 })
  }

  @Test func theHeadOscillatesAndBendsTravel() {
    let c = circuit()
    #expect(c.torques([0, 0, 0, 0, 0], step: 0) == [1, 0, 0, 0, 0])
    #expect(c.torques([0, 0, 0, 0, 0], step: 30) == [-1, 0, 0, 0, 0])
    #expect(c.torques([0, 0, 0, 0, 0], step: 60) == [1, 0, 0, 0, 0])
    let limit = 2 * Double.pi / 6
    let torques = c.torques([limit / 2, -limit / 4, 9, -9, 0], step: 0)
    #expect(zip(torques, [1, 0.5, -0.25, 1, -1]).allSatisfy { abs($0 - $1) < 1e-12 })
    let deaf = circuit { $0.hasProprioception = false }
    #expect(deaf.torques([limit, limit, limit, limit, limit], step: 0) == [1, 0, 0, 0, 0])
  }

  @Test func weightsOfTheWrongSignAreSilent() {
    var c = circuit()
    c.weights = [-1, 1, 1, 1]
    #expect(c.torques([1, 1, 1, 1, 1], step: 0) == [1, 0, 0, 0, 0])
  }

  @Test(arguments: [true, false], [true, false])
  func tensorsComputeTheSame(_ shares: Bool, _ constrains: Bool) {
    let c = circuit(
      {
        $0.sharesWeights = shares
        $0.constrainsSigns = constrains
        $0.initialisation = .uniform
      }, seed: 5)
    var generator = RandomGenerator(seed: 2)
    let angles = (0..<4).map { _ in (0..<5).map { _ in 3 * generator.uniform() - 1.5 } }
    let steps = [0, 29, 30, 61]
    let weights = Tensor(c.weights, shape: [c.weights.count], as: .float64).requiringGradient()
    let torques = c.torques(
      weights, Tensor(angles.flatMap { $0 }, shape: [4, 5], as: .float64), steps: steps)
    let expected = zip(angles, steps).flatMap { c.torques($0, step: $1) }
    #expect(zip(torques.doubles, expected).allSatisfy { abs($0 - $1) < 1e-12 })
    let objective = { (w: [Double]) -> Double in
      var other = c
      other.weights = w
      return zip(angles, steps).flatMap { other.torques($0, step: $1) }.reduce(0) { $0 + $1 * $1 }
    }
    let gradient = torques.square().sum().gradients(to: [weights])[0].doubles
    for k in c.weights.indices {
      var (up, down) = (c.weights, c.weights)
      up[k] += 1e-6
      down[k] -= 1e-6
      #expect(abs((objective(up) - objective(down)) / 2e-6 - gradient[k]) < 1e-5)
    }
  }
}

@Suite struct LearningTests {
  @Test func evolutionClimbsAndThreadsDoNotMatter() {
    func climbed(_ threads: Int) -> [Double] {
      let before = Threads.count
      Threads.count = threads
      defer { Threads.count = before }
      var generator = RandomGenerator(seed: 7)
      var strategy = EvolutionStrategy([3, -2, 1], .init(population: 20, deviation: 0.1, learningRate: 0.1))
      for _ in 0..<120 {
        strategy.advance(using: &generator) { x, _ -> Double in
          -zip(x, [1.0, 2, 3]).map { $0 - $1 }.reduce(0.0) { $0 + $1 * $1 }
        }
      }
      return strategy.parameters
    }
    let one = climbed(1)
    #expect(zip(one, [1, 2, 3]).allSatisfy { abs($0 - $1) < 0.15 })
    #expect(one == climbed(2))
  }

  @Test func ranksAreCentredAndTiesShare() {
    #expect(EvolutionStrategy.centredRanks([5, 1, 3]) == [0.5, -0.5, 0])
    #expect(EvolutionStrategy.centredRanks([2, 2, 2, 2]) == [0, 0, 0, 0])
    #expect(EvolutionStrategy.centredRanks([1, 1, 4]) == [-0.25, -0.25, 0.5])
  }

  /// A point that is to be pushed to the middle: the best return is near zero.
  private struct Point: Environment {
    var x = 0.0
    var steps = 0
    var observationCount: Int { 1 }
    var controlCount: Int { 1 }
    var observations: [Double] { [x] }
    var isFinished: Bool { steps >= 20 }
    mutating func restart(using generator: inout RandomGenerator) {
      (x, steps) = (2 * generator.uniform() - 1, 0)
    }
    mutating func act(_ controls: [Double]) -> Double {
      x += 0.3 * controls[0]
      steps += 1
      return -abs(x)
    }
  }

  @Test func proximalPolicyLearnsToCome() {
    func learned(_ seed: UInt64) -> [Double] {
      var generator = RandomGenerator(seed: seed)
      let actor = PerceptronActor(observations: 1, controls: 1, hidden: [16], using: &generator)
      var settings = ProximalPolicy<Point>.Settings()
      (settings.episodes, settings.learningRate, settings.batch) = (16, 3e-3, 80)
      let learner = ProximalPolicy(actor, environment: Point(), settings, using: &generator)
      return (0..<30).map { _ in learner.advance(using: &generator) }
    }
    let returns = learned(2)
    #expect(returns[0] < -8)
    #expect(returns.suffix(5).reduce(0, +) / 5 > -5)
    #expect(learned(2) == returns)
  }

  @Test func wavesAreMeasured() throws {
    let angles = (0..<400).map { t -> [Double] in
      (0..<4).map { j -> Double in
        let cycles: Double = 0.015 * Double(t) - 0.1 * Double(j)
        return sin(2 * Double.pi * cycles)
      }
    }
    let wave = try BodyWave(angles, interval: 0.03)
    // A tenth of a cycle of 2 s.
    #expect(wave.lags(upTo: 0.9).allSatisfy { abs($0 - 0.2) < 0.03 })
    #expect(abs(wave.frequency(joint: 2) - 0.5) < 0.02)
    #expect(throws: CajalError.self) { try BodyWave([[1], [2, 3], [1], [2]], interval: 0.1) }
  }
}
