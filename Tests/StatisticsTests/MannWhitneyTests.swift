import Statistics
import Testing

@Suite struct MannWhitneyTests {
  /// Numbers of SciPy's `mannwhitneyu(a, b, alternative="greater", method="asymptotic")`.
  @Test func valuesAreSciPys() {
    let test = MannWhitneyTest([3.1, 4.2, 5.0, 5.0, 6.3], [1.2, 3.1, 2.8, 5.0, 0.4, 2.2])
    #expect(test.u == 26.5)
    #expect(abs(test.pGreater - 0.0211004097424448) < 1e-9)
    #expect(abs(test.rankBiserial - (2 * 26.5 / 30 - 1)) < 1e-12)
  }

  @Test func equalValuesTellNothing() {
    let test = MannWhitneyTest([1, 1, 1], [1, 1])
    #expect(test.area == 0.5 && test.rankBiserial == 0 && test.pGreater == 1)
  }

  @Test func allLargerIsOne() {
    let test = MannWhitneyTest((50..<100).map(Double.init), (0..<50).map(Double.init))
    #expect(test.u == 2_500 && test.rankBiserial == 1 && test.pGreater < 1e-14)
  }
}
