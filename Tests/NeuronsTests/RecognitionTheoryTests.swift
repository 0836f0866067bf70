import Foundation
import Neurons
import Support
import Testing

@Suite struct RecognitionTheoryTests {
  /// All subsets of `count` of `0..<n` as bit masks.
  private func subsets(_ count: Int, of n: Int) -> [Int] {
    (0..<(1 << n)).filter { $0.nonzeroBitCount == count }
  }

  @Test func falsePositivesAgreeWithCountingEverySet() {
    for (n, a, s) in [(8, 3, 4), (9, 5, 5), (10, 2, 7), (7, 7, 3), (6, 0, 2)] {
      let segment = (1 << s) - 1
      let all = subsets(a, of: n)
      for theta in 0...(n + 1) {
        let firing = all.filter { ($0 & segment).nonzeroBitCount >= theta }.count
        let exact = Double(firing) / Double(all.count)
        let rate = RecognitionTheory.falsePositive(n: n, a: a, s: s, theta: theta)
        #expect(abs(rate - exact) <= 1e-14 * exact, "n=\(n) a=\(a) s=\(s) theta=\(theta)")
        #expect(rate == RecognitionTheory.falsePositive(n: n, a: s, s: a, theta: theta))
      }
    }
  }

  @Test func falseNegativesAgreeWithCountingEverySet() {
    let (a, s) = (9, 5)
    let segment = (1 << s) - 1
    for v in 0...a {
      let all = subsets(v, of: a)
      for theta in 0...(s + 1) {
        let missed = all.filter { s - ($0 & segment).nonzeroBitCount < theta }.count
        let exact = Double(missed) / Double(all.count)
        let rate = RecognitionTheory.falseNegative(a: a, s: s, theta: theta, v: v)
        #expect(abs(rate - exact) <= 1e-14 * exact, "v=\(v) theta=\(theta)")
      }
    }
  }

  @Test func deepTailsKeepTheirDigits() {
    // One term only: C(a, s) / C(n, s), as a sum of exact logarithms of small numbers.
    let (n, a, s) = (200_000, 2000, 200)
    let log10Exact = (0..<s).reduce(0.0) { $0 + log10(Double(a - $1)) - log10(Double(n - $1)) }
    let measured = RecognitionTheory.log10FalsePositive(n: n, a: a, s: s, theta: s)
    #expect(measured < -400 && abs(measured - log10Exact) < 1e-9)
    #expect(RecognitionTheory.falsePositive(n: n, a: a, s: s, theta: s) == 0)
    #expect(RecognitionTheory.log10FalsePositive(n: 100, a: 5, s: 20, theta: 6) == -.infinity)
    #expect(RecognitionTheory.falsePositive(n: 100, a: 5, s: 20, theta: 6) == 0)
    #expect(RecognitionTheory.falsePositive(n: 100, a: 90, s: 20, theta: 10) == 1)
    // A tail that starts far below the mode sums to nearly one.
    #expect(abs(RecognitionTheory.falsePositive(n: 200_000, a: 100_000, s: 5000, theta: 1) - 1) < 1e-12)
  }

  @Test func tailsAreMonotone() {
    for theta in 1..<20 {
      let rate = { RecognitionTheory.falsePositive(n: $0, a: 40, s: 20, theta: $1) }
      #expect(rate(2000, theta) > rate(2000, theta + 1) && rate(1000, theta) >= rate(2000, theta))
    }
  }

  @Test func unionsAndNeurons() {
    #expect(abs(RecognitionTheory.unionSize(n: 2000, k: 40, count: 1) - 40) < 1e-9)
    #expect(abs(RecognitionTheory.unionSize(n: 2000, k: 40, count: 5) - 192.16) < 0.01)
    #expect(RecognitionTheory.unionSize(n: 50, k: 50, count: 3) == 50)
    #expect(RecognitionTheory.unionSize(n: 50, k: 5, count: 0) == 0)
    #expect(abs(RecognitionTheory.anyOf(500, 1e-20) - 5e-18) < 1e-31)
    #expect(RecognitionTheory.anyOf(3, 1) == 1)
    let deep = RecognitionTheory.log10NeuronFalsePositive(
      n: 200_000, a: 2000, s: 200, theta: 200, segments: 10)
    let one = RecognitionTheory.log10FalsePositive(n: 200_000, a: 2000, s: 200, theta: 200)
    #expect(abs(deep - one - 1) < 1e-9)
  }

  /// With a hard threshold the sums are binomial, so that the error can be written out.
  @Test func competingNeuronsAgreeWithTheBinomialLaw() {
    let (n, a, s, theta, segments) = (500, 64, 20, 6, 50)
    let p = RecognitionTheory.falsePositive(n: n, a: a, s: s, theta: theta)
    func binomial(_ count: Int, _ k: Int) -> Double {
      let choose = lgamma(Double(count + 1)) - lgamma(Double(k + 1)) - lgamma(Double(count - k + 1))
      return exp(choose + Double(k) * log(p) + Double(count - k) * log1p(-p))
    }
    var exact = 0.0
    for rival in 0...segments {
      for others in 0..<segments where rival >= 1 + others {
        let weight = rival == 1 + others ? 0.5 : 1
        exact += weight * binomial(segments, rival) * binomial(segments - 1, others)
      }
    }
    let error = RecognitionTheory.competingNeuronsError(
      n: n, a: a, s: s, segments: segments, resolution: 64
    ) { $0 >= theta ? 1 : 0 }
    #expect(exact > 0.01 && abs(error / exact - 1) < 1e-9)
  }

