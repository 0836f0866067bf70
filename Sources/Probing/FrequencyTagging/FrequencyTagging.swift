import Foundation
import Support
import Tensors

/// Finds what follows the rhythm of a stimulus: neurons or channels whose activity has a peak at the rate of its phrases or
/// sentences (Hierarchical Frequency Tagging Probe; An and others, 2025, after Ding and others, 2016).
///
/// Any source of activity will do: neurons of a language model by word, channels of a recording by sample, spike rates. A series
/// is `[U, N]`: U units of the stimulus (words) in equal steps of time.
///
/// ```swift
/// let tagging = FrequencyTagging.hierarchical(unitRate: 4, sentenceLength: 4)
/// let test = tagging.permutationTest(series, permutations: 1_000, using: &generator)
/// let contrast = tagging.contrast(tagging.amplitudes(series), tagging.amplitudes(shuffled), significant: test.isSignificant)
/// let neurons = FrequencyTagging.selected(FrequencyTagging.zScores(contrast[0]), above: 2)
/// ```
public struct FrequencyTagging: Sendable, Equatable {
  /// A rhythm of the stimulus, at one frequency or several.
  public struct Tag: Sendable, Equatable {
    public var name: String
    /// In hertz.
    public var frequencies: [Double]
    /// Whether less activity than in the control counts as none.
    public var ignoresNegative: Bool

    public init(_ name: String, _ frequencies: [Double], ignoresNegative: Bool = false) {
      (self.name, self.frequencies, self.ignoresNegative) = (name, frequencies, ignoresNegative)
    }
  }

  /// Amplitudes `[tag][frequency][N]`.
  public typealias Amplitudes = [[[Double]]]

  /// Units a second.
  public var unitRate: Double
  public var tags: [Tag]

  /// - Throws: `CajalError` for a tag above half the rate of units, which no series of them can show.
  public init(unitRate: Double, tags: [Tag]) throws {
    guard unitRate > 0, !tags.isEmpty else { throw CajalError("tagging needs a rate of units and a tag") }
    for tag in tags {
      guard !tag.frequencies.isEmpty, tag.frequencies.allSatisfy({ $0 > 0 && $0 <= unitRate / 2 }) else {
        throw CajalError(
          "the tag '\(tag.name)' at \(tag.frequencies) Hz: expected frequencies above 0 and up to \(unitRate / 2) Hz, half the rate of units"
        )
      }
    }
    (self.unitRate, self.tags) = (unitRate, tags)
  }

  private init(unchecked unitRate: Double, _ tags: [Tag]) { (self.unitRate, self.tags) = (unitRate, tags) }

  /// Sentences of equal length: "sentence" once a sentence; "phrase" twice in sentences of four units, or in longer ones every 2, 3,
  /// … units up to one less than the sentence.
  public static func hierarchical(unitRate: Double = 4, sentenceLength: Int) -> FrequencyTagging {
    precondition(sentenceLength > 2, "sentences of \(sentenceLength) units hold no phrases")
    let phrases = sentenceLength == 4 ? [2] : Array(2..<sentenceLength)
    return FrequencyTagging(
      unchecked: unitRate,
      [
        Tag("sentence", [unitRate / Double(sentenceLength)]),
        Tag("phrase", phrases.map { unitRate / Double($0) }, ignoresNegative: true),
      ])
  }

  /// The frequencies in hertz of the spectrum of a series of `count` units.
  public func frequencies(_ count: Int) -> [Double] {
    (0...count / 2).map { Double($0) * unitRate / Double(count) }
  }

  /// The place in the spectrum that is nearest to a frequency; the lower of two.
  public func bin(_ frequency: Double, of count: Int) -> Int {
    let place = frequency * Double(count) / unitRate
    return min(count / 2, Int((place - 0.5).rounded(.up)))
  }

  /// The whole spectrum `[U / 2 + 1, N]`: the absolute values of the Fourier coefficients, that of the mean set to 0.
  public func spectrum(_ series: Tensor) -> Tensor {
    precondition(series.rank == 2 && series.size(0) > 1, "a series of the shape \(series.shape)")
    return withoutGradients {
      let pairs = series.detached().realFFT(axis: 0).realPairs()
      let amplitudes = pairs.square().sum(axis: -1).sqrt()
      amplitudes[0].fill(0)
      return amplitudes
    }
  }

