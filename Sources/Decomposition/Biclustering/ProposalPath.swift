import Foundation
import Support

/// Trajectories drawn without looking at the data.
enum ProposalPath {
  typealias Pointer = UnsafeMutablePointer<Double>

  /// `x' = 0.95 x + N(0, 0.01)`, centred.
  static func autoregressive(_ path: Pointer, _ bins: Int, _ normals: Pointer) {
    var value = 0.3 * normals[0]
    for bin in 0..<bins {
      value = 0.95 * value + 0.1 * normals[bin]
      path[bin] = value
    }
    centre(path, bins)
  }

  /// A natural cubic spline through 10 to 35 values of U(-0.2, 0.2), evenly spaced, centred.
  static func spline(_ path: Pointer, _ bins: Int, _ generator: inout RandomGenerator) {
    let knots = 10 + generator.integer(below: 26)
    let values = (0..<knots).map { _ in 0.4 * generator.uniform() - 0.2 }
    let bends = secondDifferences(values)
    for bin in 0..<bins {
      let position = Double(bin) / Double(max(1, bins - 1)) * Double(knots - 1)
      let left = min(knots - 2, Int(position))
      let b = position - Double(left)
      let a = 1 - b
      path[bin] = a * values[left] + b * values[left + 1]
      path[bin] += ((a * a * a - a) * bends[left] + (b * b * b - b) * bends[left + 1]) / 6
    }
    centre(path, bins)
  }

  /// The spline's second derivatives at knots of unit distance, 0 at the ends.
  private static func secondDifferences(_ values: [Double]) -> [Double] {
    let count = values.count
    var (upper, right) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    for i in 1..<(count - 1) {
      let pivot = 4 - upper[i - 1]
      upper[i] = 1 / pivot
      right[i] = (6 * (values[i + 1] - 2 * values[i] + values[i - 1]) - right[i - 1]) / pivot
    }
    for i in (1..<(count - 1)).reversed() { right[i] -= upper[i] * right[i + 1] }
    return right
  }

  private static func centre(_ path: Pointer, _ bins: Int) {
    var mean = 0.0
    for bin in 0..<bins { mean += path[bin] / Double(bins) }
    for bin in 0..<bins { path[bin] -= mean }
  }
}
