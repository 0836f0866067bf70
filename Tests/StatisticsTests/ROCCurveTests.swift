import Statistics
import Support
import Testing

@Suite struct ROCCurveTests {
  @Test func tiesShareAPoint() throws {
    let curve = try ROCCurve(scores: [3, 2, 2, 1, 0], labels: [true, true, false, false, true])
    let third: Double = 1.0 / 3
    let (falses, trues): ([Double], [Double]) = ([0, 0, 0.5, 1, 1], [0, third, 2 * third, 2 * third, 1])
    #expect(curve.falsePositiveRates == falses)
    #expect(curve.truePositiveRates == trues)
    #expect(curve.truePositiveRate(atFalsePositiveRate: 0.25) == third)
    #expect(curve.truePositiveRate(atFalsePositiveRate: 0.5) == 2 * third)
    #expect(curve.truePositiveRate(atFalsePositiveRate: 1) == 1)
  }

  @Test func theAreaIsThatOfRanks() throws {
    var g = RandomGenerator(seed: 1)
    let labels = (0..<500).map { _ in g.uniform() < 0.1 }
    let scores = labels.map { Double(g.integer(below: 40)) + ($0 ? 8 : 0) }
    let curve = try ROCCurve(scores: scores, labels: labels)
    let ofRanks: Double = try areaUnderROC(scores: scores, labels: labels)
    #expect(abs(curve.area - ofRanks) < 1e-12)
    let thin = curve.thinned(to: 10)
    #expect(thin.falsePositiveRates.count < 16 && thin.truePositiveRates.last == 1)
  }

  @Test func oneKindOfLabelIsRefused() {
    #expect(throws: CajalError.self) { _ = try ROCCurve(scores: [1, 2], labels: [true, true]) }
    #expect(throws: CajalError.self) { _ = try ROCCurve(scores: [1], labels: [true, false]) }
    #expect(throws: CajalError.self) { _ = try ROCCurve(scores: [1, .nan], labels: [true, false]) }
  }
}
