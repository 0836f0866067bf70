import Models
import Probing
import Statistics
import StudyCore
import Support
import Tensors

extension CoreNeurons {
  public static func verify(_ golden: inout GoldenFile) throws {
    let tolerance = try golden.tolerance("abs", otherwise: 1e-6)
    if let section = golden.section("cases") {
      var comparison = Comparison("cases")
      for (index, entry) in try list(section, "cases").enumerated() {
        do { try compare(entry, &comparison, tolerance) } catch let error as CajalError {
          throw CajalError("case \(index) of 'cases': \(error.message)")
        }
      }
      golden.report(comparison)
    }
    if let section = golden.section("smollm2") {
      var comparison = Comparison("smollm2")
      let model = try LanguageModel.smolLM2()
      for entry in try list(section["cases"], "smollm2.cases") { try compare(entry, model, &comparison) }
      golden.report(comparison)
    }
  }

  private static func list(_ value: JSONValue, _ name: String) throws -> [JSONValue] {
    guard let rows = value.array, !rows.isEmpty else {
      throw CajalError("'\(name)' should be an array of objects")
    }
    return rows
  }

  // MARK: - Selection, sparse parts and clusters

  /// A case's inputs.
  private struct Input {
    var activity: [[Double]]
    var neurons: Int
    var alpha, beta: Double
    var flat: [Float] { activity.flatMap { $0.map { Float($0) } } }

    init(_ value: JSONValue) throws {
      activity = try matrix(value, "activations")
      neurons = activity[0].count
      (alpha, beta) = (try value.number("alpha"), try value.number("beta"))
      guard (0...1).contains(alpha), (0...1).contains(beta), neurons > 0 else {
        throw CajalError("'alpha' and 'beta' should be from 0 to 1, with activations")
      }
    }

    func selection(_ form: CoreSelection.Form) -> CoreSelection {
      CoreSelection(alpha: alpha, beta: beta, score: .signed, form: form)
    }
  }

  /// Rows of one length.
  private static func matrix(_ value: JSONValue, _ key: String) throws -> [[Double]] {
    let rows = try list(value[key], key).map { row -> [Double] in
      guard let numbers = row.array?.compactMap(\.double), numbers.count == row.array?.count else {
        throw CajalError("'\(key)' should be rows of numbers")
      }
      return numbers
    }
    guard rows.allSatisfy({ $0.count == rows[0].count }) else {
      throw CajalError("the rows of '\(key)' differ in length")
    }
    return rows
  }

  private static func compare(_ entry: JSONValue, _ comparison: inout Comparison, _ tolerance: Double) throws
  {
    let (given, expected) = (entry["input"], entry["expected"])
    let input = try Input(given)
    let code = input.selection(.code).core(input.flat, neurons: input.neurons)
    let codeForm = expected["code_form"]
    comparison.checkEqual(code.limit, try codeForm.integer("limit"), "limit")
    comparison.check(code.scores, try codeForm.numbers("counts"))
    comparison.checkEqual(code.neurons, try codeForm.integers("core"), "core in code form")
    try comparePaperForm(input, expected["paper_form"], &comparison)
    try compareSparse(given, expected, code.neurons, &comparison, tolerance)
    var hot = [Double](repeating: 0, count: input.neurons)
    for neuron in code.neurons { hot[neuron] = 1 }
    let centroids = try matrix(given, "centroids")
    guard centroids[0].count == input.neurons else {
      throw CajalError("'centroids' should have \(input.neurons) columns")
    }
    comparison.checkEqual(
      KMeans.nearest(hot, centroids), try expected.integer("nearest_centroid"), "nearest centroid")
    let half = Array(input.flat[..<(input.activity.count / 2 * input.neurons)])
    guard !half.isEmpty else { throw CajalError("'activations' should have two rows or more") }
    let early = input.selection(.code).core(half, neurons: input.neurons).neurons
    comparison.checkEqual(early, try expected.integers("prefix_core_half"), "core of the first half")
    comparison.check(
      CoreOverlap.similarity(early, code.neurons), try expected.number("iou_prefix_vs_full"),
      absolute: tolerance)
    comparison.check(
      CoreOverlap.kept(early, of: code.neurons), try expected.number("overlap_ratio"), absolute: tolerance)
  }

  private static func comparePaperForm(_ input: Input, _ expected: JSONValue, _ comparison: inout Comparison)
    throws
  {
    let paper = input.selection(.paper)
    let core = paper.core(input.flat, neurons: input.neurons)
    comparison.check(core.scores, try expected.numbers("counts"))
    comparison.checkEqual(core.neurons, try expected.integers("core"), "core in paper form")
    let named = try list(expected["token_core"], "token_core")
    guard named.count == input.activity.count else {
      throw CajalError("'token_core' should have a row a token")
    }
    for (row, names) in zip(input.activity, named) {
      let counts = paper.core(row.map { Float($0) }, neurons: input.neurons).scores
      comparison.checkEqual(
        counts.indices.filter { counts[$0] > 0 }, names.array?.compactMap(\.int), "neurons that a token names"
      )
    }
  }

