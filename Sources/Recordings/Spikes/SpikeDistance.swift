import Foundation
import Support

/// How far two spike trains are apart.
public enum SpikeDistance: Sendable, Equatable {
  /// The cheapest way to turn one into the other: adding or removing a spike costs 1, moving it by `Δt` costs `q Δt` (Victor and
  /// Purpura, 1996).
  ///
  /// - Parameter cost: `q` per second; 0 counts spikes alone, a large one asks for coincidence.
  case victorPurpura(cost: Double)
  /// Between the trains with every spike followed by an exponential of so many seconds: the root of their squared
  /// difference over `τ` (van Rossum, 2001). A single spike is √½ from none.
  case vanRossum(tau: Double)

  /// - Parameters: Times in seconds, ascending.
  public func callAsFunction(_ a: some Collection<Double>, _ b: some Collection<Double>) -> Double {
    let (a, b) = (Array(a), Array(b))
    switch self {
    case .victorPurpura(let cost): return Self.victorPurpura(a, b, cost)
    case .vanRossum(let tau):
      let (aa, bb, ab) = (Self.overlap(a, a, tau), Self.overlap(b, b, tau), Self.overlap(a, b, tau))
      return (max(0, aa + bb - 2 * ab) / 2).squareRoot()
    }
  }

  /// All pairs of units, `[units][units]`.
  public func matrix(_ trains: SpikeTrains) -> [[Double]] {
    let rows = parallelMap(trains.count) { first in
      (0..<first).map { callAsFunction(trains[first], trains[$0]) }
    }
    return rows.indices.map { first in
      rows.indices.map { $0 == first ? 0 : $0 < first ? rows[first][$0] : rows[$0][first] }
    }
  }

  private static func victorPurpura(_ a: [Double], _ b: [Double], _ cost: Double) -> Double {
    var row = (0...b.count).map(Double.init)
    for (i, spike) in a.enumerated() {
      var diagonal = row[0]
      row[0] = Double(i + 1)
      for (j, other) in b.enumerated() {
        let moved = diagonal + cost * abs(spike - other)
        diagonal = row[j + 1]
        row[j + 1] = min(moved, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[b.count]
  }

  /// The sum of `exp(-|a - b| / τ)` over all pairs, in one walk along each (Houghton and Kreuz, 2012).
  private static func overlap(_ a: [Double], _ b: [Double], _ tau: Double) -> Double {
    func before(_ a: [Double], _ b: [Double], counting equal: Bool) -> Double {
      var (sum, trace, last, j) = (0.0, 0.0, -Double.infinity, 0)
      for time in a {
        while j < b.count, b[j] < time || (equal && b[j] == time) {
          trace = trace * exp((last - b[j]) / tau) + 1
          last = b[j]
          j += 1
        }
        if trace > 0 { sum += trace * exp((last - time) / tau) }
      }
      return sum
    }
    return before(a, b, counting: true) + before(b, a, counting: false)
  }
}

extension SpikeTrains {
  /// The spike time tiling coefficient of two units (Cutts and Eglen, 2014): from -1 to 1, 0 for independent trains whatever
  /// their rates.
  ///
  /// - Parameter window: How near spikes count as together, in seconds.
  public func tilingCoefficient(_ a: Int, _ b: Int, window: Double) -> Double {
    let (x, y) = (Array(self[a]), Array(self[b]))
    guard !x.isEmpty, !y.isEmpty else { return .nan }
    func tiled(_ times: [Double]) -> Double {
      Epochs(times.map { Interval($0 - window, $0 + window) }).intersection(support).duration / support.duration
    }
    func near(_ times: [Double], _ others: [Double]) -> Double {
      var (next, count) = (0, 0)
      for time in times {
        while next < others.count, others[next] < time - window { next += 1 }
        if next < others.count, others[next] <= time + window { count += 1 }
      }
      return Double(count) / Double(times.count)
    }
    let (ta, tb, pa, pb) = (tiled(x), tiled(y), near(x, y), near(y, x))
    func part(_ p: Double, _ t: Double) -> Double { p * t == 1 ? 1 : (p - t) / (1 - p * t) }
    return (part(pa, tb) + part(pb, ta)) / 2
  }
}
