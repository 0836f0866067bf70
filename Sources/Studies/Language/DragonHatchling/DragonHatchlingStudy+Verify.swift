import Models
import Recordings
import StudyCore
import Support
import Tensors

extension DragonHatchlingStudy {
  public static func verify(_ golden: inout GoldenFile) throws {
    let tolerance = try golden.tolerance("abs", otherwise: 2e-4)
    guard let input = golden.section("input"), let expected = golden.section("expected") else { return }
    let model = try model(input)
    let tokens = try input.integers("tokens")
    guard !tokens.isEmpty, tokens.allSatisfy((0..<model.vocabulary).contains) else {
      throw CajalError("'tokens' should be numbers below \(model.vocabulary)")
    }
    // The open way through the model, the fused one where sizes allow, and token by token.
    let recorder = ActivityRecorder("blocks.**")
    let row = Tensor(tokens, shape: [1, tokens.count])
    let (hidden, logits) = withInstruments(recorder) {
      withoutGradients { (model.hidden(row), model(row)) }
    }
    var inputs = Comparison("input")
    try compareRecurrence(model, tokens, logits, &inputs, tolerance)
    golden.report(inputs)
    var comparison = Comparison("expected")
    comparison.check(
      model.frequencies.value.doubles, try expected.numbers("rope_freqs"), absolute: 1e-7, relative: 1e-4)
    comparison.check(
      hidden.doubles, try expected.rows("final_x").flatMap { $0 }, absolute: tolerance)
    let wanted = try expected.rows("logits").flatMap { $0 }
    comparison.check(logits.doubles, wanted, absolute: tolerance)
    let loss = logits[0].narrowed(0, from: 0, to: tokens.count - 1)
      .crossEntropy(Tensor(Array(tokens.dropFirst()))).item
    comparison.check(loss, try expected.number("next_token_loss"), absolute: tolerance)
    try compareLayers(model, tokens.count, recorder.taken(), expected, &comparison, tolerance)
    golden.report(comparison)
  }

  /// The model of the file.
  private static func model(_ input: JSONValue) throws -> DragonHatchling {
    let (config, weights) = (input["config"], input["weights"])
    let shape = DragonHatchlingConfiguration(
      vocabulary: try config.integer("vocab"), width: try config.integer("d"),
      heads: try config.integer("heads"), neuronsPerHead: try config.integer("neurons_per_head"),
      layers: try config.integer("layers"), dropout: 0)
    func matrix(_ key: String) throws -> Tensor {
      let rows = try weights.rows(key)
      return Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count], as: .float32)
    }
    /// One matrix a head.
    func heads(_ key: String) throws -> Tensor {
      guard let all = weights[key].array, !all.isEmpty else {
        throw CajalError("'\(key)' should be an array of matrices, one a head")
      }
      let matrices = try all.map { entry -> Tensor in
        let rows = try JSONValue.object(["head": entry]).rows("head")
        return Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count], as: .float32)
      }
      guard matrices.allSatisfy({ $0.shape == matrices[0].shape }) else {
        throw CajalError("the matrices of '\(key)' differ in shape")
      }
      return Tensor.stacked(matrices)
    }
    let model = try DragonHatchling(
      shape,
      weights: [
        ("encoder", try heads("encoder")), ("encoder_v", try heads("encoder_v")),
        ("decoder", try matrix("decoder")), ("embed.weight", try matrix("embed")),
        ("lm_head", try matrix("lm_head")),
      ])
    model.evaluate()
    return model
  }

  /// The recurrent form against the parallel one.
  private static func compareRecurrence(
    _ model: DragonHatchling, _ tokens: [Int], _ logits: Tensor, _ comparison: inout Comparison,
    _ tolerance: Double
  ) throws {
    let session = try DragonHatchlingSession(model)
    let own = session.logits(feeding: tokens).flatMap { $0.map(Double.init) }
    comparison.check(own, logits.doubles, absolute: tolerance)
  }

  private static func compareLayers(
    _ model: DragonHatchling, _ length: Int, _ activity: [String: Tensor], _ expected: JSONValue,
    _ comparison: inout Comparison, _ tolerance: Double
  ) throws {
    let shape = model.configuration
    guard let layers = expected["layers"].array, layers.count == shape.layers else {
      throw CajalError("'layers' should be an array of \(shape.layers) objects")
    }
    for (index, layer) in layers.enumerated() {
      // The model ran twice; the first run counts.
      func first(_ site: String) -> Tensor {
        activity["blocks.\(index).\(site)"]!.narrowed(0, from: 0, to: length)
      }
      func share(_ tensor: Tensor) -> Double { (tensor .> 0).to(.float64).mean().item }
      let (x, y) = (first("mlp.gate.active"), first("mlp"))
      comparison.check(share(x), try layer.number("x_active"), absolute: 1e-9)
      comparison.check(share(y), try layer.number("xy_active"), absolute: 1e-9)
      comparison.check(
        x[1].narrowed(0, from: 0, to: shape.neuronsPerHead).doubles, try layer.numbers("x_first_head_t1"),
        absolute: tolerance)
      // Recorded as [positions · heads, d].
      let attention = activity["blocks.\(index).attention.heads"]!
        .reshaped(-1, shape.heads, shape.width).narrowed(0, from: 0, to: length)
      comparison.check(
        attention.narrowed(1, from: 0, to: 1).doubles, try layer.rows("attn_head0").flatMap { $0 },
        absolute: tolerance)
    }
  }
}
