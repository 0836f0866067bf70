import Recordings
import Support
import Synchronization
import Tensors

/// BDH-GPU (Kosowski et al., 2025, arXiv 2509.26507): a language model whose neurons have positive, sparse activity and whose
/// working memory is a matrix of synapses that grows by a Hebbian rule.
///
/// ```swift
/// let model = DragonHatchling(.init(width: 64, neuronsPerHead: 256, layers: 3), using: &generator)
/// let logits = model(tokens)                        // [B, T] -> [B, T, V]
/// let session = DragonHatchlingSession(model)       // the same token by token, in constant memory
/// ```
/// Sites, for layer l from 0 (B texts, T positions, h heads of N neurons, n = h N), named as those of ``Decoder``: `embedding` `[B, T, d]`;
/// `blocks.l.mlp.gate.active` `[B, T, n]`, activity before attention (the paper's x, positive); `blocks.l.attention.pattern`
/// `[B, h, T, T]`; `blocks.l.attention.heads` `[B, T, h, d]`, normalised; `blocks.l.mlp.up` `[B, T, n]`, the response to attention,
/// positive; `blocks.l.mlp` `[B, T, n]`, the neurons: the product of both (the paper's y); `blocks.l.mlp.output` `[B, T, d]`;
/// `blocks.l.residual` `[B, T, d]`; `logits` `[B, T, V]`.
///
/// Paths of the parameters are the released code's: `embed.weight`, `encoder`, `encoder_v`, `decoder`, `lm_head`.
public final class DragonHatchling: Module, Stochastic, NextTokenModel, @unchecked Sendable {
  public let configuration: DragonHatchlingConfiguration
  /// `[V, d]`
  public let embedding: Parameter
  /// What makes activity of the stream, `[h, d, N]` (the paper's D_x); one, or one a layer.
  public let encoder: [Parameter]
  /// What makes responses of attention, `[h, d, N]` (D_y).
  public let gate: [Parameter]
  /// What makes a vector of activity, `[h N, d]` (E, transposed); neurons of head 0 first.
  public let decoder: [Parameter]
  /// `[d, V]`
  public let output: Parameter
  /// How many turns a token the neurons of a head make, `[N]`; those of a pair are equal.
  public let frequencies: Buffer
  private var generator: RandomGenerator
  private let angles = Mutex<(turns: [Double], rotation: HatchlingRotation)?>(nil)

  public override var keys: [String: String] {
    ["embedding": "embed.weight", "gate": "encoder_v", "output": "lm_head", "frequencies": "attn.freqs"]
  }

  public override func name(ofElement index: Int, in property: String) -> String {
    configuration.sharesLayers ? "" : "\(index)"
  }

  /// A fresh one: normal weights of deviation 0.02.
  public init(_ configuration: DragonHatchlingConfiguration, using generator: inout RandomGenerator) {
    self.configuration = configuration
    let shape = configuration
    let sets = shape.sharesLayers ? 1 : shape.layers
    func random(_ extents: [Int]) -> Parameter {
      Parameter(.normal(extents, deviation: 0.02, using: &generator))
    }
    let block = [shape.heads, shape.width, shape.neuronsPerHead]
    encoder = (0..<sets).map { _ in random(block) }
    gate = (0..<sets).map { _ in random(block) }
    decoder = (0..<sets).map { _ in random([shape.neurons, shape.width]) }
    embedding = random([shape.vocabulary, shape.width])
    output = random([shape.width, shape.vocabulary])
    let turns = HatchlingRotation.frequencies(neurons: shape.neuronsPerHead, theta: shape.rotaryTheta)
    frequencies = Buffer(Tensor(turns))
    self.generator = RandomGenerator(seed: generator.next())
  }

