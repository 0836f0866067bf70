import Recordings
import Support
import Tensors

/// One block: attention and a feed-forward part, each reading the normalised stream and adding to it.
public final class DecoderBlock: Module, @unchecked Sendable {
  public let attentionNorm: RMSNorm
  public let attention: DecoderAttention
  public let feedForwardNorm: RMSNorm
  public let feedForward: DecoderFeedForward

  public override var keys: [String: String] {
    [
      "attentionNorm": "input_layernorm", "attention": "self_attn",
      "feedForwardNorm": "post_attention_layernorm", "feedForward": "mlp",
    ]
  }

  init(
    _ shape: DecoderConfiguration, deviation: Double, addedDeviation: Double,
    using generator: inout RandomGenerator
  ) {
    attentionNorm = RMSNorm(shape.width, epsilon: shape.normEpsilon)
    attention = DecoderAttention(shape) { rows, columns, adds in
      .normal([rows, columns], deviation: adds ? addedDeviation : deviation, using: &generator)
    }
    feedForwardNorm = RMSNorm(shape.width, epsilon: shape.normEpsilon)
    feedForward = DecoderFeedForward(shape) { rows, columns, adds in
      .normal([rows, columns], deviation: adds ? addedDeviation : deviation, using: &generator)
    }
  }

  init(_ shape: DecoderConfiguration, weight: (String, [Int]) throws -> Tensor) throws {
    attentionNorm = RMSNorm(shape.width, epsilon: shape.normEpsilon)
    attentionNorm.weight.value = try weight("input_layernorm.weight", [shape.width])
    feedForwardNorm = RMSNorm(shape.width, epsilon: shape.normEpsilon)
    feedForwardNorm.weight.value = try weight("post_attention_layernorm.weight", [shape.width])
    attention = try DecoderAttention(shape) { try weight("self_attn.\($0).weight", $1) }
    feedForward = try DecoderFeedForward(shape) { try weight("mlp.\($0).weight", $1) }
  }

  func callAsFunction(_ x: Tensor, index: Int, rotation: RotaryTable.Part, mask: Tensor) -> Tensor {
    let y = x + attention(attentionNorm(x), index: index, rotation: rotation, mask: mask)
    return y + feedForward(feedForwardNorm(y), index: index)
  }
}

/// Attention with rotary positions, several query heads to a head of keys and values.
public final class DecoderAttention: Module, @unchecked Sendable {
  /// `[H·E, D]`.
  public let query: Parameter
  /// `[K·E, D]`, K heads of keys and values.
  public let key: Parameter
  /// `[K·E, D]`.
  public let value: Parameter
  /// `[D, H·E]`; columns `[E·h, E·h + E)` belong to head h.
  public let output: Parameter
  private let shape: DecoderConfiguration

  public override var keys: [String: String] {
    [
      "query": "q_proj.weight", "key": "k_proj.weight", "value": "v_proj.weight", "output": "o_proj.weight",
    ]
  }

  /// - Parameter matrix: Rows, columns, and whether the product is added to the stream.
  init(_ shape: DecoderConfiguration, random matrix: (Int, Int, Bool) -> Tensor) {
    self.shape = shape
    let (all, shared) = (shape.heads * shape.headWidth, shape.keyValueHeads * shape.headWidth)
    query = Parameter(matrix(all, shape.width, false))
    key = Parameter(matrix(shared, shape.width, false))
    value = Parameter(matrix(shared, shape.width, false))
    output = Parameter(matrix(shape.width, all, true))
  }

  init(_ shape: DecoderConfiguration, weight: (String, [Int]) throws -> Tensor) throws {
    self.shape = shape
    let (all, shared) = (shape.heads * shape.headWidth, shape.keyValueHeads * shape.headWidth)
    query = Parameter(try weight("q_proj", [all, shape.width]))
    key = Parameter(try weight("k_proj", [shared, shape.width]))
    value = Parameter(try weight("v_proj", [shared, shape.width]))
    output = Parameter(try weight("o_proj", [shape.width, all]))
  }

  func callAsFunction(_ x: Tensor, index: Int, rotation: RotaryTable.Part, mask: Tensor) -> Tensor {
    let (batch, length) = (x.size(0), x.size(1))
    let (heads, shared, width) = (shape.heads, shape.keyValueHeads, shape.headWidth)
    let group = heads / shared
    // `[B, T, heads, E]` -> `[B·K, …, E]`: the queries of a group meet their keys in one product.
    let q = rotation.rotate(x.linear(query.value).reshaped(batch, length, heads, width))
      .reshaped(batch, length, shared, group, width).permuted(0, 2, 3, 1, 4)
      .reshaped(batch * shared, group * length, width)
    let k = rotation.rotate(x.linear(key.value).reshaped(batch, length, shared, width))
      .permuted(0, 2, 3, 1).reshaped(batch * shared, width, length)
    let v = x.linear(value.value).reshaped(batch, length, shared, width).permuted(0, 2, 1, 3)
      .reshaped(batch * shared, length, width)
    let scores = q.matmul(k).reshaped(batch, heads, length, length) * (1 / Double(width).squareRoot())
    let pattern = tap("blocks.\(index).attention.pattern", (scores + mask).softmax(axis: -1))
    let mixed = pattern.reshaped(batch * shared, group * length, length).matmul(v)
      .reshaped(batch, heads, length, width).permuted(0, 2, 1, 3)
    let joined = tap("blocks.\(index).attention.heads", mixed).reshaped(batch, length, heads * width)
    return tap("blocks.\(index).attention", joined.linear(output.value))
  }
}

/// The feed-forward part: neurons that read the stream and write to it.
public final class DecoderFeedForward: Module, @unchecked Sendable {
  /// `[N, D]`; nil for a part without gate.
  public let gate: Parameter?
  /// `[N, D]`.
  public let up: Parameter
  /// `[D, N]`; column n is the direction that neuron n writes.
  public let down: Parameter

  public override var keys: [String: String] {
    ["gate": "gate_proj.weight", "up": "up_proj.weight", "down": "down_proj.weight"]
  }

  init(_ shape: DecoderConfiguration, random matrix: (Int, Int, Bool) -> Tensor) {
    gate = shape.feedForward == .swiGLU ? Parameter(matrix(shape.neurons, shape.width, false)) : nil
    up = Parameter(matrix(shape.neurons, shape.width, false))
    down = Parameter(matrix(shape.width, shape.neurons, true))
  }

  init(_ shape: DecoderConfiguration, weight: (String, [Int]) throws -> Tensor) throws {
    let reading = [shape.neurons, shape.width]
    gate = shape.feedForward == .swiGLU ? Parameter(try weight("gate_proj", reading)) : nil
    up = Parameter(try weight("up_proj", reading))
    down = Parameter(try weight("down_proj", [shape.width, shape.neurons]))
  }

  func callAsFunction(_ x: Tensor, index: Int) -> Tensor {
    let linear = tap("blocks.\(index).mlp.up", x.linear(up.value))
    let inner: Tensor
    if let gate {
      let driven = tap("blocks.\(index).mlp.gate", x.linear(gate.value))
      inner = tap("blocks.\(index).mlp.gate.active", driven.silu()) * linear
    } else {
      inner = linear.relu()
    }
    return tap("blocks.\(index).mlp.output", tap("blocks.\(index).mlp", inner).linear(down.value))
  }
}
