import Foundation

/// Distribution functions that tests of significance need.
public enum Distributions {
  /// The regularised incomplete beta function `I_x(a, b)`, by its continued fraction (Lentz's method).
  public static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    precondition(a > 0 && b > 0, "the incomplete beta function of a = \(a), b = \(b)")
    if x.isNaN { return .nan }
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    let logBeta: Double = lgamma(a) + lgamma(b) - lgamma(a + b)
    let front = exp(a * log(x) + b * log1p(-x) - logBeta)
    // The fraction converges fast below the mean; above it the other tail is taken.
    return x < (a + 1) / (a + b + 2)
      ? front * betaFraction(x, a, b) / a : 1 - front * betaFraction(1 - x, b, a) / b
  }

  private static func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    func safe(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var c = 1.0
    var d = 1 / safe(1 - (a + b) * x / (a + 1))
    var result = d
    for m in 1...10_000 {
      let m = Double(m)
      let place: Double = a + 2 * m
      let even: Double = m * (b - m) * x / ((place - 1) * place)
      let odd: Double = -(a + m) * (a + b + m) * x / (place * (place + 1))
      for numerator in [even, odd] {
        d = 1 / safe(1 + numerator * d)
        c = safe(1 + numerator / c)
        result *= d * c
      }
      if abs(d * c - 1) < 1e-15 { break }
    }
    return result
  }

  /// The chance of |T| at least `|t|` for Student's t with `freedom` degrees of freedom.
  public static func studentTwoSided(_ t: Double, freedom: Double) -> Double {
    guard t.isFinite else { return t.isNaN ? .nan : 0 }
    return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5)
  }

  /// The chance of a standard normal number below `z`.
  public static func normal(_ z: Double) -> Double { 0.5 * erfc(-z / 2.0.squareRoot()) }

  /// The standard normal number below which the share `p` lies: Acklam's rational approximation and two Newton steps.
  public static func normalQuantile(_ p: Double) -> Double {
    guard p > 0, p < 1 else { return p == 0 ? -.infinity : p == 1 ? .infinity : .nan }
    if p > 0.5 { return -normalQuantile(1 - p) }
    var z = p < 0.02425 ? tailQuantile(p) : centralQuantile(p)
    for _ in 0..<2 {
      let density = exp(-z * z / 2) / (2 * Double.pi).squareRoot()
      let error = (normal(z) - p) / density
      z -= error / (1 + z * error / 2)
    }
    return z
  }

  private static func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
    coefficients.reduce(0) { $0 * x + $1 }
  }

  private static func tailQuantile(_ p: Double) -> Double {
    let q = (-2 * log(p)).squareRoot()
    return polynomial(
      [
        -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
        4.374664141464968,
        2.938163982698783,
      ], q)
      / polynomial([7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1], q)
  }

  private static func centralQuantile(_ p: Double) -> Double {
    let q = p - 0.5
    let r = q * q
    return q
      * polynomial(
        [
          -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
          2.506628277459239,
        ], r)
      / polynomial(
        [
          -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1,
        ], r)
  }

  /// The chance of at least `successes` in `trials` independent trials of chance `p`.
  public static func binomialAtLeast(_ successes: Int, of trials: Int, p: Double = 0.5) -> Double {
    precondition((0...trials).contains(successes), "\(successes) successes in \(trials) trials")
    guard successes > 0 else { return 1 }
    return incompleteBeta(p, Double(successes), Double(trials - successes + 1))
  }
}
