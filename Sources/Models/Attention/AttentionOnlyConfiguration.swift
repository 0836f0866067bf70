import Foundation
import Support

/// The shape of an attention-only transformer for few-shot sequences.
public struct AttentionOnlyConfiguration: Sendable, Equatable, Codable {
  /// F: numbers of an exemplar.
  public var dimension: Int
  /// K.
  public var labels: Int
  /// P: pairs of exemplar and label before the query; a sequence has T = 2 P + 1 tokens.
  public var contextPairs: Int
  /// D: the width of the residual stream.
  public var width: Int
  /// H: heads a block, each of `width / heads` numbers.
  public var heads: Int
  /// L.
  public var blocks: Int
  /// The base of the rotary frequencies.
  public var rotaryBase: Double

  /// The paper's sizes, unless given.
  public init(
    dimension: Int = 512, labels: Int = 5, contextPairs: Int = 2, width: Int = 64, heads: Int = 8,
    blocks: Int = 2, rotaryBase: Double = 10_000
  ) {
    self.dimension = dimension
    self.labels = labels
    self.contextPairs = contextPairs
    self.width = width
    self.heads = heads
    self.blocks = blocks
    self.rotaryBase = rotaryBase
  }

  /// T.
  public var length: Int { 2 * contextPairs + 1 }
  /// E.
  public var headWidth: Int { width / heads }

  /// - Throws: `CajalError` naming what does not fit together.
  public func checked() throws -> AttentionOnlyConfiguration {
    let sizes = [dimension, labels, contextPairs, width, heads, blocks]
    guard sizes.allSatisfy({ (1...1 << 16).contains($0) }) else {
      throw CajalError("sizes \(sizes) of an attention-only transformer are out of range")
    }
    guard width % heads == 0, headWidth % 2 == 0 else {
      throw CajalError("a width of \(width) does not divide into \(heads) heads of an even width")
    }
    guard rotaryBase > 0 else { throw CajalError("a rotary base of \(rotaryBase)") }
    return self
  }

  /// Cosines and sines of the rotary angles, `[T, E/2]` each.
  var rotation: (cosines: [Float], sines: [Float]) {
    let half = headWidth / 2
    let angles = (0..<length).flatMap { position in
      (0..<half).map { pair in
        Double(position) * pow(rotaryBase, -2 * Double(pair) / Double(headWidth))
      }
    }
    return (angles.map { Float(cos($0)) }, angles.map { Float(sin($0)) })
  }
}

/// Where each matrix lies in the one array of weights that kernels work on. Matrices are `[in, out]`, rows of inputs, so that products
/// run along their outputs; the module keeps PyTorch's `[out, in]`.
struct AttentionOnlyLayout {
  struct Block {
    let norm, normBias, projection, output: Int
  }

  let embedding, embeddingBias, labels: Int
  let blocks: [Block]
  let norm, normBias, unembedding, unembeddingBias: Int
  /// How many numbers there are.
  let count: Int
  /// Name, place, shape `[out, in]` or `[n]`, and whether the matrix lies the other way round here.
  let entries: [(name: String, start: Int, shape: [Int], isTransposed: Bool)]

  init(_ shape: AttentionOnlyConfiguration) {
    var entries: [(name: String, start: Int, shape: [Int], isTransposed: Bool)] = []
    var next = 0
    func take(_ name: String, _ size: [Int], transposed: Bool = false) -> Int {
      entries.append((name, next, size, transposed))
      defer { next += size.reduce(1, *) }
      return next
    }
    let width = shape.width
    embedding = take("embedding.weight", [width, shape.dimension], transposed: true)
    embeddingBias = take("embedding.bias", [width])
    labels = take("labels.weight", [shape.labels, width])
    blocks = (0..<shape.blocks).map { index in
      Block(
        norm: take("blocks.\(index).norm.weight", [width]),
        normBias: take("blocks.\(index).norm.bias", [width]),
        projection: take("blocks.\(index).projection.weight", [3 * width, width], transposed: true),
        output: take("blocks.\(index).output.weight", [width, width], transposed: true))
    }
    norm = take("norm.weight", [width])
    normBias = take("norm.bias", [width])
    unembedding = take("unembedding.weight", [shape.labels, width], transposed: true)
    unembeddingBias = take("unembedding.bias", [shape.labels])
    count = next
    self.entries = entries
  }

  /// Fresh weights as the paper's: matrices normal within two standard deviations with variance 1 / inputs, labels the same with a
  /// deviation of 0.02, norms 1, biases 0.
  func initial(using generator: inout RandomGenerator) -> [Float] {
    var weights = [Float](repeating: 0, count: count)
    for entry in entries {
      let range = entry.start..<entry.start + entry.shape.reduce(1, *)
      // What is cut off at two deviations had taken a share of the variance.
      let deviation =
        entry.isTransposed ? 1 / Double(entry.shape[1]).squareRoot() / 0.879_625_66 : 0.02
      if entry.isTransposed || entry.name == "labels.weight" {
        for place in range { weights[place] = Float(deviation * generator.normalWithinTwo()) }
      } else if entry.name.hasSuffix("norm.weight") {
        for place in range { weights[place] = 1 }
      }
    }
    return weights
  }
}

extension RandomGenerator {
  /// A standard normal number, drawn again where it is beyond two.
  fileprivate mutating func normalWithinTwo() -> Double {
    while true {
      let value = normal()
      if abs(value) <= 2 { return value }
    }
  }
}
