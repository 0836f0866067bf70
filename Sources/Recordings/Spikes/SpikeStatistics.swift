import Foundation
import Statistics
import Support

/// How a unit fires: from the intervals between its spikes.
public struct SpikeStatistics: Sendable, Equatable {
  /// Spikes per second of the time observed.
  public let rate: Double
  public let spikes: Int
  /// Seconds between spikes; intervals across a gap in the observation are left out.
  public let intervals: [Double]

  public init(_ trains: SpikeTrains, unit: Int) {
    spikes = trains[unit].count
    rate = Double(spikes) / trains.support.duration
    intervals = trains.support.intervals.flatMap { interval in
      let own = trains.times[trains.range(of: unit, from: interval.start, to: interval.end)]
      return zip(own, own.dropFirst()).map { $1 - $0 }
    }
  }

  /// The standard deviation of the intervals (of the population) over their mean: 1 for a Poisson process, 0 for a clock.
  public var coefficientOfVariation: Double {
    guard intervals.count > 1 else { return .nan }
    let mean = intervals.reduce(0, +) / Double(intervals.count)
    let squares = intervals.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(intervals.count)).squareRoot() / mean
  }

  /// The same from neighbouring intervals alone, so that a rate that drifts does not count (CV2; Holt et al., 1996).
  public var localCoefficientOfVariation: Double {
    meanOfNeighbours { 2 * abs($1 - $0) / ($1 + $0) }
  }

  /// The local variation of Shinomoto et al. (2003): 1 for a Poisson process of any rate.
  public var localVariation: Double {
    meanOfNeighbours { 3 * ($0 - $1) * ($0 - $1) / (($0 + $1) * ($0 + $1)) }
  }

  /// The local variation with a dead time taken off (LvR; Shinomoto et al., 2009).
  ///
  /// - Parameter refractory: In seconds.
  public func revisedLocalVariation(refractory: Double = 0.005) -> Double {
    meanOfNeighbours {
      3 * (1 - 4 * $0 * $1 / (($0 + $1) * ($0 + $1))) * (1 + 4 * refractory / ($0 + $1))
    }
  }

  private func meanOfNeighbours(_ body: (Double, Double) -> Double) -> Double {
    let terms = zip(intervals, intervals.dropFirst()).filter { $0 + $1 > 0 }.map(body)
    return terms.isEmpty ? .nan : terms.reduce(0, +) / Double(terms.count)
  }
}

extension SpikeTrains {
  /// Of every unit.
  public var statistics: [SpikeStatistics] { parallelMap(count) { SpikeStatistics(self, unit: $0) } }

  /// The variance of counts over windows of so many seconds, over their mean, by unit: 1 for a Poisson process.
  ///
  /// - Throws: `CajalError` when fewer than two windows fit.
  public func fanoFactors(window: Double) throws -> [Double] {
    let counts = try binned(width: window)
    guard counts.sampleCount > 1 else {
      throw CajalError("\(name): fewer than two windows of \(window) s were observed")
    }
    let (mean, covariance) = counts.moments()
    let (means, values) = (mean.doubles, covariance.doubles)
    return (0..<count).map { means[$0] > 0 ? values[$0 * count + $0] / means[$0] : .nan }
  }

  /// The variance of a unit's counts over epochs of equal length, trials say, over their mean.
  public func fanoFactors(over trials: Epochs) -> [Double] {
    let counts = counts(in: trials)
    return (0..<count).map { unit in
      let own = counts.map { Double($0[unit]) }
      let spread = Spread(own)
      return spread.mean > 0 ? spread.deviation * spread.deviation / spread.mean : .nan
    }
  }
}
