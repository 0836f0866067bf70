import Foundation
import Statistics
import Support
import Testing

/// Draws against closed forms; tolerances are four and more standard errors wide.
@Suite struct SamplingTests {
  private func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
  }

  @Test func elementaryFunctionsAreThoseOfTheLibrary() {
    var generator = RandomGenerator(seed: 1)
    for _ in 0..<20_000 {
      let x = 1_400 * generator.uniform() - 700
      let e = VectorMath.exponential(SIMD8(repeating: x))[3]
      #expect(abs(e / exp(x) - 1) < 2e-15)
      let y = exp(x / 2)
      #expect(abs(VectorMath.logarithm(SIMD8(repeating: y))[5] - log(y)) < 4e-16 * max(1, abs(log(y))))
      let turns = generator.uniform()
      let (sine, cosine) = VectorMath.sineAndCosine(turns: SIMD8(repeating: turns))
      #expect(abs(sine[0] - sin(2 * .pi * turns)) < 2e-15 && abs(cosine[7] - cos(2 * .pi * turns)) < 2e-15)
    }
    #expect(VectorMath.exponential(SIMD8(repeating: -1e9))[0] > 0)
  }

  @Test(arguments: [0.05, 0.4, 1, 2.5, 40]) func gammaHasItsMoments(shape: Double) {
    var generator = RandomGenerator(seed: 2)
    var lanes = LaneGenerator(&generator)
    let count = 200_000
    let scalar = moments((0..<count).map { _ in generator.gamma(shape) })
    let vector = moments(
      (0..<count / 8).flatMap { _ in
        let drawn = lanes.gamma(SIMD8(repeating: shape))
        return (0..<8).map { drawn[$0] }
      })
    for (mean, variance) in [scalar, vector] {
      #expect(abs(mean / shape - 1) < 5 / (shape * Double(count)).squareRoot())
      #expect(abs(variance / shape - 1) < 0.05 + 0.02 / shape)
    }
  }

  @Test func lanesAreNormal() {
    var generator = RandomGenerator(seed: 3)
    var lanes = LaneGenerator(&generator)
    let values = LaneBuffer(400_001)
    lanes.fillNormal(values.pointer, 400_001)
    let drawn = (0..<400_001).map { values.pointer[$0] }
    let (mean, variance) = moments(drawn)
    #expect(abs(mean) < 0.008 && abs(variance - 1) < 0.012)
    let fourth = drawn.reduce(0) { $0 + $1 * $1 * $1 * $1 } / Double(drawn.count)
    #expect(abs(fourth - 3) < 0.1)
    #expect(abs(Double(drawn.count { $0 < -1.96 }) / Double(drawn.count) - 0.025) < 0.0012)
  }

  @Test func betaDirichletAndCounts() {
    var generator = RandomGenerator(seed: 4)
    let beta = moments((0..<100_000).map { _ in generator.beta(2, 5) })
    #expect(abs(beta.mean - 2.0 / 7) < 0.003 && abs(beta.variance - 10.0 / (49 * 8)) < 0.001)
    var sums = [0.0, 0, 0]
    for _ in 0..<50_000 {
      let shares = generator.dirichlet([0.01, 1, 3])
      #expect(abs(shares.reduce(0, +) - 1) < 1e-12 && shares.allSatisfy { $0 >= 0 })
      for place in 0..<3 { sums[place] += shares[place] / 50_000 }
    }
    #expect(abs(sums[0] - 0.01 / 4.01) < 0.002 && abs(sums[2] - 3 / 4.01) < 0.005)
    for mean in [0.3, 12, 250.0] {
      let poisson = moments((0..<60_000).map { _ in Double(generator.poisson(mean)) })
      #expect(abs(poisson.mean / mean - 1) < 0.03 && abs(poisson.variance / mean - 1) < 0.04)
    }
    let counts = moments(
      (0..<100_000).map { _ in Double(generator.negativeBinomial(mean: 3, dispersion: 1.5)) })
    #expect(abs(counts.mean - 3) < 0.05 && abs(counts.variance - 9) < 0.4)
    let chosen = (0..<60_000).map { _ in generator.categorical(logWeights: [-1e3, -1e3 + log(3), -.infinity])
    }
    #expect(abs(Double(chosen.count { $0 == 1 }) / 60_000 - 0.75) < 0.008 && !chosen.contains(2))
  }

  @Test func restaurantTablesHaveTheirMean() {
    var generator = RandomGenerator(seed: 5)
    let (customers, concentration) = (40, 1.7)
    let mean = (0..<40_000).reduce(0.0) { sum, _ in
      sum + Double(generator.restaurantTables(customers: customers, concentration: concentration)) / 40_000
    }
    let expected = (0..<customers).reduce(0.0) { $0 + concentration / (concentration + Double($1)) }
    #expect(abs(mean - expected) < 0.04)
    #expect(generator.restaurantTables(customers: 0, concentration: 1) == 0)
    #expect(generator.restaurantTables(customers: 1, concentration: 1e-9) == 1)
  }

  /// The Laplace transform of PG(b, c) at t is `cosh(c/2)^b / cosh(√(c²/4 + t/2))^b`: it sees the whole distribution.
  @Test(arguments: [(0.4, 0.0), (1, 0), (1, 2.5), (2.5, -0.7), (11, 4), (37.3, 12), (1_003, -7)])
  func polyaGammaHasItsLaplaceTransform(b: Double, c: Double) {
    var generator = RandomGenerator(seed: 6)
    var lanes = LaneGenerator(&generator)
    let count = 240_000
    let drawn = PolyaGamma.draws(
      [Double](repeating: b, count: count), [Double](repeating: c, count: count), using: &lanes)
    let (mean, variance) = moments(drawn)
    let error = (PolyaGamma.variance(b, c) / Double(count)).squareRoot()
    #expect(abs(mean - PolyaGamma.mean(b, c)) < 5 * error)
    #expect(abs(variance / PolyaGamma.variance(b, c) - 1) < 0.04)
    for scale in [0.5, 2, 8] {
      let t = scale / PolyaGamma.mean(b, c)
      let values = drawn.map { exp(-t * $0) }
      let (own, spread) = moments(values)
      func logCosh(_ x: Double) -> Double { x + log1p(exp(-2 * x)) - log(2) }
      let expected = exp(b * (logCosh(abs(c) / 2) - logCosh((c * c / 4 + t / 2).squareRoot())))
      #expect(abs(own - expected) < 5 * (spread / Double(count)).squareRoot() + 2e-6)
    }
  }

  @Test func polyaGammaMomentsAreContinuousWhereTheSeriesBegins() {
    for b in [0.3, 7] {
      #expect(abs(PolyaGamma.mean(b, 0.0999999) - PolyaGamma.mean(b, 0.1)) < 1e-8 * b)
      #expect(abs(PolyaGamma.variance(b, 0.0999999) - PolyaGamma.variance(b, 0.1)) < 1e-8 * b)
      #expect(
        abs(PolyaGamma.mean(b, 0) - b / 4) < 1e-15 * b && abs(PolyaGamma.variance(b, 0) - b / 24) < 1e-15)
      #expect(PolyaGamma.mean(b, 1.3) == PolyaGamma.mean(b, -1.3))
    }
  }

  // Matrices.

  /// Most eigenvalues of these weights are rounding, beside which nothing gets small: the first search went on for ever.
  @Test func eigenvaluesThatAreRoundingAreFound() {
    var state: [UInt16] = [0x330E, 19_000, 0]
    let n = 25
    let sharpness = pow(10, erand48(&state) * 2 - 1)
    let scale = pow(10, erand48(&state) * 6 - 3)
    let gains = (0..<n).map { _ -> Double in erand48(&state) < 0.5 ? 0 : erand48(&state) }
    var weights = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0..<n {
        let angle = 2 * Double(i - j) * Double.pi / Double(n)
        weights[i * n + j] = scale * exp(sharpness * (cos(angle) - 1)) * gains[j]
      }
    }
    let trace = (0..<n).reduce(0.0) { $0 + weights[$1 * n + $1] }
    let sum = SmallMatrix.eigenvalues(weights, n).reduce(0.0) { $0 + $1.real }
    #expect(abs(sum - trace) < 1e-10 * trace)
  }

  @Test func factorsInversesAndEigenvalues() {
    var generator = RandomGenerator(seed: 7)
    let n = 7
    let root = (0..<n * n).map { _ in generator.normal() }
    let (a, product) = (LaneBuffer(n * n), LaneBuffer(n * n))
    let memory = LaneBuffer(n * n)
    for index in 0..<n * n { memory.pointer[index] = root[index] }
    SmallMatrix.multiplyTransposed(memory.pointer, memory.pointer, into: a.pointer, n, n, n)
    let original = (0..<n * n).map { a.pointer[$0] }
    #expect(SmallMatrix.cholesky(a.pointer, n))
    let inverse = LaneBuffer(n * n)
    SmallMatrix.invertLower(a.pointer, n, into: inverse.pointer)
    SmallMatrix.inverse(fromInverseFactor: inverse.pointer, n, into: product.pointer)
    for i in 0..<n {
      for j in 0..<n {
        let entry = (0..<n).reduce(0.0) { $0 + original[i * n + $1] * product.pointer[$1 * n + j] }
        #expect(abs(entry - (i == j ? 1 : 0)) < 1e-9)
      }
    }
    let (values, vectors) = SmallMatrix.symmetricEigen(original, n)
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 >= $1 })
    for (value, vector) in zip(values, vectors) {
      for i in 0..<n {
        let moved = (0..<n).reduce(0.0) { $0 + original[i * n + $1] * vector[$1] }
        #expect(abs(moved - value * vector[i]) < 1e-9 * values[0])
      }
    }
    let general = SmallMatrix.eigenvalues(original, n)
    for (own, other) in zip(general, values) {
      #expect(abs(own.real - other) < 1e-8 * values[0] && abs(own.imaginary) < 1e-7)
    }
    // A rotation by 0.3 grown by 1.1, and a real number.
    let (c, s) = (1.1 * cos(0.3), 1.1 * sin(0.3))
    let turning = SmallMatrix.eigenvalues([c, -s, 0.4, s, c, 0.1, 0, 0, 0.5], 3)
    #expect(abs(turning[0].real - c) < 1e-10 && abs(abs(turning[0].imaginary) - s) < 1e-10)
    #expect(abs(turning[2].real - 0.5) < 1e-10)
    // The characteristic polynomial's coefficients of a random matrix: sum and product of eigenvalues.
    let random = (0..<n * n).map { _ in generator.normal() }
    let trace = (0..<n).reduce(0.0) { $0 + random[$1 * n + $1] }
    let found = SmallMatrix.eigenvalues(random, n)
    #expect(
      abs(found.reduce(0) { $0 + $1.real } - trace) < 1e-9
        && abs(found.reduce(0) { $0 + $1.imaginary }) < 1e-9)
    // Nothing is positive about this one; jitter makes a factor of it all the same.
    let singular = LaneBuffer(4)
    for index in 0..<4 { singular.pointer[index] = 1 }
    #expect(!SmallMatrix.cholesky(singular.pointer, 2))
    for index in 0..<4 { singular.pointer[index] = 1 }
    SmallMatrix.choleskyWithJitter(singular.pointer, 2)
    #expect(singular.pointer[0].isFinite && singular.pointer[3] > 0)
  }

  @Test func linearRegressionPosterior() {
    var generator = RandomGenerator(seed: 8)
    let prior = MatrixNormalInverseWishart.aroundIdentity(2, scale: 0.3, freedom: 6)
    // Draws from the prior: E Q = S / (ν - k - 1), E W = [I 0].
    var (q, w) = ([0.0, 0, 0, 0], [Double](repeating: 0, count: 6))
    for _ in 0..<60_000 {
      let (weights, covariance) = prior.draw(using: &generator)
      for index in 0..<4 { q[index] += covariance[index] / 60_000 }
      for index in 0..<6 { w[index] += weights[index] / 60_000 }
    }
    #expect(abs(q[0] - 0.1) < 0.006 && abs(q[3] - 0.1) < 0.006 && abs(q[1]) < 0.004)
    for (own, expected) in zip(w, [1.0, 0, 0, 0, 1, 0]) { #expect(abs(own - expected) < 0.008) }
    // The marginal likelihood of all is that of some times that of the rest.
    var (some, rest, all) = (
      MatrixNormalInverseWishart.Statistics(outputs: 2, regressors: 3),
      MatrixNormalInverseWishart.Statistics(outputs: 2, regressors: 3),
      MatrixNormalInverseWishart.Statistics(outputs: 2, regressors: 3)
    )
    for index in 0..<12 {
      let (x, u) = ((0..<2).map { _ in generator.normal() }, (0..<2).map { _ in generator.normal() } + [1])
      if index < 5 { some.add(x, u) } else { rest.add(x, u) }
      all.add(x, u)
    }
    let middle = prior.posterior(some)
    let (whole, parts) = (prior.posterior(all), middle.posterior(rest))
    for (own, other) in zip(whole.scale + whole.mean, parts.scale + parts.mean) {
      #expect(abs(own - other) < 1e-10)
    }
    #expect(abs(prior.logMarginal(whole) - prior.logMarginal(middle) - middle.logMarginal(parts)) < 1e-9)
    // One number with one regressor: a Student density.
    let single = MatrixNormalInverseWishart(
      outputs: 1, regressors: 1, mean: [0.5], columnPrecision: [2], scale: [0.7], freedom: 3)
    var seen = MatrixNormalInverseWishart.Statistics(outputs: 1, regressors: 1)
    seen.add([1.3], [0.8])
    let spread = 0.7 / 3 * (1 + 0.64 / 2)
    let t = (1.3 - 0.4) * (1.3 - 0.4) / spread
    let student = lgamma(2.0) - lgamma(1.5) - 0.5 * log(3 * .pi * spread) - 2 * log(1 + t / 3)
    #expect(abs(single.logMarginal(single.posterior(seen)) - student) < 1e-12)
  }

  // Chains and partitions.

  @Test func diagnosticsTellGoodChainsFromBad() {
    var generator = RandomGenerator(seed: 9)
    let independent = (0..<4).map { _ in (0..<1_000).map { _ in generator.normal() } }
    #expect(abs(ChainDiagnostics.splitRHat(independent) - 1) < 0.01)
    #expect(ChainDiagnostics.effectiveSampleSize(independent) > 3_000)
    let slow = (0..<4).map { _ -> [Double] in
      var x = generator.normal()
      return (0..<2_000).map { _ in
        x = 0.9 * x + 0.19.squareRoot() * generator.normal()
        return x
      }
    }
    // Of an autoregressive chain (1 - ρ) / (1 + ρ) of the samples count.
    let effective = ChainDiagnostics.effectiveSampleSize(slow)
    #expect(effective > 250 && effective < 650)
    let apart = (0..<2).map { chain in independent[chain].map { $0 + 3 * Double(chain) } }
    #expect(ChainDiagnostics.splitRHat(apart) > 1.5)
    #expect(ChainDiagnostics.splitRHat([[1, 1, 1, 1], [1, 1, 1, 1]]) == 1)
    #expect(ChainDiagnostics.splitRHat([[1, 2]]).isNaN)
  }

  @Test func partitionsAreSummarisedWhateverTheirNames() {
    let samples = [[0, 0, 1, 1], [5, 5, 2, 2], [1, 1, 0, 0], [0, 1, 1, 1]]
    let similarity = PosteriorPartition.similarity(samples)
    #expect(
      similarity[0][1] == 0.75 && similarity[2][3] == 1 && similarity[0][0] == 1 && similarity[1][2] == 0.25)
    #expect(PosteriorPartition.maxPEAR(samples) == [0, 0, 1, 1])
    #expect(PosteriorPartition.renamed([7, 2, 7]) == [0, 1, 0])
    #expect(PosteriorPartition.aligned([1, 1, 0, 2], to: [0, 0, 1, 1]) == [0, 0, 1, 2])
    let certain = PosteriorPartition.similarity([[0, 0, 1]])
    #expect(PosteriorPartition.expectedAdjustedRand([0, 0, 1], certain) == 1)
  }
}
