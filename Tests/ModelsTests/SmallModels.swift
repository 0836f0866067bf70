import Foundation
import Models
import Support
import Tensors

/// A tiny model with random weights, and its files in both formats.
enum SmallModel {
  static func shape(_ pairing: DecoderConfiguration.RotaryPairing = .halves, ties: Bool = true)
    -> DecoderConfiguration
  {
    DecoderConfiguration(
      vocabulary: 40, width: 64, blocks: 2, heads: 4, keyValueHeads: 2, headWidth: 16, neurons: 96,
      normEpsilon: Double(Float(1e-5)),
      rotaryPairing: pairing, contextLength: 64, tiesEmbedding: ties)
  }

  static func decoder(_ pairing: DecoderConfiguration.RotaryPairing = .halves, ties: Bool = true) -> Decoder {
    var generator = RandomGenerator(seed: 5)
    let decoder = Decoder(shape(pairing, ties: ties), using: &generator)
    // Larger weights than at the start of training, so that every part shows in the logits.
    for (name, parameter) in decoder.parameters where !name.contains("norm") {
      parameter.value = parameter.value.detached() * 8
    }
    return decoder
  }

  /// A GGUF file of metadata and tensors, written by hand.
  struct File {
    var bytes: [UInt8] = []
    private var entries: [(name: String, shape: [Int], code: UInt32, data: [UInt8])] = []
    private var values: [[UInt8]] = []

    mutating func set(_ key: String, _ value: String) {
      values.append(Self.text(key) + Self.number(UInt32(8)) + Self.text(value))
    }
    mutating func set(_ key: String, _ value: UInt32) {
      values.append(Self.text(key) + Self.number(UInt32(4)) + Self.number(value))
    }
    mutating func set(_ key: String, _ value: Float) {
      values.append(Self.text(key) + Self.number(UInt32(6)) + Self.number(value.bitPattern))
    }
    mutating func set(_ key: String, _ texts: [String]) {
      values.append(
        Self.text(key) + Self.number(UInt32(9)) + Self.number(UInt32(8)) + Self.number(UInt64(texts.count))
          + texts.flatMap(Self.text))
    }
    mutating func add(_ name: String, _ shape: [Int], _ code: UInt32, _ data: [UInt8]) {
      entries.append((name, shape, code, data))
    }

    func data() -> [UInt8] {
      var head =
        Array("GGUF".utf8) + Self.number(UInt32(3)) + Self.number(UInt64(entries.count))
        + Self.number(UInt64(values.count))
      head += values.flatMap { $0 }
      var offset = 0
      for entry in entries {
        head += Self.text(entry.name) + Self.number(UInt32(entry.shape.count))
        head += entry.shape.reversed().flatMap { Self.number(UInt64($0)) }
        head += Self.number(entry.code) + Self.number(UInt64(offset))
        offset += (entry.data.count + 31) / 32 * 32
      }
      head += [UInt8](repeating: 0, count: (32 - head.count % 32) % 32)
      for entry in entries {
        head += entry.data + [UInt8](repeating: 0, count: (32 - entry.data.count % 32) % 32)
      }
      return head
    }

    private static func text(_ text: String) -> [UInt8] { number(UInt64(text.utf8.count)) + Array(text.utf8) }
    private static func number<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
      withUnsafeBytes(of: value.littleEndian, Array.init)
    }
  }

  /// The model as a GGUF file of 32-bit floats.
  static func gguf(_ decoder: Decoder) -> [UInt8] {
    let shape = decoder.configuration
    var file = File()
    file.set("general.architecture", "llama")
    for (key, value) in [
      ("embedding_length", shape.width), ("block_count", shape.blocks), ("attention.head_count", shape.heads),
      ("attention.head_count_kv", shape.keyValueHeads), ("feed_forward_length", shape.neurons),
      ("context_length", shape.contextLength), ("rope.dimension_count", shape.headWidth),
    ] { file.set("llama.\(key)", UInt32(value)) }
    file.set("llama.attention.layer_norm_rms_epsilon", Float(shape.normEpsilon))
    file.set("llama.rope.freq_base", Float(shape.rotaryBase))
    file.set("tokenizer.ggml.model", "gpt2")
    let letters = (0..<shape.vocabulary).map { String(UnicodeScalar(UInt8(ascii: "0") + UInt8($0))) }
    file.set("tokenizer.ggml.tokens", letters)
    file.set("tokenizer.ggml.merges", [])
    let names = [
      "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q",
      "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
      "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    ]
    for (path, parameter) in decoder.parameters {
      var name = path.replacingOccurrences(of: "model.layers.", with: "blk.")
        .replacingOccurrences(of: "model.embed_tokens", with: "token_embd")
        .replacingOccurrences(of: "model.norm", with: "output_norm").replacingOccurrences(
          of: "lm_head", with: "output")
      for (theirs, ours) in names { name = name.replacingOccurrences(of: theirs, with: ours) }
      file.add(
        name, parameter.value.shape, 0,
        parameter.value.floats.flatMap { value in withUnsafeBytes(of: value, Array.init) })
    }
    return file.data()
  }

  /// The model as a Hugging Face folder without tokenizer.
  static func writeFolder(_ decoder: Decoder, to folder: URL) throws {
    let shape = decoder.configuration
    let configuration: [String: Any] = [
      "model_type": "llama", "vocab_size": shape.vocabulary, "hidden_size": shape.width,
      "num_hidden_layers": shape.blocks, "num_attention_heads": shape.heads, "head_dim": shape.headWidth,
      "num_key_value_heads": shape.keyValueHeads, "intermediate_size": shape.neurons, "hidden_act": "silu",
      "rms_norm_eps": shape.normEpsilon, "rope_theta": shape.rotaryBase,
      "tie_word_embeddings": shape.tiesEmbedding,
      "max_position_embeddings": shape.contextLength,
    ]
    try AtomicFile.write(
      JSONSerialization.data(withJSONObject: configuration), to: folder.appendingPathComponent("config.json"))
    try Safetensors.write(decoder.state, to: folder.appendingPathComponent("model.safetensors"))
  }
}
