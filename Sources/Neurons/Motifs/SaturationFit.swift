import Foundation

/// A sigmoid through measurements that saturate: `floor + (top - floor)/(1 + exp(-slope·(x - half)))`.
///
/// For accuracy against the logarithm of how much of a network is left, `half` is the half-saturation.
public struct SaturationFit: Sendable, Equatable {
  public var floor: Double
  public var top: Double
  public var half: Double
  public var slope: Double
  /// Root mean square of what is left over.
  public var residual: Double

  /// The least-squares fit, the floor given: by search over half and slope, the top solved for.
  ///
  /// - Parameters:
  ///   - x: At least two different numbers.
  ///   - floor: The value far to the left, chance say.
  public init(x: [Double], y: [Double], floor: Double) {
    precondition(x.count == y.count && Set(x).count > 1, "a fit of \(x.count) points to \(y.count)")
    let (low, high) = (x.min()!, x.max()!)
    let span = high - low
    var best = SaturationFit(floor: floor, top: floor, half: high, slope: 1, residual: .infinity)
    for slopeStep in 0...40 {
      let slope = 2 * pow(200, Double(slopeStep) / 40) / span
      for halfStep in -20...220 {
        let half = low + span * Double(halfStep) / 200
        let (top, residual) = Self.top(x, y, floor, half, slope)
        if residual < best.residual {
          best = SaturationFit(floor: floor, top: top, half: half, slope: slope, residual: residual)
        }
      }
    }
    self = best
  }

  private init(floor: Double, top: Double, half: Double, slope: Double, residual: Double) {
    (self.floor, self.top, self.half, self.slope, self.residual) = (floor, top, half, slope, residual)
  }

  /// The best top for a half and a slope, at most 1.5 times the largest measurement, and the residual.
  private static func top(_ x: [Double], _ y: [Double], _ floor: Double, _ half: Double, _ slope: Double)
    -> (Double, Double)
  {
    let shares = x.map { 1 / (1 + exp(-slope * ($0 - half))) }
    let squares = shares.reduce(0) { $0 + $1 * $1 }
    let product = zip(shares, y).reduce(0) { $0 + $1.0 * ($1.1 - floor) }
    let height = min(max(product / max(squares, 1e-300), 0), 1.5 * (y.max()! - floor))
    let errors = zip(shares, y).map { floor + height * $0 - $1 }
    return (floor + height, (errors.reduce(0) { $0 + $1 * $1 } / Double(x.count)).squareRoot())
  }

  public func callAsFunction(_ x: Double) -> Double {
    floor + (top - floor) / (1 + exp(-slope * (x - half)))
  }
}
