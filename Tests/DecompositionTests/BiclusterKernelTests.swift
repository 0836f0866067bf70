import Decomposition
import Foundation
import Statistics
import Support
import Testing

/// The parts of the bicluster sampler against closed forms and enumeration.
@Suite struct BiclusterKernelTests {
  /// Every partition of `0..<n`.
  private func partitions(_ n: Int) -> [[Int]] {
    guard n > 0 else { return [[]] }
    return partitions(n - 1).flatMap { partition in
      (0...((partition.max() ?? -1) + 1)).map { partition + [$0] }
    }
  }

  @Test(arguments: [ClusterPrior.finiteMixture(stop: 0.2), .finiteMixture(stop: 0.415, weight: 0.6)])
  func probabilitiesOfPartitionsSumToOne(prior: ClusterPrior) {
    guard case .finiteMixture(_, let weight) = prior else { return }
    let coefficients = prior.logCoefficients(6, most: 6)
    let total = partitions(6).reduce(0.0) { sum, partition in
      let sizes = Dictionary(partition.map { ($0, 1) }, uniquingKeysWith: +).values
      let factor = sizes.reduce(0.0) { $0 + lgamma(Double($1) + weight) - lgamma(weight) }
      return sum + exp(coefficients[sizes.count - 1] + factor)
    }
    #expect(abs(total - 1) < 1e-9)
    // Far beyond what the gamma function itself can hold.
    #expect(prior.logCoefficients(5_000, most: 3).allSatisfy { $0.isFinite })
  }

  @Test func weightsOfALabelAreThoseOfWholePartitions() {
    let prior = ClusterPrior.finiteMixture(stop: 0.3)
    let (sizes, n) = ([3, 1], 5)
    let weights = prior.logWeights([0, 0, 0], sizes: sizes, of: n)
    let coefficients = prior.logCoefficients(n, most: 3)
    func whole(_ sizes: [Int]) -> Double {
      coefficients[sizes.count - 1] + sizes.reduce(0) { $0 + lgamma(Double($1) + 1) }
    }
    let wholes = [whole([4, 1]), whole([3, 2]), whole([3, 1, 1])]
    for (own, other) in zip(weights, wholes) {
      #expect(abs((own - weights[0]) - (other - wholes[0])) < 1e-9)
    }
    let process = ClusterPrior.dirichletProcess(concentration: 2.5).logWeights(
      [0, 0, 0], sizes: sizes, of: n)
    #expect(abs(process[0] - log(3)) < 1e-12 && abs(process[2] - log(2.5)) < 1e-12)
  }

  @Test func laplaceIsNearTheIntegral() {
    var generator = RandomGenerator(seed: 1)
    let x = (0..<40).map { _ in generator.normal() }
    let offset = x.map { 0.2 + 0.1 * $0 }
    let counts = zip(x, offset).map { generator.negativeBinomial(mean: exp($1 + 0.7 * $0), dispersion: 4) }
    let fit = NegativeBinomialRegression(counts, dispersion: 4, offset: offset, regressors: [x])
    // By the trapezoidal rule over eight deviations.
    let width = fit.covariance[0].squareRoot()
    let grid = (-800...800).map { fit.mode[0] + width * Double($0) / 100 }
    let logs = grid.map { c in
      NegativeBinomialRegression.logLikelihood(
        counts, dispersion: 4, offset: offset, regressors: [x], coefficients: [c])
        - c * c / 2 - log(2 * Double.pi) / 2
    }
    let top = logs.max()!
    let integral = top + log(logs.reduce(0) { $0 + exp($1 - top) } * width / 100)
    #expect(abs(fit.logMarginal + log(2 * Double.pi) / 2 - integral) < 0.05)
    #expect(abs(grid[logs.firstIndex(of: top)!] - fit.mode[0]) <= width / 100)
    // Counts without a spike have a mode only with the prior.
    let empty = NegativeBinomialRegression(
      [Int](repeating: 0, count: 40), dispersion: 4, offset: offset, regressors: [x])
    #expect(empty.logMarginal.isFinite && empty.mode[0].isFinite)
  }

