import Decomposition
import Foundation
import Statistics
import StudyCore
import Support

extension SpikeBiclustering {
  /// Compares the kernels of the sampler: coefficients of the mixture of finite mixtures, likelihood and Laplace's
  /// approximation, weights of a label, moments of Pólya-Gamma numbers, loadings, filter, dynamics, and the choice of a
  /// group's description.
  public static func verify(_ golden: inout GoldenFile) throws {
    if let slug = golden.section("paper") {
      var comparison = Comparison("paper")
      comparison.checkEqual(slug.string ?? "", paper.slug, "the paper's name")
      golden.report(comparison)
    }
    var relative = 1e-6
    if let tolerance = golden.section("tolerance_rel") {
      guard let number = tolerance.double, number >= 0 else {
        throw CajalError("'tolerance_rel' should be a number from 0 up")
      }
      relative = number
    }
    let kernels: [(String, (JSONValue, inout Comparison, Double) throws -> Void)] = [
      ("mfm_log_v", mixtureCoefficients), ("nb", regression), ("cluster_gibbs", labelWeights),
      ("polya_gamma", polyaGamma), ("kalman_filter", filter), ("mniw_posterior", dynamics),
      ("identifiability", identifiability),
    ]
    var counts: JSONValue?
    for (name, compare) in kernels {
      guard let section = golden.section(name) else { continue }
      if name == "nb" { counts = section }
      try report(name, in: &golden) { try compare(section, &$0, relative) }
    }
    // This one takes its counts and trajectory from the section nb.
    if let section = golden.section("loading_conditional"), let counts {
      try report("loading_conditional", in: &golden) { try loadings(section, counts, &$0, relative) }
    }
  }

  private static func report(
    _ name: String, in golden: inout GoldenFile, _ compare: (inout Comparison) throws -> Void
  ) throws {
    var comparison = Comparison(name)
    do { try compare(&comparison) } catch let error as CajalError {
      throw CajalError("section '\(name)': \(error.message)")
    }
    golden.report(comparison)
  }

  /// Rounded to eight decimals in the file.
  private static let rounding = 2e-8

  private static func mixtureCoefficients(_ s: JSONValue, _ c: inout Comparison, _ relative: Double) throws {
    let weight = try s.number("gamma")
    for (n, stop, expected) in [
      (try s.integer("n"), try s.number("geometric_r"), try s.numbers("log_v_t1_to_8")),
      (try s.integer("n2"), try s.number("geometric_r2"), try s.numbers("log_v2_t1_to_8")),
    ] {
      guard n > 0, stop > 0, stop < 1, weight > 0 else {
        throw CajalError("a mixture of n = \(n), r = \(stop), gamma = \(weight)")
      }
      let prior = ClusterPrior.finiteMixture(stop: stop, weight: weight)
      c.check(
        prior.logCoefficients(n, most: max(1, expected.count)), expected, absolute: rounding,
        relative: relative)
    }
  }

  private static func regression(_ s: JSONValue, _ c: inout Comparison, _ relative: Double) throws {
    let (counts, r) = (try s.integers("y"), try s.number("r"))
    let delta = try s.number("delta")
    let offset = try s.numbers("mu_t").map { $0 + delta }
    let x = try matrix(s, "X_p_by_T", columns: counts.count)
    let coefficients = try s.numbers("c")
    guard offset.count == counts.count, coefficients.count == x.count, r > 0, counts.allSatisfy({ $0 >= 0 })
    else {
      throw CajalError("'y', 'mu_t', 'X_p_by_T' and 'c' do not fit together")
    }
    c.check(
      NegativeBinomialRegression.logLikelihood(
        counts, dispersion: r, offset: offset, regressors: x, coefficients: coefficients),
      try s.number("loglik_at_c"), absolute: rounding, relative: relative)
    let fit = NegativeBinomialRegression(
      counts, dispersion: r, offset: offset, regressors: x, isPenalised: false)
    c.check(fit.logMarginal, try s.number("laplace_log_marginal"), absolute: rounding, relative: relative)
    c.check(fit.mode, try s.numbers("laplace_mode"), absolute: rounding, relative: relative)
    c.check(
      fit.covariance, try matrix(s, "laplace_cov", columns: x.count).flatMap { $0 }, absolute: rounding,
      relative: relative)
  }

