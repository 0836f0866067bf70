import Foundation
import Recordings
import Statistics
import Support
import Tensors

/// The mean response of each neuron by the value of a stimulus or of behaviour.
public struct TuningCurve: Sendable {
  /// Where bins begin and end, one more than bins.
  public let edges: [Double]
  /// `[bins][N]`; not a number in bins without a sample.
  public let means, standardErrors: [[Double]]
  /// Samples of each bin.
  public let counts: [Int]
  public let neurons: NeuronTable

  /// - Parameters:
  ///   - column: Of the samples, numbers; samples without one are left out.
  ///   - edges: Ascending; equal shares of the samples if nil.
  /// - Throws: `CajalError` when the recording has no such column of numbers, or nothing lies within the edges.
  public init(_ recording: Recording, by column: String, bins: Int = 10, edges given: [Double]? = nil) throws
  {
    guard let values = recording.samples.numbers(column) else {
      throw CajalError(
        "\(recording.name) has no column '\(column)' of numbers; it has \(recording.samples.names.joined(separator: ", "))"
      )
    }
    let sorted = values.filter(\.isFinite).sorted()
    guard bins > 0, let first = sorted.first, let last = sorted.last else {
      throw CajalError("\(recording.name), column '\(column)': \(sorted.count) numbers for \(bins) bins")
    }
    let edges =
      given
      ?? Array(Set((0...bins).map { sorted[min(sorted.count - 1, $0 * sorted.count / bins)] })).sorted()
    guard edges.count > 1, zip(edges, edges.dropFirst()).allSatisfy({ $0 < $1 }), edges[0] <= last,
      edges[edges.count - 1] >= first
    else {
      throw CajalError(
        "\(recording.name), column '\(column)': edges \(edges.prefix(6)) of bins do not ascend")
    }
    let groups = values.map { value -> Int in
      guard value.isFinite, value >= edges[0], value <= edges[edges.count - 1] else { return edges.count - 1 }
      // The last edge belongs to the last bin.
      return min(edges.count - 2, edges.lastIndex { $0 <= value }!)
    }
    let statistics = ActivationStatistics.byLabel(
      recording.activity.to(.float32), label: groups, labels: edges.count)
    let kept = statistics.dropLast()
    self.edges = edges
    counts = kept.map(\.count)
    means = kept.map { $0.count > 0 ? $0.means : $0.means.map { _ in .nan } }
    standardErrors = kept.map { one in
      one.deviations().map { one.count > 1 ? $0 / Double(one.count).squareRoot() : .nan }
    }
    neurons = recording.neurons
  }

  /// What the mean response tells about the bin, in bits for each unit of activity (Skaggs et al., 1993): for spikes, bits a
  /// spike. Activity is taken as a rate, and must not be negative.
  public var information: [Double] {
    let total = Double(counts.reduce(0, +))
    let shares = counts.map { Double($0) / total }
    return (0..<neurons.count).map { neuron in
      let rates = means.map { $0[neuron] }
      let mean = zip(rates, shares).reduce(0.0) { $1.1 > 0 ? $0 + $1.0 * $1.1 : $0 }
      guard mean > 0 else { return .nan }
      return zip(rates, shares).reduce(0.0) { sum, pair in
        guard pair.1 > 0, pair.0 > 0 else { return sum }
        return sum + pair.1 * pair.0 / mean * log2(pair.0 / mean)
      }
    }
  }
}
