import Foundation
import Support
import Tensors

/// Recordings as laboratories might make them, of made worms: shared dynamics seen through different microscopes.
///
/// Every worm wanders through the same cycle of forward movement, reversal and turn; every neuron follows it with loadings that all worms
/// share, and noise of its own; calcium follows neurons. Laboratories differ in rate, gain, offset, bleaching, gaps, and in how they
/// spell names.
public struct SyntheticWorms: Sendable {
  public var laboratories = 12
  public var worms = 5
  /// Seconds of a recording.
  public var durations = 300.0...1_500.0
  /// Seconds between frames, spread over the laboratories.
  public var steps = 0.15...1.2
  public var neurons = 80...140
  /// Which share of the neurons a laboratory names.
  public var labelled = 0.2...0.6

  public init() {}

  /// A recording, and the laboratory that made it.
  public struct Worm: Sendable {
    public let laboratory: Int
    public let recording: Recording
  }

  /// Of all laboratories; the loadings come from the generator too.
  public func callAsFunction(using generator: inout RandomGenerator) throws -> [Worm] {
    let slots = WormNeurons.recorded
    var loading = generator.split(-1)
    let loadings = Self.loadings(slots, &loading)
    let own = generator
    _ = generator.next()
    return try parallelMap(laboratories * worms, throwing: { index in
      var stream = own.split(index)
      return try Worm(
        laboratory: index / worms,
        recording: worm(index / worms, index % worms, loadings, slots, &stream))
    })
  }

  /// How each neuron follows forward movement, reversal and turn. Both sides of a pair do alike; those whose part is known have it.
  private static func loadings(_ slots: [String], _ generator: inout RandomGenerator) -> [SIMD3<Double>] {
    let known: [(stems: [String], SIMD3<Double>)] = [
      (["AVA", "AVE", "RIM", "AIB", "AVD"], SIMD3(-0.6, 1.2, 0)), (["AVB", "RIB", "RME", "RID"], SIMD3(1.1, -0.6, 0)),
      (["SMDV", "RIV", "SMDD"], SIMD3(0, 0.2, 1.2)),
    ]
    var classes: [String: SIMD3<Double>] = [:]
    return slots.map { name in
      let stem = name.hasSuffix("L") || name.hasSuffix("R") ? String(name.dropLast()) : name
      if let fixed = known.first(where: { $0.stems.contains(stem) })?.1 { return fixed }
      if let shared = classes[stem] { return shared }
      let drawn = 0.6 * SIMD3(generator.normal(), generator.normal(), generator.normal())
      classes[stem] = drawn
      return drawn
    }
  }

  private func worm(
    _ laboratory: Int, _ number: Int, _ loadings: [SIMD3<Double>], _ slots: [String],
    _ generator: inout RandomGenerator
  ) throws -> Recording {
    let share = laboratories > 1 ? Double(laboratory) / Double(laboratories - 1) : 0
    let step = steps.lowerBound * pow(steps.upperBound / steps.lowerBound, share)
    let duration = durations.lowerBound + generator.uniform() * (durations.upperBound - durations.lowerBound)
    let fine = 0.05
    let states = Self.states(Int(duration / fine), fine, &generator)
    var times: [Double] = []
    var time = 0.0
    while time < duration - 1 {
      times.append(time)
      time += step * (1 + 0.03 * (2 * generator.uniform() - 1))
    }
    let count = neurons.lowerBound + generator.integer(below: neurons.count)
    let chosen = generator.subset(count, of: slots.count)
    var columns: [[Double]] = []
    for slot in chosen {
      columns.append(Self.trace(loadings[slot], states, fine, times, laboratory, &generator))
    }
    let names = spell(chosen.map { slots[$0] }, laboratory, &generator)
    let velocity = times.map { time -> Double in
      let state = states[min(states.count - 1, Int(time / fine))]
      return 0.06 * state.x - 0.1 * state.y + 0.008 * generator.normal()
    }
    let reversal = times.map { states[min(states.count - 1, Int($0 / fine))].y > 0.5 }
    let axis = try TimeAxis(stamps: times, what: "made times")
    let flat = times.indices.flatMap { sample in columns.map { $0[sample] } }
    return try Recording(
      name: "worm\(number)", activity: Tensor(flat, shape: [times.count, count]),
      neurons: WormLabels.unique(names).setting("label", .texts(names)), time: axis,
      samples: SampleTable([("velocity", .numbers(velocity))]), epochs: ["reversal": Epochs(where: reversal, times: axis)],
      unit: "a.u.")
  }

  /// Forward, reversal and turn, each from 0 to 1: one follows the other, with a smooth change between.
  private static func states(_ count: Int, _ step: Double, _ generator: inout RandomGenerator) -> [SIMD3<Double>] {
    let means = [15.0, 4.0, 3.0]
    var (state, left) = (0, 10.0)
    var level = SIMD3(1.0, 0, 0)
    return (0..<count).map { _ in
      left -= step
      if left <= 0 {
        state = (state + 1) % 3
        left = means[state] * (0.3 - 0.7 * log(1 - generator.uniform()))
      }
      var target = SIMD3<Double>(0, 0, 0)
      target[state] = 1
      level += (target - level) * (step / 0.8)
      return level
    }
  }

  /// A neuron at the times of the frames, as its microscope shows it.
  private static func trace(
    _ loading: SIMD3<Double>, _ states: [SIMD3<Double>], _ step: Double, _ times: [Double], _ laboratory: Int,
    _ generator: inout RandomGenerator
  ) -> [Double] {
    let tau = 1 + 2 * generator.uniform()
    var (calcium, noise, sample) = (0.0, 0.0, 0)
    let (gain, offset) = (pow(10, generator.normal() * 0.4) * Double(laboratory + 1), 20 * generator.uniform())
    let bleaching = generator.uniform() * 0.4
    var trace: [Double] = []
    for (index, state) in states.enumerated() where sample < times.count {
      noise += -noise * step / 3 + 0.35 * (2 * step / 3).squareRoot() * generator.normal()
      calcium += ((loading * state).sum() + noise - calcium) * step / tau
      guard times[sample] < Double(index + 1) * step else { continue }
      let time = times[sample]
      let faded = exp(-bleaching * time / 1_000)
      trace.append(faded * (offset + gain * (calcium + 0.04 * generator.normal())))
      sample += 1
    }
    while trace.count < times.count { trace.append(trace.last ?? 0) }
    // A stretch that the tracking lost.
    if generator.uniform() < 0.2 {
      let start = generator.integer(below: max(1, trace.count - 10))
      for index in start..<min(trace.count, start + 2 + generator.integer(below: 8)) { trace[index] = .nan }
    }
    return trace
  }

  /// As this laboratory writes names: with zeros, question marks, without sides, twice, small, or not at all.
  private func spell(_ names: [String], _ laboratory: Int, _ generator: inout RandomGenerator) -> [String] {
    let share = labelled.lowerBound + generator.uniform() * (labelled.upperBound - labelled.lowerBound)
    return names.map { name in
      guard generator.uniform() < share else { return generator.uniform() < 0.3 ? "?" : "" }
      switch (laboratory % 4, generator.uniform()) {
      case (1, _):
        guard let match = name.wholeMatch(of: /([A-Z]+)([0-9])/) else { return name }
        return "\(match.1)0\(match.2)"
      case (2, ..<0.1): return name.hasSuffix("L") ? "\(name.dropLast())?" : name
      case (3, _): return name.lowercased()
      case (_, ..<0.03): return names[0]
      default: return name
      }
    }
  }
}