  private static func labelWeights(_ s: JSONValue, _ c: inout Comparison, _ relative: Double) throws {
    let prior = ClusterPrior.finiteMixture(stop: try s.number("geometric_r"), weight: try s.number("gamma"))
    let (sizes, marginals) = (
      try s.integers("sizes_without_i"), try s.numbers("log_marginals_existing_then_new")
    )
    guard marginals.count == sizes.count + 1, sizes.allSatisfy({ $0 > 0 }) else {
      throw CajalError("'log_marginals_existing_then_new' should have one number more than 'sizes_without_i'")
    }
    let weights = prior.logWeights(marginals, sizes: sizes, of: try s.integer("n"))
    c.check(weights, try s.numbers("log_weights"), absolute: rounding, relative: relative)
    let top = weights.max()!
    let shares = weights.map { exp($0 - top) }
    let sum = shares.reduce(0, +)
    c.check(shares.map { $0 / sum }, try s.numbers("probabilities"), absolute: rounding, relative: relative)
  }

  private static func polyaGamma(_ s: JSONValue, _ c: inout Comparison, _ relative: Double) throws {
    let (b, tilt) = (try s.numbers("b"), try s.numbers("c"))
    guard b.count == tilt.count, b.allSatisfy({ $0 > 0 }) else {
      throw CajalError("'b' should be positive and as many as 'c'")
    }
    c.check(
      zip(b, tilt).map { PolyaGamma.mean($0, $1) }, try s.numbers("mean"), absolute: rounding,
      relative: relative)
    c.check(
      zip(b, tilt).map { PolyaGamma.variance($0, $1) }, try s.numbers("variance"), absolute: rounding,
      relative: relative)
  }

  private static func loadings(_ s: JSONValue, _ nb: JSONValue, _ c: inout Comparison, _ relative: Double)
    throws
  {
    let (counts, r) = (try nb.integers("y"), try nb.number("r"))
    let (offset, x) = (try nb.numbers("mu_t"), try matrix(nb, "X_p_by_T", columns: counts.count))
    let (omega, kappa) = (try s.numbers("omega"), try s.numbers("kappa"))
    guard omega.count == counts.count, offset.count == counts.count, kappa.count == counts.count else {
      throw CajalError("'omega' and 'kappa' should be as long as the section nb's 'y'")
    }
    c.check(
      counts.indices.map { (Double(counts[$0]) - r) / 2 + omega[$0] * (log(r) - offset[$0]) }, kappa,
      absolute: 1e-7, relative: relative)
    let conditional = LoadingConditional(variances: [Double](repeating: 1, count: x.count + 1))
    let (mean, covariance) = conditional.moments(
      omega: omega, counts: counts, dispersion: r, offset: offset, factors: x)
    c.check(mean, try s.numbers("mean_delta_c"), absolute: rounding, relative: relative)
    c.check(
      covariance, try matrix(s, "cov", columns: mean.count).flatMap { $0 }, absolute: rounding,
      relative: relative)
  }

  private static func filter(_ s: JSONValue, _ c: inout Comparison, _ relative: Double) throws {
    let y = try matrix(s, "Y")
    let states = try s.integers("states")
    let b = try matrix(s, "b")
    let size = b.first?.count ?? 0
    var dynamics = SwitchingDynamics(randomWalk: size, states: b.count, variance: 1)
    guard let a = s["A"].array, let q = s["Q"].array, a.count == b.count, q.count == b.count else {
      throw CajalError("'A', 'b' and 'Q' should have one entry for each state")
    }
    for state in b.indices {
      let (rows, noise) = (
        try matrix(a[state], "A[\(state)]", size), try matrix(q[state], "Q[\(state)]", size)
      )
      guard rows.count == size, noise.count == size, b[state].count == size else {
        throw CajalError("'A', 'b' and 'Q' should be of \(size) numbers")
      }
      dynamics.set(state, a: rows.flatMap { $0 }, b: b[state], q: noise.flatMap { $0 })
    }
    let observations = try GaussianObservations(
      y, variances: try matrix(s, "obs_var"), loadings: try matrix(s, "C"))
    let (means, covariances) = try observations.filtered(dynamics, states: states)
    c.check(
      means.flatMap { $0 }, try matrix(s, "filtered_means", columns: states.count).flatMap { $0 },
      absolute: rounding, relative: relative)
    c.check(
      covariances.last ?? [], try matrix(s, "last_cov", columns: size).flatMap { $0 }, absolute: rounding,
      relative: relative)
  }

