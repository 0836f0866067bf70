import Figures
import Foundation
import Neurons
import StudyCore
import Support

/// Claim 8: a memory of transitions predicts as well as its segments recognise.
struct SequencePart {
  private let options: SDRDendrites.Options
  private let lab: Lab
  private let n = 2048
  private let a = 40
  private let s = 20
  private let thetas = [8, 12, 16]
  private let noise = Array(stride(from: 0, through: 40, by: 4))
  private let branches = [1, 5, 10]

  init(_ options: SDRDendrites.Options, _ lab: Lab) {
    self.options = options
    self.lab = lab
  }

  func run() throws {
    let accuracy = try thetas.map { theta in try noise.map { try self.accuracy(theta: theta, v: $0) } }
    let unions = try branches.map(unexpectedOverlap)
    try report(accuracy)
    decide(accuracy, unions)
  }

  private func accuracy(theta: Int, v: Int) throws -> Double {
    try lab.progress("noisy sequences, threshold \(theta)", v, of: a, unit: "cells of noise")
    let root = lab.generator("sequence theta=\(theta) v=\(v)")
    let sequences = max(4, 2 * options.repeats)
    let scores = try parallelMap(sequences) { index throws -> Double in
      var generator = root.split(index)
      let sequence = (0..<20).map { _ in SDR.random(n: n, a: a, using: &generator) }
      var memory = try FirstOrderTemporalMemory(n: n, synapses: s, threshold: theta)
      memory.learn(sequence, using: &generator)
      let steps = zip(sequence, sequence.dropFirst()).map { current, next in
        memory.predict(current.withNoise(v, using: &generator)).jaccard(next)
      }
      return steps.reduce(0, +) / Double(steps.count)
    }
    let mean = scores.reduce(0, +) / Double(scores.count)
    lab.measure("sequence.accuracy.theta\(theta).v\(v)", mean)
    return mean
  }

  private func expected(_ theta: Int, _ v: Int) -> Double {
    1 - RecognitionTheory.falseNegative(a: a, s: s, theta: theta, v: v)
  }

  /// A common onset of five patterns with `count` continuations; how far an unrelated pattern is among the
  /// predicted cells.
  private func unexpectedOverlap(_ count: Int) throws -> Double {
    var generator = lab.generator("branches \(count)")
    let n = 2000
    let probes = 200
    let worlds = max(4, 2 * options.repeats)
    var total = 0.0
    for _ in 0..<worlds {
      let onset = (0..<5).map { _ in SDR.random(n: n, a: a, using: &generator) }
      var memory = try FirstOrderTemporalMemory(n: n, synapses: s, threshold: 12)
      for _ in 0..<count {
        let branch = (0..<5).map { _ in SDR.random(n: n, a: a, using: &generator) }
        for _ in 0..<10 { memory.learn(onset + branch, using: &generator) }
      }
      let predicted = memory.predict(onset[4])
      for _ in 0..<probes {
        total += Double(SDR.random(n: n, a: a, using: &generator).overlap(predicted)) / Double(a)
      }
    }
    let mean = total / Double(worlds * probes)
    lab.measure("sequence.unexpectedOverlap.m\(count)", mean)
    return mean
  }

  private func report(_ accuracy: [[Double]]) throws {
    var plot = Plot(
      name: "sequence-noise", title: "Predictions stand noise as segments do",
      caption:
        "Overlap (Jaccard) of predicted and actual next pattern over the noise in the current one. Marks: memory of 20-step "
        + "sequences (n = 2048, a = 40, s = 20); lines: one minus the exact miss rate of a segment.",
      x: .init("active cells replaced", unit: "%"), y: .init("accuracy of the prediction", range: 0...1.05))
    let all = Array(0...a)
    for theta in thetas {
      plot.add(
        .line, "θ = \(theta)", x: all.map { 100 * Double($0) / Double(a) }, y: all.map { expected(theta, $0) }
      )
    }
    for (theta, values) in zip(thetas, accuracy) {
      plot.add(
        .points, "θ = \(theta), measured", x: noise.map { 100 * Double($0) / Double(a) }, y: values,
        colourOf: "θ = \(theta)")
    }
    try lab.add(plot)
  }

  private func decide(_ accuracy: [[Double]], _ unions: [Double]) {
    let deviations = zip(thetas, accuracy).flatMap { theta, values in
      zip(noise, values).map { abs($1 - expected(theta, $0)) }
    }
    let worst = deviations.max()!
    let formula = branches.map { 1 - pow(1 - Double(a) / 2000, Double($0)) }
    let ratios = zip(unions, formula).map { abs($0 / $1 - 1) }
    let (eight, twenty) = (accuracy[0][5], expected(8, 20))
    let holds = worst < 0.03 && ratios.allSatisfy { $0 < 0.1 }
    lab.add(
      Claim(
        "8", "A memory of transitions inherits the error rates of its segments.",
        paper:
          "accuracy 0.943583 at theta = 8 with half of the cells replaced; overlap of an unexpected pattern 0.0199, 0.0966, 0.183 after 1, 5, 10 continuations",
        test:
          "\(max(4, 2 * options.repeats)) sequences of 20 patterns, three thresholds, 11 noise levels; an onset with 1, 5, 10 continuations trained ten times.",
        criterion:
          "mean accuracy within 0.03 of 1 minus the exact miss rate everywhere; mean overlap within 10 % of 1 - (1 - a/n)^M",
        measured:
          "largest deviation \(short(worst)); theta = 8, v = 20: \(short(eight)) (exact \(short(twenty))); overlaps "
          + zip(unions, formula).map { "\(short($0)) (formula \(short($1)))" }.joined(separator: ", "),
        holds: holds,
        reason: holds
          ? nil : "accuracy deviates by \(short(worst)), overlaps by \(short(100 * (ratios.max() ?? 0))) %"))
  }
}
