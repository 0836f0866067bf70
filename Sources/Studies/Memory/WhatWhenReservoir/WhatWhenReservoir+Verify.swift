import Neurons
import StudyCore
import Support

extension WhatWhenReservoir {
  /// A small reservoir spike by spike, its traces, and what the gated delta rule and least squares learn from them.
  public static func verify(_ golden: inout GoldenFile) throws {
    let tolerance = try golden.tolerance("abs", otherwise: 1e-6)
    guard let section = golden.section("case") else { return }
    var comparison = Comparison("case")
    do {
      let features = try compareReservoir(section, &comparison, tolerance)
      try compareRules(section, features, &comparison, tolerance)
    } catch let error as CajalError { throw CajalError("section 'case': \(error.message)") }
    golden.report(comparison)
  }

  private static func compareReservoir(
    _ section: JSONValue, _ comparison: inout Comparison, _ tolerance: Double
  ) throws -> FeatureTrajectory {
    let (size, excitatory) = (try section.integer("n"), try section.integer("Ne"))
    let steps = try section.integer("T")
    let (weights, input) = (try section.rows("W"), try section.rows("Win"))
    let variation = try section.numbers("r")
    let (synaptic, readout) = (try section.numbers("tau_syn"), try section.numbers("tau_readout"))
    let cue = try section.integers("cue_steps")
    guard
      size > 0, steps > 0, (0...size).contains(excitatory), weights.count == size, weights[0].count == size,
      input.count == size, [variation, synaptic, readout].allSatisfy({ $0.count == size }),
      (synaptic + readout).allSatisfy({ $0 > 0 })
    else { throw CajalError("'W', 'Win', 'r' and the time constants should be of \(size) neurons") }
    guard cue.count == 2, cue[0] < cue[1] else {
      throw CajalError("'cue_steps' should hold a start and an end")
    }
    let reservoir = IzhikevichReservoir(
      population: IzhikevichPopulation(variation: variation, excitatory: excitatory),
      excitatoryCount: excitatory, weights: weights,
      inputWeights: input[0].indices.map { channel in input.map { $0[channel] } },
      synapticTimeConstants: synaptic, readoutTimeConstants: readout, bias: try section.number("bias"))
    let pulse = ReservoirInput.Pulse(channel: 0, start: cue[0], length: cue[1] - cue[0])
    var unused = RandomGenerator(seed: 0)
    let run = reservoir.run(
      ReservoirInput(steps: steps, channels: input[0].count, pulses: [pulse]), using: &unused)
    let spikes = (section["spikes"].array ?? []).map { $0.array?.compactMap(\.int) ?? [] }
    comparison.checkEqual(run.spikes.map { [$0.step, $0.neuron] }, spikes, "spikes")
    comparison.check(run.membrane, try section.numbers("v_last"), absolute: tolerance)
    comparison.check(run.recovery, try section.numbers("u_last"), absolute: tolerance)
    comparison.check(run.features[steps - 1], try section.numbers("trace_last"), absolute: tolerance)
    return run.features
  }

  private static func compareRules(
    _ section: JSONValue, _ features: FeatureTrajectory, _ comparison: inout Comparison, _ tolerance: Double
  ) throws {
    let target = try section.numbers("target")
    guard target.count == features.steps else {
      throw CajalError("'target' holds \(target.count) numbers, expected \(features.steps)")
    }
    let delta = section["nlms"]
    let (rate, offset) = (try delta.number("eta"), try delta.number("eps"))
    guard rate >= 0, offset >= 0 else { throw CajalError("'eta' and 'eps' should be from 0 up") }
    let rule = NormalisedDeltaRule(rate: rate, offset: offset)
    let gate = AttentionGate(outside: try delta.number("gate_low"))
    var weights = [Double](repeating: 0, count: features.count)
    for _ in 0..<(try delta.integer("passes")) {
      rule.learn(features, target: target, gate: gate, weights: &weights)
    }
    comparison.check(weights, try delta.numbers("w"), absolute: tolerance)
    let least = section["rls"]
    let (start, every) = (try least.number("P0"), try least.integer("every"))
    guard start > 0, every > 0 else { throw CajalError("'P0' and 'every' should be above 0") }
    var squares = RecursiveLeastSquares(features: features.count, penalty: 1 / start)
    var rows = [[Double](repeating: 0, count: features.count)]
    squares.learn(features, targets: [target], every: every, weights: &rows)
    comparison.check(rows[0], try least.numbers("w"), absolute: tolerance)
  }
}
