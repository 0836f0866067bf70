import Foundation
import Probing
import Statistics
import Support
import Tensors
import Testing

/// Against SciPy and scikit-learn, and closed forms.
@Suite struct StatisticsTests {
  private func reference() throws -> Reference.Selectivity { try Reference.selectivity.get() }

  @Test func distributionsAgree() throws {
    let values = try reference().distributions
    for i in values.beta.x.indices {
      let value = Distributions.incompleteBeta(values.beta.x[i], values.beta.a[i], values.beta.b[i])
      #expect(agree(value, values.beta.value[i], 1e-9), "I_x(a, b) \(i)")
    }
    for i in values.student.t.indices {
      let p = Distributions.studentTwoSided(values.student.t[i], freedom: values.student.df[i])
      #expect(agree(p, values.student.p[i], 1e-9), "t \(values.student.t[i])")
    }
    for (p, z) in zip(values.quantile.p, values.quantile.z) {
      #expect(agree(Distributions.normalQuantile(p), z, 1e-9), "quantile \(p)")
    }
    #expect(Distributions.normalQuantile(0) == -.infinity && Distributions.normalQuantile(1) == .infinity)
    #expect(Distributions.normalQuantile(-1).isNaN && Distributions.incompleteBeta(.nan, 1, 1).isNaN)
    #expect(
      Distributions.incompleteBeta(0.3, 1, 1) == 0.3 || agree(Distributions.incompleteBeta(0.3, 1, 1), 0.3))
    #expect(Distributions.studentTwoSided(.infinity, freedom: 3) == 0)
  }

  @Test func signTestsAgree() throws {
    for row in try reference().distributions.sign {
      let differences =
        Array(repeating: 2.0, count: row.positive) + Array(repeating: -0.1, count: row.negative) + [0]
      let test = SignTest(differences)
      #expect(test.positive == row.positive && test.negative == row.negative)
      #expect(agree(test.greater, row.greater) && agree(test.twoSided, row.twoSided))
    }
    #expect(SignTest([0, 0]).twoSided == 1)
  }

  @Test func groupsCompareAsInSciPy() throws {
    for row in try reference().twoGroups {
      let comparison = GroupComparison(row.first, row.second)
      #expect(agree(comparison.cohensD, row.cohensD) && agree(comparison.hedgesG, row.hedgesG))
      #expect(agree(comparison.standardisedMargin, row.margin))
      #expect(agree(comparison.welchT, row.welchT) && agree(comparison.welchFreedom, row.welchDf))
      #expect(agree(comparison.welchP, row.welchP, 1e-9))
    }
    let flat = GroupComparison([2, 2, 2], [2, 2])
    #expect(flat.cohensD == 0 && flat.welchT == 0 && flat.welchP == 1)
    let apart = GroupComparison([2, 2, 2], [1, 1])
    #expect(apart.cohensD == .infinity && apart.standardisedMargin == .infinity && apart.welchP == 0)
    #expect(GroupComparison([1], [2, 3]).welchT.isNaN)
  }

  @Test func correlationsAgree() throws {
    for row in try reference().correlations {
      let (pearson, spearman) = (Correlation.pearson(row.x, row.y), Correlation.spearman(row.x, row.y))
      #expect(agree(pearson.coefficient, row.pearson) && agree(pearson.pValue, row.pearsonP, 1e-8))
      #expect(agree(spearman.coefficient, row.spearman) && agree(spearman.pValue, row.spearmanP, 1e-8))
      #expect(agree(pearson.interval().low, row.low, 1e-8) && agree(pearson.interval().high, row.high, 1e-8))
      #expect(Correlation.ranks(row.x) == row.ranks)
    }
    #expect(Correlation.pearson([1, 1, 1], [1, 2, 3]).coefficient.isNaN)
    #expect(Correlation.pearson([1, 2, 3, 4], [2, 4, 6, 8]).pValue == 0)
    #expect(Correlation.pearson([1, 2], [5, 9]).pValue.isNaN)
  }

  @Test func adjustedPValuesAgree() throws {
    let row = try reference().adjusted
    for (method, expected) in [
      (MultipleComparisons.bonferroni, row.bonferroni), (.holm, row.holm),
      (.benjaminiHochberg, row.benjaminiHochberg), (.benjaminiYekutieli, row.benjaminiYekutieli),
    ] {
      let adjusted = method.adjusted(row.p)
      #expect(zip(adjusted, expected).allSatisfy { agree($0, $1) }, "\(method)")
      #expect(method.adjusted([]).isEmpty)
      // A test that could not be made does not count as one.
      let gap = method.adjusted(row.p + [.nan])
      #expect(gap.last!.isNaN && Array(gap.dropLast()) == adjusted)
    }
    #expect(MultipleComparisons.benjaminiHochberg.rejected(row.p, level: 0.05) == [0, 6])
  }

  @Test func informationAgrees() throws {
    let row = try reference().information
    let samples = Tensor(row.activity.flatMap { $0 }, shape: [row.activity.count, row.activity[0].count])
    for (binning, expected) in [
      (MutualInformation.Binning.threshold(row.threshold), row.byThreshold),
      (.equalWidth(5), row.equalWidth5),
      (.quantiles(4), row.quantiles4),
    ] {
      let bits = MutualInformation.bits(samples, label: row.label, labels: 3, binning)
      #expect(zip(bits, expected).allSatisfy { abs($0 - $1) < 1e-6 }, "\(binning): \(bits), \(expected)")
    }
    #expect(
      agree(MutualInformation.bits([[5, 0], [0, 5]]), 1)
        && MutualInformation.bits([[3, 3], [2, 2]]) < 1e-15)
    #expect(MutualInformation.bits([[0, 0]]).isNaN)
  }

  @Test func theCorrectionTakesTheBiasOff() {
    var generator = RandomGenerator(seed: 3)
    let label = (0..<80).map { _ in generator.integer(below: 4) }
    let noise = Tensor.normal([80, 200], using: &generator)
    let plain = MutualInformation.bits(noise, label: label, labels: 4, .quantiles(5))
    let corrected = MutualInformation.bits(noise, label: label, labels: 4, .quantiles(5), corrected: true)
    #expect(Spread(plain).mean > 0.08)
    #expect(abs(Spread(corrected).mean) < 0.02)
  }

  @Test func bootstrapIntervalsAgree() throws {
    let row = try reference().bootstrap
    var generator = RandomGenerator(seed: 1)
    var bootstrap = Bootstrap(draws: 40_000)
    let accelerated = bootstrap.interval(row.values, using: &generator)
    #expect(agree(accelerated.low, row.bca[0], 0.01) && agree(accelerated.high, row.bca[1], 0.01))
    bootstrap.kind = .percentile
    let plain = bootstrap.interval(row.values, using: &generator)
    #expect(agree(plain.low, row.percentile[0], 0.01) && agree(plain.high, row.percentile[1], 0.01))
    #expect(plain.estimate == row.values.reduce(0, +) / Double(row.values.count))
    let none = bootstrap.interval([[1, 2, 3], [1, 2, 3]], using: &generator) { _ in 4 }
    #expect(none.estimate == 4 && none.low == 4 && none.high == 4)
  }

  @Test func bootstrapsRepeatWhateverTheThreads() {
    let values = [1.0, 4, 2, 8, 5, 7]
    func interval() -> Bootstrap.Interval {
      var generator = RandomGenerator(seed: 9)
      return Bootstrap(draws: 500).interval(values, using: &generator)
    }
    let first = interval()
    #expect(interval() == first)
    var generator = RandomGenerator(seed: 9)
    _ = Bootstrap(draws: 500).interval(values, using: &generator)
    #expect(Bootstrap(draws: 500).interval(values, using: &generator) != first)
  }

  @Test func sharedElementsAreCounted() {
    #expect(JaccardIndex.of(Set([1, 2, 3]), Set([2, 3, 4, 5])) == 0.4)
    #expect(JaccardIndex.of(Set<Int>(), Set<Int>()).isNaN && JaccardIndex.of(Set([1]), Set<Int>()) == 0)
    let a = NeuronSet(blocks: [[1, 2], [5]])
    #expect(a.jaccardIndex(with: NeuronSet(blocks: [[2], [5, 6]])) == 0.5)
    #expect(a.jaccardIndex(with: a) == 1)
    #expect(agree(JaccardIndex.expected(10, 20, of: 100), 2.0 / 28))
  }
}
