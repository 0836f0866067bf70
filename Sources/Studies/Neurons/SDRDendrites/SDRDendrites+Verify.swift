import Neurons
import StudyCore
import Support

extension SDRDendrites {
  public static func verify(_ golden: inout GoldenFile) throws {
    let tolerance = Tolerance(
      relative: try golden.tolerance("p_rel", otherwise: 1e-9),
      log10: try golden.tolerance("log10p_abs", otherwise: 1e-9))
    try compare("false_positive", &golden) { rows, comparison in
      for row in try list(rows, "false_positive") {
        let (n, a, s) = (try row.integer("n"), try row.integer("a"), try row.integer("s"))
        let theta = try row.integer("theta")
        try check(0 <= a && a <= n && 0 <= s && s <= n, "'false_positive' has a = \(a), s = \(s) of n = \(n)")
        try tolerance.check(
          row, RecognitionTheory.falsePositive(n: n, a: a, s: s, theta: theta),
          RecognitionTheory.log10FalsePositive(n: n, a: a, s: s, theta: theta), &comparison)
      }
    }
    try compare("false_negative", &golden) { rows, comparison in
      for row in try list(rows, "false_negative") {
        let (a, s, v) = (try row.integer("a"), try row.integer("s"), try row.integer("v"))
        let theta = try row.integer("theta")
        try check(0 <= s && s <= a && 0 <= v && v <= a, "'false_negative' has s = \(s), v = \(v) of a = \(a)")
        try tolerance.check(
          row, RecognitionTheory.falseNegative(a: a, s: s, theta: theta, v: v),
          RecognitionTheory.log10FalseNegative(a: a, s: s, theta: theta, v: v), &comparison)
      }
    }
    try verifyUnions(&golden, tolerance)
    try compare("optimal_threshold_curve", &golden) { try verifyCurve($0, tolerance, &$1) }
    try compare("kernel", &golden) { try verifyKernel($0, &$1) }
  }

  private struct Tolerance {
    var relative: Double
    var log10: Double

    func check(_ row: JSONValue, _ p: Double, _ log10p: Double, _ comparison: inout Comparison) throws {
      comparison.check(p, try row.number("p"), relative: relative)
      // An impossible event has no logarithm.
      let expected = row["log10p"].isNull ? -Double.infinity : try row.number("log10p")
      comparison.check(log10p, expected, absolute: log10)
    }
  }

  private static func compare(
    _ name: String, _ golden: inout GoldenFile, _ body: (JSONValue, inout Comparison) throws -> Void
  ) throws {
    guard let value = golden.section(name) else { return }
    var comparison = Comparison(name)
    try body(value, &comparison)
    golden.report(comparison)
  }

  private static func list(_ value: JSONValue, _ name: String) throws -> [JSONValue] {
    guard let rows = value.array else { throw CajalError("'\(name)' should be an array of objects") }
    return rows
  }

  private static func check(_ condition: Bool, _ problem: String) throws {
    guard condition else { throw CajalError(problem) }
  }

  private static func verifyUnions(_ golden: inout GoldenFile, _ tolerance: Tolerance) throws {
    try compare("union_on_bits", &golden) { rows, comparison in
      for row in try list(rows, "union_on_bits") {
        let (n, k, count) = (try row.integer("n"), try row.integer("k"), try row.integer("M"))
        try check(
          n > 0 && 0 <= k && k <= n && count >= 0, "'union_on_bits' has k = \(k) of n = \(n), M = \(count)")
        comparison.check(
          RecognitionTheory.unionSize(n: n, k: k, count: count), try row.number("on"),
          relative: tolerance.relative)
      }
    }
    try compare("union_false_positive", &golden) { rows, comparison in
      for row in try list(rows, "union_false_positive") {
        let (n, a, k) = (try row.integer("n"), try row.integer("a"), try row.integer("k"))
        let (count, theta) = (try row.integer("M"), try row.integer("theta"))
        try check(
          n > 0 && 0 <= k && k <= n && 0 <= a && a <= n && count >= 0,
          "'union_false_positive' has a = \(a), k = \(k) of n = \(n), M = \(count)")
        let size = Int(RecognitionTheory.unionSize(n: n, k: k, count: count).rounded())
        comparison.checkEqual(size, try row.integer("s_union"), "s_union")
        try tolerance.check(
          row, RecognitionTheory.falsePositive(n: n, a: a, s: k, theta: theta, storedPatterns: count),
          RecognitionTheory.log10FalsePositive(n: n, a: a, s: size, theta: theta), &comparison)
      }
    }
  }

  private static func verifyCurve(
    _ value: JSONValue, _ tolerance: Tolerance, _ comparison: inout Comparison
  ) throws {
    let rows = try list(value["rows"], "rows")
    let (populations, synapses) = (try value.integers("n"), try value.integers("s"))
    let sparsities = try value.numbers("sparsity")
    try check(
      !populations.isEmpty && !synapses.isEmpty && !sparsities.isEmpty
        && sparsities.allSatisfy { (0...1).contains($0) }
        && synapses.allSatisfy { $0 >= 0 && $0 <= populations.min()! },
      "'optimal_threshold_curve' needs n, s not above n, and sparsities from 0 to 1")
    let curve = ThresholdCurve(
      populations: populations, sparsities: sparsities, synapses: synapses,
      thetas: try rows.map { try $0.integer("theta") })
    for (row, expected) in zip(curve.rows, rows) {
      for (name, measured) in [
        ("mean", row.mean), ("median", row.median), ("min", row.min), ("max", row.max),
      ] {
        comparison.check(measured, try expected.number(name), relative: tolerance.relative)
      }
    }
  }

  private static func verifyKernel(_ value: JSONValue, _ comparison: inout Comparison) throws {
    let (n, theta) = (try value.integer("n"), try value.integer("theta"))
    func sets(_ key: String) throws -> [SDR] {
      guard let rows = value[key].array, !rows.isEmpty else {
        throw CajalError("'\(key)' should be an array of sets")
      }
      return try rows.map { row in
        let cells = row.array?.compactMap(\.int) ?? []
        guard cells.count == row.array?.count else { throw CajalError("'\(key)' should hold whole numbers") }
        return try SDR(cells, of: n)
      }
    }
    try check(n > 0, "'kernel' has n = \(n)")
    let (dendrites, inputs) = (try sets("dendrites"), try sets("inputs"))
    let matrix = try SDRMatrix(dendrites)
    for (index, input) in inputs.enumerated() {
      let overlaps = matrix.overlaps(with: input).map(Int.init)
      let fires = dendrites.map { DendriticSegment(synapses: $0, threshold: theta).fires(input) ? 1 : 0 }
      let neuron = try DendriticNeuron(segments: dendrites, nonlinearity: .threshold(theta))
      comparison.checkEqual(
        overlaps, value["overlaps"][index].array?.compactMap(\.int), "overlaps of input \(index)")
      comparison.checkEqual(
        fires, value["dendrite_fires"][index].array?.compactMap(\.int), "dendrite_fires of input \(index)")
      comparison.checkEqual(
        neuron.predict(input) ? 1 : 0, value["neuron_fires"][index].int, "neuron_fires of input \(index)")
      comparison.checkEqual(
        matrix.maximumOverlap(input), value["max_overlap"][index].int, "max_overlap of input \(index)")
    }
  }
}
