import Foundation
import Synchronization

/// The angles by which pairs of neurons are turned at each position.
///
/// Neurons 2j and 2j+1 of a head share a frequency, in turns a token; the angle at position t is 2π · frac(t f).
final class HatchlingRotation: Sendable {
  /// Turns a token of each pair, `[N/2]`.
  let frequencies: [Double]
  private let held = Mutex<Table>(Table(length: 0, cosines: [], sines: []))

  /// Cosines and sines `[T, N/2]` of positions from 0.
  struct Table: Sendable {
    var length: Int
    var cosines, sines: [Float]
  }

  /// - Parameter frequencies: Of each neuron `[N]`; those of a pair are equal.
  init(_ frequencies: [Double]) {
    self.frequencies = stride(from: 0, to: frequencies.count, by: 2).map { frequencies[$0] }
  }

  /// θ^(-2j/N) / 2π for the pair j, neuron by neuron.
  static func frequencies(neurons: Int, theta: Double) -> [Double] {
    (0..<neurons).map { pow(theta, -Double($0 / 2 * 2) / Double(neurons)) / (2 * .pi) }
  }

  /// At least the first `length` positions.
  func table(_ length: Int) -> Table {
    held.withLock { table in
      if table.length < length { table = made(max(length, 64)) }
      return table
    }
  }

  private func made(_ length: Int) -> Table {
    var table = Table(length: length, cosines: [], sines: [])
    table.cosines.reserveCapacity(length * frequencies.count)
    table.sines.reserveCapacity(length * frequencies.count)
    for position in 0..<length {
      let (cosines, sines) = angles(position)
      table.cosines += cosines
      table.sines += sines
    }
    return table
  }

  /// Cosines and sines of one position, however late.
  func angles(_ position: Int) -> (cosines: [Float], sines: [Float]) {
    let angles = frequencies.map { frequency in
      let turns = Double(position) * frequency
      return 2 * Double.pi * (turns - turns.rounded(.down))
    }
    return (angles.map { Float(cos($0)) }, angles.map { Float(sin($0)) })
  }

  /// Turns one row of pairs by the angles, or back by them with `direction` -1; in place is fine.
  @inline(__always)
  static func turn(
    _ from: UnsafeMutablePointer<Float>, _ to: UnsafeMutablePointer<Float>, _ cosines: UnsafePointer<Float>,
    _ sines: UnsafePointer<Float>, pairs: Int, direction: Float = 1
  ) {
    for pair in 0..<pairs {
      let (a, b) = (from[2 * pair], from[2 * pair + 1])
      let (c, s) = (cosines[pair], sines[pair] * direction)
      to[2 * pair] = a * c - b * s
      to[2 * pair + 1] = b * c + a * s
    }
  }
}
