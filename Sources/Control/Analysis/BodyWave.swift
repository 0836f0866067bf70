import Foundation
import Support

/// The bending of a body over time: where waves run, how fast, and how often.
public struct BodyWave: Sendable {
  /// Joint angles, radians: `[T][joints]`, from head to tail.
  public let angles: [[Double]]
  /// Seconds between two.
  public let interval: Double

  /// - Throws: `CajalError` for fewer than four times or rows of different lengths.
  public init(_ angles: [[Double]], interval: Double) throws {
    guard angles.count >= 4, interval > 0, let joints = angles.first?.count, joints > 0,
      angles.allSatisfy({ $0.count == joints })
    else { throw CajalError("\(angles.count) postures, or some with other joints, make no wave") }
    (self.angles, self.interval) = (angles, interval)
  }

  public var joints: Int { angles[0].count }

  private func series(_ joint: Int) -> [Double] {
    let own = angles.map { $0[joint] }
    let mean = own.reduce(0, +) / Double(own.count)
    return own.map { $0 - mean }
  }

  /// By how much each joint follows the one before it, seconds: where their correlation is largest, up to half a cycle to either
  /// side; positive where the wave runs from head to tail.
  public func lags(upTo longest: Double) -> [Double] {
    let most = min(angles.count / 2, Int((longest / interval).rounded()))
    return (1..<max(1, joints)).map { joint in
      let (a, b) = (series(joint - 1), series(joint))
      func correlation(_ lag: Int) -> Double {
        let times = max(0, -lag)..<min(a.count, a.count - lag)
        return times.reduce(0) { $0 + a[$1] * b[$1 + lag] } / Double(times.count)
      }
      let best = (-most...most).max { correlation($0) < correlation($1) }!
      // The top of the parabola through it and its neighbours: finer than the interval.
      let (before, at, after) = (correlation(best - 1), correlation(best), correlation(best + 1))
      let bend = before - 2 * at + after
      return (Double(best) + (bend < 0 ? 0.5 * (before - after) / bend : 0)) * interval
    }
  }

  /// The frequency with the largest amplitude of a joint, hertz, by a Fourier sum over a fine grid.
  public func frequency(joint: Int, upTo highest: Double = 4) -> Double {
    let own = series(joint)
    let duration = Double(own.count) * interval
    let grid = (1...max(1, Int(highest * duration * 8))).map { Double($0) / (8 * duration) }
    func power(_ frequency: Double) -> Double {
      var (c, s) = (0.0, 0.0)
      for (k, value) in own.enumerated() {
        let phase = 2 * Double.pi * frequency * Double(k) * interval
        c += value * cos(phase)
        s += value * sin(phase)
      }
      return c * c + s * s
    }
    let powers = grid.map(power)
    return grid[powers.indices.max { powers[$0] < powers[$1] }!]
  }
}
