import Models
import Probing
import Recordings
import StudyCore
import Support
import Tensors

extension ProjectionDecoding {
  /// A small case in double precision, and SmolLM2's neurons where the file has them.
  public static func verify(_ golden: inout GoldenFile) throws {
    let tolerance = try golden.tolerance("abs", otherwise: 1e-6)
    guard let embedding = golden.section("embedding"), let up = golden.section("w_up") else { return }
    let matrix = try embedding.matrix("embedding")
    let vectors = try up.matrix("w_up")
    guard matrix.size(1) == vectors.size(1) else {
      throw CajalError("'embedding' and 'w_up' have rows of \(matrix.size(1)) and \(vectors.size(1)) numbers")
    }
    try verifySmallCase(&golden, VocabularyProjection(matrix), vectors, tolerance)
    try verifyMLP(&golden, tolerance)
    if let model = golden.section("smollm2") { try ModelReference(model).compare(&golden) }
  }

  private static func verifySmallCase(
    _ golden: inout GoldenFile, _ projection: VocabularyProjection, _ vectors: Tensor, _ tolerance: Double
  ) throws {
    let all = Array(0..<projection.vocabulary)
    let probabilities = projection.probabilities(vectors, tokens: all)
    let top = projection.topTokens(vectors) { _ in }
    let numeric: [(String, [Double])] = [
      ("logits", projection.logits(vectors).doubles), ("prob", probabilities.doubles),
      ("top_prob", top.probabilities),
    ]
    for (name, measured) in numeric {
      guard let section = golden.section(name) else { continue }
      var comparison = Comparison(name)
      let expected = name == "top_prob" ? try section.numbers(in: name) : try section.matrix(name).doubles
      comparison.check(measured, expected, absolute: tolerance)
      golden.report(comparison)
    }
    let best = probabilities.argmax(axis: 0).integers
    for (name, measured) in [("top_token", top.tokens), ("best_neuron_per_token_by_prob", best)] {
      guard let section = golden.section(name) else { continue }
      var comparison = Comparison(name)
      comparison.checkEqual(measured.map(Double.init), try section.numbers(in: name), name)
      golden.report(comparison)
    }
    guard let tuned = golden.section("w_up_tuned"), let agreement = golden.section("agreement") else {
      return
    }
    var comparison = Comparison("agreement")
    let other = try tuned.matrix("w_up_tuned")
    guard other.shape == vectors.shape else {
      throw CajalError("'w_up_tuned' has shape \(other.shape), expected \(vectors.shape)")
    }
    guard let expected = agreement.double else { throw CajalError("'agreement' should be a number") }
    comparison.check(
      top.agreement(with: projection.topTokens(other) { _ in }), expected, absolute: tolerance)
    golden.report(comparison)
  }

  /// A feed-forward part of its own weights, one neuron's linear part clamped through the tap.
  private static func verifyMLP(_ golden: inout GoldenFile, _ tolerance: Double) throws {
    guard let section = golden.section("clamp") else { return }
    func matrix(_ key: String) throws -> Tensor { try section[key].matrix(key) }
    let (gate, down) = (try matrix("w_gate"), try matrix("w_down"))
    // The linear part's weights stand in the small case.
    guard let shared = golden.section("w_up") else { return }
    let up = try shared.matrix("w_up")
    let input = try section.numbers("h")
    let neuron = try section.integer("neuron")
    guard input.count == gate.size(1), gate.shape == up.shape, down.shape == [gate.size(1), gate.size(0)],
      (0..<gate.size(0)).contains(neuron)
    else { throw CajalError("'clamp' should hold 'h', 'w_gate', 'w_down' and 'neuron' that fit 'w_up'") }
    let h = Tensor(input, shape: [1, 1, input.count])
    func output() -> [Double] {
      let linear = tap("blocks.0.mlp.up", h.linear(up))
      return (h.linear(gate).silu() * linear).linear(down).doubles
    }
    var comparison = Comparison("clamp")
    comparison.check(output(), try section.numbers("mlp_out"), absolute: tolerance)
    let clamp = NeuronClamp(.up, .init(0, neuron), try section.number("value"))
    comparison.check(
      withInstruments(clamp.instrument, body: output), try section.numbers("mlp_out_clamped"),
      absolute: tolerance)
    golden.report(comparison)
  }
}

