import Foundation
import Statistics

/// Spike counts laid out for the sampler: numbers of double precision, rows padded to whole vectors, zero weight where
/// nothing was seen.
final class CountTable {
  let neurons: Int
  let bins: Int
  /// Bins of a row, with the padding.
  let stride: Int
  private let countBuffer: LaneBuffer
  private let weightBuffer: LaneBuffer
  /// How many entries of each neuron were seen.
  let observed: [Double]
  /// The sum of each neuron's counts that were seen.
  let totals: [Double]
  /// How many seen counts of each neuron are above 0, 1, 2, …
  let above: [[Double]]
  /// `Σ log y!` of each neuron.
  let logFactorials: [Double]

  init(_ spikes: SpikeCounts) {
    (neurons, bins) = (spikes.neurons, spikes.bins)
    stride = LaneBuffer.padded(bins)
    countBuffer = LaneBuffer(neurons * stride)
    weightBuffer = LaneBuffer(neurons * stride)
    var above: [[Double]] = []
    var (observed, totals, logFactorials) = ([Double](), [Double](), [Double]())
    for neuron in 0..<neurons {
      var (tail, seen, total, factorials) = ([Double](), 0.0, 0.0, 0.0)
      for bin in 0..<bins where spikes.isObserved[neuron * bins + bin] {
        let count = Int(spikes.counts[neuron * bins + bin])
        countBuffer.pointer[neuron * stride + bin] = Double(count)
        weightBuffer.pointer[neuron * stride + bin] = 1
        while tail.count < count { tail.append(0) }
        for value in 0..<count { tail[value] += 1 }
        seen += 1
        total += Double(count)
        factorials += lgamma(Double(count) + 1)
      }
      above.append(tail)
      observed.append(seen)
      totals.append(total)
      logFactorials.append(factorials)
    }
    (self.above, self.observed, self.totals, self.logFactorials) = (above, observed, totals, logFactorials)
  }

  func counts(_ neuron: Int) -> UnsafeMutablePointer<Double> { countBuffer.pointer + neuron * stride }
  func weights(_ neuron: Int) -> UnsafeMutablePointer<Double> { weightBuffer.pointer + neuron * stride }

  /// `Σ log Γ(y + r) - log Γ(r) - log y!` of a neuron's seen counts.
  func logNormaliser(_ neuron: Int, dispersion r: Double) -> Double {
    var sum = -logFactorials[neuron]
    for (value, count) in above[neuron].enumerated() { sum += count * log(r + Double(value)) }
    return sum
  }
}
