import Datasets
import Models
import Probing
import Recordings
import StudyCore
import Support
import Tensors

extension InductionHeads {
  public static func verify(_ golden: inout GoldenFile) throws {
    let tolerance = try golden.tolerance("abs", otherwise: 1e-6)
    if let toy = golden.section("toy") { golden.report(try compareToy(toy, tolerance)) }
    // Networks are in single precision.
    if let block = golden.section("block") { golden.report(try compareBlock(block, max(tolerance, 5e-6))) }
    let row = "perfect_induction_pattern_last_row"
    let (strength, pattern) = (golden.section("induction_strength"), golden.section(row))
    guard let strength else { return }
    let batch = try labelled(strength)
    golden.report(try compareStrength(strength, batch, tolerance))
    guard let pattern else { return }
    var comparison = Comparison(row)
    let expected = try JSONValue.object([row: pattern]).numbers(row)
    let given = AttentionClamp.Pattern.induction().row(
      batch.length - 1, of: 0, batch, try FewShotFeatures([0], classes: 1, exemplars: 1, dimension: 1))
    comparison.check(given.map(Double.init), expected, absolute: tolerance)
    golden.report(comparison)
  }

  private static func compareToy(_ toy: JSONValue, _ tolerance: Double) throws -> Comparison {
    var comparison = Comparison("toy")
    let names = ["a", "b", "c"]
    let learning = try RankOneLearning(
      target: names.map { try toy.numbers("true_\($0)") }, start: names.map { try toy.numbers("init_\($0)") })
    guard let runs = toy["runs"].array, !runs.isEmpty else {
      throw CajalError("'runs' should be an array of objects")
    }
    for run in runs {
      guard let clamp = run["clamp"].string, clamp.allSatisfy({ names.contains(String($0)) }),
        let losses = run["loss_at"].object
      else { throw CajalError("a run should have 'clamp', letters of a, b, c, and 'loss_at' by step") }
      let clamped = Set(names.indices.filter { clamp.contains(names[$0]) })
      let expected = try losses.map { key, value -> (Int, Double) in
        guard let step = Int(key), (0...1_000_000).contains(step), let loss = value.double else {
          throw CajalError("'loss_at' should map steps to numbers, not '\(key)'")
        }
        return (step, loss)
      }
      // The file's vectors are those after the step that follows the last loss.
      let course = learning.run(steps: (expected.map(\.0).max() ?? 0) + 1, clamped: clamped)
      for (step, loss) in expected { comparison.check(course.losses[step], loss, absolute: tolerance) }
      comparison.check(course.vectors[0], try run.numbers("a_final"), absolute: tolerance)
    }
    return comparison
  }

  /// One block over given tokens: those at even places as exemplars that the embedding leaves as they are, the others as vectors of labels.
  private struct GivenTokens {
    let model: AttentionOnlyTransformer
    let features: FewShotFeatures
    let batch: FewShotBatch

    init(_ block: JSONValue) throws {
      let x = try block.rows("x")
      let (width, pairs) = (x[0].count, x.count / 2)
      guard x.count % 2 == 1, pairs > 0 else {
        throw CajalError("'x' should have an odd number of rows from 3 on, not \(x.count)")
      }
      let tokens = x.map { $0.map(Float.init) }
      features = try FewShotFeatures(
        stride(from: 0, to: x.count, by: 2).flatMap { tokens[$0] }, classes: pairs + 1, exemplars: 1,
        dimension: width)
      batch = FewShotBatch(
        contextPairs: pairs, exemplars: Array(0...pairs), labels: Array(0..<pairs), matches: [0])
      var generator = RandomGenerator(seed: 1)
      model = try AttentionOnlyTransformer(
        .init(
          dimension: width, labels: pairs, contextPairs: pairs, width: width,
          heads: try block.integer("heads"), blocks: 1), using: &generator)
      model.embedding.weight.value = .eye(width)
      model.labels.weight.value = Tensor(
        (0..<pairs).flatMap { tokens[2 * $0 + 1] }, shape: [pairs, width])
      model.blocks[0].projection.weight.value = try InductionHeads.matrix(block, "w_qkv", [3 * width, width])
      model.blocks[0].output.weight.value = try InductionHeads.matrix(block, "w_out", [width, width])
    }

