import Foundation
import Neurons
import StudyCore

extension SDRDendrites {
  /// Every knob of the study.
  public struct Options: StudyOptions {
    /// Monte-Carlo trials of each setting of the formula check.
    public var trials: Int
    /// Noisy presentations to one segment.
    public var presentations: Int
    /// Monte-Carlo trials of each size of a union.
    public var unionTrials: Int
    public var unions = [1, 2, 5, 10, 15, 20, 30, 40]
    /// Generated data sets with clustered cells, and patterns in each.
    public var correlatedSets: Int
    public var correlatedPatterns: Int
    /// The code of real data.
    public var cells = 2048
    public var active = 40
    public var synapses = 20
    public var segments = 500
    public var noise = 0.2
    public var images: Int
    public var repeats: Int
    /// Pairs of competing neurons for each population.
    public var competitions: Int

    public init(size: StudySize) {
      switch size {
      case .quick:
        (trials, presentations, unionTrials) = (2_000_000, 100_000, 500_000)
        (correlatedSets, correlatedPatterns) = (10, 2000)
        (images, repeats, competitions) = (2000, 2, 20)
      case .standard:
        (trials, presentations, unionTrials) = (20_000_000, 1_000_000, 20_000_000)
        (correlatedSets, correlatedPatterns) = (40, 20_000)
        (images, repeats, competitions) = (10_000, 5, 300)
      case .full:
        (trials, presentations, unionTrials) = (50_000_000, 10_000_000, 200_000_000)
        (correlatedSets, correlatedPatterns) = (200, 20_000)
        (images, repeats, competitions) = (10_000, 10, 1000)
      }
    }

    public static var fields: [OptionField<Self>] {
      [
        .integer(
          "trials", \.trials, in: 1000...10_000_000_000,
          "Monte-Carlo trials of each setting of claims 1 and 2"),
        .integer(
          "presentations", \.presentations, in: 1000...1_000_000_000, "noisy presentations of claim 3"),
        .integer(
          "unionTrials", \.unionTrials, in: 1000...10_000_000_000,
          "Monte-Carlo trials of each union of claim 5"),
        .integers("unions", \.unions, in: 1...1000, "patterns in the unions of claim 5"),
        .integer("correlatedSets", \.correlatedSets, in: 2...10_000, "generated data sets of claim 6"),
        .integer(
          "correlatedPatterns", \.correlatedPatterns, in: 1000...1_000_000, "patterns in each of them"),
        .integer("cells", \.cells, in: 64...200_000, "cells n that code an image"),
        .integer("active", \.active, in: 2...10_000, "active cells a of the code of an image"),
        .integer(
          "synapses", \.synapses, in: 2...1000, "synapses s of a segment that stores an image or a row"),
        .integer("segments", \.segments, in: 1...100_000, "images or rows stored, one segment each"),
        .number("noise", \.noise, in: 0...1, "share of the active cells that noise replaces"),
        .integer("images", \.images, in: 10...1_000_000, "unseen images or rows that are tried, at most"),
        .integer("repeats", \.repeats, in: 1...1000, "repetitions with other codes and other stored images"),
        .integer("competitions", \.competitions, in: 1...100_000, "pairs of competing neurons at each n"),
      ]
    }
  }
}

/// A counted rate with its interval.
func short(_ estimate: BinomialEstimate) -> String {
  let range = estimate.interval()
  return "\(short(estimate.rate)) [\(short(range.lowerBound)), \(short(range.upperBound))]"
}
