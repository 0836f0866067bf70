import Alignment
import Foundation
import Statistics
import Support
import Tensors
import Testing

@Suite struct SimilarityTests {
  let known = Reference.known

  @Test func measuresAgreeWithTheirDefinitions() throws {
    let (a, b) = (known.first, known.second)
    #expect(abs(try PopulationSimilarity.linearCKA(a, b).value - known.cka["linear"]!) < 1e-12)
    #expect(abs(try PopulationSimilarity.unbiasedCKA(a, b).value - known.cka["unbiased"]!) < 1e-9)
    #expect(abs(try PopulationSimilarity.gaussianCKA(a, b).value - known.cka["gaussian"]!) < 1e-9)
    #expect(largestError(try CanonicalCorrelation.of(a, b), known.canonical) < 1e-9)
    #expect(abs(try PopulationSimilarity.svcca(a, b, share: 0.9).value - known.svcca) < 1e-9)
    #expect(abs(try PopulationSimilarity.pwcca(a, b).value - known.pwcca) < 1e-9)
    let nuclear = try PopulationSimilarity.procrustes(a, b).value
    #expect(abs(1 - nuclear * nuclear - known.procrustesDisparity) < 1e-9)
    let moments = try JointMoments(a, b).covariances
    let canonical = CanonicalCorrelation.ofCovariances(
      moments.withinFirst, moments.between, moments.withinSecond)
    #expect(largestError(canonical, known.canonical) < 1e-9)
  }

  @Test func whatTheyAreInvariantTo() throws {
    let (a, b) = populations(120, 6, 6)
    let turned = b.matmul(rotation(6, seed: 5)) * 7 + 3
    let sheared = b.matmul(rotation(6, seed: 6) + Tensor.eye(6, nil, .float64) * 0.5)
    typealias Measure = (Tensor, Tensor) throws -> PopulationSimilarity
    let rotational: [Measure] = [
      { try .linearCKA($0, $1) }, { try .unbiasedCKA($0, $1) }, { try .gaussianCKA($0, $1) },
      { try .procrustes($0, $1) }, { try .canonicalCorrelation($0, $1) }, { try .svcca($0, $1) },
      { try .pwcca($0, $1) },
      { try .representational(DissimilarityMatrix($0, .euclidean), DissimilarityMatrix($1, .euclidean)) },
    ]
    for measure in rotational {
      #expect(abs(try measure(a, b).value - measure(a, turned).value) < 1e-9)
      #expect(abs(try measure(b, turned).value - 1) < 1e-9)
    }
    let affine: [Measure] = [{ try .canonicalCorrelation($0, $1) }, { try .pwcca($0, $1) }]
    for measure in affine { #expect(abs(try measure(a, b).value - measure(a, sheared).value) < 1e-9) }
    #expect(
      abs(try PopulationSimilarity.linearCKA(a, b).value - PopulationSimilarity.linearCKA(a, sheared).value)
        > 1e-3)
    let scaled = b * Tensor([1, 2, 3, 4, 5, 6], as: .float64)
    #expect(abs(try PopulationSimilarity.matching(b, scaled).value - 1) < 1e-12)
    #expect(try PopulationSimilarity.matching(b, turned).value < 0.95)
    #expect(abs(PopulationSimilarity.procrustesDistance(1)) < 1e-12)
  }

  @Test func permutationsTellSharedCausesFromChance() throws {
    let (a, b) = populations(60, 5, 4)
    let (other, _) = populations(60, 5, 4, seed: 99)
    for measure in [
      PopulationSimilarity.linearCKA, PopulationSimilarity.matching, PopulationSimilarity.pwcca,
    ] {
      var generator = RandomGenerator(seed: 1)
      let real = try measure(a, b).test(permutations: 199, using: &generator)
      let none = try measure(other, b).test(permutations: 199, using: &generator)
      #expect(real.pGreater == 0.005 && real.z > 3 && real.observed > real.mean)
      #expect(none.pGreater > 0.02)
    }
  }

  @Test func unbiasedAlignmentIsZeroOnAverageForIndependentPopulations() throws {
    let values = try (0..<40).map { seed -> (Double, Double) in
      let (a, _) = populations(20, 30, 2, seed: UInt64(seed), noise: 5)
      let (b, _) = populations(20, 30, 2, seed: UInt64(1_000 + seed), noise: 5)
      return (
        try PopulationSimilarity.unbiasedCKA(a, b).value, try PopulationSimilarity.linearCKA(a, b).value
      )
    }
    let (unbiased, plain) = (Spread(values.map(\.0)), Spread(values.map(\.1)))
    #expect(abs(unbiased.mean) < 4 * unbiased.standardError && plain.mean > 0.3)
  }

  /// Slow independent series look alike under free exchange, and not under shifts.
  @Test func shiftsRespectSlowSeries() throws {
    func slow(_ seed: UInt64) -> Tensor {
      var generator = RandomGenerator(seed: seed)
      var values = [Double](repeating: 0, count: 800)
      for index in 2..<800 { values[index] = 0.9 * values[index - 2] + generator.normal() }
      return Tensor(values, shape: [400, 2])
    }
    var (free, shifted) = (0, 0)
    for seed in 0..<20 {
      let similarity = try PopulationSimilarity.linearCKA(slow(UInt64(seed)), slow(UInt64(seed + 500)))
      var generator = RandomGenerator(seed: 3)
      free += similarity.test(permutations: 99, using: &generator).pGreater <= 0.05 ? 1 : 0
      shifted +=
        similarity.test(.circular(least: 20), permutations: 99, using: &generator).pGreater <= 0.05 ? 1 : 0
    }
    #expect(free >= 15 && shifted <= 6, "\(free) and \(shifted) of 20")
  }

