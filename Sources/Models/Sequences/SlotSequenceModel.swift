import Foundation
import Support
import Tensors

/// A network that tells the next sample of many neurons from those before, over slots that all animals share: neurons that were not
/// recorded are 0, and a mask says so. Its output is added to the last sample, so that it begins as persistence.
public final class SlotSequenceModel: Module {
  public enum Kind: String, Sendable, CaseIterable {
    /// A gated recurrent unit.
    case recurrent
    /// One block of causal attention with a feed-forward part, over the last 32 samples.
    case attention
  }

  public struct Configuration: Sendable, Equatable {
    public var kind = Kind.recurrent
    public var slots: Int
    public var hidden = 64
    public var context = 32

    public init(kind: Kind = .recurrent, slots: Int, hidden: Int = 64) {
      (self.kind, self.slots, self.hidden) = (kind, slots, hidden)
    }
  }

  public let configuration: Configuration
  private let input: Linear
  private let recurrent: GRU?
  private let attention: MultiHeadAttention?
  private let norms: [LayerNorm]
  private let feedForward: [Linear]
  private let position: Parameter?
  private let output: Linear

  public init(_ configuration: Configuration, using generator: inout RandomGenerator) {
    self.configuration = configuration
    let hidden = configuration.hidden
    input = Linear(2 * configuration.slots, hidden, using: &generator)
    let isRecurrent = configuration.kind == .recurrent
    recurrent = isRecurrent ? GRU(hidden, hidden, using: &generator) : nil
    attention = isRecurrent ? nil : MultiHeadAttention(hidden, heads: 4, using: &generator)
    norms = isRecurrent ? [] : [LayerNorm(hidden), LayerNorm(hidden)]
    feedForward =
      isRecurrent
      ? [] : [Linear(hidden, 2 * hidden, using: &generator), Linear(2 * hidden, hidden, using: &generator)]
    position = isRecurrent ? nil : Parameter(.normal([configuration.context, hidden], using: &generator) * 0.02)
    output = Linear(hidden, configuration.slots, using: &generator)
    super.init()
    // What is added to persistence begins at zero.
    output.weight.value = Tensor.zeros([configuration.slots, hidden])
    output.bias?.value = Tensor.zeros([configuration.slots])
  }

  /// The prediction of the next sample at every time.
  ///
  /// - Parameters:
  ///   - values: `[T, B, slots]`, 0 where not recorded.
  ///   - mask: `[B, slots]`, 1 where recorded.
  /// - Returns: `[T, B, slots]`
  public func callAsFunction(_ values: Tensor, mask: Tensor) -> Tensor {
    let shown = mask.reshaped([1, mask.size(0), mask.size(1)]).expanded(values.shape)
    let features = input(Tensor.concatenated([values, shown], axis: 2))
    let state = recurrent.map { $0(features.relu()).output } ?? attended(features)
    return values + output(state)
  }

  /// Pieces of at most a context's length, each by itself.
  private func attended(_ features: Tensor) -> Tensor {
    let (t, context) = (features.size(0), configuration.context)
    let pieces = stride(from: 0, to: t, by: context).map { start -> Tensor in
      let end = min(start + context, t)
      let part = features.narrowed(0, from: start, to: end).transposed(0, 1)
      let placed = part + position!.value.narrowed(0, from: 0, to: end - start)
      let mixed = placed + attention!(norms[0](placed), causal: true)
      let fed = feedForward[1](feedForward[0](norms[1](mixed)).relu())
      return (mixed + fed).transposed(0, 1)
    }
    return Tensor.concatenated(pieces)
  }

  /// One animal: values in slots `[T, slots]`, and which were recorded.
  public struct Animal {
    public let values: Tensor
    public let mask: Tensor

    public init(_ values: Tensor, mask: [Bool]) {
      self.values = values.to(.float32)
      self.mask = Tensor(mask.map { $0 ? Float(1) : 0 })
    }
  }

  public struct Training: Sendable {
    public var epochs = 40
    public var learningRate = 3e-3
    /// Samples of a piece, and pieces a step.
    public var length = 64
    public var batch = 8

    public init() {}
  }

  /// Trains on pieces of the animals' recordings, drawn anew each epoch; only recorded neurons count.
  ///
  /// - Parameter progress: Told the epochs done; may throw to end the training.
  public func train(
    on animals: [Animal], _ training: Training = Training(), using generator: inout RandomGenerator,
    progress: (Int) throws -> Void = { _ in }
  ) rethrows {
    let optimiser = Adam(self, learningRate: training.learningRate)
    let usable = animals.filter { $0.values.size(0) > training.length }
    precondition(!usable.isEmpty, "no recording is longer than \(training.length) samples")
    let perEpoch = max(1, usable.reduce(0) { $0 + $1.values.size(0) } / (training.length * training.batch))
    for epoch in 0..<training.epochs {
      for _ in 0..<perEpoch {
        let drawn = (0..<training.batch).map { _ -> (Tensor, Tensor) in
          let animal = usable[generator.integer(below: usable.count)]
          let start = generator.integer(below: animal.values.size(0) - training.length)
          return (animal.values.narrowed(0, from: start, to: start + training.length + 1), animal.mask)
        }
        let pieces = Tensor.stacked(drawn.map(\.0), axis: 1)
        let mask = Tensor.stacked(drawn.map(\.1))
        let loss = loss(pieces, mask: mask)
        optimiser.zeroGradients()
        loss.backward()
        optimiser.step()
      }
      try progress(epoch + 1)
    }
  }

  /// The mean squared error of the next sample over recorded neurons.
  private func loss(_ pieces: Tensor, mask: Tensor) -> Tensor {
    let count = pieces.size(0)
    let predicted = callAsFunction(pieces.narrowed(0, from: 0, to: count - 1), mask: mask)
    let distance = (predicted - pieces.narrowed(0, from: 1, to: count)) * mask
    return (distance * distance).sum() / (mask.sum() * Double(count - 1))
  }

  /// The error on an animal, fed with true samples, over that of persistence.
  public func relativeError(_ animal: Animal) -> Double {
    withoutGradients {
      let count = animal.values.size(0)
      let values = animal.values.reshaped([count, 1, -1])
      let mask = animal.mask.reshaped([1, -1])
      let error = loss(values, mask: mask).item
      let steps = animal.values.narrowed(0, from: 1, to: count) - animal.values.narrowed(0, from: 0, to: count - 1)
      let masked = steps * animal.mask
      let persistence = (masked * masked).sum().item / (animal.mask.sum().item * Double(count - 1))
      return error / persistence
    }
  }
}
