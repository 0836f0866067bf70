import Support
import Tensors

/// A model that foretells the next of whole numbers.
public protocol NextTokenModel: Module {
  var vocabulary: Int { get }
  /// Logits `[B, T, V]` of tokens `[B, T]`; no position sees later ones.
  func callAsFunction(_ tokens: Tensor) -> Tensor
}

extension Decoder: NextTokenModel {
  public var vocabulary: Int { configuration.vocabulary }
}

extension NextTokenModel {
  /// The mean surprise at each next token, nats, of rows `[B, T + 1]`.
  public func surprise(_ rows: Tensor, reduction: Reduction = .mean) -> Tensor {
    let length = rows.size(1) - 1
    let logits = self(rows.narrowed(1, from: 0, to: length)).reshaped(-1, vocabulary)
    return logits.crossEntropy(
      rows.narrowed(1, from: 1, to: length + 1).reshaped([-1]), reduction: reduction)
  }

  /// The mean surprise in nats a token over many rows `[R, T + 1]`, some at a time; dropout off.
  public func meanSurprise(_ rows: Tensor, batch: Int = 16) -> Double {
    let before = isTraining
    evaluate()
    defer { train(before) }
    return withoutGradients {
      let parts = rows.split(batch).map { surprise($0).item * Double($0.size(0)) }
      return parts.reduce(0, +) / Double(rows.size(0))
    }
  }
}

/// Trains any model that foretells tokens, with AdamW on all parameters.
///
/// ```swift
/// let training = NextTokenTraining(steps: 3_000)
/// try training.run(model, using: &generator) { step, loss in print(step, loss) } batch: { rows(32, using: &$0) }
/// ```
public struct NextTokenTraining: Sendable {
  public var steps: Int
  public var learningRate: Double
  public var weightDecay: Double
  /// Steps over which the rate rises.
  public var warmUp: Int
  /// The share of the rate that is left in the end, falling linearly; 1 for a constant rate.
  public var finalShare: Double
  /// The largest common norm of the gradients; nil for none.
  public var clippingNorm: Double?

  public init(
    steps: Int, learningRate: Double = 1e-3, weightDecay: Double = 0.1, warmUp: Int = 0,
    finalShare: Double = 1, clippingNorm: Double? = nil
  ) {
    self.steps = steps
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.warmUp = warmUp
    self.finalShare = finalShare
    self.clippingNorm = clippingNorm
  }

  /// The factor on the rate at a step, from 0.
  func factor(_ step: Int) -> Double {
    if step < warmUp { return Double(step + 1) / Double(warmUp) }
    let share = Double(step - warmUp) / Double(max(1, steps - warmUp))
    return 1 + (finalShare - 1) * share
  }

  /// - Parameters:
  ///   - progress: Called after every step with the number done and the loss; what it throws ends the training.
  ///   - batch: Rows `[B, T + 1]` of a step.
  /// - Returns: The loss of each step, nats a token.
  @discardableResult
  public func run(
    _ model: any NextTokenModel, using generator: inout RandomGenerator,
    progress: (Int, Double) throws -> Void, batch: (inout RandomGenerator) throws -> Tensor
  ) rethrows -> [Double] {
    let optimiser = Adam.decoupled(model, learningRate: learningRate, weightDecay: weightDecay)
    let parameters = model.parameters.map(\.parameter)
    model.train()
    var losses: [Double] = []
    for step in 0..<steps {
      optimiser.setScale(factor(step))
      optimiser.zeroGradients()
      let loss = model.surprise(try batch(&generator))
      loss.backward()
      if let clippingNorm { clipGradients(parameters, norm: clippingNorm) }
      optimiser.step()
      losses.append(loss.item)
      try progress(step + 1, losses[step])
    }
    model.evaluate()
    return losses
  }
}
