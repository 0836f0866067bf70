import Foundation
import Neurons
import StudyCore
import Support

/// A neuron with dendrites against what could replace it, on one drawing of patterns.
struct Baselines {
  enum Method: String, CaseIterable {
    case dendrites = "dendrites, best threshold"
    case dendritesHalf = "dendrites, θ = s/2"
    case noTolerance = "dendrites, θ = s"
    case linear = "linear threshold unit"
    case dense = "dense code, same stored bits"
    case exact = "exact match"

    /// A name short enough for an axis.
    var tick: String {
      switch self {
      case .dendrites: "best θ"
      case .dendritesHalf: "θ = s/2"
      case .noTolerance: "θ = s"
      case .linear: "linear"
      case .dense: "dense"
      case .exact: "exact"
      }
    }
  }

  struct Errors {
    var falsePositive: Double
    var falseNegative: Double
    var mean: Double { (falsePositive + falseNegative) / 2 }
  }

  private(set) var errors: [(method: Method, errors: Errors)] = []

  /// - Parameter dense: the same patterns in a code with half of the cells active, if there is one.
  init(
    _ draw: RealPatterns.Draw, _ experiment: RecognitionExperiment, dense: RealPatterns.Draw?,
    options: SDRDendrites.Options, using generator: inout RandomGenerator
  ) throws {
    let rows = experiment.rows
    errors.append((.dendrites, Self.errors(experiment.best)))
    errors.append((.dendritesHalf, Self.errors(rows[max(0, options.synapses / 2 - 1)])))
    errors.append((.noTolerance, Self.errors(rows[rows.count - 1])))
    let noisy = draw.stored.map { pattern in
      pattern.withNoise(RecognitionExperiment.replaced(pattern, noise: options.noise), using: &generator)
    }
    errors.append((.linear, Self.linear(draw, noisy, &generator)))
    if let dense {
      let other = try RecognitionExperiment(
        stored: dense.stored, unseen: dense.unseen, synapses: options.synapses, noise: options.noise,
        using: &generator)
      errors.append((.dense, Self.errors(other.best)))
    }
    let known = Set(draw.stored)
    errors.append(
      (
        .exact,
        Errors(
          falsePositive: Self.share(draw.unseen) { known.contains($0) },
          falseNegative: Self.share(noisy) { !known.contains($0) })
      ))
  }

  private static func errors(_ row: RecognitionExperiment.Row) -> Errors {
    Errors(falsePositive: row.neuronFalsePositive.rate, falseNegative: row.falseNegative.rate)
  }

  /// One weight for each cell, learned on the stored patterns and on others to reject.
  private static func linear(
    _ draw: RealPatterns.Draw, _ noisy: [SDR], _ generator: inout RandomGenerator
  ) -> Errors {
    var unit = LinearThresholdUnit(n: draw.stored[0].n)
    unit.train(positive: draw.stored, negative: draw.rejected, epochs: 100, using: &generator)
    return Errors(
      falsePositive: share(draw.unseen) { unit.fires($0) }, falseNegative: share(noisy) { !unit.fires($0) })
  }

  private static func share(_ patterns: [SDR], _ condition: (SDR) -> Bool) -> Double {
    Double(patterns.count(where: condition)) / Double(patterns.count)
  }
}
