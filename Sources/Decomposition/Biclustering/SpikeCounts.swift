import Foundation
import Support

/// Spike counts of neurons in bins of time, some of which may be missing.
public struct SpikeCounts: Sendable, Equatable {
  public let neurons: Int
  public let bins: Int
  /// `[N · T]`, neuron by neuron.
  public let counts: [Int32]
  /// Width of a bin in seconds.
  public let binWidth: Double
  /// Which entries were seen, `[N · T]`; a model never looks at the others.
  public private(set) var isObserved: [Bool]

  /// - Parameters:
  ///   - counts: `[N][T]`, none negative.
  ///   - binWidth: In seconds.
  ///   - mask: `[N][T]`, true where the count was seen; all of them if nil.
  /// - Throws: `CajalError` for ragged rows, fewer than three bins, negative counts, or a mask of another shape.
  public init(_ counts: [[Int]], binWidth: Double, mask: [[Bool]]? = nil) throws {
    let bins = counts.first?.count ?? 0
    guard !counts.isEmpty, bins >= 3 else {
      throw CajalError("spike counts of \(counts.count) neurons in \(bins) bins; at least 1 and 3 are needed")
    }
    guard binWidth > 0, binWidth.isFinite else {
      throw CajalError("a bin is \(binWidth) s wide; a positive number was expected")
    }
    for (neuron, row) in counts.enumerated() {
      guard row.count == bins else {
        throw CajalError("neuron \(neuron) has \(row.count) bins where the first one has \(bins)")
      }
      if let bin = row.firstIndex(where: { $0 < 0 || $0 > 1_000_000 }) {
        throw CajalError("neuron \(neuron), bin \(bin): \(row[bin]) is no spike count")
      }
    }
    if let mask {
      guard mask.count == counts.count, mask.allSatisfy({ $0.count == bins }) else {
        throw CajalError("the mask is not of the counts' shape, \(counts.count) neurons × \(bins) bins")
      }
    }
    neurons = counts.count
    self.bins = bins
    self.counts = counts.flatMap { $0.map { Int32($0) } }
    self.binWidth = binWidth
    isObserved = mask.map { $0.flatMap { $0 } } ?? [Bool](repeating: true, count: counts.count * bins)
  }

  /// Counts spikes in bins `start + [k, k + 1) · binWidth` that end by `end`.
  ///
  /// - Parameters:
  ///   - spikeTimes: In seconds, for each neuron; in any order.
  ///   - end: Of the recording; the last spike's bin is the last one if nil.
  /// - Throws: `CajalError` for times that are no numbers, or fewer than three bins.
  public init(spikeTimes: [[Double]], binWidth: Double, start: Double = 0, end: Double? = nil) throws {
    guard binWidth > 0, binWidth.isFinite else {
      throw CajalError("a bin is \(binWidth) s wide; a positive number was expected")
    }
    for (neuron, times) in spikeTimes.enumerated() where !times.allSatisfy(\.isFinite) {
      throw CajalError("neuron \(neuron) has a spike time that is not finite")
    }
    let last = spikeTimes.joined().max() ?? start
    let bins = end.map { Int(($0 - start) / binWidth + 1e-9) } ?? Int((last - start) / binWidth) + 1
    guard bins >= 3, bins < 100_000_000 else {
      throw CajalError("\(start) to \(end ?? last) s in bins of \(binWidth) s are \(bins) bins")
    }
    var counts = [[Int]](repeating: [Int](repeating: 0, count: bins), count: spikeTimes.count)
    for (neuron, times) in spikeTimes.enumerated() {
      for time in times where time >= start {
        let bin = Int((time - start) / binWidth)
        if bin < bins { counts[neuron][bin] += 1 }
      }
    }
    try self.init(counts, binWidth: binWidth)
  }

  /// The counts of one neuron.
  public func row(_ neuron: Int) -> [Int] {
    counts[(neuron * bins)..<((neuron + 1) * bins)].map(Int.init)
  }

  /// The counts with a share of the entries hidden at random: what a model is to predict.
  public func holdingOut(_ share: Double, using generator: inout RandomGenerator) -> SpikeCounts {
    precondition(share >= 0 && share < 1, "a share of \(share) held out")
    var masked = self
    for index in masked.isObserved.indices where generator.uniform() < share {
      masked.isObserved[index] = false
    }
    return masked
  }

  /// The square roots of the counts, smoothed by a Gaussian window of `width` bins (standard deviation): `[N][T]`.
  /// Missing entries are filled from their neighbours.
  public func smoothedRoots(width: Double) -> [[Double]] {
    let reach = max(1, Int(3 * width))
    let window = (-reach...reach).map { exp(-Double($0 * $0) / (2 * width * width)) }
    return (0..<neurons).map { neuron in
      let start = neuron * bins
      return (0..<bins).map { bin in
        var (sum, weight) = (0.0, 0.0)
        for other in max(0, bin - reach)...min(bins - 1, bin + reach) where isObserved[start + other] {
          sum += window[other - bin + reach] * Double(counts[start + other]).squareRoot()
          weight += window[other - bin + reach]
        }
        return weight > 0 ? sum / weight : 0
      }
    }
  }
}
