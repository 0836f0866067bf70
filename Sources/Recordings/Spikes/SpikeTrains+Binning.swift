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
    let activity = Tensor.zeros([bins, count])
    activity.withUnsafeMutableElements(of: Float.self) { buffer in
      let target = SendableAddress(buffer.baseAddress)
      // Few units share a line of memory, so that threads seldom meet.
      parallelFor((count + 31) / 32) { block in
        for unit in block * 32..<min((block + 1) * 32, count) {
          self.countSpikes(of: unit, width, counts, into: target.pointer!)
        }
      }
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

  private func countSpikes(
    of unit: Int, _ width: Double, _ counts: [Int], into target: UnsafeMutablePointer<Float>
  ) {
    let (units, perSecond) = (count, 1 / width)
    times.withUnsafeBufferPointer { times in
      var (first, spike) = (0, starts[unit])
      for (interval, bins) in zip(support.intervals, counts) {
        let end = starts[unit + 1]
        while spike < end, times[spike] < interval.start { spike += 1 }
        while spike < end, times[spike] < interval.end {
          let bin = SpikeBin.index(times[spike], start: interval.start, perSecond: perSecond)
          if bin < bins { target[(first + bin) * units + unit] += 1 }
          spike += 1
        }
        first += bins
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
