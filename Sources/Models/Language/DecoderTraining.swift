import Foundation
import Support
import Tensors

/// Trains a decoder to predict the next token of what it is given, with AdamW, warm-up and a cosine.
///
/// ```swift
/// var training = DecoderTraining(steps: 500)
/// try training.run(decoder, using: &generator) { step, loss in print(step, loss) } batch: { random in rows(&random) }
/// ```
public struct DecoderTraining: Sendable {
  /// A row of tokens to learn from.
  public struct Row: Sendable {
    public var tokens: [Int]
    /// The first position whose token is to be predicted; those before are read only.
    public var learnsFrom: Int

    public init(tokens: [Int], learnsFrom: Int = 1) {
      precondition(
        tokens.count > 1 && learnsFrom >= 1, "a row of \(tokens.count) tokens learned from \(learnsFrom)")
      self.tokens = tokens
      self.learnsFrom = learnsFrom
    }
  }

  public var steps: Int
  public var learningRate: Double
  public var weightDecay: Double
  /// Steps over which the rate rises.
  public var warmUp: Int
  /// The largest common norm of the gradients.
  public var clippingNorm: Double

  public init(
    steps: Int, learningRate: Double = 3e-3, weightDecay: Double = 0.1, warmUp: Int = 20,
    clippingNorm: Double = 1
  ) {
    self.steps = steps
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.warmUp = warmUp
    self.clippingNorm = clippingNorm
  }

  /// - Parameters:
  ///   - progress: Called after every step with the number done and the loss; what it throws ends the training.
  ///   - batch: The rows of a step; shorter ones are filled up.
  /// - Returns: The loss of each step, nats per token.
  @discardableResult
  public func run(
    _ decoder: Decoder, using generator: inout RandomGenerator, progress: (Int, Double) throws -> Void,
    batch: (inout RandomGenerator) -> [Row]
  ) rethrows -> [Double] {
    let optimiser = Adam.decoupled(decoder, learningRate: learningRate, weightDecay: weightDecay)
    let schedule = Schedule.warmUp(warmUp, then: .cosine(over: max(1, steps - warmUp), to: 0.1))
    let parameters = decoder.parameters.map(\.parameter)
    var losses: [Double] = []
    for step in 0..<steps {
      optimiser.setScale(schedule(step))
      optimiser.zeroGradients()
      let loss = Self.loss(decoder, batch(&generator))
      loss.backward()
      clipGradients(parameters, norm: clippingNorm)
      optimiser.step()
      losses.append(loss.item)
      try progress(step + 1, losses[step])
    }
    return losses
  }

  /// The mean negative log-likelihood of the tokens to be learned.
  private static func loss(_ decoder: Decoder, _ rows: [Row]) -> Tensor {
    let length = rows.map(\.tokens.count).max()! - 1
    let inputs = Decoder.batch(rows.map { Array($0.tokens.dropLast()) })
    let targets = rows.flatMap { row in
      (1...length).map { $0 >= row.learnsFrom && $0 < row.tokens.count ? row.tokens[$0] : -100 }
    }
    let logits = decoder(inputs).reshaped(rows.count * length, decoder.configuration.vocabulary)
    return logits.crossEntropy(Tensor(targets), ignoring: -100)
  }
}
