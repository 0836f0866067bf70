import Foundation
import Support

/// How often a unit fires at each lag from the spikes of another.
public struct Correlogram: Sendable, Equatable {
  /// The middle of each bin in seconds, from -window to +window.
  public let lags: [Double]
  /// Pairs of spikes whose difference, target minus reference, falls into each bin; the first edge belongs to it, the last not.
  public let counts: [Int]
  public let width: Double
  /// Spikes of both.
  public let spikes: (reference: Int, target: Int)
  /// Seconds observed.
  public let duration: Double

  /// Spikes of the target per second around a spike of the reference.
  public var rates: [Double] { counts.map { Double($0) / (Double(max(1, spikes.reference)) * width) } }

  /// Pairs expected in each bin if both fired independently at constant rates, with the ends of the observation counted.
  public var expected: [Double] {
    let density = Double(spikes.reference) * Double(spikes.target) / (duration * duration)
    return lags.map { max(0, duration - abs($0)) * width * density }
  }

  public static func == (a: Correlogram, b: Correlogram) -> Bool {
    a.lags == b.lags && a.counts == b.counts && a.spikes == b.spikes && a.duration == b.duration
  }
}

extension SpikeTrains {
  /// The cross-correlogram of two units, or the autocorrelogram of one, without each spike's pair with itself.
  ///
  /// - Parameters:
  ///   - width: Of a bin in seconds; the middle one is centred at 0.
  ///   - window: The largest lag in seconds, rounded to whole bins.
  public func correlogram(reference: Int, target: Int, width: Double, window: Double) -> Correlogram {
    let plan = CorrelogramPlan(width: width, window: window)
    var counts = [Int32](repeating: 0, count: plan.bins)
    counts.withUnsafeMutableBufferPointer { count(reference, target, plan, into: $0.baseAddress!) }
    return correlogram(counts[...], reference, target, plan)
  }

  /// Those of all pairs, references first: `[units][units]`.
  ///
  /// All spikes are walked once, each with those that follow within the window, whatever their units.
  public func correlograms(width: Double, window: Double) -> [[Correlogram]] {
    let plan = CorrelogramPlan(width: width, window: window)
    let units = count
    let counts = PooledSpikes(self, plan).counts(plan)
    return parallelMap(units) { reference in
      (0..<units).map { target in
        let own = counts[
          (reference * units + target) * plan.bins..<(reference * units + target + 1) * plan.bins]
        return correlogram(own, reference, target, plan)
      }
    }
  }

  private func correlogram(
    _ counts: ArraySlice<Int32>, _ reference: Int, _ target: Int, _ plan: CorrelogramPlan
  ) -> Correlogram {
    Correlogram(
      lags: plan.lags, counts: counts.map(Int.init), width: plan.width,
      spikes: (self[reference].count, self[target].count), duration: support.duration)
  }

  /// Both trains are walked once: for every spike of the reference those of the target within the window.
  private func count(
    _ reference: Int, _ target: Int, _ plan: CorrelogramPlan, into counts: UnsafeMutablePointer<Int32>
  ) {
    times.withUnsafeBufferPointer { times in
      let (perBin, edge) = (1 / plan.width, plan.edge)
      var first = starts[target]
      let end = starts[target + 1]
      for spike in starts[reference]..<starts[reference + 1] {
        let time = times[spike]
        while first < end, times[first] - time < -edge { first += 1 }
        var other = first
        while other < end, times[other] - time < edge {
          counts[CorrelogramPlan.bin(times[other] - time, edge, perBin, plan.bins)] += 1
          other += 1
        }
      }
      if reference == target { counts[plan.bins / 2] -= Int32(end - starts[target]) }
    }
  }
}

/// The bins of a correlogram: an odd number, the middle one around 0.
struct CorrelogramPlan {
  let width: Double
  let bins: Int
  /// The end of the last bin.
  let edge: Double

  init(width: Double, window: Double) {
    precondition(width > 0 && window >= 0, "lags of \(window) s in bins of \(width) s")
    let half = Int((window / width).rounded())
    self.width = width
    bins = 2 * half + 1
    edge = (Double(half) + 0.5) * width
  }

  /// The bin of a lag; -1 outside of the window.
  @inline(__always)
  static func bin(_ lag: Double, _ edge: Double, _ perBin: Double, _ bins: Int) -> Int {
    let isInside = lag >= -edge && lag < edge
    // Positive, so that cutting off the fraction rounds down.
    let bin = Int(((isInside ? lag : 0) + edge) * perBin + SpikeBin.tolerance)
    return isInside ? min(bin, bins - 1) : -1
  }

  var lags: [Double] { (0..<bins).map { Double($0 - bins / 2) * width } }
}
