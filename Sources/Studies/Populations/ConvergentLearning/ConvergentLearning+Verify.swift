import Alignment
import Statistics
import StudyCore
import Support
import Tensors

extension ConvergentLearning {
  public static func verify(_ golden: inout GoldenFile) throws {
    let (inputs, expected) = (golden.section("inputs"), golden.section("expected"))
    guard let inputs, let expected else { return }
    let tolerance = try golden.tolerance("absolute", otherwise: 1e-6)
    let (x, y) = (try inputs.rows("X"), try inputs.rows("Y"))
    guard x.count == y.count, x.count > 1 else {
      throw CajalError("'X' has \(x.count) samples and 'Y' \(y.count), expected the same of both, at least 2")
    }
    let penalty = try inputs.number("lasso_lambda")
    guard penalty >= 0 else { throw CajalError("'lasso_lambda' is \(penalty), expected 0 or more") }
    let (a, b) = (tensor(x), tensor(y))
    var comparison = Comparison("inputs")
    comparison.checkEqual(a.isFinite().all(axis: 1).all(axis: 0).item, 1, "finite values of X")
    golden.report(comparison)

    let moments = try JointMoments(a, b)
    let measured = try kernels(moments, penalty)
    var outcome = Comparison("expected")
    for (name, values) in measured {
      guard !expected[name].isNull else {
        outcome.fail("'\(name)' is missing")
        continue
      }
      outcome.check(values, try flattened(expected[name], name), absolute: tolerance)
    }
    let unknown = (expected.object ?? [:]).keys.filter { name in !measured.contains { $0.name == name } }
      .sorted()
    if !unknown.isEmpty { outcome.fail("unknown entries \(unknown.joined(separator: ", "))") }
    golden.report(outcome)
  }

  /// All that the file expects, by its names.
  private static func kernels(_ moments: JointMoments, _ penalty: Double) throws -> [(
    name: String, values: [Double]
  )] {
    let correlations = moments.correlations()
    let (nearest, oneToOne) = (
      UnitMatching.nearest(correlations.between), UnitMatching.oneToOne(correlations.between)
    )
    let fit = try SparseRegression(correlations).path([penalty])[0]
    return [
      ("mean_X", Array(moments.means.prefix(moments.first))),
      ("std_X", Array(moments.deviations.prefix(moments.first))),
      ("between_corr", correlations.between.doubles), ("within_corr_X", correlations.withinFirst.doubles),
      ("semi_match_index", nearest.partners.map(Double.init)), ("semi_match_corr", nearest.similarities),
      ("bipartite_index", oneToOne.partners.map(Double.init)), ("bipartite_corr", oneToOne.similarities),
      ("lasso_W", fit.weights.flatMap { $0 }), ("lasso_mse_per_unit", fit.errors),
      ("sym_laplacian_eigs", try SpectralClustering(correlations.joint).eigenvalues),
    ]
  }

  private static func tensor(_ rows: [[Double]]) -> Tensor {
    Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count])
  }

  /// The numbers of an array or matrix.
  private static func flattened(_ value: JSONValue, _ name: String) throws -> [Double] {
    guard let array = value.array else { throw CajalError("'\(name)' should be an array of numbers") }
    return try array.flatMap { entry in
      if let number = entry.double { return [number] }
      return try flattened(entry, name)
    }
  }
}
