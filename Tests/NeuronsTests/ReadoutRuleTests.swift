import Foundation
import Neurons
import Statistics
import Support
import Tensors
import Testing

@Suite struct ReadoutRuleTests {
  private func random(_ steps: Int, _ count: Int, seed: UInt64) -> FeatureTrajectory {
    var generator = RandomGenerator(seed: seed)
    return FeatureTrajectory(
      values: (0..<steps * count).map { _ in generator.normal() }, steps: steps, count: count)
  }

  @Test func outputsAreProducts() {
    for count in [1, 7, 8, 17, 33] {
      let x = random(5, count, seed: 1)
      let w = random(1, count, seed: 2).values
      for (step, output) in x.output(of: w).enumerated() {
        let expected = zip(x[step], w).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(output - expected) < 1e-12)
        #expect(abs(x.squaredNorms[step] - x[step].reduce(0) { $0 + $1 * $1 }) < 1e-12)
      }
    }
    let scaled = random(3, 4, seed: 3).scaled(by: 2)
    #expect(abs(scaled.meanSquaredNorm - 4 * random(3, 4, seed: 3).meanSquaredNorm) < 1e-12)
  }

  /// With one constant feature the error shrinks by the same factor at every step.
  @Test func theDeltaRuleConvergesAsItShould() {
    let x = FeatureTrajectory(rows: [[Double]](repeating: [2], count: 5))
    var weights = [0.0]
    let outputs = NormalisedDeltaRule(rate: 0.3, offset: 0.5).learn(
      x, target: [1, 1, 1, 1, 1], weights: &weights)
    let factor = 1 - 0.3 * 4 / 4.5
    #expect(abs(weights[0] * 2 - (1 - pow(factor, 5))) < 1e-12)
    #expect(abs(outputs[4] - (1 - pow(factor, 4))) < 1e-12)
  }

  @Test func theGateOpensForEventsAndExpectations() {
    let gate = AttentionGate(outside: 0.1)
    #expect(gate(event: 0.06, expectation: 0) == 1 && gate(event: 0, expectation: -0.2) == 1)
    #expect(gate(event: 0.04, expectation: 0.09) == 0.1)
    #expect(AttentionGate.open(event: 0, expectation: 0) == 1)
    // Outside of attention a step is a tenth as long.
    let x = FeatureTrajectory(rows: [[1]])
    var (open, gated) = ([0.05], [0.05])
    let rule = NormalisedDeltaRule(rate: 0.3)
    rule.learn(x, target: [0], weights: &open)
    rule.learn(x, target: [0], gate: gate, weights: &gated)
    #expect(abs((0.05 - gated[0]) * 10 - (0.05 - open[0])) < 1e-12 && open[0] < 0.05)
  }

  @Test func replayLearnsAtTheStepsThatItIsGiven() {
    let x = FeatureTrajectory(rows: [[1, 0], [0, 1]])
    var weights = [0.0, 0]
    NormalisedDeltaRule(rate: 1, offset: 0).replay(
      x, target: [3, 5], steps: [(step: 1, share: 0.5)], weights: &weights)
    #expect(weights == [0, 2.5])
  }

  /// Without forgetting least squares are a ridge regression with penalty α over all that was seen.
  @Test(arguments: [1.0, 0.2])
  func leastSquaresAreARidge(_ penalty: Double) {
    let x = random(60, 9, seed: 4)
    let targets = [random(60, 1, seed: 5).values, random(60, 1, seed: 6).values]
    var rule = RecursiveLeastSquares(features: 9, penalty: penalty)
    var weights = [[Double]](repeating: [Double](repeating: 0, count: 9), count: 2)
    rule.learn(x, targets: targets, weights: &weights)
    let ridge = RidgeRegression(
      Tensor(x.values, shape: [60, 9]), Tensor(targets[0], shape: [60, 1]), alpha: penalty,
      hasIntercept: false)
    for (measured, expected) in zip(weights[0], ridge.weights.doubles) {
      #expect(abs(measured - expected) < 1e-10)
    }
    let readout = WhatWhenReadout.ridge([x], events: [targets], penalty: penalty)
    for (measured, expected) in zip(readout.what[1], weights[1]) { #expect(abs(measured - expected) < 1e-10) }
  }

  /// With forgetting a change is learned soon; after a reset it is as at the start.
  @Test func forgettingAndResetsMakeLeastSquaresQuick() {
    func left(forgetting: Double, resets: Bool) -> Double {
      var rule = RecursiveLeastSquares(features: 2, forgetting: forgetting)
      var weights = [[0.0, 0]]
      let x = random(200, 2, seed: 7)
      rule.learn(x, targets: [x.output(of: [1, 0])], weights: &weights)
      if resets { rule.reset() }
      let y = random(30, 2, seed: 8)
      rule.learn(y, targets: [y.output(of: [0, 1])], weights: &weights)
      return abs(weights[0][0]) + abs(weights[0][1] - 1)
    }
    let (slow, quick, reset) = (
      left(forgetting: 1, resets: false), left(forgetting: 0.8, resets: false),
      left(forgetting: 1, resets: true)
    )
    #expect(slow > 1, "\(slow)")
    #expect(quick < 0.1, "\(quick)")
    #expect(reset < 0.2, "\(reset)")
  }

  /// Features that never leave a line: forgetting must not let P grow where nothing is seen.
  @Test func forgettingDoesNotWindUp() {
    var rule = RecursiveLeastSquares(features: 3, forgetting: 0.9)
    var weights = [[0.0, 0, 0]]
    let x = FeatureTrajectory(rows: (0..<5_000).map { [sin(Double($0)), 0, 0] })
    rule.learn(x, targets: [x.output(of: [2, 0, 0])], weights: &weights)
    #expect(abs(weights[0][0] - 2) < 1e-6 && rule.covariance.allSatisfy { abs($0) < 10 })
  }

  @Test func rewardTeachesSlowly() {
    let x = FeatureTrajectory(rows: [[Double]](repeating: [1, 0.5], count: 400))
    let target = [Double](repeating: 0.7, count: 400)
    var weights = [[0.0, 0], [0.0, 0]]
    var generator = RandomGenerator(seed: 9)
    let rule = RewardModulatedRule()
    for _ in 0..<10 {
      rule.learn(
        x, targets: [target, target.map { -$0 }], event: target, weights: &weights, using: &generator)
    }
    let outputs = weights.map { x.output(of: $0)[0] }
    #expect(abs(outputs[0] - 0.7) < 0.3 && abs(outputs[1] + 0.7) < 0.3)
  }

  /// Features that are one at their own step: each output's mean is what came there on average.
  @Test func whatSettlesAtProbabilities() {
    let timing = TrialTiming(duration: 60, cueOnset: 5, cueLength: 5, eventWidth: 3)
    let x = FeatureTrajectory(
      rows: (0..<60).map { step in (0..<60).map { $0 == step ? 1 : 0 } })
    // Replay of an attended window takes its even steps; the event is at one.
    let task = PredictionTask([
      .init(trials: 2_000, cues: [.init(probabilities: [0.7, 0.2], latency: 31)])
    ])
    var generator = RandomGenerator(seed: 10)
    var readout = WhatWhenReadout(features: 60, outcomes: 2)
    var sums = [0.0, 0, 0]
    for (index, trial) in task.trials(using: &generator).enumerated() {
      let prediction = readout.prediction(x)
      if index >= 400 {
        for (place, output) in (prediction.what + [prediction.when]).enumerated() {
          sums[place] += output[36] / 1_600
        }
      }
      #expect(prediction.what[0][35] == 0)
      readout.learn(x, events: timing.events(trial), using: &generator)
    }
    #expect(abs(sums[0] - 0.7) < 0.03 && abs(sums[1] - 0.2) < 0.03 && abs(sums[2] - 0.9) < 0.03)
  }

  @Test func anglesAndProjections() {
    typealias G = ReadoutGeometry
    #expect(G.subspaceAngle([1, 0, 0], [-2, 0, 0]) < 1e-9)
    #expect(abs(G.subspaceAngle([1, 0], [1, 1]) - 45) < 1e-9)
    #expect(abs(G.subspaceAngle([1, 0], [0, 3]) - 90) < 1e-9)
    #expect(abs(G.subspaceAngle([1, 1e-6], [1, 0]) - 1e-6 * 180 / .pi) < 1e-12)
    // Two planes that share an axis and are tilted by 30 degrees.
    let tilted = [cos(Double.pi / 6), 0, sin(Double.pi / 6)]
    #expect(abs(G.subspaceAngle([[1, 0, 0], [0, 1, 0]], [[0, 2, 0], tilted]) - 30) < 1e-9)
    #expect(abs(G.subspaceAngle([[1, 0, 0], [0, 1, 0]], [tilted]) - 30) < 1e-9)
    #expect(G.subspaceAngle([[0, 0]], [[1, 0]]).isNaN)
    let rest = G.projectOut([1, 2, 3], from: [4, 5, 6])
    #expect(abs(rest[0] + 2 * rest[1] + 3 * rest[2]) < 1e-12 && G.subspaceAngle([1, 2, 3], rest) > 89.999)
    let none = G.projectOut([[1, 0, 0], [1, 1, 0], [2, 1, 0]], from: [3, 4, 5])
    #expect(none.map { ($0 * 1e9).rounded() / 1e9 } == [0, 0, 5])
  }
}