  /// One with given weights; the frequencies of a model that was merged differ from a fresh one's.
  ///
  /// - Throws: `CajalError` naming missing, unknown and wrongly shaped tensors.
  public init(_ configuration: DragonHatchlingConfiguration, weights: NamedTensors) throws {
    let shape = try configuration.checked()
    self.configuration = shape
    let sets = shape.sharesLayers ? 1 : shape.layers
    let block = [shape.heads, shape.width, shape.neuronsPerHead]
    func empty(_ extents: [Int]) -> Parameter { Parameter(.zeros(extents)) }
    encoder = (0..<sets).map { _ in empty(block) }
    gate = (0..<sets).map { _ in empty(block) }
    decoder = (0..<sets).map { _ in empty([shape.neurons, shape.width]) }
    embedding = empty([shape.vocabulary, shape.width])
    output = empty([shape.width, shape.vocabulary])
    var turns = HatchlingRotation.frequencies(neurons: shape.neuronsPerHead, theta: shape.rotaryTheta)
    if let given = weights.first(where: { $0.name == "attn.freqs" })?.tensor.doubles { turns = given }
    guard turns.count == shape.neuronsPerHead else {
      throw CajalError("\(turns.count) frequencies for \(shape.neuronsPerHead) neurons of a head")
    }
    frequencies = Buffer(Tensor(turns))
    generator = RandomGenerator(seed: 0)
    super.init()
    try load(weights.filter { $0.name != "attn.freqs" } + [("attn.freqs", Tensor(turns))])
  }

  /// The angles that ``frequencies`` give, made anew when weights were loaded.
  var rotation: HatchlingRotation {
    let turns = frequencies.value.doubles
    return angles.withLock { held in
      if let held, held.turns == turns { return held.rotation }
      let made = HatchlingRotation(turns)
      held = (turns, made)
      return made
    }
  }

  public func reseed(_ generator: RandomGenerator) { self.generator = generator }

  /// How many different tokens there are.
  public var vocabulary: Int { configuration.vocabulary }

  /// Logits `[B, T, V]` of tokens `[B, T]`.
  public func callAsFunction(_ tokens: Tensor) -> Tensor {
    let hidden = hidden(tokens)
    return tap("logits", hidden.matmul(output.value))
  }

  /// The normalised stream behind the last layer, `[B, T, d]`.
  public func hidden(_ tokens: Tensor) -> Tensor {
    precondition(tokens.rank == 2, "tokens of shape \(tokens.shape), expected [B, T]")
    let vectors = embedding.value.embedding(tokens)
    switch configuration.residual {
    case .stream:
      var x = tap("embedding", normal(vectors))
      for layer in 0..<configuration.layers {
        x = tap("blocks.\(layer).residual", step(x, layer: layer))
      }
      return x
    case .neurons: return hiddenByActivity(tap("embedding", vectors))
    }
  }

  // MARK: - Layers

  /// The matrices of a layer.
  func set(_ layer: Int) -> Int { configuration.sharesLayers ? 0 : layer }

  /// Whether the kernels compute what is asked for.
  private var isFused: Bool {
    configuration.attention == .linear && !configuration.detachesAttention && !isObserved
      && HatchlingLayer.fits(width: configuration.width, neurons: configuration.neuronsPerHead)
      && embedding.value.elementType == .float32 && embedding.value.device == .cpu
  }

  private func step(_ x: Tensor, layer: Int) -> Tensor {
    let shape = configuration
    let keep = dropoutFactors(x.size(0), x.size(1))
    guard isFused else { return composed(x, layer: layer, keep) }
    let set = set(layer)
    let table = rotation.table(x.size(1))
    let kernel = HatchlingLayer(
      batch: x.size(0), length: x.size(1), width: shape.width, heads: shape.heads,
      neurons: shape.neuronsPerHead, readsItself: shape.readsItself, gates: shape.gatesByActivity,
      cosines: table.cosines, sines: table.sines)
    let inputs = [x, encoder[set].value, gate[set].value, decoder[set].value]
    return customGradient(inputs) { inputs in
      let weights = HatchlingLayer.Weights(
        encoder: inputs[1].contiguous(), gate: inputs[2].contiguous(), decoder: inputs[3].contiguous())
      let trace = kernel.forward(inputs[0].contiguous(), weights, dropout: keep)
      return (
        [trace.output],
        { gradients in
          guard let gradient = gradients[0] else { return [nil, nil, nil, nil] }
          return kernel.backward(gradient.contiguous(), trace, weights, dropout: keep)
        }
      )
    }[0]
  }

  /// 0 for activity that is left out, 1 / (1 - dropout) for the rest, `[B, h, T, N]`; nil where all is kept.
  private func dropoutFactors(_ batch: Int, _ length: Int) -> Tensor? {
    let shape = configuration
    guard isTraining, shape.dropout > 0 else { return nil }
    return withoutGradients {
      Tensor.full([batch, shape.heads, length, shape.neuronsPerHead], 1 - shape.dropout)
        .bernoulli(using: &generator) / (1 - shape.dropout)
    }
  }

  func normal(_ x: Tensor) -> Tensor {
    configuration.normalises ? x.layerNorm([x.size(-1)], weight: nil, bias: nil) : x
  }