    /// The stream behind the block, and what both ways through the model give as logits.
    func stream(_ clamps: [AttentionClamp]) throws -> (stream: [Double], logits: [Double], fast: [Double]) {
      let recorder = ActivityRecorder("blocks.0.residual")
      let logits = try withInstruments(recorder) { try model(batch, features, clamps: clamps) }
      let fast = try FastAttentionOnlyTransformer(model).outcome(of: batch, features, clamps: clamps)
      return (
        recorder.taken()["blocks.0.residual"]!.doubles, logits.detached().doubles,
        fast.logits.map(Double.init)
      )
    }
  }

  fileprivate static func matrix(_ value: JSONValue, _ key: String, _ shape: [Int]) throws -> Tensor {
    let rows = try value.rows(key)
    guard [rows.count, rows[0].count] == shape else {
      throw CajalError("'\(key)' has shape [\(rows.count), \(rows[0].count)], expected \(shape)")
    }
    return Tensor(rows.flatMap { $0 }, shape: shape, as: .float32)
  }

  private static func compareBlock(_ block: JSONValue, _ tolerance: Double) throws -> Comparison {
    var comparison = Comparison("block")
    let given = try GivenTokens(block)
    let heads = given.model.configuration.heads
    guard let patterns = block["attention"].array, patterns.count == heads, heads > 1 else {
      throw CajalError("'attention' should be an array of \(max(2, heads)) matrices, one a head")
    }
    let attention = try patterns.flatMap { try JSONValue.object(["head": $0]).rows("head").flatMap { $0 } }
    let recorder = ActivityRecorder("blocks.0.attention.pattern")
    _ = try withInstruments(recorder) { try given.model(given.batch, given.features) }
    comparison.check(
      recorder.taken()["blocks.0.attention.pattern"]!.doubles, attention, absolute: tolerance)
    let fast = try FastAttentionOnlyTransformer(given.model).outcome(
      of: given.batch, given.features, allRows: true)
    comparison.check(fast.patterns[0].map(Double.init), attention, absolute: tolerance)
    for (key, clamps) in [
      ("out", []), ("out_head0_values_ablated", [AttentionClamp.ablate([AttentionHead(0, 0)])]),
      (
        "out_head1_pattern_clamped_previous_token",
        [.pattern([AttentionHead(0, 1)], .previousToken())]
      ),
    ] {
      let found = try given.stream(clamps)
      comparison.check(
        found.stream, try block.rows(key).flatMap { $0 }, absolute: tolerance)
      comparison.check(found.fast, found.logits, absolute: tolerance)
    }
    return comparison
  }

  /// The sequence of a file: labels of the two pairs and of the query.
  private static func labelled(_ section: JSONValue) throws -> FewShotBatch {
    let key = "labels_context1_context2_query"
    let labels = try section.integers(key)
    guard labels.count == 3, labels[0] != labels[1], let match = labels.prefix(2).firstIndex(of: labels[2])
    else { throw CajalError("'\(key)' should be two different labels and one of them again") }
    return FewShotBatch(
      contextPairs: 2, exemplars: [0, 0, 0], labels: Array(labels.prefix(2)), matches: [match])
  }

  private static func compareStrength(_ section: JSONValue, _ batch: FewShotBatch, _ tolerance: Double) throws
    -> Comparison
  {
    var comparison = Comparison("induction_strength")
    let rows = try section.rows("attention_last_row_per_head")
    guard rows[0].count == batch.length else {
      throw CajalError("'attention_last_row_per_head' should have rows of \(batch.length) numbers")
    }
    let rest = [Float](repeating: 0, count: batch.length * (batch.length - 1))
    let strengths = try HeadStrength.induction(
      rows.flatMap { rest + $0.map(Float.init) }, heads: rows.count, batch)
    comparison.check(strengths, try section.numbers("strength"), absolute: tolerance)
    return comparison
  }
}