  @Test func solversFindTheEdge() throws {
    let design = try #require(
      RecognitionTheory.smallestSegment(n: 4000, a: 128, v: 26, falsePositive: 1e-9, falseNegative: 1e-3))
    #expect(design.falsePositive < 1e-9 && design.falseNegative < 1e-3)
    #expect(
      RecognitionTheory.thresholds(
        n: 4000, a: 128, s: design.synapses - 1, v: 26, falsePositive: 1e-9, falseNegative: 1e-3) == nil)
    let n = try #require(RecognitionTheory.smallestPopulation(a: 64, s: 24, theta: 12, falsePositive: 1e-6))
    #expect(RecognitionTheory.falsePositive(n: n, a: 64, s: 24, theta: 12) < 1e-6)
    #expect(RecognitionTheory.falsePositive(n: n - 1, a: 64, s: 24, theta: 12) >= 1e-6)
    #expect(
      RecognitionTheory.smallestPopulation(a: 64, s: 2, theta: 0, falsePositive: 0.5, largest: 1000) == nil)
    #expect(RecognitionTheory.largestThreshold(a: 128, s: 30, v: 128, falseNegative: 0.5) == nil)
  }

  @Test func wilsonIntervalsHoldTheRate() {
    let some = BinomialEstimate(events: 10, trials: 100).interval(confidence: 0.95)
    // Newcombe (1998) gives 0.0552 and 0.1744 for 10 of 100.
    #expect(abs(some.lowerBound - 0.0552) < 5e-5 && abs(some.upperBound - 0.1744) < 5e-5)
    let none = BinomialEstimate(events: 0, trials: 100).interval()
    #expect(none.lowerBound == 0 && none.upperBound > 0.05 && none.upperBound < 0.07)
  }

  @Test func thresholdCurveTakesTheMedian() {
    let curve = ThresholdCurve(
      populations: [1000, 2000], sparsities: [0.02], synapses: [20], thetas: [8, 10])
    let rates = [1000, 2000].map {
      RecognitionTheory.falsePositive(n: $0, a: $0 / 50, s: 20, theta: 8)
    }
    #expect(curve.settings == 2 && curve.rows[0].median == (rates[0] + rates[1]) / 2)
    #expect(ThresholdCurve().settings == 210 && ThresholdCurve().firstTheta(medianBelow: 1e-7) == 8)
  }

  @Test func trialsAgreeWithTheoryAndNotWithTheThreads() throws {
    func trials(threads: Int) throws -> [OverlapHistogram] {
      let before = Threads.count
      Threads.count = threads
      defer { Threads.count = before }
      var generator = RandomGenerator(seed: 3)
      return [
        try RecognitionTrials.randomPatterns(n: 300, a: 64, s: 24, trials: 300_000, using: &generator),
        try RecognitionTrials.noisyPatterns(a: 128, s: 30, v: 64, trials: 300_000, using: &generator),
        try RecognitionTrials.activeUnions(
          n: 1000, a: 30, s: 20, count: 10, trials: 300_000, using: &generator),
        try RecognitionTrials.storedUnions(
          n: 1000, a: 40, s: 20, count: 10, trials: 300_000, using: &generator),
      ]
    }
    let one = try trials(threads: 1)
    #expect(try trials(threads: 3) == one)
    #expect(one.allSatisfy { $0.trials == 300_000 })
    func holds(_ estimate: BinomialEstimate, _ exact: Double) -> Bool {
      estimate.interval(confidence: 0.999).contains(exact)
    }
    for theta in 4...9 {
      #expect(
        holds(
          one[0].firing(theta: theta), RecognitionTheory.falsePositive(n: 300, a: 64, s: 24, theta: theta)))
      #expect(
        holds(
          one[1].silent(theta: theta + 5),
          RecognitionTheory.falseNegative(a: 128, s: 30, theta: theta + 5, v: 64)))
      let union = RecognitionTheory.falsePositive(n: 1000, a: 30, s: 20, theta: theta, activePatterns: 10)
      #expect(abs(one[2].firing(theta: theta).rate / union - 1) < 0.05)
      let stored = RecognitionTheory.falsePositive(n: 1000, a: 40, s: 20, theta: theta, storedPatterns: 10)
      #expect(abs(one[3].firing(theta: theta).rate / stored - 1) < 0.1)
    }
  }

  @Test func trialsStopWhenAsked() {
    var generator = RandomGenerator(seed: 1)
    #expect(throws: Interruption.self) {
      try RecognitionTrials.randomPatterns(n: 100, a: 10, s: 5, trials: 10_000_000, using: &generator) {
        done in
        if done > 0 { throw Interruption() }
      }
    }
  }
}
