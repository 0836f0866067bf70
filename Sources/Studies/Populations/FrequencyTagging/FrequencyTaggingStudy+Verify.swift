import Alignment
import Probing
import Statistics
import StudyCore
import Support
import Tensors

extension FrequencyTaggingStudy {
  public static func verify(_ golden: inout GoldenFile) throws {
    let reference = try Reference(&golden)
    if let reference {
      for (name, values) in reference.measured() {
        try golden.compare(name, values, tolerance: reference.tolerance)
      }
    }
    let tolerance = try golden.tolerance("absolute", otherwise: 1e-6)
    try verifyCoherence(&golden, tolerance)
    try verifySimilarity(&golden, tolerance)
  }

  /// The file's series, and everything that is computed of them.
  private struct Reference {
    let tagging: FrequencyTagging
    let experiment, control: Tensor
    let orders: [[Int]]
    let limit: Double
    let tolerance: Double

    /// Nil where an input is missing, which is recorded.
    init?(_ golden: inout GoldenFile) throws {
      var inputs: [String: JSONValue] = [:]
      let names = ["fs", "experiment", "control", "permutations", "z_threshold_used_here"]
      for name in names { inputs[name] = golden.section(name) }
      guard inputs.count == names.count else { return nil }
      let all = JSONValue.object(inputs)
      let (x, y) = (try all.rows("experiment"), try all.rows("control"))
      guard x.count == y.count, x[0].count == y[0].count, x.count > 3, x.count % 4 == 0 else {
        throw CajalError(
          "'control' is \(y.count)×\(y[0].count), 'experiment' \(x.count)×\(x[0].count): expected the same, whole sentences of 4"
        )
      }
      let permutations = try all.rows("permutations")
      orders = try permutations.map { row in
        let order = row.compactMap { Int(exactly: $0) }
        guard order.sorted() == Array(0..<x.count) else {
          throw CajalError("'permutations' should hold orders of 0 to \(x.count - 1)")
        }
        return order
      }
      let rate = try all.number("fs")
      guard rate > 0 else { throw CajalError("'fs' is \(rate), expected more than 0") }
      tagging = .hierarchical(unitRate: rate, sentenceLength: 4)
      experiment = Tensor(x.flatMap { $0 }, shape: [x.count, x[0].count])
      control = Tensor(y.flatMap { $0 }, shape: [y.count, y[0].count])
      limit = try all.number("z_threshold_used_here")
      tolerance = try golden.tolerance("absolute", otherwise: 1e-6)
      for name in names {
        var comparison = Comparison(name)
        comparison.checkEqual(inputs[name]!.isNull, false, "presence")
        golden.report(comparison)
      }
    }

    func measured() -> [(String, [Double])] {
      let (real, other) = (tagging.amplitudes(experiment), tagging.amplitudes(control))
      let test = tagging.permutationTest(experiment, orders: orders)
      let contrast = tagging.contrast(real, other, significant: test.isSignificant)
      let z = contrast.map { FrequencyTagging.zScores($0) }
      let selected = z.map { FrequencyTagging.selected($0, above: limit).map(Double.init) }
      let count = experiment.size(0)
      func flags(_ tag: Int) -> [Double] { test.isSignificant[tag][0].map { $0 ? 1 : 0 } }
      return [
        ("freqs", tagging.frequencies(count)),
        ("bin_1hz", [Double(tagging.bin(tagging.tags[0].frequencies[0], of: count))]),
        ("bin_2hz", [Double(tagging.bin(tagging.tags[1].frequencies[0], of: count))]),
        ("amp_exp_1hz", real[0][0]), ("amp_exp_2hz", real[1][0]), ("amp_ctrl_1hz", other[0][0]),
        ("amp_ctrl_2hz", other[1][0]), ("thr_1hz", test.thresholds[0][0]), ("thr_2hz", test.thresholds[1][0]),
        ("sig_1hz", flags(0)), ("sig_2hz", flags(1)), ("si_value", contrast[0]), ("pi_value", contrast[1]),
        ("si_z", z[0]), ("pi_z", z[1]), ("si_selected", selected[0]), ("pi_selected", selected[1]),
      ]
    }
  }

  private static func verifyCoherence(_ golden: inout GoldenFile, _ tolerance: Double) throws {
    guard let section = golden.section("itpc") else { return }
    var comparison = Comparison("itpc")
    comparison.check(
      InterTrialCoherence.of(phases: try section.rows("phases_trials_by_freq")), try section.numbers("itpc"),
      absolute: tolerance)
    golden.report(comparison)
  }

  private static func verifySimilarity(_ golden: inout GoldenFile, _ tolerance: Double) throws {
    guard let section = golden.section("rsa") else { return }
    func dissimilarity(_ key: String) throws -> DissimilarityMatrix {
      let rows = try section.rows(key)
      return try DissimilarityMatrix(Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count]))
    }
    let (a, b) = (try dissimilarity("patterns_a"), try dissimilarity("patterns_b"))
    guard a.conditions == b.conditions else {
      throw CajalError("'patterns_a' has \(a.conditions) rows and 'patterns_b' \(b.conditions)")
    }
    var comparison = Comparison("rsa")
    for (found, key) in [(a, "rdm_a"), (b, "rdm_b")] {
      comparison.check(found.rows.flatMap { $0 }, try section.rows(key).flatMap { $0 }, absolute: tolerance)
    }
    comparison.check(a.compared(with: b), try section.number("spearman_offdiagonal"), absolute: tolerance)
    golden.report(comparison)
  }
}

extension GoldenFile {
  /// Compares numbers, one number or truth values with the section of that name.
  fileprivate mutating func compare(_ name: String, _ values: [Double], tolerance: Double) throws {
    guard let section = section(name) else { return }
    let entries = section.array ?? [section]
    let expected = entries.compactMap { entry in entry.double ?? entry.bool.map { $0 ? 1 : 0 } }
    guard expected.count == entries.count else {
      throw CajalError("'\(name)' should be numbers or truth values")
    }
    var comparison = Comparison(name)
    // A set may be empty.
    comparison.checkEqual(values.count, expected.count, "how many")
    if values.count == expected.count { comparison.check(values, expected, absolute: tolerance) }
    report(comparison)
  }
}