extension ProjectionDecoding {
  /// Neurons of SmolLM2 and clamps on it.
  private struct ModelReference {
    let section: JSONValue
    let model: LanguageModel

    init(_ section: JSONValue) throws {
      self.section = section
      model = try LanguageModel.smolLM2()
    }

    func compare(_ golden: inout GoldenFile) throws {
      guard let entries = section["entries"].array else { throw CajalError("'entries' should be an array") }
      var neurons = Comparison("smollm2, neurons")
      for entry in entries { try compare(entry, &neurons) }
      golden.report(neurons)
      let clamp = section["clamp"]
      guard let cases = clamp["cases"].array, let prompt = clamp["prompt"].string else {
        throw CajalError("'clamp' should hold 'prompt' and 'cases'")
      }
      var clamps = Comparison("smollm2, clamps")
      let tolerance = clamp["tolerance_logp"].double ?? 0.005
      for entry in cases { try compare(entry, model.tokenizer.encode(prompt), &clamps, tolerance) }
      golden.report(clamps)
    }

    private func neuron(_ entry: JSONValue) throws -> NeuronDecoder.Neuron {
      let place = NeuronDecoder.Neuron(try entry.integer("block"), try entry.integer("neuron"))
      let shape = model.decoder.configuration
      guard (0..<shape.blocks).contains(place.block), (0..<shape.neurons).contains(place.neuron) else {
        throw CajalError("the model has no neuron \(place.neuron) in block \(place.block)")
      }
      return place
    }

    private func compare(_ entry: JSONValue, _ comparison: inout Comparison) throws {
      guard let site = entry["site"].string.flatMap(NeuronDecoder.Site.init) else {
        throw CajalError("'site' should be gate, up or down")
      }
      let place = try neuron(entry)
      let ids = try entry.integers("top6_ids")
      let readings = NeuronDecoder(model.decoder).topTokens(
        site, block: place.block, neuron: place.neuron, count: max(1, ids.count))
      comparison.checkEqual(readings.map(\.token), ids, "best tokens of \(place.block)/\(place.neuron)")
      comparison.check(readings.map(\.logit), try entry.numbers("top6_logits"), absolute: 1e-3)
      comparison.check(readings[0].probability, try entry.number("top1_prob"), relative: 1e-2)
      comparison.check(readings[0].zScore, try entry.number("z_top1"), absolute: 1e-3)
      comparison.check(readings[0].cosine, try entry.number("cos_top1"), absolute: 1e-3)
    }

    private func compare(
      _ entry: JSONValue, _ prompt: [Int], _ comparison: inout Comparison, _ tolerance: Double
    ) throws {
      guard let place = entry["site"].string.flatMap(NeuronClamp.Place.init) else {
        throw CajalError("'site' of a clamp should be up or inner")
      }
      guard let word = entry["token"].string, case let tokens = model.tokenizer.encode(word),
        tokens.count == 1
      else { throw CajalError("'token' should be a single token") }
      let clamp = NeuronClamp(place, try neuron(entry), try entry.number("value"))
      let trials = [ClampTrial(prompt), ClampTrial(prompt, [clamp])]
      let likelihoods = model.decoder.clampedLogits(trials) { _ in }.logSoftmax(axis: -1)
      comparison.check(
        [0, 1].map { likelihoods[$0, tokens[0]].item },
        [try entry.number("logp_before"), try entry.number("logp_after")], absolute: tolerance)
    }
  }
}

extension JSONValue {
  /// A matrix, this value being an array of rows; `name` is for messages.
  fileprivate func matrix(_ name: String) throws -> Tensor {
    guard let list = array, !list.isEmpty else { throw CajalError("'\(name)' should be an array of rows") }
    let rows = try list.map { try $0.numbers(in: name) }
    guard rows.allSatisfy({ $0.count == rows[0].count && !$0.isEmpty }) else {
      throw CajalError("'\(name)' should have rows of equal length")
    }
    return Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count])
  }

  /// The numbers of this array; `name` is for messages.
  fileprivate func numbers(in name: String) throws -> [Double] {
    try JSONValue.object([name: self]).numbers(name)
  }
}
