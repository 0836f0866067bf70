import Foundation
import Support
import Tensors

/// How much the activity of a neuron tells about the label of a sample, in bits.
public enum MutualInformation {
  /// How the values of a neuron are put into bins.
  public enum Binning: Sendable, Equatable {
    /// Two: above the threshold, and not.
    case threshold(Float)
    /// Bins of equal width from the least to the greatest value.
    case equalWidth(Int)
    /// Bins that hold equally many samples; equal values share one.
    case quantiles(Int)

    var bins: Int {
      switch self {
      case .threshold: 2
      case .equalWidth(let bins), .quantiles(let bins): bins
      }
    }
  }

  /// Of a table of counts, bins × labels.
  ///
  /// - Parameter corrected: Whether the bias of few samples is taken off (Miller and Madow): what remains can be below 0.
  public static func bits(_ table: [[Int]], corrected: Bool = false) -> Double {
    let bins = table.map { $0.reduce(0, +) }
    let labels =
      table.first.map { row in row.indices.map { label in table.reduce(0) { $0 + $1[label] } } } ?? []
    let cells = table.flatMap { $0 }
    let total = bins.reduce(0, +)
    guard total > 0 else { return .nan }
    let information = entropy(bins, total) + entropy(labels, total) - entropy(cells, total)
    guard corrected else { return max(0, information) }
    func used(_ counts: [Int]) -> Int { counts.filter { $0 > 0 }.count }
    return information + Double(used(bins) + used(labels) - used(cells) - 1) / (2 * Double(total) * log(2))
  }

  private static func entropy(_ counts: [Int], _ total: Int) -> Double {
    counts.reduce(0) { sum, count in
      let share = Double(count) / Double(total)
      return count == 0 ? sum : sum - share * log2(share)
    }
  }

  /// For each neuron of samples `[S, N]`; `label` gives the label of every sample.
  public static func bits(
    _ samples: Tensor, label: [Int], labels: Int, _ binning: Binning, corrected: Bool = false
  ) -> [Double] {
    precondition(
      samples.rank == 2 && samples.size(0) == label.count && binning.bins > 0,
      "\(label.count) labels for samples \(samples.shape) in \(binning.bins) bins")
    precondition(label.allSatisfy { (0..<labels).contains($0) }, "a label beyond \(labels)")
    let columns = samples.detached().to(.float32).to(.cpu).transposed().contiguous()
    let (neurons, count) = (samples.size(1), label.count)
    return columns.withUnsafeMutableElements { (values: UnsafeMutableBufferPointer<Float>) in
      let base = SendableAddress(values.baseAddress)
      return parallelMap(neurons) { neuron in
        guard let start = base.pointer else { return .nan }
        let column = UnsafeBufferPointer(start: start + neuron * count, count: count)
        return bits(table(column, label, labels, binning), corrected: corrected)
      }
    }
  }

  private static func table(
    _ column: UnsafeBufferPointer<Float>, _ label: [Int], _ labels: Int, _ binning: Binning
  ) -> [[Int]] {
    var table = [[Int]](repeating: Array(repeating: 0, count: labels), count: binning.bins)
    let bin = placing(column, binning)
    for (value, label) in zip(column, label) { table[bin(value)][label] += 1 }
    return table
  }

  /// The bin of a value.
  private static func placing(_ column: UnsafeBufferPointer<Float>, _ binning: Binning) -> (Float) -> Int {
    switch binning {
    case .threshold(let threshold): return { $0 > threshold ? 1 : 0 }
    case .equalWidth(let bins):
      guard let low = column.min(), let high = column.max(), low < high else { return { _ in 0 } }
      let scale = Double(bins) / (Double(high) - Double(low))
      return { min(bins - 1, Int((Double($0) - Double(low)) * scale)) }
    case .quantiles(let bins):
      let sorted = column.sorted()
      let edges = (1..<max(bins, 1)).map { sorted[$0 * sorted.count / bins] }
      return { value in edges.reduce(0) { $0 + ($1 <= value ? 1 : 0) } }
    }
  }
}