  @Test func sameSeedSameNullWhateverTheThreads() throws {
    let (a, b) = populations(50, 4, 4)
    let similarity = try PopulationSimilarity.linearCKA(a, b)
    func null() -> NullDistribution {
      var generator = RandomGenerator(seed: 6)
      return similarity.test(permutations: 50, using: &generator)
    }
    let first = null()
    let threads = Threads.count
    Threads.count = 1
    defer { Threads.count = threads }
    #expect(null() == first)
  }

  @Test func theWholeComparisonRuns() throws {
    let (a, b) = populations(80, 6, 5)
    var settings = PopulationComparison.Settings()
    (settings.permutations, settings.sampleLimit) = (39, 60)
    var generator = RandomGenerator(seed: 1)
    let found = try PopulationComparison(a, b, settings, using: &generator)
    #expect(found.rows.count == 9 && found.rows.allSatisfy { $0.pValue == 0.025 && $0.value > $0.chance })
    #expect(found.rows.first { $0.measure == "rsa" }?.samples == 60)
    #expect(found.secondFromFirst > 0.7 && found.firstFromSecond > 0.7 && found.remarks.count == 1)
  }
}

@Suite struct DissimilarityTests {
  let known = Reference.known

  @Test func distancesAndTheirAgreementAreSciPys() throws {
    let names: [(DissimilarityMatrix.Measure, String)] = [
      (.correlation, "correlation"), (.euclidean, "euclidean"), (.squaredEuclidean, "sqeuclidean"),
      (.cosine, "cosine"),
    ]
    for (measure, name) in names {
      for (activity, expected) in zip([known.first, known.second], known.dissimilarities[name]!) {
        #expect(largestError(try DissimilarityMatrix(activity, measure).values, expected) < 1e-8, "\(name)")
      }
    }
    let (a, b) = (try DissimilarityMatrix(known.first), try DissimilarityMatrix(known.second))
    for agreement in DissimilarityMatrix.Agreement.allCases {
      #expect(abs(a.compared(with: b, agreement) - known.agreement[agreement.rawValue]!) < 1e-7)
    }
    #expect(abs(try PopulationSimilarity.representational(a, b).value - known.agreement["spearman"]!) < 1e-7)
  }

  /// More conditions than a block of the product holds.
  @Test func blocksMakeTheWholeMatrix() throws {
    let (a, _) = populations(300, 7, 2)
    let found = try DissimilarityMatrix(a, .correlation)
    let rows = (0..<300).map { a[$0].doubles }
    for (i, j) in [(0, 1), (0, 299), (127, 128), (128, 255), (130, 131), (298, 299), (255, 256)] {
      #expect(abs(found[i, j] - (1 - Correlation.pearson(rows[i], rows[j]).coefficient)) < 1e-12)
    }
    #expect(found.values.count == 300 * 299 / 2)
  }

  @Test func permutationAndBootstrapFollowTheAgreement() throws {
    let (a, b) = (try DissimilarityMatrix(known.first), try DissimilarityMatrix(known.second))
    var generator = RandomGenerator(seed: 1)
    for agreement in DissimilarityMatrix.Agreement.allCases {
      let test = try a.test(with: b, agreement, permutations: 99, using: &generator)
      #expect(abs(test.observed - a.compared(with: b, agreement)) < 1e-12)
      #expect(abs(test.mean) < 0.1 && test.pGreater < 0.1)
    }
    let interval = a.interval(with: b, draws: 200, using: &generator)
    #expect(interval.low < interval.estimate && interval.estimate < interval.high)
    #expect(a[2, 7] == a[7, 2] && a[3, 3] == 0 && a.rows[2][7] == a[2, 7])
  }

  @Test func crossValidatedDistancesAreFreeOfBias() throws {
    let runs = known.crossnobis.runs
    let tensor = Tensor(
      runs.flatMap { $0.flatMap { $0 } }, shape: [runs.count, runs[0].count, runs[0][0].count])
    let found = try DissimilarityMatrix.crossValidated(tensor)
    #expect(largestError(found.values, known.crossnobis.distances) < 1e-9)
    var generator = RandomGenerator(seed: 3)
    let residuals = Tensor.normal([100, 8], .float64, using: &generator)
    let noise = (0..<50).map { _ -> Double in
      let silent = Tensor.normal([4, 6, 8], .float64, using: &generator)
      let values = try! DissimilarityMatrix.crossValidated(silent, noise: residuals).values
      return values.reduce(0, +) / Double(values.count)
    }
    #expect(abs(Spread(noise).mean) < 4 * Spread(noise).standardError)
  }

  @Test func badPatternsAreNamed() {
    // The mean of three times 0.1 is not 0.1 in floating point.
    let flat = Tensor([0.1, 0.1, 0.1, 1, 2, 3], shape: [2, 3])
    let error = #expect(throws: CajalError.self) { try DissimilarityMatrix(flat, .correlation) }
    #expect(error?.message.contains("condition 0") == true)
    #expect(throws: CajalError.self) { try DissimilarityMatrix(conditions: 4, values: [1, 2]) }
    #expect(throws: CajalError.self) { try DissimilarityMatrix.crossValidated(flat) }
  }
}
