import Recordings
import Support
import Tensors

/// A decoder of GPT-2's form: learned positions, layers normalised before attention and before a feed-forward part of GELUs.
///
/// Sites are those of ``Decoder`` without gate: `embedding`, `blocks.l.attention.pattern` `[B, H, T, T]`, `.attention.heads` `[B, T, H, E]`,
/// `.attention`, `.mlp.up` `[B, T, N]` before the nonlinearity, `.mlp` behind it, `.mlp.output`, `.residual`, `norm`, `logits`.
public final class GPT: Module, Stochastic, NextTokenModel, @unchecked Sendable {
  public struct Configuration: Sendable, Equatable, Codable {
    public var vocabulary: Int
    public var width: Int
    public var blocks: Int
    public var heads: Int
    /// Neurons of a feed-forward part.
    public var neurons: Int
    /// The longest text.
    public var contextLength: Int
    public var dropout: Double
    /// Whether the output matrix is the embedding.
    public var tiesEmbedding: Bool

    public init(
      vocabulary: Int = 256, width: Int, blocks: Int, heads: Int, neurons: Int? = nil, contextLength: Int,
      dropout: Double = 0, tiesEmbedding: Bool = false
    ) {
      self.vocabulary = vocabulary
      self.width = width
      self.blocks = blocks
      self.heads = heads
      self.neurons = neurons ?? 4 * width
      self.contextLength = contextLength
      self.dropout = dropout
      self.tiesEmbedding = tiesEmbedding
    }

    /// How many numbers are trained.
    public var parameterCount: Int {
      let attention = 4 * width * width + 4 * width
      let feedForward = 2 * width * neurons + neurons + width
      let tables = (vocabulary * (tiesEmbedding ? 1 : 2) + contextLength) * width
      return blocks * (attention + feedForward + 4 * width) + tables + 2 * width
    }

    /// The one whose number of trained parameters is nearest to `parameters`, by its width.
    public static func matching(
      parameters: Int, vocabulary: Int = 256, blocks: Int, heads: Int, contextLength: Int
    ) -> Configuration {
      func sized(_ width: Int) -> Configuration {
        Configuration(
          vocabulary: vocabulary, width: width, blocks: blocks, heads: heads, contextLength: contextLength)
      }
      func distance(_ width: Int) -> Int { abs(sized(width).parameterCount - parameters) }
      var width = heads
      while distance(width + heads) < distance(width) { width += heads }
      return sized(width)
    }
  }

  public let configuration: Configuration
  public let tokens: Embedding
  public let positions: Embedding
  public let blocks: [GPTBlock]
  public let norm: LayerNorm
  /// `[V, D]`, where it is not the embedding.
  public let output: Parameter?
  private var generator: RandomGenerator

  public override var keys: [String: String] {
    ["tokens": "wte", "positions": "wpe", "blocks": "h", "norm": "ln_f", "output": "lm_head.weight"]
  }

  /// A fresh one: normal weights of deviation 0.02, those that add to the stream divided by √(2 blocks).
  public init(_ configuration: Configuration, using generator: inout RandomGenerator) {
    precondition(
      configuration.width % configuration.heads == 0,
      "\(configuration.width) numbers do not divide into \(configuration.heads) heads")
    self.configuration = configuration
    let width = configuration.width
    tokens = Embedding(configuration.vocabulary, width, using: &generator)
    positions = Embedding(configuration.contextLength, width, using: &generator)
    for table in [tokens, positions] { table.weight.value = (table.weight.value.detached() * 0.02) }
    blocks = (0..<configuration.blocks).map { _ in GPTBlock(configuration, using: &generator) }
    norm = LayerNorm(width)
    output =
      configuration.tiesEmbedding
      ? nil : Parameter(.normal([configuration.vocabulary, width], deviation: 0.02, using: &generator))
    self.generator = RandomGenerator(seed: generator.next())
  }

  public func reseed(_ generator: RandomGenerator) { self.generator = generator }

  public var vocabulary: Int { configuration.vocabulary }

  /// Logits `[B, T, V]` of tokens `[B, T]`.
  public func callAsFunction(_ tokens: Tensor) -> Tensor {
    precondition(
      tokens.rank == 2 && tokens.size(1) <= configuration.contextLength,
      "tokens of shape \(tokens.shape) for a context of \(configuration.contextLength)")
    let vectors = self.tokens(tokens) + positions.weight.value.narrowed(0, from: 0, to: tokens.size(1))
    var x = tap("embedding", dropped(vectors))
    for (index, block) in blocks.enumerated() {
      x = tap("blocks.\(index).residual", block(x, index: index, cache: nil, dropped))
    }
    return logits(tap("norm", norm(x)))
  }

  private func logits(_ hidden: Tensor) -> Tensor {
    tap("logits", hidden.linear((output ?? tokens.weight).value))
  }

