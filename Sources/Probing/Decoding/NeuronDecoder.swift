import Models
import Support
import Tensors

/// Reads the weights of feed-forward neurons as tokens, without data (Davies 2025, section 3).
///
/// ```swift
/// let reader = NeuronDecoder(model.decoder)
/// reader.topTokens(.down, block: 29, neuron: 808, count: 6)       // " Dogs", "dog", ...
/// reader.neurons(for: waterToken, .up, count: 5)                  // the neurons that read water
/// ```
public struct NeuronDecoder: Sendable {
  /// The weights of a neuron: what it reads through its gate and its linear part, and what it writes.
  public enum Site: String, Sendable, Codable, CaseIterable { case gate, up, down }

  /// By what neurons are ranked for a token.
  public enum Score: String, Sendable, Codable, CaseIterable { case probability, zScore, cosine }

  /// A neuron of a model.
  public struct Neuron: Sendable, Equatable, Hashable {
    public var block: Int
    public var neuron: Int

    public init(_ block: Int, _ neuron: Int) { (self.block, self.neuron) = (block, neuron) }
  }

  public let decoder: Decoder
  public let projection: VocabularyProjection
  /// Whether reading weights are multiplied with the weight of their block's norm, and writing weights with that of the last norm: what
  /// acts on the normalised stream. The paper reads the weights as they are.
  public let isNormAware: Bool

  public init(_ decoder: Decoder, isNormAware: Bool = false) {
    (self.decoder, self.isNormAware) = (decoder, isNormAware)
    projection = VocabularyProjection(decoder.outputMatrix)
  }

  /// The vectors `[N, D]` of a block's neurons.
  ///
  /// - Precondition: The model has a gate, for ``Site/gate``.
  public func vectors(_ site: Site, block: Int) -> Tensor {
    let part = decoder.blocks[block]
    let raw: Tensor
    switch site {
    case .gate:
      guard let gate = part.feedForward.gate else { preconditionFailure("a model without gates") }
      raw = gate.value.detached()
    case .up: raw = part.feedForward.up.value.detached()
    case .down: raw = part.feedForward.down.value.detached().transposed()
    }
    guard isNormAware else { return raw }
    return raw * (site == .down ? decoder.norm : part.feedForwardNorm).weight.value.detached()
  }

  /// The vector `[D]` of one neuron.
  public func vector(_ site: Site, _ neuron: Neuron) -> Tensor {
    vectors(site, block: neuron.block)[neuron.neuron]
  }

  /// The tokens that a neuron stands for, best first; worst first if `lowest`.
  public func topTokens(_ site: Site, block: Int, neuron: Int, count: Int, lowest: Bool = false)
    -> [TokenReading]
  {
    projection.readings(vector(site, Neuron(block, neuron)), count: count, lowest: lowest)
  }

  /// The best token of each neuron, block after block: `L · N` of them.
  ///
  /// - Parameter neurons: Which neurons of every block; all if nil.
  public func map(_ site: Site, neurons: [Int]? = nil, afterBlock: (Int) throws -> Void = { _ in }) rethrows
    -> TopTokens
  {
    var result = TopTokens()
    for block in decoder.blocks.indices {
      let all = vectors(site, block: block)
      let chosen = neurons.map { all.selected(Tensor($0), axis: 0) } ?? all
      result.append(projection.topTokens(chosen) { _ in })
      try afterBlock(block + 1)
    }
    return result
  }

  /// z scores `[L · N, tokens]` of every neuron for chosen tokens.
  public func zScores(_ site: Site, tokens: [Int]) -> Tensor {
    Tensor.concatenated(
      decoder.blocks.indices.map { projection.zScores(vectors(site, block: $0), tokens: tokens) })
  }

  /// The neurons whose weights stand most for a token, with their scores, best first.
  public func neurons(for token: Int, _ site: Site, by score: Score = .zScore, count: Int) -> [(
    neuron: Neuron, score: Double
  )] {
    let scores = Tensor.concatenated(
      decoder.blocks.indices.map { block in
        let vectors = vectors(site, block: block)
        return switch score {
        case .probability: projection.probabilities(vectors, tokens: [token])
        case .zScore: projection.zScores(vectors, tokens: [token])
        case .cosine: projection.cosines(vectors, tokens: [token])
        }
      })
    let best = scores.flattened().topK(count)
    let perBlock = decoder.configuration.neurons
    return zip(best.indices.integers, best.values.doubles).map {
      (Neuron($0 / perBlock, $0 % perBlock), $1)
    }
  }
}
