import Support
import Tensors

/// What a population does to many streams of one arrangement: series averaged over streams, and amplitudes of averages over groups of
/// streams.
///
/// Averaging keeps what is bound to the place in the rhythm and lets fade what is bound to single sentences, whose order differs
/// from stream to stream.
public struct TaggedResponse: Sendable {
  public let tagging: FrequencyTagging
  /// The mean over all streams, `[U, N]`.
  public let series: Tensor
  /// Of every group of streams.
  public let groupAmplitudes: [FrequencyTagging.Amplitudes]
  /// The same, every neuron's series divided by its standard deviation.
  public let groupNormalised: [FrequencyTagging.Amplitudes]

  public var units: Int { series.size(0) }
  /// The means over groups.
  public var amplitudes: FrequencyTagging.Amplitudes { FrequencyTagging.mean(groupAmplitudes) }
  public var normalised: FrequencyTagging.Amplitudes { FrequencyTagging.mean(groupNormalised) }

  /// The mean spectrum of the neurons of each part (layer) in the mean series; each neuron divided by its standard deviation if
  /// `isNormalised`.
  public func meanSpectra(_ parts: [Range<Int>], isNormalised: Bool = false) -> [[Double]] {
    parts.map { part in
      let own = series.narrowed(1, from: part.lowerBound, to: part.upperBound)
      let spectrum = tagging.spectrum(isNormalised ? Self.normalised(own) : own)
      return spectrum.mean(axis: 1).doubles
    }
  }

  /// Neurons that never change stay so.
  fileprivate static func normalised(_ series: Tensor) -> Tensor {
    withoutGradients {
      let deviations = series.standardDeviation(axes: [0], correction: 0, keep: true)
      return (series - series.mean(axis: 0, keep: true)) / deviations.clamped(atLeast: 1e-12)
    }
  }

  /// Gathers streams one after the other; no more than two series are kept.
  public final class Gatherer {
    private let tagging: FrequencyTagging
    private let groupSize: Int
    private var (group, inGroup): (Tensor?, Int) = (nil, 0)
    private var (total, count): (Tensor?, Int) = (nil, 0)
    private var (amplitudes, normalised): ([FrequencyTagging.Amplitudes], [FrequencyTagging.Amplitudes]) = (
      [], []
    )

    /// - Parameters:
    ///   - streams: How many will come.
    ///   - groups: How many groups they are averaged in, at most.
    public init(_ tagging: FrequencyTagging, streams: Int, groups: Int) {
      precondition(streams > 0 && groups > 0, "\(streams) streams in \(groups) groups")
      self.tagging = tagging
      groupSize = (streams + groups - 1) / groups
    }

    /// Adds the series `[U, N]` of a stream.
    public func add(_ series: Tensor) {
      withoutGradients {
        group = group.map { $0 + series } ?? series
        inGroup += 1
        if inGroup == groupSize { finishGroup() }
      }
    }

    private func finishGroup() {
      guard let sum = group else { return }
      let mean = sum / Double(inGroup)
      amplitudes.append(tagging.amplitudes(mean))
      normalised.append(tagging.amplitudes(TaggedResponse.normalised(mean)))
      total = total.map { $0 + sum } ?? sum
      count += inGroup
      (group, inGroup) = (nil, 0)
    }

    /// - Precondition: At least one stream was added.
    public func finish() -> TaggedResponse {
      withoutGradients { finishGroup() }
      precondition(count > 0, "a response to no stream")
      return TaggedResponse(
        tagging: tagging, series: total! / Double(count), groupAmplitudes: amplitudes,
        groupNormalised: normalised)
    }
  }
}
