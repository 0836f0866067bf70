import Foundation

/// How many groups there are, and how large, before anything is seen.
public enum ClusterPrior: Sendable, Equatable, Codable {
  /// A mixture of finite mixtures (Miller and Harrison, 2018): `P(K = k) = stop (1 - stop)^(k-1)`, shares of the groups from
  /// Dir(weight, …).
  case finiteMixture(stop: Double, weight: Double = 1)
  /// A Dirichlet process of the given concentration.
  case dirichletProcess(concentration: Double)

  /// The logarithms of the coefficients `V_1 … V_most` of a mixture of finite mixtures for `n` things (Miller and
  /// Harrison, equation 3.2): `V_t = Σ_{k≥t} k!/(k-t)! Γ(γk)/Γ(γk + n) P(K = k)`. For a Dirichlet process, what takes
  /// their place: `t log α` up to a constant.
  public func logCoefficients(_ n: Int, most: Int) -> [Double] {
    switch self {
    case .dirichletProcess(let concentration):
      let constant = lgamma(concentration) - lgamma(concentration + Double(n))
      return (1...most).map { Double($0) * log(concentration) + constant }
    case .finiteMixture(let stop, let weight):
      return (1...most).map { Self.logCoefficient(n, clusters: $0, stop: stop, weight: weight) }
    }
  }

  private static func logCoefficient(_ n: Int, clusters t: Int, stop: Double, weight: Double) -> Double {
    var (sum, k) = (-Double.infinity, t)
    while true {
      let size = Double(k)
      var term = lgamma(size + 1) - lgamma(size - Double(t) + 1)
      term += lgamma(weight * size) - lgamma(weight * size + Double(n))
      term += log(stop) + (size - 1) * log1p(-stop)
      let top = max(sum, term)
      sum = top + log(exp(sum - top) + exp(term - top))
      // Terms fall in the end at least as fast as (1 - stop)^k.
      if k > t + 10, term < sum - 45 { return sum }
      k += 1
    }
  }

  /// What a group of `size` things counts for beside the coefficient: `Γ(size + γ)/Γ(γ)`, or `Γ(size)` for a process.
  func logSizeFactor(_ size: Int) -> Double {
    switch self {
    case .finiteMixture(_, let weight): lgamma(Double(size) + weight) - lgamma(weight)
    case .dirichletProcess: lgamma(Double(size))
    }
  }

  /// The logarithm of the weight of joining a group of `size` others.
  func logJoin(_ size: Int) -> Double {
    switch self {
    case .finiteMixture(_, let weight): log(Double(size) + weight)
    case .dirichletProcess: log(Double(size))
    }
  }

  /// The logarithm of the weight of a new group beside `clusters` others.
  func logNew(_ clusters: Int, _ coefficients: [Double]) -> Double {
    switch self {
    case .finiteMixture(_, let weight): log(weight) + coefficients[clusters] - coefficients[clusters - 1]
    case .dirichletProcess(let concentration): log(concentration)
    }
  }

  /// The weights, as logarithms, of a thing's groups given the others: for each of the groups of `sizes` others, and
  /// for a new one last.
  ///
  /// - Parameter logMarginals: How well the thing fits each group, and a new one.
  public func logWeights(_ logMarginals: [Double], sizes: [Int], of n: Int) -> [Double] {
    precondition(
      logMarginals.count == sizes.count + 1, "marginals of the \(sizes.count) groups and a new one")
    let coefficients = logCoefficients(n, most: sizes.count + 1)
    let join = zip(sizes, logMarginals).map { logJoin($0) + $1 }
    let new = sizes.isEmpty ? 0 : logNew(sizes.count, coefficients)
    return join + [new + logMarginals[sizes.count]]
  }
}
