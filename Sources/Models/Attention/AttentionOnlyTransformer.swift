import Datasets
import Recordings
import Support
import Tensors

/// A transformer without feed-forward parts for few-shot sequences (Singh et al., 2024, section 3.2), over libtorch, with gradients and every site
/// tapped: the laboratory. ``FastAttentionOnlyTransformer`` is the same in plain loops, for training.
///
/// Exemplars are mapped to the stream, labels are looked up; each block adds what attention with rotary positions reads of the
/// normalised stream; logits are read at the query alone. Sites, for block l from 0: `embedding` `[B, T, D]`; `blocks.l.norm`
/// `[B, T, D]`; `blocks.l.attention.query`, `.key` (both turned) and `.value` `[B, T, H, E]`; `blocks.l.attention.scores` `[B, H, T, T]`,
/// before mask and softmax; `blocks.l.attention.pattern` `[B, H, T, T]`; `blocks.l.attention.heads` `[B, T, H, E]`, before the
/// output matrix; `blocks.l.attention` `[B, T, D]`, what is added; `blocks.l.residual` `[B, T, D]`; `norm` `[B, D]`; `logits` `[B, K]`.
public final class AttentionOnlyTransformer: Module, @unchecked Sendable {
  public let configuration: AttentionOnlyConfiguration
  public let embedding: Linear
  public let labels: Embedding
  public let blocks: [AttentionOnlyBlock]
  public let norm: LayerNorm
  public let unembedding: Linear

  /// A fresh one.
  ///
  /// - Throws: `CajalError` when sizes do not fit together.
  public init(_ configuration: AttentionOnlyConfiguration, using generator: inout RandomGenerator) throws {
    let shape = try configuration.checked()
    // Places for weights; what they start with is drawn below, alike for both ways.
    var unused = RandomGenerator(seed: 0)
    self.configuration = shape
    embedding = Linear(shape.dimension, shape.width, .constant(0), using: &unused)
    labels = Embedding(shape.labels, shape.width, using: &unused)
    blocks = (0..<shape.blocks).map { _ in AttentionOnlyBlock(shape) }
    norm = LayerNorm(shape.width)
    unembedding = Linear(shape.width, shape.labels, .constant(0), using: &unused)
    super.init()
    setWeights(AttentionOnlyLayout(shape).initial(using: &generator))
  }

  /// The logits `[B, K]` of the queries.
  ///
  /// Instruments attached by the caller act, also in the passes that some clamps make first.
  /// - Throws: `CajalError` naming a clamp that does not fit.
  public func callAsFunction(
    _ batch: FewShotBatch, _ features: FewShotFeatures, clamps: [AttentionClamp] = []
  ) throws -> Tensor {
    try configuration.check(batch, features)
    let plan = try ClampPlan(clamps, configuration)
    return ClampedPass(model: self, plan: plan, batch: batch, features: features).logits()
  }

  /// Tokens as the first block meets them, `[B, T, D]`.
  func embedded(_ batch: FewShotBatch, _ features: FewShotFeatures) -> Tensor {
    let (count, pairs) = (batch.count, batch.contextPairs)
    let rows = Tensor(
      batch.exemplars.flatMap { features.row($0) }, shape: [count, pairs + 1, features.dimension])
    let exemplars = embedding(rows)
    let given = labels(Tensor(batch.labels, shape: [count, pairs]))
    let tokens = (0..<batch.length).map { token in
      (token % 2 == 0 ? exemplars : given).narrowed(1, from: token / 2, to: token / 2 + 1)
    }
    return tap("embedding", Tensor.concatenated(tokens, axis: 1))
  }

  /// Logits `[B, K]` of embedded sequences `[B, T, D]`.
  func logits(_ embedded: Tensor) -> Tensor {
    let table = configuration.rotation
    let rotation = RotaryTable.Part(
      cosines: table.cosines, sines: table.sines, pairing: .adjacent, width: configuration.headWidth)
    let mask = Tensor.full([configuration.length, configuration.length], -.infinity).upperTriangle(1)
    var x = embedded
    for (index, block) in blocks.enumerated() {
      x = tap("blocks.\(index).residual", x + block(x, index: index, rotation: rotation, mask: mask))
    }
    let query = tap(
      "norm", norm(x.narrowed(1, from: configuration.length - 1, to: configuration.length).squeezed(1)))
    return tap("logits", unembedding(query))
  }

