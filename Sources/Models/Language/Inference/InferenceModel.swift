import CQuantised
import Foundation
import Support
import Tensors

/// The weights of a decoder in 4 or 8 bits, laid out for the kernels: the fast way through a model.
///
/// Made from the same files as the laboratory's ``Decoder``; libtorch is not needed for GGUF files. Products take activity in 8
/// bits with a scale for every 32 numbers, so that logits differ from the laboratory's by some tenths.
public final class InferenceModel: Sendable {
  public let configuration: DecoderConfiguration
  let embedding: QuantisedMatrix
  /// The output matrix, where it is not the embedding.
  let output: QuantisedMatrix
  let norm: [Float]
  let blocks: [Block]

  /// The weights of a block.
  struct Block: Sendable {
    let attentionNorm: [Float]
    /// Queries, keys, values: `[(H + 2K)·E, D]`.
    let attention: QuantisedMatrix
    /// `[D, H·E]`.
    let attentionOutput: QuantisedMatrix
    let feedForwardNorm: [Float]
    /// Gates and ups, 16 rows of each in turns: `[2N, D]`.
    let gateUp: QuantisedMatrix
    /// `[D, N]`.
    let down: QuantisedMatrix
  }

  /// Bytes of all matrices.
  public let bytes: Int
  /// Bytes that a token reads: all matrices, without the embedding where the output is another one.
  public var bytesPerToken: Int {
    blocks.reduce(output.bytes) {
      $0 + $1.attention.bytes + $1.attentionOutput.bytes + $1.gateUp.bytes + $1.down.bytes
    }
  }
  /// The same for the feed-forward parts alone.
  public var feedForwardBytesPerToken: Int { blocks.reduce(0) { $0 + $1.gateUp.bytes + $1.down.bytes } }

  /// Opens a GGUF file; its pages are given back to the system as they are copied.
  ///
  /// - Throws: `CajalError` naming the file and what is wrong with it.
  public convenience init(_ file: GGUFFile) throws {
    let shape = try DecoderConfiguration(file)
    try self.init(
      shape,
      source: { RowSource(file, try file.entry(DecoderConfiguration.name(inGGUF: $0))) },
      vector: { path in
        let entry = try file.entry(DecoderConfiguration.name(inGGUF: path))
        var values = [Float](repeating: 0, count: entry.shape.reduce(1, *))
        values.withUnsafeMutableBufferPointer { file.decode(entry, into: $0.baseAddress!) }
        return values
      })
  }

  /// Quantises a laboratory model to 8 bits.
  ///
  /// - Throws: `CajalError` when its shape does not suit the kernels.
  public convenience init(_ decoder: Decoder) throws {
    let shape = decoder.configuration
    let weights = Dictionary(
      decoder.parameters.map { ($0.name, $0.parameter.value) }, uniquingKeysWith: { $1 })
    try self.init(
      shape,
      source: { path in
        let turned = path.hasSuffix("q_proj.weight") || path.hasSuffix("k_proj.weight")
        let matrix = weights[path]!
        return RowSource(
          matrix, order: turned && shape.rotaryPairing == .halves ? shape.adjacentRows(matrix.size(0)) : nil)
      }, vector: { weights[$0]!.floats })
  }

  private init(
    _ shape: DecoderConfiguration, source: (String) throws -> RowSource, vector: (String) throws -> [Float]
  ) throws {
    try shape.checkKernels()
    configuration = shape
    var plans: [MatrixPlan] = []
    let table = MatrixPlan([try source("model.embed_tokens.weight")])
    plans.append(table)
    let head = shape.tiesEmbedding ? table : MatrixPlan([try source("lm_head.weight")])
    if !shape.tiesEmbedding { plans.append(head) }
    for index in 0..<shape.blocks {
      func part(_ name: String) throws -> RowSource { try source("model.layers.\(index).\(name).weight") }
      plans += [
        MatrixPlan(try ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"].map(part)),
        MatrixPlan([try part("self_attn.o_proj")]),
        MatrixPlan(try ["mlp.gate_proj", "mlp.up_proj"].map(part), inTurns: true),
        MatrixPlan([try part("mlp.down_proj")]),
      ]
    }
    let matrices = try MatrixPlan.fill(plans)
    bytes = matrices.reduce(0) { $0 + $1.bytes }
    embedding = matrices[0]
    output = shape.tiesEmbedding ? matrices[0] : matrices[1]
    norm = try vector("model.norm.weight")
    let first = shape.tiesEmbedding ? 1 : 2
    blocks = try (0..<shape.blocks).map { index in
      let place = first + 4 * index
      return Block(
        attentionNorm: try vector("model.layers.\(index).input_layernorm.weight"),
        attention: matrices[place], attentionOutput: matrices[place + 1],
        feedForwardNorm: try vector("model.layers.\(index).post_attention_layernorm.weight"),
        gateUp: matrices[place + 2], down: matrices[place + 3])
    }
  }
}

extension DecoderConfiguration {
  /// - Throws: `CajalError` when the kernels have no place for this shape.
  fileprivate func checkKernels() throws {
    let sizes = [
      ("width", width, 32), ("heads · head width", heads * headWidth, 32), ("neurons", neurons, 32),
    ]
    for (name, value, unit) in sizes + [("head width", headWidth, 16)] where value % unit != 0 {
      throw CajalError(
        "fast inference needs a \(name) that is a multiple of \(unit), the model has \(value): the laboratory runs it"
      )
    }
    guard feedForward == .swiGLU else {
      throw CajalError("fast inference knows gated neurons (SwiGLU) only: the laboratory runs the others")
    }
  }

  /// For rows of heads whose pairs lie half a head apart: the order in which pairs are neighbours.
  fileprivate func adjacentRows(_ rows: Int) -> [Int] {
    (0..<rows).map { row in
      let (head, inside) = (row / headWidth, row % headWidth)
      return head * headWidth + inside / 2 + inside % 2 * (headWidth / 2)
    }
  }
}
