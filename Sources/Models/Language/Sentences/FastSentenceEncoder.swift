import Datasets
import Foundation
import Support
import Tensors

/// ``SentenceEncoder`` without libtorch, whose loading takes longer than encoding a sentence: plain vector loops over weights that
/// stay in the mapped file, of whose embedding only the rows of the sentence's own pieces are read.
public final class FastSentenceEncoder: Sendable {
  private let index: SafetensorsIndex
  private let tokenizer: WordPieceTokenizer
  private let word, position, kind: SafetensorRows
  private let first: EncoderNorm
  private let layers: [EncoderLayer]
  /// How many numbers a vector has.
  public let width: Int

  /// Opens `model.safetensors` and `vocab.txt` of a folder.
  ///
  /// - Throws: `CajalError` naming the file and what is missing or of another shape.
  public init(contentsOf folder: URL, heads: Int) throws {
    tokenizer = try WordPieceTokenizer(vocabulary: folder.appendingPathComponent("vocab.txt"))
    let index = try SafetensorsIndex(folder.appendingPathComponent("model.safetensors"))
    self.index = index
    word = try SafetensorRows(index, "embeddings.word_embeddings.weight")
    let width = word.width
    guard heads > 0, width % (heads * EncoderKernels.lanes) == 0 else {
      throw CajalError("\(index.path): vectors of \(width) numbers are not \(heads) heads of multiples of 16")
    }
    self.width = width
    position = try SafetensorRows(index, "embeddings.position_embeddings.weight", width: width)
    kind = try SafetensorRows(index, "embeddings.token_type_embeddings.weight", width: width)
    first = try EncoderNorm(index, "embeddings.LayerNorm", width: width)
    var layers: [EncoderLayer] = []
    while index.entries.contains(where: {
      $0.name == "encoder.layer.\(layers.count).attention.self.query.weight"
    }) { layers.append(try EncoderLayer(index, "encoder.layer.\(layers.count)", width: width, heads: heads)) }
    guard !layers.isEmpty else { throw CajalError("\(index.path) has no layer 'encoder.layer.0'") }
    self.layers = layers
    guard tokenizer.count <= word.count, position.count > 2 else {
      throw CajalError(
        "\(index.path): \(word.count) pieces and \(position.count) places are too few for vocab.txt's \(tokenizer.count) pieces"
      )
    }
  }

  /// all-MiniLM-L6-v2, its file checked by SHA-256, which takes nearly as long as a sentence does from start to end.
  ///
  /// - Throws: `CajalError` that says how to fetch it when it is not here.
  public static func miniLM(home: URL = CajalHome.folder) throws -> FastSentenceEncoder {
    let model = try PackagedData.miniLM.url("model.safetensors", home: home)
    return try FastSentenceEncoder(contentsOf: model.deletingLastPathComponent(), heads: 12)
  }

  /// The unit vector of a text, `[D]`.
  public func embedding(of text: String) -> [Float] {
    let pieces = tokenizer.encode(text, limit: min(256, position.count))
    let activity = EncoderActivity(tokens: pieces.count, width: width, inner: layers[0].inner)
    for (token, piece) in pieces.enumerated() {
      let row = activity.stream + token * width
      let (word, position, kind) = (word.row(piece), position.row(token), kind.row(0))
      for column in 0..<width { row[column] = word[column] + position[column] + kind[column] }
    }
    EncoderKernels.norm(activity.stream, tokens: pieces.count, first)
    for layer in layers { layer.apply(activity) }
    return withExtendedLifetime(index) { activity.mean() }
  }

  /// Unit vectors of many texts, on all cores.
  public func embeddings(of texts: [String]) -> [[Float]] {
    parallelMap(texts.count) { self.embedding(of: texts[$0]) }
  }
}

/// A matrix of the mapped file, read row by row.
struct SafetensorRows: @unchecked Sendable {
  let start: UnsafePointer<Float>
  let count, width: Int

  init(_ index: SafetensorsIndex, _ name: String, width expected: Int? = nil) throws {
    let (start, shape) = try index.floats(name)
    guard shape.count == 2, shape[0] > 0, expected == nil || shape[1] == expected else {
      throw CajalError(
        "\(index.path): weight '\(name)' has shape \(shape), expected rows of \(expected ?? 1) numbers")
    }
    (self.start, count, width) = (start, shape[0], shape[1])
  }

  func row(_ place: Int) -> UnsafePointer<Float> { start + place * width }
}
