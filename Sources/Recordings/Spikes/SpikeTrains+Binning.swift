import Support
import Tensors

/// How spikes are put into bins.
enum SpikeBin {
  /// Rounding must not put a spike on an edge into the bin before: one closer to the edge than this share of a width is on it.
  static let tolerance = 1e-8

  /// The bin of a spike, counted from the bin that begins at `start`.
  @inline(__always)
  static func index(_ time: Double, start: Double, perSecond: Double) -> Int {
    Int(((time - start) * perSecond + tolerance).rounded(.down))
  }

  /// How many whole bins a stretch has.
  static func count(_ interval: Interval, width: Double) -> Int {
    Int((interval.duration / width + tolerance).rounded(.down))
  }
}

extension SpikeTrains {
  /// Counts of spikes in bins of `width` seconds, `[bins, units]`; each stretch of the time observed has bins of its own, and
  /// what is left of it at the end is no bin.
  ///
  /// - Throws: `CajalError` when no bin fits.
  public func binned(width: Double) throws -> Recording {
    guard width > 0, width.isFinite else { throw CajalError("\(name): bins of \(width) s") }
    let counts = support.intervals.map { SpikeBin.count($0, width: width) }
    let bins = counts.reduce(0, +)
    guard bins > 0 else {
      throw CajalError("\(name): \(support.duration) s were observed, no bin of \(width) s fits")
    }
    let activity = Tensor.uninitialized([bins, count])
    activity.withUnsafeMutableElements(of: Float.self) { buffer in
      let target = SendableAddress(buffer.baseAddress)
      let pieces = binPieces(counts)
      parallelFor(pieces.count) { self.countSpikes(pieces[$0], width, into: target.pointer!) }
    }
    var covered: [Interval] = []
    for (interval, bins) in zip(support.intervals, counts) where bins > 0 {
      covered.append(Interval(interval.start, interval.start + Double(bins) * width))
    }
    let time =
      covered.count == 1
      ? TimeAxis(start: covered[0].start, rate: 1 / width, count: bins)
      : TimeAxis(
        ascending: zip(support.intervals, counts).flatMap { interval, bins in
          (0..<bins).map { interval.start + Double($0) * width }
        })
    return try Recording(
      name: name, activity: activity, neurons: units, time: time, support: Epochs(covered), epochs: epochs,
      unit: "spikes")
  }

  /// Neighbouring bins of one stretch, and where their rows begin.
  private struct BinPiece: Sendable {
    let start: Double
    let bins: Range<Int>
    let firstRow: Int
  }

  private func binPieces(_ counts: [Int]) -> [BinPiece] {
    var pieces: [BinPiece] = []
    var row = 0
    for (interval, bins) in zip(support.intervals, counts) {
      for first in stride(from: 0, to: bins, by: 8_192) {
        let range = first..<min(first + 8_192, bins)
        pieces.append(BinPiece(start: interval.start, bins: range, firstRow: row + first))
      }
      row += bins
    }
    return pieces
  }

  /// So few rows at a time that they stay in cache while all units count into them.
  private func countSpikes(_ piece: BinPiece, _ width: Double, into target: UnsafeMutablePointer<Float>) {
    let (units, perSecond) = (count, 1 / width)
    let rows = max(1, (1 << 16) / max(1, units))
    let begin = piece.start + (Double(piece.bins.lowerBound) - 2 * SpikeBin.tolerance) * width
    var next = (0..<units).map { firstIndex(of: $0, notBefore: begin) }
    times.withUnsafeBufferPointer { times in
      for first in stride(from: piece.bins.lowerBound, to: piece.bins.upperBound, by: rows) {
        let end = min(first + rows, piece.bins.upperBound)
        let block = target + (piece.firstRow + first - piece.bins.lowerBound) * units
        block.update(repeating: 0, count: (end - first) * units)
        for unit in 0..<units {
          var spike = next[unit]
          let last = starts[unit + 1]
          while spike < last {
            let bin = SpikeBin.index(times[spike], start: piece.start, perSecond: perSecond)
            if bin >= end { break }
            if bin >= first { block[(bin - first) * units + unit] += 1 }
            spike += 1
          }
          next[unit] = spike
        }
      }
    }
  }

  /// How many spikes each unit has in each epoch, `[epochs][units]`; epochs may overlap.
  public func counts(in epochs: Epochs) -> [[Int]] {
    epochs.intervals.map { interval in
      (0..<count).map { range(of: $0, from: interval.start, to: interval.end).count }
    }
  }

  /// Firing rates over time in Hz, `[bins, units]`: counts smoothed by a Gaussian of `sigma` seconds.
  public func smoothedRates(width: Double, sigma: Double) throws -> Recording {
    let counts = try binned(width: width)
    let rates = counts.replacing(activity: counts.activity.to(.float64) / width, unit: "Hz")
    return try rates.smoothed(.gaussian(sigma: sigma))
  }

  /// One over the interval in which each moment lies, in Hz, at `rate` samples per second; 0 before the first and behind the
  /// last spike of a unit.
  public func instantaneousRates(rate: Double) throws -> Recording {
    guard let span = support.span, rate > 0 else {
      throw CajalError("\(name): rates at \(rate) samples per second of \(support.duration) s")
    }
    let time = TimeAxis(start: span.start, rate: rate, count: max(1, Int(span.duration * rate)))
    var values = [Double](repeating: 0, count: time.count * count)
    for unit in 0..<count {
      for (first, second) in zip(self[unit], self[unit].dropFirst()) where second > first {
        for sample in time.firstIndex(notBefore: first)..<time.firstIndex(notBefore: second) {
          values[sample * count + unit] = 1 / (second - first)
        }
      }
    }
    return try Recording(
      name: name, activity: Tensor(values, shape: [time.count, count]), neurons: units, time: time,
      support: support, epochs: epochs, unit: "Hz")
  }
}