  /// The amplitudes at the tags alone, by the few Fourier coefficients that are needed.
  public func amplitudes(_ series: Tensor) -> Amplitudes {
    precondition(series.rank == 2 && series.size(0) > 1, "a series of the shape \(series.shape)")
    let count = series.size(0)
    return tags.map { tag in
      tag.frequencies.map { frequency in
        withoutGradients {
          let waves = Tensor(
            wave(frequency, count).flatMap { $0 }, shape: [2, count], as: series.elementType)
          return waves.matmul(series.detached()).square().sum(axis: 0).sqrt().doubles
        }
      }
    }
  }

  /// Cosine and sine of the frequency of the spectrum that is nearest.
  func wave(_ frequency: Double, _ count: Int) -> [[Double]] {
    let bin = bin(frequency, of: count)
    let angles = (0..<count).map { 2 * Double.pi * Double(bin * $0 % count) / Double(count) }
    return [angles.map { cos($0) }, angles.map { sin($0) }]
  }

  /// Amplitudes of several series, the mean.
  public static func mean(_ all: [Amplitudes]) -> Amplitudes {
    precondition(!all.isEmpty, "the mean of no amplitudes")
    return all[0].indices.map { tag in
      all[0][tag].indices.map { frequency in
        all[0][tag][frequency].indices.map { neuron in
          all.reduce(0) { $0 + $1[tag][frequency][neuron] } / Double(all.count)
        }
      }
    }
  }
}

/// What is made of amplitudes: a number for every tag and neuron.
extension FrequencyTagging {
  /// By how much the amplitude exceeds that of the control, `[tag][N]`: 0 for neurons that are not significant; of several frequencies
  /// the most, of those that are significant.
  ///
  /// - Parameters:
  ///   - experiment: Of the rhythmic stimulus; ``mean(_:)`` of repeats.
  ///   - control: Of the control.
  ///   - significant: By tag, frequency and neuron.
  public func contrast(_ experiment: Amplitudes, _ control: Amplitudes, significant: [[[Bool]]]) -> [[Double]]
  {
    tags.indices.map { tag in
      experiment[tag][0].indices.map { neuron in
        var most: Double?
        for frequency in experiment[tag].indices where significant[tag][frequency][neuron] {
          let difference = experiment[tag][frequency][neuron] - control[tag][frequency][neuron]
          most = max(most ?? -.infinity, difference)
        }
        return tags[tag].ignoresNegative ? max(0, most ?? 0) : most ?? 0
      }
    }
  }

  /// Distances from the mean in standard deviations over all values, zeros included.
  public static func zScores(_ values: [Double]) -> [Double] {
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    return values.map { variance > 0 ? ($0 - mean) / variance.squareRoot() : 0 }
  }

  /// The same within each part (layer) on its own.
  public static func zScores(_ values: [Double], parts: [Range<Int>]) -> [Double] {
    precondition(
      parts.reduce(0) { $0 + $1.count } == values.count, "parts \(parts) of \(values.count) values")
    return parts.flatMap { zScores(Array(values[$0])) }
  }

  /// The positions above a limit.
  public static func selected(_ zScores: [Double], above limit: Double) -> [Int] {
    zScores.indices.filter { zScores[$0] > limit }
  }

  /// The amplitude at a frequency over the mean of its four nearest neighbours in a spectrum: 1 without a peak. At the end of the
  /// spectrum all four lie below it.
  public func peakRatio(_ spectrum: [Double], at frequency: Double, units: Int) -> Double {
    precondition(
      spectrum.count == units / 2 + 1 && units >= 12, "a spectrum of \(spectrum.count) for \(units) units")
    let peak = bin(frequency, of: units)
    // Not the mean of the series.
    let near = (1..<spectrum.count).filter { $0 != peak }.sorted {
      (abs($0 - peak), $0) < (abs($1 - peak), $1)
    }
    return spectrum[peak] * 4 / near.prefix(4).reduce(0) { $0 + spectrum[$1] }
  }
}