  /// A layer by operations on tensors, every site tapped.
  private func composed(_ x: Tensor, layer: Int, _ keep: Tensor?) -> Tensor {
    let site = "blocks.\(layer)"
    let activity = tap("\(site).mlp.gate.active", x.matmul(encoderMatrix(set(layer))).relu())
    let active = respond(activity, values: x, layer: layer, keep)
    let update = tap("\(site).mlp.output", normal(active.matmul(decoder[set(layer)].value)))
    return normal(x + update)
  }

  /// The neurons behind attention and gate, `[B, T, n]`, of activity `[B, T, n]` and the vectors that attention reads.
  private func respond(_ activity: Tensor, values: Tensor, layer: Int, _ keep: Tensor?) -> Tensor {
    let site = "blocks.\(layer)"
    let turned = turn(byHeads(activity))
    let keys = configuration.detachesAttention ? turned.detached() : turned
    let read = configuration.detachesAttention ? values.detached() : values
    let pattern = tap("\(site).attention.pattern", pattern(turned.matmul(keys.transposed())))
    let attention = normal(pattern.matmul(read.unsqueezed(1)))
    let heads = tap("\(site).attention.heads", attention.transposed(1, 2)).transposed(1, 2)
    let response = tap("\(site).mlp.up", together(heads.matmul(gate[set(layer)].value).relu()))
    let product = configuration.gatesByActivity ? activity * response : response
    let kept = keep.map { product * together($0) } ?? product
    return tap("\(site).mlp", kept)
  }

  /// What earlier positions weigh, of scores `[B, h, T, T]`.
  private func pattern(_ scores: Tensor) -> Tensor {
    let offset = configuration.readsItself ? 0 : -1
    switch configuration.attention {
    case .linear: return scores.lowerTriangle(offset)
    case .softmax:
      let length = scores.size(-1)
      let allowed = Tensor.ones([length, length]).lowerTriangle(offset)
      let scaled = scores / Double(configuration.neuronsPerHead).squareRoot()
      // The first position reads nothing: its row is zeroed behind the softmax.
      return scaled.filled(allowed.logicalNot(), with: -1e30).softmax(axis: -1) * allowed
    }
  }

  /// Layers with activity as residual (Equation 8).
  private func hiddenByActivity(_ vectors: Tensor) -> Tensor {
    var vector = vectors
    var activity: Tensor?
    for layer in 0..<configuration.layers {
      let added = vector.matmul(encoderMatrix(set(layer))).relu()
      let whole = activity.map { $0 + added } ?? added
      let x = tap("blocks.\(layer).mlp.gate.active", whole)
      activity = x
      let active = respond(
        x, values: vector, layer: layer, dropoutFactors(vectors.size(0), vectors.size(1)))
      vector = tap("blocks.\(layer).mlp.output", normal(active.matmul(decoder[set(layer)].value)))
      vector = tap("blocks.\(layer).residual", vector)
    }
    return vector
  }

  /// `[d, n]`, neurons of head 0 first.
  func encoderMatrix(_ set: Int) -> Tensor {
    encoder[set].value.permuted(1, 0, 2).reshaped(configuration.width, configuration.neurons)
  }

  private func byHeads(_ x: Tensor) -> Tensor {
    x.reshaped(x.size(0), x.size(1), configuration.heads, configuration.neuronsPerHead).transposed(1, 2)
  }

  private func together(_ x: Tensor) -> Tensor {
    x.transposed(1, 2).reshaped(x.size(0), x.size(2), configuration.neurons)
  }

  /// Turns pairs of neurons `[B, h, T, N]` by the angles of their positions.
  private func turn(_ x: Tensor) -> Tensor {
    let (length, pairs) = (x.size(2), configuration.neuronsPerHead / 2)
    let table = rotation.table(length)
    let cosines = Tensor(Array(table.cosines.prefix(length * pairs)), shape: [length, pairs, 1])
      .to(x.elementType)
    let sines = Tensor(Array(table.sines.prefix(length * pairs)), shape: [length, pairs, 1]).to(x.elementType)
    let split = x.reshaped(x.shape.dropLast() + [pairs, 2])
    let (a, b) = (split.narrowed(4, from: 0, to: 1), split.narrowed(4, from: 1, to: 2))
    return Tensor.concatenated([a * cosines - b * sines, b * cosines + a * sines], axis: 4).reshaped(x.shape)
  }
}
