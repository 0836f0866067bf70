import Foundation

/// Log probabilities of counts.
public enum CountDistribution {
  /// Poisson.
  public static func logPoisson(_ count: Int, mean: Double) -> Double {
    if mean == 0 { return count == 0 ? 0 : -.infinity }
    return Double(count) * log(mean) - mean - lgamma(Double(count) + 1)
  }

  /// Negative binomial with variance `mean + mean²/dispersion`: success probability `r/(r + mean)`.
  public static func logNegativeBinomial(_ count: Int, mean: Double, dispersion r: Double) -> Double {
    if mean == 0 { return count == 0 ? 0 : -.infinity }
    let y = Double(count)
    let normaliser = lgamma(y + r) - lgamma(r) - lgamma(y + 1)
    return normaliser + y * log(mean / (r + mean)) - r * log1p(mean / r)
  }

  /// The dispersion that makes counts of a common mean most likely, by golden-section search of its logarithm; the
  /// largest looked at, 1e4, for counts that vary no more than Poisson's.
  public static func fitDispersion(_ counts: [Int]) -> Double {
    let mean = Double(counts.reduce(0, +)) / Double(max(1, counts.count))
    guard mean > 0 else { return 1e4 }
    let frequencies = Dictionary(counts.map { ($0, 1) }, uniquingKeysWith: +).sorted { $0.key < $1.key }
    func score(_ logR: Double) -> Double {
      frequencies.reduce(0) {
        $0 + Double($1.value) * logNegativeBinomial($1.key, mean: mean, dispersion: exp(logR))
      }
    }
    var (low, high) = (log(1e-3), log(1e4))
    let ratio = (5.0.squareRoot() - 1) / 2
    while high - low > 1e-6 {
      let (a, b) = (high - ratio * (high - low), low + ratio * (high - low))
      if score(a) > score(b) { high = b } else { low = a }
    }
    return exp((low + high) / 2)
  }
}