  @Test func countDistributionsSumToOne() {
    for mean in [0.01, 2, 30] {
      let negative = (0..<3_000).reduce(0.0) {
        $0 + exp(CountDistribution.logNegativeBinomial($1, mean: mean, dispersion: 0.8))
      }
      let poisson = (0..<300).reduce(0.0) { $0 + exp(CountDistribution.logPoisson($1, mean: mean)) }
      #expect(abs(negative - 1) < 1e-9 && abs(poisson - 1) < 1e-9)
    }
    #expect(
      CountDistribution.logPoisson(0, mean: 0) == 0 && CountDistribution.logPoisson(1, mean: 0) == -.infinity)
    var generator = RandomGenerator(seed: 2)
    let counts = (0..<20_000).map { _ in generator.negativeBinomial(mean: 4, dispersion: 2) }
    #expect(abs(CountDistribution.fitDispersion(counts) / 2 - 1) < 0.1)
  }

  // Filter.

  private func dynamics() -> SwitchingDynamics {
    var dynamics = SwitchingDynamics(randomWalk: 2, states: 2, variance: 1)
    dynamics.set(0, a: [0.9, 0.2, -0.1, 0.8], b: [0.1, -0.2], q: [0.3, 0.1, 0.1, 0.4])
    dynamics.set(1, a: [0.1, 0, 0.3, 0.2], b: [0, 0.5], q: [0.6, -0.2, -0.2, 0.5])
    return dynamics
  }

  private func observations(_ bins: Int, _ generator: inout RandomGenerator) throws -> GaussianObservations {
    var values = (0..<3).map { _ in (0..<bins).map { _ in generator.normal() } }
    values[1][2] = .nan
    let variances = values.map { $0.map { _ in 0.3 + generator.uniform() } }
    return try GaussianObservations(
      values, variances: variances, loadings: [[1, 0.4], [1, -1.2], [0.5, 0.7]])
  }

  /// Mean and covariance of all bins at once, from the joint precision by Gaussian elimination.
  private func dense(_ o: GaussianObservations, _ dynamics: SwitchingDynamics, _ states: [Int]) -> (
    mean: [Double], covariance: [[Double]]
  ) {
    let (bins, n) = (states.count, 2 * (states.count + 1))
    var precision = [[Double]](repeating: [Double](repeating: 0, count: n), count: n)
    var information = [Double](repeating: 0, count: n)
    for i in 0..<2 { precision[i][i] = 1 }
    for bin in 0..<bins {
      let s = states[bin]
      let q = Array(dynamics.q[(4 * s)..<(4 * s + 4)])
      let determinant = q[0] * q[3] - q[1] * q[2]
      let inverse: [[Double]] = [
        [q[3] / determinant, -q[1] / determinant], [-q[2] / determinant, q[0] / determinant],
      ]
      // The residual is x' - A x - b: rows over (x, x').
      let a = Array(dynamics.a[(4 * s)..<(4 * s + 4)])
      let rows: [[Double]] = [[-a[0], -a[1], 1, 0], [-a[2], -a[3], 0, 1]]
      for i in 0..<4 {
        for k in 0..<2 {
          for l in 0..<2 {
            let factor: Double = rows[k][i] * inverse[k][l]
            for j in 0..<4 { precision[2 * bin + i][2 * bin + j] += factor * rows[l][j] }
            information[2 * bin + i] += factor * dynamics.b[2 * s + l]
          }
        }
      }
      for neuron in o.loadings.indices where o.values[neuron][bin].isFinite {
        for i in 0..<2 {
          let c = o.loadings[neuron]
          let row = 2 * bin + 2
          let weighted: Double = c[i] / o.variances[neuron][bin]
          information[row + i] += weighted * o.values[neuron][bin]
          for j in 0..<2 { precision[row + i][row + j] += weighted * c[j] }
        }
      }
    }
    let covariance = inverse(precision)
    var mean = information
    for i in 0..<n {
      mean[i] = 0
      for j in 0..<n { mean[i] += covariance[i][j] * information[j] }
    }
    return (mean, covariance)
  }

  private func inverse(_ matrix: [[Double]]) -> [[Double]] {
    let n = matrix.count
    var rows = matrix.enumerated().map { i, row -> [Double] in row + (0..<n).map { $0 == i ? 1.0 : 0.0 } }
    for k in 0..<n {
      let pivot = rows[k][k]
      rows[k] = rows[k].map { $0 / pivot }
      for i in 0..<n where i != k {
        let factor = rows[i][k]
        for j in 0..<(2 * n) { rows[i][j] -= factor * rows[k][j] }
      }
    }
    return rows.map { Array($0.suffix(n)) }
  }

  @Test func filterAndSmootherAreTheJointNormalDistribution() throws {
    var generator = RandomGenerator(seed: 3)
    let states = [0, 0, 1, 1, 0, 1, 0]
    let observed = try observations(states.count, &generator)
    let (mean, covariance) = dense(observed, dynamics(), states)
    var none: LaneGenerator?
    let smoothed = try observed.smoothed(dynamics(), states: states, using: &none)
    for bin in states.indices {
      for i in 0..<2 { #expect(abs(smoothed[i][bin] - mean[2 * bin + 2 + i]) < 1e-10) }
    }
    // The last bin is known to the filter as well as to the smoother.
    let (means, covariances) = try observed.filtered(dynamics(), states: states)
    for i in 0..<2 {
      #expect(abs(means[i].last! - mean[mean.count - 2 + i]) < 1e-10)
      for j in 0..<2 {
        let entry = covariance[mean.count - 2 + i][mean.count - 2 + j]
        #expect(abs(covariances.last![2 * i + j] - entry) < 1e-10)
      }
    }
    // Draws have the joint mean and covariances, across bins too.
    var lanes: LaneGenerator? = LaneGenerator(&generator)
    let count = 20_000
    let draws = try (0..<count).map { _ in try observed.smoothed(dynamics(), states: states, using: &lanes) }
    for (a, b) in [(0, 0), (2, 3), (6, 6)] {
      let product = draws.reduce(0.0) {
        $0 + ($1[0][a] - mean[2 * a + 2]) * ($1[1][b] - mean[2 * b + 3]) / Double(count)
      }
      let expected = covariance[2 * a + 2][2 * b + 3]
      let error =
        ((covariance[2 * a + 2][2 * a + 2] * covariance[2 * b + 3][2 * b + 3] + expected * expected)
        / Double(count)).squareRoot()
      #expect(abs(product - expected) < 5 * error)
    }
  }

  /// The log density of scalar observations, states given, by a textbook filter.
  private func logDensity(_ values: [Double], _ variance: Double, _ d: SwitchingDynamics, _ states: [Int])
    -> Double
  {
    var (mean, spread, sum) = (0.0, 1.0, 0.0)
    for (value, state) in zip(values, states) {
      mean = d.a[state] * mean + d.b[state]
      spread = d.a[state] * d.a[state] * spread + d.q[state]
      let total = spread + variance
      sum -= (log(2 * .pi * total) + (value - mean) * (value - mean) / total) / 2
      let gain = spread / total
      mean += gain * (value - mean)
      spread *= 1 - gain
    }
    return sum
  }

  @Test func movingAChangeOfStateLeavesThePosteriorAsItIs() throws {
    var generator = RandomGenerator(seed: 4)
    var d = SwitchingDynamics(randomWalk: 1, states: 2, variance: 1)
    d.set(0, a: [0.95], b: [0.1], q: [0.05])
    d.set(1, a: [-0.5], b: [-0.3], q: [0.6])
    let values = [0.3, 0.9, -1.1, 0.4, 1.2, 0.8, -0.2]
    let logTransitions = [log(0.8), log(0.2), log(0.3), log(0.7)]
    let observed = try GaussianObservations(
      [values], variances: [values.map { _ in 0.2 }], loadings: [[1]])
    // All sequences with the first two and the last steps given.
    let sequences = (0..<16).map { bits in [0, 0] + (0..<4).map { bits >> $0 & 1 } + [1] }
    let logs = sequences.map { states in
      logDensity(values, 0.2, d, states)
        + zip(states, states.dropFirst()).reduce(0) { $0 + logTransitions[2 * $1.0 + $1.1] }
    }
    let top = logs.max()!
    let total = logs.reduce(0) { $0 + exp($1 - top) }
    let exact = logs.map { exp($0 - top) / total }
    let count = 60_000
    var seen = [Double](repeating: 0, count: 16)
    var moved = 0
    for _ in 0..<count {
      let start = sequences[generator.categorical(logWeights: logs)]
      let end = observed.movingChanges(d, states: start, logTransitions: logTransitions, using: &generator)
      #expect(end[0] == 0 && end[1] == 0 && end[6] == 1)
      moved += start == end ? 0 : 1
      seen[sequences.firstIndex(of: end)!] += 1 / Double(count)
    }
    #expect(moved > count / 10)
    for (own, expected) in zip(seen, exact) {
      #expect(abs(own - expected) < 5 * (expected * (1 - expected) / Double(count)).squareRoot() + 1e-4)
    }
  }

  @Test func statesAreDrawnFromTheirPosterior() {
    var generator = RandomGenerator(seed: 5)
    let sticky = StickyStates(count: 3, alpha: 4, gamma: 3, kappa: 6)
    let densities = (0..<3).map { _ in (0..<4).map { _ in 2 * generator.normal() } }
    var weights: [[Int]: Double] = [:]
    for index in 0..<81 {
      let states = [index / 27, index / 9 % 3, index / 3 % 3, index % 3]
      var weight = 1.0 / 3
      for step in 0..<4 {
        weight *= exp(densities[states[step]][step])
        if step > 0 { weight *= sticky.transitions[3 * states[step - 1] + states[step]] }
      }
      weights[states] = weight
    }
    let total = weights.values.reduce(0, +)
    var seen: [[Int]: Double] = [:]
    let count = 60_000
    for _ in 0..<count {
      let (states, logEvidence) = sticky.draw(densities, using: &generator)
      seen[states, default: 0] += 1 / Double(count)
      #expect(abs(logEvidence - log(total)) < 1e-9)
    }
    for (states, weight) in weights {
      let expected = weight / total
      #expect(abs(seen[states, default: 0] - expected) < 5 * (expected / Double(count)).squareRoot() + 1e-4)
    }
  }

  @Test func transitionsFollowTheMoves() {
    var generator = RandomGenerator(seed: 6)
    var sticky = StickyStates(count: 4, alpha: 5, gamma: 5, kappa: 10)
    let sum: Double = sticky.transitions.prefix(4).reduce(0, +)
    #expect(abs(sum - 1) < 1e-12)
    let states = (0..<2_000).map { bin -> Int32 in Int32(bin / 100 % 2) }
    var stay = 0.0
    var shares = [0.0, 0, 0, 0]
    for _ in 0..<300 {
      sticky.resample(given: states, using: &generator)
      stay += sticky.transitions[0] / 300
      for state in 0..<4 { shares[state] += sticky.shares[state] / 300 }
    }
    #expect(abs(stay - 0.987) < 0.01)
    // States without bins lose their share.
    #expect(shares[0] + shares[1] > 0.6 && shares[2] < 0.25)
  }

  @Test func theConstraintLeavesThePredictorAsItIs() {
    var generator = RandomGenerator(seed: 7)
    let bins = 21
    let offset = (0..<bins).map { _ in 0.5 + generator.normal() }
    let factors = (0..<3).map { _ in (0..<bins).map { _ in 1 + generator.normal() } }
    let (d, c) = ([0.3, -1], [[0.2, 1, -0.4], [1, 0.1, 2]])
    let out = Identifiability.constrained(offset: offset, factors: factors, baselines: d, loadings: c)
    for neuron in 0..<2 {
      for bin in 0..<bins {
        let before = (0..<3).reduce(d[neuron] + offset[bin]) { $0 + c[neuron][$1] * factors[$1][bin] }
        let after = (0..<3).reduce(out.baselines[neuron] + out.offset[bin]) {
          $0 + out.loadings[neuron][$1] * out.factors[$1][bin]
        }
        #expect(abs(before - after) < 1e-12)
      }
    }
    for i in 0..<3 {
      #expect(abs(out.factors[i].reduce(0, +)) < 1e-12)
      for j in 0..<i {
        #expect(abs(zip(out.factors[i], out.factors[j]).reduce(0) { $0 + $1.0 * $1.1 }) < 1e-10)
      }
      #expect(out.factors[i].max { abs($0) < abs($1) }! > 0)
    }
  }
}
