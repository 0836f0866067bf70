import Foundation
import Probing
import Support
import Tensors

/// Channels of pink noise with phase-locked rhythms in known regions: no recording, but one whose truth is known.
struct CorticalSimulation: Sendable {
  /// Channels of each region.
  var channels: Int
  var trials: Int
  /// Of every rhythm, in standard deviations of the noise.
  var amplitude: Double

  enum Condition: CaseIterable { case sentences, phrases, random }

  /// A region and the rhythms that it follows, in hertz, by condition.
  struct Region: Sendable {
    let name: String
    let rhythms: @Sendable (Condition) -> [Double]
  }

  static let regions = [
    Region(name: "sentences and phrases") { condition in
      switch condition {
      case .sentences: [1, 2, 4]
      case .phrases: [2, 4]
      case .random: [4]
      }
    },
    Region(name: "sounds") { _ in [4] },
    Region(name: "disorder") { $0 == .random ? [1, 2, 4] : [4] },
    Region(name: "noise") { _ in [] },
  ]

  static let rate = 512.0
  static let seconds = 11
  static let tagged = [1.0, 2, 4]
  /// All that are looked at: whole periods in ten seconds.
  static let frequencies = (5...45).map { Double($0) / 10 }

  var count: Int { channels * Self.regions.count }

  /// Whether each channel follows a frequency in the sentence condition.
  func labels(_ frequency: Double) -> [Bool] {
    Self.regions.flatMap { region in
      Array(repeating: region.rhythms(.sentences).contains(frequency), count: channels)
    }
  }

  /// Coherence of a condition block.
  struct Recording: Sendable {
    /// By frequency and channel.
    let values: [[Double]]

    func coherence(_ frequency: Double) -> [Double] {
      values[CorticalSimulation.frequencies.firstIndex { abs($0 - frequency) < 1e-9 }!]
    }

    /// Of a channel, over frequencies.
    func pattern(_ channel: Int) -> [Double] { values.map { $0[channel] } }

    func meanCoherence(_ region: Int, _ channels: Int) -> [Double] {
      values.map { Spread(Array($0[region * channels..<(region + 1) * channels])).mean }
    }
  }

  /// Two blocks of the three conditions: sentences, phrases, random, and again.
  func run(using generator: inout RandomGenerator) throws -> [Recording] {
    try (Condition.allCases + Condition.allCases).map { try condition($0, using: &generator) }
  }

  /// One block. The first second of every trial does not count, as responses to its beginning would.
  func condition(_ condition: Condition, using generator: inout RandomGenerator) throws -> Recording {
    let samples = Self.seconds * Int(Self.rate)
    let own = generator
    _ = generator.next()
    // By channel: the phase of its rhythms is its own, and the same in all trials.
    let series = parallelMap(count) { channel -> [Float] in
      var stream = own.split(channel)
      let rhythms = Self.regions[channel / channels].rhythms(condition).map {
        ($0, stream.uniform() * 2 * .pi)
      }
      return (0..<trials).flatMap { _ -> [Float] in
        var noise = PinkNoise(using: &stream)
        var values = (0..<samples).map { _ in noise.next(using: &stream) }
        let deviation = Spread(values).deviation
        for index in 0..<samples {
          let time = Double(index) / Self.rate
          values[index] /= deviation
          for (frequency, phase) in rhythms {
            values[index] += amplitude * cos(2 * .pi * frequency * time + phase)
          }
        }
        return values.map(Float.init)
      }
    }
    let all = Tensor(series.flatMap { $0 }, shape: [count, trials, samples]).permuted(1, 2, 0)
    let kept = all.narrowed(1, from: Int(Self.rate), to: samples).contiguous()
    return Recording(values: try InterTrialCoherence.of(kept, rate: Self.rate, frequencies: Self.frequencies))
  }
}

/// Noise whose power falls with frequency, by white noise through three poles and zeros a third of the spectrum apart (Kellet's filter).
private struct PinkNoise {
  private var b0 = 0.0
  private var b1 = 0.0
  private var b2 = 0.0

  /// Started where it has forgotten its beginning.
  init(using generator: inout RandomGenerator) {
    for _ in 0..<2_000 { _ = next(using: &generator) }
  }

  mutating func next(using generator: inout RandomGenerator) -> Double {
    let white = generator.normal()
    b0 = 0.99765 * b0 + white * 0.0990460
    b1 = 0.96300 * b1 + white * 0.2965164
    b2 = 0.57000 * b2 + white * 1.0526913
    return b0 + b1 + b2 + white * 0.1848
  }
}
