import Foundation
import Support
import Tensors

/// A model as Hugging Face lays it out: `config.json`, `tokenizer.json` and safetensors, one file or several.
public struct HuggingFaceFolder {
  public let url: URL

  public init(_ url: URL) { self.url = url }

  private struct Configuration: Decodable {
    struct Scaling: Decodable {
      let ropeType, type: String?
      let factor, lowFreqFactor, highFreqFactor: Double?
      let originalMaxPositionEmbeddings: Int?
    }

    let modelType: String
    let vocabSize, hiddenSize, numHiddenLayers, numAttentionHeads, intermediateSize: Int
    let numKeyValueHeads, headDim, maxPositionEmbeddings: Int?
    let rmsNormEps: Double?
    let ropeTheta: Double?
    let tieWordEmbeddings, attentionBias, mlpBias: Bool?
    let hiddenAct: String?
    let ropeScaling: Scaling?
  }

  private struct Index: Decodable { let weightMap: [String: String] }

  private static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }

  private func decoded<Value: Decodable>(_ name: String, as _: Value.Type) throws -> Value {
    let place = url.appendingPathComponent(name)
    guard let data = try? Data(contentsOf: place) else { throw CajalError("\(place.path) cannot be read") }
    do { return try Self.decoder.decode(Value.self, from: data) } catch DecodingError.keyNotFound(let key, _)
    {
      throw CajalError("\(place.path) has no '\(key.stringValue)'")
    } catch { throw CajalError("\(place.path) is not as expected: \(error)") }
  }

  /// - Throws: `CajalError` naming the file, and the part of the model that is not supported.
  public func configuration() throws -> DecoderConfiguration {
    let source = url.appendingPathComponent("config.json").path
    let file = try decoded("config.json", as: Configuration.self)
    func refuse(_ condition: Bool, _ message: String) throws {
      if condition { throw CajalError("\(source): \(message)") }
    }
    try refuse(
      file.modelType != "llama",
      "model type '\(file.modelType)'; models of the Llama family ('llama') can be opened")
    try refuse(file.attentionBias == true || file.mlpBias == true, "models with biases are not supported")
    try refuse(
      !["silu", "swish"].contains(file.hiddenAct ?? "silu"),
      "activation '\(file.hiddenAct ?? "")', expected silu")
    try refuse(file.numAttentionHeads < 1 || file.hiddenSize < 1, "no heads or no width")
    var shape = DecoderConfiguration(
      vocabulary: file.vocabSize, width: file.hiddenSize, blocks: file.numHiddenLayers,
      heads: file.numAttentionHeads, keyValueHeads: file.numKeyValueHeads, headWidth: file.headDim,
      neurons: file.intermediateSize, normEpsilon: file.rmsNormEps ?? 1e-6,
      rotaryBase: file.ropeTheta ?? 10_000, rotaryPairing: .halves,
      contextLength: file.maxPositionEmbeddings ?? 2_048, tiesEmbedding: file.tieWordEmbeddings ?? false)
    shape.rotaryFactors = try factors(file.ropeScaling, shape, source)
    return try shape.checked(source)
  }

  /// Llama 3's rule: low frequencies are divided by the factor, high ones left, those between blended.
  private func factors(_ scaling: Configuration.Scaling?, _ shape: DecoderConfiguration, _ source: String)
    throws
    -> [Double]
  {
    guard let scaling, let kind = scaling.ropeType ?? scaling.type, kind != "default" else { return [] }
    guard let factor = scaling.factor, factor > 0, kind == "llama3" || kind == "linear" else {
      throw CajalError("\(source): rotary positions are scaled by the rule '\(kind)', which is not supported")
    }
    guard kind == "llama3" else { return [Double](repeating: factor, count: shape.headWidth / 2) }
    guard let low = scaling.lowFreqFactor, let high = scaling.highFreqFactor, high > low,
      let original = scaling.originalMaxPositionEmbeddings
    else { throw CajalError("\(source): rope_scaling of type llama3 lacks a factor") }
    return shape.rotaryFrequencies.map { frequency in
      let turns = Double(original) * frequency / (2 * Double.pi)
      let share = min(1, max(0, (turns - low) / (high - low)))
      return 1 / (share + (1 - share) / factor)
    }
  }

  /// The files of the weights.
  private func files() throws -> [URL] {
    let index = url.appendingPathComponent("model.safetensors.index.json")
    guard FileManager.default.fileExists(atPath: index.path) else {
      return [url.appendingPathComponent("model.safetensors")]
    }
    let names = Set(try decoded(index.lastPathComponent, as: Index.self).weightMap.values)
    guard names.allSatisfy({ !$0.contains("/") }) else {
      throw CajalError("\(index.path) points outside its folder")
    }
    return names.sorted().map(url.appendingPathComponent)
  }

  /// - Throws: `CajalError` naming the file and what is wrong with it.
  public func decoder() throws -> Decoder {
    let shape = try configuration()
    var weights: [String: Tensor] = [:]
    for file in try files() {
      for (name, tensor) in try Safetensors(file).tensors { weights[name] = tensor }
    }
    var used = Set<String>()
    let decoder = try Decoder(shape) { name in
      guard let tensor = weights[name] else {
        throw CajalError("\(url.path): no file has the weight '\(name)'")
      }
      used.insert(name)
      return tensor
    }
    let others = weights.keys.filter {
      !used.contains($0) && $0 != "lm_head.weight" && !$0.hasSuffix("rotary_emb.inv_freq")
    }
    guard others.isEmpty else {
      throw CajalError(
        "\(url.path): the weight '\(others.sorted()[0])' belongs to no part of a Llama model: opened without it, it would compute something else"
      )
    }
    return decoder
  }

  /// The chat template of `tokenizer_config.json` or `chat_template.jinja`; nil if there is none.
  ///
  /// - Throws: `CajalError` when its format is not known.
  public func chatTemplate(_ tokenizer: BytePairTokenizer) throws -> ChatTemplate? {
    struct Settings: Decodable { let chatTemplate: String? }
    let file = url.appendingPathComponent("chat_template.jinja")
    let jinja =
      (try? String(contentsOf: file, encoding: .utf8))
      ?? (try? decoded("tokenizer_config.json", as: Settings.self))?.chatTemplate
    guard let jinja else { return nil }
    func text(_ token: Int?) -> String? {
      token.map { String(decoding: tokenizer.bytes(of: $0), as: UTF8.self) }
    }
    return try ChatTemplate(
      jinja: jinja, beginning: text(tokenizer.special.beginning), end: text(tokenizer.special.end))
  }
}
