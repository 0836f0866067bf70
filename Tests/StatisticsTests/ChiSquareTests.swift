import Statistics
import Testing

/// Against scipy.stats.chi2_contingency(correction=False) and scipy.special.gammaincc.
@Suite struct ChiSquareTests {
  @Test func agreesWithSciPy() {
    let test = ChiSquareTest([[10, 20, 30], [6, 9, 17]])
    #expect(abs(test.statistic - 0.27157465150403504) < 1e-12 && test.freedom == 2)
    #expect(abs(test.pValue - 0.873028283380073) < 1e-12)
    let other = ChiSquareTest([[30, 5], [10, 25], [0, 0]])
    #expect(abs(other.statistic - 23.333333333333332) < 1e-12 && other.freedom == 1)
    #expect(abs(other.pValue / 1.3621872098901454e-06 - 1) < 1e-9)
    #expect(ChiSquareTest([[1, 2]]).pValue == 1)
    for (x, a, expected) in [
      (0.5, 0.5, 0.31731050786291115), (3, 5, 0.8152632445237722), (40, 12, 6.084202717664003e-08),
    ] {
      #expect(abs(Distributions.upperIncompleteGamma(x, a) / expected - 1) < 1e-9)
    }
  }
}