  /// All weights in the order and orientation of ``AttentionOnlyLayout``.
  var weights: [Float] {
    let given = Dictionary(parameters.map { ($0.name, $0.parameter.value) }, uniquingKeysWith: { $1 })
    return AttentionOnlyLayout(configuration).entries.flatMap { entry -> [Float] in
      let tensor = given[entry.name]!.detached()
      return (entry.isTransposed ? tensor.transposed(0, 1).contiguous() : tensor).array(of: Float.self)
    }
  }

  func setWeights(_ weights: [Float]) {
    let given = Dictionary(parameters.map { ($0.name, $0.parameter) }, uniquingKeysWith: { $1 })
    for entry in AttentionOnlyLayout(configuration).entries {
      let numbers = Array(weights[entry.start..<entry.start + entry.shape.reduce(1, *)])
      given[entry.name]!.value =
        entry.isTransposed
        ? Tensor(numbers, shape: [entry.shape[1], entry.shape[0]]).transposed(0, 1).contiguous()
        : Tensor(numbers, shape: entry.shape)
    }
  }
}

/// What one block adds to the stream.
public final class AttentionOnlyBlock: Module, @unchecked Sendable {
  public let norm: LayerNorm
  /// Queries, keys and values of all heads, `[3 D, D]`.
  public let projection: Linear
  public let output: Linear
  private let shape: AttentionOnlyConfiguration

  init(_ shape: AttentionOnlyConfiguration) {
    var unused = RandomGenerator(seed: 0)
    self.shape = shape
    norm = LayerNorm(shape.width)
    projection = Linear(shape.width, 3 * shape.width, bias: false, .constant(0), using: &unused)
    output = Linear(shape.width, shape.width, bias: false, .constant(0), using: &unused)
  }

  func callAsFunction(_ x: Tensor, index: Int, rotation: RotaryTable.Part, mask: Tensor) -> Tensor {
    let site = "blocks.\(index).attention"
    let (batch, length, width) = (x.size(0), x.size(1), shape.width)
    let projected = projection(tap("blocks.\(index).norm", norm(x)))
    func part(_ number: Int) -> Tensor {
      projected.narrowed(2, from: number * width, to: (number + 1) * width)
        .reshaped(batch, length, shape.heads, shape.headWidth)
    }
    let query = tap(site + ".query", rotation.rotate(part(0))).permuted(0, 2, 1, 3)
    let key = tap(site + ".key", rotation.rotate(part(1))).permuted(0, 2, 3, 1)
    let value = tap(site + ".value", part(2)).permuted(0, 2, 1, 3)
    let scores = tap(site + ".scores", query.matmul(key) * (1 / Double(shape.headWidth).squareRoot()))
    let pattern = tap(site + ".pattern", (scores + mask).softmax(axis: -1))
    let mixed = tap(site + ".heads", pattern.matmul(value).permuted(0, 2, 1, 3))
    return tap(site, output(mixed.reshaped(batch, length, width)))
  }
}

extension AttentionOnlyConfiguration {
  /// - Throws: `CajalError` when a batch belongs to another shape.
  func check(_ batch: FewShotBatch, _ features: FewShotFeatures) throws {
    guard batch.contextPairs == contextPairs, features.dimension == dimension else {
      throw CajalError(
        "sequences of \(batch.contextPairs) pairs and features of \(features.dimension) numbers, expected \(contextPairs) and \(dimension)"
      )
    }
    guard batch.labels.allSatisfy((0..<labels).contains),
      batch.exemplars.allSatisfy((0..<features.rows).contains)
    else { throw CajalError("a sequence has labels beyond \(labels) or exemplars beyond \(features.rows)") }
  }
}
