import Foundation
import Support

/// Draws from the distributions that Bayesian samplers are made of.
extension RandomGenerator {
  /// Gamma of the given shape and scale 1 (Marsaglia and Tsang, 2000).
  ///
  /// - Parameter shape: Positive.
  public mutating func gamma(_ shape: Double) -> Double {
    precondition(shape > 0, "a gamma distribution of shape \(shape)")
    // Below 1: G(a) = G(a + 1) U^(1/a).
    if shape < 1 { return gamma(shape + 1) * pow(1 - uniform(), 1 / shape) }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let t = 1 + c * x
      guard t > 0 else { continue }
      let v = t * t * t
      if log(1 - uniform()) < 0.5 * x * x + d * (1 - v + log(v)) { return d * v }
    }
  }

  /// χ² with `freedom` degrees of freedom, which need not be whole.
  public mutating func chiSquared(_ freedom: Double) -> Double { 2 * gamma(freedom / 2) }

  /// Beta(a, b), both positive.
  public mutating func beta(_ a: Double, _ b: Double) -> Double {
    let (x, y) = (gamma(a), gamma(b))
    return x + y > 0 ? x / (x + y) : (uniform() < a / (a + b) ? 1 : 0)
  }

  /// Shares that sum to 1, of the Dirichlet distribution.
  ///
  /// - Parameter weights: All positive.
  public mutating func dirichlet(_ weights: [Double]) -> [Double] {
    // Shapes far below 1 underflow: drawn as logarithms.
    let logs = weights.map { weight -> Double in
      precondition(weight > 0, "a Dirichlet distribution with weight \(weight)")
      return weight < 1 ? log(gamma(weight + 1)) + log(1 - uniform()) / weight : log(gamma(weight))
    }
    let top = logs.max() ?? 0
    let shares = logs.map { exp($0 - top) }
    let sum = shares.reduce(0, +)
    return shares.map { $0 / sum }
  }

  /// How many of `trials` succeed, each with chance `p`; trial by trial, for small numbers of them.
  public mutating func binomial(_ trials: Int, _ p: Double) -> Int {
    var count = 0
    for _ in 0..<trials where uniform() < p { count += 1 }
    return count
  }

  /// A Poisson number (multiplication of uniforms below a mean of 30, the gamma reduction of Ahrens and Dieter, 1974,
  /// above).
  ///
  /// - Parameter mean: From 0 up.
  public mutating func poisson(_ mean: Double) -> Int {
    var (rate, count) = (mean, 0)
    while rate > 30 {
      let step = Int(rate * 0.875)
      let waiting = gamma(Double(step))
      if waiting > rate { return count + binomial(step - 1, rate / waiting) }
      count += step
      rate -= waiting
    }
    let limit = exp(-rate)
    var product = uniform()
    while product > limit {
      count += 1
      product *= uniform()
    }
    return count
  }

  /// A negative binomial number of the given mean and dispersion `r`: variance `mean + mean²/r`.
  public mutating func negativeBinomial(mean: Double, dispersion r: Double) -> Int {
    poisson(gamma(r) * mean / r)
  }

  /// A position, with chances in proportion to the exponentials of `logWeights`; -∞ is never drawn.
  public mutating func categorical(logWeights: [Double]) -> Int {
    let top = logWeights.max() ?? 0
    precondition(top > -.infinity && top < .infinity, "no weight to draw by in \(logWeights)")
    var left = uniform() * logWeights.reduce(0) { $0 + exp($1 - top) }
    for (position, weight) in logWeights.enumerated() where weight > -.infinity {
      left -= exp(weight - top)
      if left < 0 { return position }
    }
    return logWeights.lastIndex { $0 > -.infinity }!
  }

  /// At how many tables `customers` of a Chinese restaurant of the given concentration sit: the first opens one for
  /// sure, the one after j others with chance `c / (c + j)` (Antoniak, 1974).
  public mutating func restaurantTables(customers: Int, concentration c: Double) -> Int {
    guard customers > 0, c > 0 else { return 0 }
    var tables = 1
    for seated in 1..<max(1, customers) where uniform() * (c + Double(seated)) < c { tables += 1 }
    return tables
  }
}
