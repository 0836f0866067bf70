import Probing
import Statistics
import StudyCore
import Support
import Tensors

extension RelationNeurons {
  /// Average precision and the ranking by it, pooling over tokens, and relative drops.
  public static func verify(_ golden: inout GoldenFile) throws {
    let tolerance = try golden.tolerance("abs", otherwise: 1e-9)
    try verifyExpertise(&golden, tolerance)
    if let pooling = golden.section("pooling") {
      var comparison = Comparison("pooling")
      let sequences = try pooling.matrices("sequences")
      let lengths = try pooling.integers("lengths")
      let expected = try pooling.rows("max_pooled")
      guard lengths.count == sequences.count,
        zip(lengths, sequences).allSatisfy({ (1...$1.count).contains($0) }),
        expected.count == lengths.count, let width = sequences.first?.first?.count,
        sequences.joined().allSatisfy({ $0.count == width })
      else {
        throw CajalError(
          "'sequences', 'lengths' and 'max_pooled' should describe the same sequences, no longer than they are, of equal width"
        )
      }
      comparison.check(
        pooled(sequences, lengths, width), expected.flatMap { $0 }, absolute: tolerance)
      golden.report(comparison)
    }
    if let drops = golden.section("drops") {
      var comparison = Comparison("drops")
      let before = try drops.numbers("acc_before")
      let after = try drops.rows("acc_after_deactivating_row_relation")
      let expected = try drops.rows("relative_drop")
      guard after.allSatisfy({ $0.count == before.count }) else {
        throw CajalError("'acc_after_deactivating_row_relation' should have rows of \(before.count) numbers")
      }
      let measured = after.map { DeactivationMatrix.relativeDrops(before: before, after: $0) }
      // The file gives eight digits.
      comparison.check(
        measured.flatMap { $0 }, expected.flatMap { $0 }, absolute: Swift.max(tolerance, 5.1e-9))
      golden.report(comparison)
    }
  }

  private static func verifyExpertise(_ golden: inout GoldenFile, _ tolerance: Double) throws {
    guard let labelled = golden.section("labels"), let given = golden.section("responses"),
      let expected = golden.section("average_precision"), let order = golden.section("ranking")
    else { return }
    let labels = try wrapped(labelled).integers("it").map { $0 == 1 }
    let responses = try wrapped(given).rows("it")
    guard responses.count == labels.count, let width = responses.first?.count,
      responses.allSatisfy({ $0.count == width })
    else {
      throw CajalError("'responses' should have a row of equal length for each of \(labels.count) labels")
    }
    let ranked = try RankedResponses(Tensor(responses.flatMap { $0 }, shape: [responses.count, width]))
    let precision = try ranked.averagePrecision(labels)
    var comparison = Comparison("average_precision")
    comparison.check(precision, try wrapped(expected).numbers("it"), absolute: tolerance)
    golden.report(comparison)
    var places = Comparison("ranking")
    places.checkEqual(ranking(precision), try wrapped(order).integers("it"), "ranking")
    golden.report(places)
  }

  /// A section that is an array, where one with keys is asked for.
  private static func wrapped(_ value: JSONValue) -> JSONValue { .object(["it": value]) }

  /// Padded with numbers that would win if padding counted.
  private static func pooled(_ sequences: [[[Double]]], _ lengths: [Int], _ width: Int) -> [Double] {
    let longest = lengths.max() ?? 0
    let padded = zip(sequences, lengths).flatMap { (rows: [[Double]], length: Int) -> [Double] in
      rows.prefix(length).flatMap { $0 } + [Double](repeating: 1e6, count: (longest - length) * width)
    }
    let batch = Tensor(padded, shape: [sequences.count, longest, width])
    return Pooling.max(batch, lengths: lengths).doubles
  }
}

extension JSONValue {
  /// The rows of numbers at `key`.
  fileprivate func rows(_ key: String) throws -> [[Double]] {
    guard let list = self[key].array, !list.isEmpty else {
      throw CajalError("'\(key)' should be an array of rows")
    }
    return try list.map { try JSONValue.object([key: $0]).numbers(key) }
  }

  /// Lists of rows at `key`.
  fileprivate func matrices(_ key: String) throws -> [[[Double]]] {
    guard let list = self[key].array, !list.isEmpty else {
      throw CajalError("'\(key)' should be an array of arrays of rows")
    }
    return try list.map { try JSONValue.object([key: $0]).rows(key) }
  }
}
