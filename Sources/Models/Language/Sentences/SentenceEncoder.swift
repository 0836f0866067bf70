import Datasets
import Foundation
import Support
import Tensors

/// Sentences as unit vectors whose cosine tells how near their meanings are: a BERT encoder whose last states are averaged
/// over the pieces (Reimers and Gurevych, 2019).
public final class SentenceEncoder {
  private let weights: [String: Tensor]
  private let tokenizer: WordPieceTokenizer
  private let heads: Int
  private let layers: Int

  /// Opens `model.safetensors` and `vocab.txt` of a folder.
  ///
  /// - Throws: `CajalError` naming the file and what is missing.
  public init(contentsOf folder: URL, heads: Int) throws {
    let file = folder.appendingPathComponent("model.safetensors")
    tokenizer = try WordPieceTokenizer(vocabulary: folder.appendingPathComponent("vocab.txt"))
    let tensors = try Safetensors(file).tensors
    weights = Dictionary(tensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { $1 })
    self.heads = heads
    var count = 0
    while weights["encoder.layer.\(count).attention.self.query.weight"] != nil { count += 1 }
    layers = count
    let needed =
      [
        "embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight",
        "embeddings.token_type_embeddings.weight",
      ]
      + Self.modules("embeddings", ["LayerNorm"])
      + (0..<count).flatMap { layer in
        Self.modules(
          "encoder.layer.\(layer)",
          [
            "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
            "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm",
          ])
      }
    if let missing = needed.first(where: { weights[$0] == nil }) {
      throw CajalError("\(file.path) has no weight '\(missing)'")
    }
    let width = weights["embeddings.word_embeddings.weight"]!.size(1)
    guard count > 0, width % heads == 0 else {
      throw CajalError("\(file.path): \(count) layers of width \(width) with \(heads) heads are no encoder")
    }
  }

  /// all-MiniLM-L6-v2.
  ///
  /// - Throws: `CajalError` that says how to fetch it when it is not here.
  public static func miniLM() throws -> SentenceEncoder {
    let model = try PackagedData.miniLM.url("model.safetensors")
    return try SentenceEncoder(contentsOf: model.deletingLastPathComponent(), heads: 12)
  }

  private static func modules(_ path: String, _ names: [String]) -> [String] {
    names.flatMap { ["\(path).\($0).weight", "\(path).\($0).bias"] }
  }

  /// Unit vectors `[S, D]`.
  public func embeddings(of texts: [String]) -> Tensor {
    withoutGradients { Tensor.stacked(texts.map(embedding)) }
  }

  private func embedding(_ text: String) -> Tensor {
    let pieces = tokenizer.encode(text)
    func table(_ name: String) -> Tensor { weights["embeddings.\(name)_embeddings.weight"]! }
    var x =
      table("word").embedding(Tensor(pieces)) + table("position")[0..<pieces.count] + table("token_type")[0]
    x = norm(x, "embeddings.LayerNorm")
    for layer in 0..<layers { x = block(x, "encoder.layer.\(layer)") }
    let mean = x.mean(axis: 0)
    return mean / mean.norm()
  }

  private func block(_ x: Tensor, _ path: String) -> Tensor {
    let (length, width) = (x.size(0), x.size(1))
    func part(_ name: String) -> Tensor {
      linear(x, "\(path).attention.self.\(name)").reshaped(length, heads, width / heads).permuted(1, 0, 2)
    }
    let scores = part("query").matmul(part("key").transposed()) * (1 / Double(width / heads).squareRoot())
    let mixed = scores.softmax(axis: -1).matmul(part("value")).permuted(1, 0, 2).reshaped(length, width)
    let y = norm(x + linear(mixed, "\(path).attention.output.dense"), "\(path).attention.output.LayerNorm")
    let inner = linear(y, "\(path).intermediate.dense").gelu()
    return norm(y + linear(inner, "\(path).output.dense"), "\(path).output.LayerNorm")
  }

  private func linear(_ x: Tensor, _ path: String) -> Tensor {
    x.linear(weights["\(path).weight"]!, weights["\(path).bias"]!)
  }

  private func norm(_ x: Tensor, _ path: String) -> Tensor {
    x.layerNorm(
      [x.size(-1)], weight: weights["\(path).weight"], bias: weights["\(path).bias"], epsilon: 1e-12)
  }
}
