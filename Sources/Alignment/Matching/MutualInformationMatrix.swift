import Foundation
import Support
import Tensors

/// The mutual information of all pairs of units of two populations, in bits: similarity that need not be a straight line.
///
/// Values are put into bins of equal mass; exact zeros, as of a rectified unit, have a bin of their own.
public struct MutualInformationMatrix: Sendable {
  /// How many bins the other values have, at most 254.
  public var bins = 16
  /// Whether the bias of few samples is taken off (Miller and Madow): what remains can be below 0.
  public var isCorrected = true
  /// Whether it is divided by the smaller entropy of the two units: 1 where one says all about the other.
  public var isNormalised = false

  public init(bins: Int = 16, isCorrected: Bool = true, isNormalised: Bool = false) {
    precondition((2...254).contains(bins), "\(bins) bins, expected 2 to 254")
    (self.bins, self.isCorrected, self.isNormalised) = (bins, isCorrected, isNormalised)
  }

  /// `[first, second]` of activity `[S, first]` and `[S, second]`.
  ///
  /// - Throws: `CajalError` for other shapes.
  public func between(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    guard a.rank == 2, b.rank == 2, a.size(0) == b.size(0), a.count > 0, b.count > 0 else {
      throw CajalError("activity of the shapes \(a.shape) and \(b.shape), expected [S, N] with the same S")
    }
    let (first, second) = (binned(a), binned(b))
    let (entropiesA, entropiesB) = (first.map(Self.entropy), second.map(Self.entropy))
    let rows = parallelMap(first.count) { i in
      second.indices.map { j -> Double in
        let joint = jointEntropy(first[i], second[j])
        var information = entropiesA[i].value + entropiesB[j].value - joint.value
        if isCorrected {
          let excess = entropiesA[i].used + entropiesB[j].used - joint.used - 1
          information += Double(excess) / (2 * Double(first[i].count) * log(2))
        }
        guard isNormalised else { return information }
        let smaller = Swift.min(entropiesA[i].value, entropiesB[j].value)
        return smaller > 0 ? information / smaller : 0
      }
    }
    return Tensor(rows.flatMap { $0 }, shape: [first.count, second.count])
  }

  /// The bin of every sample, by unit.
  private func binned(_ activity: Tensor) -> [[UInt8]] {
    let (units, samples) = (activity.size(1), activity.size(0))
    let columns = activity.detached().to(.float64).transposed().contiguous().doubles
    return parallelMap(units) { unit in
      let values = Array(columns[unit * samples..<(unit + 1) * samples])
      let sorted = values.filter { $0 != 0 }.sorted()
      guard !sorted.isEmpty else { return Array(repeating: 0, count: samples) }
      let edges = (1..<bins).map { sorted[$0 * sorted.count / bins] }
      return values.map { value in
        value == 0 ? 0 : UInt8(1 + edges.reduce(0) { $0 + ($1 <= value ? 1 : 0) })
      }
    }
  }

  private typealias Entropy = (value: Double, used: Int)

  private static func entropy(_ codes: [UInt8]) -> Entropy {
    var counts = [Int32](repeating: 0, count: 256)
    for code in codes { counts[Int(code)] += 1 }
    return entropy(counts, codes.count)
  }

  private func jointEntropy(_ a: [UInt8], _ b: [UInt8]) -> Entropy {
    let width = bins + 1
    var counts = [Int32](repeating: 0, count: width * width)
    counts.withUnsafeMutableBufferPointer { counts in
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          for sample in 0..<a.count { counts[Int(a[sample]) * width + Int(b[sample])] += 1 }
        }
      }
    }
    return Self.entropy(counts, a.count)
  }

  private static func entropy(_ counts: [Int32], _ total: Int) -> Entropy {
    var (sum, used) = (0.0, 0)
    for count in counts where count > 0 {
      let share = Double(count) / Double(total)
      sum -= share * log2(share)
      used += 1
    }
    return (sum, used)
  }
}
