import Control
import Figures
import Foundation
import StudyCore
import Support

/// Claims 1, 4 and 7: what the circuit can do before it learns, with how little, and the wave that it makes.
struct InnatePart {
  private let bench: SwimBench
  private var lab: Lab { bench.lab }

  init(_ bench: SwimBench) { self.bench = bench }

  func report() throws {
    try lab.progress("swimming untrained", 0, of: 1)
    let circuit = bench.circuit()
    let swims = bench.returns(circuit)
    let seeds = 0..<bench.options.seeds
    let perceptrons = seeds.map { bench.meanReturn(bench.perceptron(seed: $0)) }
    let chance = seeds.map { bench.meanReturn(RandomController(seed: UInt64($0))) }
    let mean = Spread(swims).mean
    let other = max(Spread(perceptrons).mean, Spread(chance).mean)
    lab.measure("return.untrained", mean)
    lab.measure("return.perceptronUntrained", Spread(perceptrons).mean)
    lab.measure("return.random", Spread(chance).mean)
    let goal = 0.6 * bench.fullReturn
    lab.add(
      Claim(
        "1", "The circuit swims before it learns.",
        paper: "a high return at the start, from constant weights; perceptrons start near nothing",
        test:
          "returns of the untrained circuit (weights +1 and -1), of untrained perceptrons 64×64 and of random torques, \(bench.options.evaluations) episodes each",
        criterion: "above \(Int(goal)) of \(Int(bench.fullReturn)), and five times the better of the others",
        measured:
          "\(Spread(swims).text(0)); perceptrons \(Spread(perceptrons).text(0)), random torques \(Spread(chance).text(0))",
        holds: mean > goal && mean > 5 * other, reason: "the return is lower, or the others' too close"))
    try parameters(circuit)
    try wave(circuit)
  }

  private func parameters(_ circuit: WormMotorCircuit) throws {
    let perceptron = bench.perceptron(seed: 0).parameters.count
    lab.measure("parameters.circuit", Double(circuit.weights.count))
    lab.measure("parameters.perceptron", Double(perceptron))
    lab.add(
      Claim(
        "4", "Four numbers do where a perceptron has thousands.",
        paper: "4 against some 6,000 (64×64) and 73,000 (256×256)",
        test: "the numbers that are learned for the body of \(bench.options.links) links",
        criterion: "at most four, and a thousandth of the perceptron's",
        measured: "\(circuit.weights.count) (\(circuit.names.joined(separator: ", "))) and \(perceptron)",
        holds: circuit.weights.count <= 4 && perceptron >= 1000 * circuit.weights.count,
        reason: "the circuit has more, or the perceptron fewer"))
  }

  private func wave(_ circuit: WormMotorCircuit) throws {
    var swimmer = bench.swimmer.fresh()
    swimmer.place(angle: 0, joints: [Double](repeating: 0, count: bench.options.links - 1))
    var (angles, outlines, activity): ([[Double]], [[(x: Double, y: Double)]], [WormMotorCircuit.Activity]) =
      ([], [], [])
    while !swimmer.isOver {
      let now = circuit.activity(swimmer.jointAngles, step: swimmer.controlSteps)
      _ = swimmer.step(now.torques)
      activity.append(now)
      angles.append(swimmer.jointAngles)
      outlines.append(swimmer.outline)
    }
    let interval = swimmer.body.controlStep
    let settled = Array(angles.dropFirst(min(angles.count / 4, 4 * bench.options.period)))
    let wave = try BodyWave(settled, interval: interval)
    let cycle = Double(bench.options.period) * interval
    let lags = wave.lags(upTo: cycle / 2)
    let frequency = wave.frequency(joint: wave.joints / 2)
    let expected = 1 / cycle
    lab.measure("wave.frequency", frequency, unit: "Hz")
    for (joint, lag) in lags.enumerated() { lab.measure("wave.lag.\(joint + 1)", lag, unit: "s") }
    lab.add(
      Claim(
        "7", "A wave runs from head to tail at the oscillator's frequency.",
        paper: "bends travel backwards; 1 / (60 · 0.03 s) = 0.556 Hz",
        test:
          "lags between neighbouring joints by cross-correlation, and the strongest frequency of the middle joint",
        criterion: "every joint follows the one before, and the frequency is within 5 % of the oscillator's",
        measured:
          "lags \(lags.map { String(format: "%.2f", $0) }.joined(separator: ", ")) s; \(String(format: "%.3f", frequency)) Hz for \(String(format: "%.3f", expected))",
        holds: lags.allSatisfy { $0 > 0 } && abs(frequency / expected - 1) < 0.05,
        reason: "a joint does not follow, or the body swims at another frequency"))
    try SwimFigures(lab).swimming(outlines, angles, activity, interval, period: bench.options.period)
  }
}