  private static func dynamics(_ s: JSONValue, _ c: inout Comparison, _ relative: Double) throws {
    let x = try matrix(s, "trajectory_k_by_T")
    let (steps, size, bins) = (try s.integers("use_steps"), x.count, x.first?.count ?? 0)
    guard size > 0, steps.allSatisfy({ (0..<max(0, bins - 1)).contains($0) }) else {
      throw CajalError("'use_steps' should be steps of 'trajectory_k_by_T'")
    }
    let prior = MatrixNormalInverseWishart.aroundIdentity(size, scale: 0.01, freedom: try s.number("nu0"))
    var seen = MatrixNormalInverseWishart.Statistics(outputs: size, regressors: size + 1)
    for step in steps { seen.add(x.map { $0[step + 1] }, x.map { $0[step] } + [1]) }
    let posterior = prior.posterior(seen)
    c.check(posterior.freedom, try s.number("nu_n"))
    // The trajectory itself is given to eight decimals only.
    for (name, values, columns) in [
      ("M_n", posterior.mean, size + 1), ("K_n_inverse", posterior.columnPrecision, size + 1),
      ("S_n", posterior.scale, size),
    ] {
      c.check(
        values, try matrix(s, name, columns: columns).flatMap { $0 }, absolute: 10 * rounding,
        relative: relative)
    }
  }

  private static func identifiability(_ s: JSONValue, _ c: inout Comparison, _ relative: Double) throws {
    let mu = try s.numbers("mu")
    let x = try matrix(s, "X", columns: mu.count)
    let (delta, loadings) = (try s.numbers("delta"), try matrix(s, "C", columns: x.count))
    guard delta.count == loadings.count, !x.isEmpty, !mu.isEmpty else {
      throw CajalError("'delta' and 'C' should have one entry for each neuron")
    }
    let out = Identifiability.constrained(offset: mu, factors: x, baselines: delta, loadings: loadings)
    c.check(out.offset, try s.numbers("mu_out"), absolute: rounding, relative: relative)
    c.check(
      out.factors.flatMap { $0 }, try matrix(s, "X_out", columns: mu.count).flatMap { $0 },
      absolute: 5 * rounding,
      relative: relative)
    c.check(out.baselines, try s.numbers("delta_out"), absolute: 5 * rounding, relative: relative)
    c.check(
      out.loadings.flatMap { $0 }, try matrix(s, "C_out", columns: x.count).flatMap { $0 },
      absolute: 5 * rounding,
      relative: relative)
  }

  /// The rows of numbers at `key`, all of one length.
  private static func matrix(_ s: JSONValue, _ key: String, columns: Int? = nil) throws -> [[Double]] {
    try matrix(s[key], key, columns)
  }

  private static func matrix(_ value: JSONValue, _ key: String, _ columns: Int?) throws -> [[Double]] {
    guard let rows = value.array else { throw CajalError("'\(key)' should be an array of rows") }
    let numbers = rows.map { $0.array?.compactMap(\.double) ?? [] }
    let width = columns ?? numbers.first?.count ?? 0
    guard zip(rows, numbers).allSatisfy({ $0.array?.count == width && $1.count == width }) else {
      throw CajalError("'\(key)' should have rows of \(width) numbers")
    }
    return numbers
  }
}
