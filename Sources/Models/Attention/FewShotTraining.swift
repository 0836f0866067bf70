import Datasets
import Support

/// Trains a few-shot network on fresh sequences with Adam at a constant rate, clamps acting in every step (Singh et al., 2024, section
/// 3.2; the rate is 20 times the paper's, for as many fewer steps).
///
/// ```swift
/// var training = FewShotTraining(iterations: 3_000)
/// training.clamps = [.perfectFirstBlock, .ablate(AttentionHead.all(1..<2, heads: 8).filter { $0.head != 3 })]
/// let losses = try training.run(network, sampler, using: &generator) { iteration, network in true }
/// ```
public struct FewShotTraining: Sendable {
  public var iterations: Int
  public var batch: Int
  public var learningRate: Double
  /// What is held fixed in training. Measurements choose their own.
  public var clamps: [AttentionClamp]
  /// Iterations from one call of the observer to the next.
  public var interval: Int

  public init(
    iterations: Int = 3_000, batch: Int = 32, learningRate: Double = 2e-4, clamps: [AttentionClamp] = [],
    interval: Int = 20
  ) {
    precondition(iterations > 0 && batch > 0 && interval > 0, "\(iterations) iterations of \(batch)")
    self.iterations = iterations
    self.batch = batch
    self.learningRate = learningRate
    self.clamps = clamps
    self.interval = interval
  }

  /// - Parameter observe: Called before the first step, after every `interval` and after the last, with the number of steps done;
  ///   false ends the training.
  /// - Returns: The loss of each batch, in nats.
  /// - Throws: `CajalError` naming a clamp or a sampler that does not fit, and what `observe` throws.
  @discardableResult
  public func run(
    _ network: FastAttentionOnlyTransformer, _ sampler: FewShotSampler,
    using generator: inout RandomGenerator,
    observe: (Int, FastAttentionOnlyTransformer) throws -> Bool = { _, _ in true }
  ) throws -> [Double] {
    var losses: [Double] = []
    guard try observe(0, network) else { return losses }
    for iteration in 1...iterations {
      let sequences = sampler.batch(batch, using: &generator)
      losses.append(
        try network.step(sequences, sampler.features, clamps: clamps, learningRate: learningRate))
      if iteration % interval == 0 || iteration == iterations {
        guard try observe(iteration, network) else { break }
      }
    }
    return losses
  }
}