  private static func compareSparse(
    _ given: JSONValue, _ expected: JSONValue, _ core: [Int], _ comparison: inout Comparison,
    _ tolerance: Double
  ) throws {
    func tensor(_ key: String) throws -> Tensor {
      let rows = try matrix(given, key)
      return Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count], as: .float64)
    }
    func vector(_ key: String) throws -> Tensor { Tensor(try given.numbers(key), as: .float64) }
    let (gate, up, down) = (try tensor("gate"), try tensor("up"), try tensor("down"))
    let x = try vector("x")
    let (upBias, downBias) = (try vector("relu_bias1"), try vector("relu_bias2"))
    let (wide, neurons) = (x.count, up.size(0))
    guard up.shape == [neurons, wide], gate.shape == up.shape, down.shape == [wide, neurons],
      upBias.count == neurons, downBias.count == wide, core.allSatisfy({ $0 < neurons })
    else { throw CajalError("'x', 'gate', 'up', 'down' and the biases do not fit one another") }
    func check(_ part: SparseFeedForward, _ key: String) throws {
      comparison.check(part(x).doubles, try expected.numbers(key), absolute: tolerance)
    }
    try check(SparseFeedForward(gate: gate, up: up, down: down), "swiglu_full")
    try check(SparseFeedForward(gate: gate, up: up, down: down, neurons: core), "swiglu_sparse_code_core")
    // The rectified part of the file reads with the matrix of the gates.
    try check(
      SparseFeedForward(rectified: gate, upBias: upBias, down: down, downBias: downBias, neurons: core),
      "relu_sparse_code_core")
  }

  // MARK: - The real model

  private static func compare(_ entry: JSONValue, _ model: LanguageModel, _ comparison: inout Comparison)
    throws
  {
    guard let text = entry["text"].string else { throw CajalError("'text' should be a string") }
    let tokens = try entry.integers("token_ids")
    comparison.checkEqual(model.tokenizer.encode(text), tokens, "tokens of '\(text)'")
    guard tokens.count > 1, tokens.allSatisfy({ (0..<model.tokenizer.vocabularySize).contains($0) }) else {
      throw CajalError("'token_ids' should be two tokens or more of the model")
    }
    let surprise = model.decoder.logLikelihoods([tokens])[0]
    comparison.check(
      -surprise.reduce(0, +) / Double(surprise.count), try entry.number("mean_nll"), absolute: 2e-3)
    try compareLogits(entry, model, tokens, &comparison)
    let stream = CoreActivity.stream(tokens, block: 0, in: model.decoder)
    let hidden = try entry.numbers("hidden_after_layer1_last_token_first8")
    comparison.check(Array(stream.prefix(hidden.count)), hidden, absolute: 1e-3, relative: 1e-3)
    let activity = CoreActivity(of: tokens, in: model.decoder)
    try compareActivity(entry, activity, &comparison)
  }

  private static func compareLogits(
    _ entry: JSONValue, _ model: LanguageModel, _ tokens: [Int], _ comparison: inout Comparison
  ) throws {
    let places = try entry.integers("last_logits_top10_ids")
    let logits = withoutGradients { model.decoder.lastLogits([tokens])[0].doubles }
    let order = logits.indices.sorted { logits[$0] > logits[$1] }
    comparison.checkEqual(Array(order.prefix(places.count)), places, "the most likely tokens")
    comparison.check(places.map { logits[$0] }, try entry.numbers("last_logits_top10"), absolute: 2e-2)
    var text = tokens
    let greedy = try entry.integers("greedy_ids")
    for _ in greedy {
      text.append(withoutGradients { model.decoder.lastLogits([text]).argmax(axis: 1).integers[0] })
    }
    comparison.checkEqual(Array(text[tokens.count...]), greedy, "greedy continuation")
  }

  private static func compareActivity(
    _ entry: JSONValue, _ activity: CoreActivity, _ comparison: inout Comparison
  ) throws {
    let expected = entry["layer15_down_input"]
    let block = activity.blocks[15]
    let positive = Double(block.count { $0 > 0 }) / Double(block.count)
    comparison.check(positive, try expected.number("positive_share"), absolute: 2e-3)
    let core = CoreSelection(alpha: 0.4).core(block, neurons: activity.neurons)
    comparison.checkEqual(core.limit, try expected.integer("limit_alpha04"), "limit at alpha 0.4")
    comparison.check(core.scores.reduce(0, +), try expected.number("sum_of_counts"))
    comparison.check(core.scores.max()!, try expected.number("max_count"))
    for row in try list(entry["mean_threshold_k3_of_down_input"], "mean_threshold_k3_of_down_input") {
      let layer = try row.integer("layer")
      guard activity.blocks.indices.contains(layer) else { throw CajalError("'layer' \(layer) is no block") }
      // A third of the mean size: the threshold under which activity would be dropped.
      let mean =
        activity.blocks[layer].reduce(0.0) { $0 + Double(abs($1)) } / Double(activity.blocks[layer].count)
      comparison.check(mean / 3, try row.number("value"), absolute: 1e-5, relative: 1e-3)
    }
  }
}