  private func dropped(_ x: Tensor) -> Tensor {
    isTraining && configuration.dropout > 0 ? x.dropout(configuration.dropout, using: &generator) : x
  }

  /// Keys and values of the tokens so far: memory that grows with the text.
  public final class Cache {
    public internal(set) var position = 0
    /// Keys and values of each block, `[2, H, capacity, E]`.
    let held: [Tensor]
    private let perToken: Int

    public init(_ configuration: Configuration) {
      held = (0..<configuration.blocks).map { _ in
        .zeros([
          2, configuration.heads, configuration.contextLength, configuration.width / configuration.heads,
        ])
      }
      perToken = 2 * configuration.blocks * configuration.width
    }

    /// How many numbers are remembered.
    public var stateCount: Int { position * perToken }
  }

  /// The logits `[V]` behind one more token.
  public func step(_ token: Int, _ cache: Cache) -> [Float] {
    precondition(
      cache.position < configuration.contextLength,
      "token \(cache.position) of a context of \(configuration.contextLength)")
    return withoutGradients {
      var x = tokens(Tensor([token], shape: [1, 1])) + positions.weight.value[cache.position]
      for (index, block) in blocks.enumerated() { x = block(x, index: index, cache: cache) { $0 } }
      cache.position += 1
      return logits(norm(x)).floats
    }
  }
}

/// One block of a ``GPT``.
public final class GPTBlock: Module, @unchecked Sendable {
  public let attentionNorm: LayerNorm
  /// Queries, keys and values, one after the other.
  public let projection: Linear
  public let mixing: Linear
  public let feedForwardNorm: LayerNorm
  public let up: Linear
  public let down: Linear
  private let heads: Int

  public override var keys: [String: String] {
    [
      "attentionNorm": "ln_1", "projection": "attn.c_attn", "mixing": "attn.c_proj",
      "feedForwardNorm": "ln_2",
      "up": "mlp.c_fc", "down": "mlp.c_proj",
    ]
  }

  init(_ shape: GPT.Configuration, using generator: inout RandomGenerator) {
    let added = 0.02 / Double(2 * shape.blocks).squareRoot()
    func linear(_ inputs: Int, _ outputs: Int, _ deviation: Double) -> Linear {
      let layer = Linear(inputs, outputs, .normal(deviation: deviation), using: &generator)
      layer.bias?.value = .zeros([outputs])
      return layer
    }
    heads = shape.heads
    attentionNorm = LayerNorm(shape.width)
    projection = linear(shape.width, 3 * shape.width, 0.02)
    mixing = linear(shape.width, shape.width, added)
    feedForwardNorm = LayerNorm(shape.width)
    up = linear(shape.width, shape.neurons, 0.02)
    down = linear(shape.neurons, shape.width, added)
  }

  func callAsFunction(_ x: Tensor, index: Int, cache: GPT.Cache?, _ dropped: (Tensor) -> Tensor) -> Tensor {
    let site = "blocks.\(index)"
    let (texts, length, width) = (x.size(0), x.size(1), x.size(2))
    let parts = projection(attentionNorm(x)).reshaped(texts, length, 3, heads, width / heads)
      .permuted(2, 0, 3, 1, 4)
    let (queries, own, values) = (parts[0], parts[1], parts[2])
    let (keys, read) = cache.map { $0.extended(index, own, values) } ?? (own, values)
    var scores = queries.matmul(keys.transposed()) / Double(width / heads).squareRoot()
    if cache == nil {
      scores = scores + Tensor.full([length, length], -.infinity).upperTriangle(1)
    }
    let pattern = tap("\(site).attention.pattern", scores.softmax(axis: -1))
    let mixed = tap("\(site).attention.heads", pattern.matmul(read).transposed(1, 2))
    let attended = tap("\(site).attention", dropped(mixing(mixed.reshaped(texts, length, width))))
    let middle = x + attended
    let neurons = tap("\(site).mlp", tap("\(site).mlp.up", up(feedForwardNorm(middle))).gelu())
    return middle + tap("\(site).mlp.output", dropped(down(neurons)))
  }
}

extension GPT.Cache {
  /// Notes the keys and values of one token `[1, H, 1, E]`; those of all tokens so far `[1, H, t, E]`.
  fileprivate func extended(_ block: Int, _ keys: Tensor, _ values: Tensor) -> (Tensor, Tensor) {
    let store = held[block]
    store[0, .all, position] = keys.reshaped(store.size(1), store.size(3))
    store[1, .all, position] = values.reshaped(store.size(1), store.size(3))
    let upToNow = store.narrowed(2, from: 0, to: position + 1)
    return (upToNow[0].unsqueezed(0), upToNow[1].unsqueezed(0))
  }
}
