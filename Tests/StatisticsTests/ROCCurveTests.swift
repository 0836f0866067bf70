import Statistics
import Support
import Testing

@Suite struct ROCCurveTests {
  @Test func tiesShareAPoint() throws {
    let curve = try ROCCurve(scores: [3, 2, 2, 1, 0], labels: [true, true, false, false, true])
    #expect(curve.falsePositiveRates == [0, 0, 0.5, 1, 1])
    let (third, twoThirds): (Double, Double) = (1.0 / 3, 2.0 / 3)
    let rates: [Double] = [0, third, twoThirds, twoThirds, 1]
    #expect(curve.truePositiveRates == rates)
    #expect(curve.truePositiveRate(atFalsePositiveRate: 0.25) == third)
    #expect(curve.truePositiveRate(atFalsePositiveRate: 0.5) == twoThirds)
    #expect(curve.truePositiveRate(atFalsePositiveRate: 1) == 1)
  }

  @Test func theAreaIsThatOfRanks() throws {
    var g = RandomGenerator(seed: 1)
    let labels = (0..<500).map { _ in g.uniform() < 0.1 }
    let scores = labels.map { Double(g.integer(below: 40)) + ($0 ? 8 : 0) }
    let curve = try ROCCurve(scores: scores, labels: labels)
    #expect(abs(curve.area - (try areaUnderROC(scores: scores, labels: labels))) < 1e-12)
    let thin = curve.thinned(to: 10)
    #expect(thin.falsePositiveRates.count < 16 && thin.truePositiveRates.last == 1)
  }

  @Test func oneKindOfLabelIsRefused() {
    #expect(throws: CajalError.self) { _ = try ROCCurve(scores: [1, 2], labels: [true, true]) }
    #expect(throws: CajalError.self) { _ = try ROCCurve(scores: [1], labels: [true, false]) }
    #expect(throws: CajalError.self) { _ = try ROCCurve(scores: [1, .nan], labels: [true, false]) }
  }
}
