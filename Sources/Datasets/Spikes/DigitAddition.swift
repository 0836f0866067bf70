import Support
import Tensors

/// Sums of two spoken digits (the SHD-Adding task of Spieler et al., 2023): two utterances one after the other, and the class is the sum of
/// their digits. The first digit has to be remembered while the second is heard.
public struct DigitAddition: Sendable {
  /// Utterances whose class is a digit modulo ten, in whatever language.
  public let digits: LabelledSpikes
  /// Of one utterance; a sum has twice its steps.
  public let binning: SpikeBinning
  /// Spikes a bin, `[utterances, T, N]`.
  private let counts: [UInt8]

  /// Sums of two digits.
  public static let classCount = 19

  /// - Throws: `CajalError` when there is no utterance.
  public init(_ digits: LabelledSpikes, binning: SpikeBinning) throws {
    guard digits.count > 0 else { throw CajalError("\(digits.name) holds no utterance to add") }
    (self.digits, self.binning) = (digits, binning)
    counts = digits.counts(binning)
  }

  public var channels: Int { binning.channels(of: digits.channelCount) }
  public var steps: Int { 2 * binning.steps }

  public struct Batch: Sendable {
    /// Spikes a bin.
    public let events: SynapticEvents
    /// `[B]`.
    public let sums: Tensor
    public let labels: [Int]
  }

  /// Pairs drawn with replacement.
  ///
  /// - Parameter dropout: The probability with which each bin of each channel is emptied.
  public func batch(_ count: Int, dropout: Double = 0, using generator: inout RandomGenerator) -> Batch {
    let pairs = (0..<count).map { _ in
      (generator.integer(below: digits.count), generator.integer(below: digits.count))
    }
    let sequences = pairs.map { pair in
      var events = SequenceEvents()
      for utterance in [pair.0, pair.1] { add(utterance, dropout, &events, &generator) }
      return events
    }
    let labels = pairs.map { digits.labels[$0.0] % 10 + digits.labels[$0.1] % 10 }
    return Batch(
      events: SynapticEvents(joining: sequences, steps: steps, inputs: channels), sums: Tensor(labels),
      labels: labels)
  }

  private func add(
    _ utterance: Int, _ dropout: Double, _ events: inout SequenceEvents, _ generator: inout RandomGenerator
  ) {
    let channels = channels
    counts.withUnsafeBufferPointer { counts in
      for t in 0..<binning.steps {
        let row = (utterance * binning.steps + t) * channels
        for channel in 0..<channels where counts[row + channel] > 0 {
          if dropout > 0, generator.uniform() < dropout { continue }
          events.indices.append(Int32(channel))
          events.values.append(Float(counts[row + channel]))
        }
        events.ends.append(Int32(events.indices.count))
      }
    }
  }
}
