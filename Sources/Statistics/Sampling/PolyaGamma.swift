import Foundation
import Support

/// The Pólya–Gamma distribution PG(b, c) (Polson, Scott and Windle, 2013): with its draws the likelihood of a negative
/// binomial or logistic model becomes Gaussian.
///
/// A draw is `Σ_k g_k / (2π² ((k - ½)² + c²/4π²))` with `g_k` from Gamma(b, 1). The first three terms are drawn as
/// such; the rest, 0.07 % of the variance at c = 0, is drawn from the gamma distribution with its exact mean and
/// variance, so that mean and variance are exact and the third cumulant is off by some 1e-5 of itself.
public enum PolyaGamma {
  /// The mean of PG(b, c).
  ///
  /// - Parameter b: Positive.
  public static func mean(_ b: Double, _ c: Double) -> Double { b * moments(SIMD8(repeating: c)).mean[0] }

  /// The variance of PG(b, c).
  public static func variance(_ b: Double, _ c: Double) -> Double {
    b * moments(SIMD8(repeating: c)).variance[0]
  }

  /// One draw from PG(b, c).
  ///
  /// - Parameter b: Positive; need not be whole.
  public static func draw(_ b: Double, _ c: Double, using generator: inout LaneGenerator) -> Double {
    precondition(b > 0, "PG(b, c) needs b > 0, not \(b)")
    return draw(SIMD8(repeating: b), SIMD8(repeating: c), &generator)[0]
  }

  /// As many draws as there are `b` and `c`.
  ///
  /// - Parameter b: All positive.
  public static func draws(_ b: [Double], _ c: [Double], using generator: inout LaneGenerator) -> [Double] {
    precondition(b.count == c.count && b.allSatisfy { $0 > 0 }, "\(b.count) b > 0 for \(c.count) c")
    var result = [Double](repeating: 0, count: b.count)
    for start in stride(from: 0, to: b.count, by: 8) {
      var (someB, someC) = (SIMD8<Double>(repeating: 1), SIMD8<Double>.zero)
      let count = min(8, b.count - start)
      for lane in 0..<count { (someB[lane], someC[lane]) = (b[start + lane], c[start + lane]) }
      let drawn = draw(someB, someC, &generator)
      for lane in 0..<count { result[start + lane] = drawn[lane] }
    }
    return result
  }

  /// Mean and variance for b = 1.
  @inlinable @inline(__always) static func moments(_ c: SIMD8<Double>) -> (
    mean: SIMD8<Double>, variance: SIMD8<Double>
  ) {
    typealias Lanes = SIMD8<Double>
    let size = c.replacing(with: -c, where: c .< Lanes.zero)
    let isSmall = size .< Lanes(repeating: 0.1)
    let x = size.replacing(with: Lanes(repeating: 0.1), where: isSmall)
    let e = VectorMath.exponential(-x)
    let sum = 1 + e
    var mean = (1 - e) / (2 * x * sum)
    let top = 0.5 - 0.5 * e * e - x * e
    var variance = top / (sum * sum * x * x * x)
    // Below 0.1 the closed forms cancel: their series instead.
    let z = size * size
    var seriesMean = Lanes(repeating: 17.0 / 80_640)
    seriesMean = 1.0 / 480 - z * seriesMean
    seriesMean = 1.0 / 48 - z * seriesMean
    seriesMean = 0.25 - z * seriesMean
    var seriesVariance = Lanes(repeating: 17.0 / 13_440)
    seriesVariance = 1.0 / 120 - z * seriesVariance
    seriesVariance = 1.0 / 24 - z * seriesVariance
    mean.replace(with: seriesMean, where: isSmall)
    variance.replace(with: seriesVariance, where: isSmall)
    return (mean, variance)
  }

  /// One draw in each lane.
  @inlinable @inline(__always) package static func draw(
    _ b: SIMD8<Double>, _ c: SIMD8<Double>, _ generator: inout LaneGenerator
  ) -> SIMD8<Double> {
    let (mean, variance) = moments(c)
    let scale = 1 / (2 * Double.pi * Double.pi)
    let z = c * c * (0.5 * scale)
    let (w0, w1, w2) = (scale / (z + 0.25), scale / (z + 2.25), scale / (z + 6.25))
    let restMean = mean - w0 - w1 - w2
    let restVariance = variance - w0 * w0 - w1 * w1 - w2 * w2
    let restScale = restVariance / restMean
    var sum = w0 * generator.gamma(b)
    sum += w1 * generator.gamma(b)
    sum += w2 * generator.gamma(b)
    return sum + restScale * generator.gamma(b * restMean / restScale)
  }
}
