import Support
import Tensors

extension DecoderConfiguration {
  /// Reads the shape from a GGUF file's metadata.
  ///
  /// - Throws: `CajalError` naming the file, and an architecture or a key that does not fit.
  public init(_ file: GGUFFile) throws {
    let architecture = try file.text("general.architecture")
    // The others of the family differ in parts that are not here: biases, windows, norms of queries and keys.
    guard architecture == "llama" else {
      throw CajalError(
        "\(file.path) is a model of architecture '\(architecture)'; models of the Llama family ('llama') can be opened"
      )
    }
    func key(_ name: String) -> String { "\(architecture).\(name)" }
    let width = try file.integer(key("embedding_length"))
    let heads = try file.integer(key("attention.head_count"))
    guard heads > 0, width > 0 else { throw CajalError("\(file.path): \(heads) heads, width \(width)") }
    let headWidth = try file.integer(key("attention.key_length"), default: width / heads)
    let rotated = try file.integer(key("rope.dimension_count"), default: headWidth)
    guard rotated == headWidth else {
      throw CajalError("\(file.path): \(rotated) of \(headWidth) numbers of a head are rotated, expected all")
    }
    if case .text(let scaling) = file.metadata[key("rope.scaling.type")], scaling != "none" {
      throw CajalError(
        "\(file.path): rotary positions are scaled by the rule '\(scaling)', which is not supported")
    }
    let table = try file.entry("token_embd.weight")
    self.init(
      vocabulary: table.rows, width: width, blocks: try file.integer(key("block_count")), heads: heads,
      keyValueHeads: try file.integer(key("attention.head_count_kv"), default: heads), headWidth: headWidth,
      neurons: try file.integer(key("feed_forward_length")),
      normEpsilon: try file.number(key("attention.layer_norm_rms_epsilon")),
      rotaryBase: try file.number(key("rope.freq_base"), default: 10_000), rotaryPairing: .adjacent,
      contextLength: try file.integer(key("context_length"), default: 2_048),
      tiesEmbedding: !file.contains("output.weight"))
    if file.contains("rope_freqs.weight") {
      let entry = try file.entry("rope_freqs.weight")
      var factors = [Float](repeating: 1, count: entry.shape.reduce(1, *))
      factors.withUnsafeMutableBufferPointer { file.decode(entry, into: $0.baseAddress!) }
      rotaryFactors = factors.map(Double.init)
    }
    self = try checked(file.path)
    try checkTensors(of: file)
  }

  /// The names in a GGUF file of what Hugging Face calls `model.layers.3.self_attn.q_proj.weight`, and shapes.
  static func name(inGGUF path: String) -> String {
    let fixed = [
      "model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
      "lm_head.weight": "output.weight",
    ]
    if let name = fixed[path] { return name }
    let parts = path.split(separator: ".")
    let inside = [
      "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q",
      "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
      "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    ]
    return "blk.\(parts[2]).\(inside[parts[3..<parts.count - 1].joined(separator: ".")]!).weight"
  }

  /// The weights by their Hugging Face paths with their shapes.
  var weights: [(path: String, shape: [Int])] {
    let (all, shared) = (heads * headWidth, keyValueHeads * headWidth)
    let block: [(String, [Int])] = [
      ("input_layernorm", [width]), ("self_attn.q_proj", [all, width]),
      ("self_attn.k_proj", [shared, width]),
      ("self_attn.v_proj", [shared, width]), ("self_attn.o_proj", [width, all]),
      ("post_attention_layernorm", [width]), ("mlp.gate_proj", [neurons, width]),
      ("mlp.up_proj", [neurons, width]), ("mlp.down_proj", [width, neurons]),
    ]
    let table = [vocabulary, width]
    let outer = [("model.embed_tokens.weight", table), ("model.norm.weight", [width])]
    return outer + (tiesEmbedding ? [] : [("lm_head.weight", table)])
      + (0..<blocks).flatMap { index in block.map { ("model.layers.\(index).\($0.0).weight", $0.1) } }
  }

  /// Every weight is there in its shape, and nothing else is that would change what the model computes.
  private func checkTensors(of file: GGUFFile) throws {
    var known: Set = ["rope_freqs.weight"]
    for (path, shape) in weights {
      let name = Self.name(inGGUF: path)
      let entry = try file.entry(name)
      guard entry.shape == shape else {
        throw CajalError("\(file.path): tensor '\(name)' has shape \(entry.shape), expected \(shape)")
      }
      known.insert(name)
    }
    if let other = file.entries.first(where: { !known.contains($0.name) }) {
      throw CajalError(
        "\(file.path): tensor '\(other.name)' belongs to no part of a Llama model: opened without it, it would compute something else"
      )
    }
  }
}

extension Decoder {
  /// Opens a GGUF file, its weights as 32-bit floats.
  ///
  /// - Throws: `CajalError` naming the file and what is wrong with it.
  public convenience init(_ file: GGUFFile) throws {
    try self.init(DecoderConfiguration(file)) {
      try file.tensor(DecoderConfiguration.name(inGGUF: $0))
    }
  }
}
