import Support
import Tensors

/// Mini-batch training of a network with quadratic neurons; a collapse is a result, not a crash.
///
/// ```swift
/// let training = SupervisedTraining(policy: .shrinkGradients(1e-3), learningRate: 0.02)
/// let history = try training.fit(network, images, labels, using: &generator) { $0.crossEntropy($1) }
/// ```
public struct SupervisedTraining: Sendable {
  public var policy: ReLinear
  public var learningRate: Double
  public var momentum = 0.9
  public var weightDecay = 0.0
  public var batch = 100
  public var epochs = 4
  /// The factor on the learning rates by epoch.
  public var schedule = Schedule.constant
  /// The limit of the gradients' common norm; none unless set, as it changes what is compared.
  public var gradientLimit: Double?
  /// Changes a batch of inputs before it is used: crops, flips.
  public var augment: (@Sendable (Tensor, inout RandomGenerator) -> Tensor)?

  public init(policy: ReLinear = .unrestrained, learningRate: Double) {
    self.policy = policy
    self.learningRate = learningRate
  }

  /// What a training leaves behind.
  public struct History: Sendable, Equatable {
    /// The mean loss of each finished epoch.
    public var losses: [Double] = []
    /// The step, counted from 0 over all epochs, whose loss was not finite; training ended there.
    public var collapsedAt: Int?
    public var hasCollapsed: Bool { collapsedAt != nil }
  }

  /// A loss that is not finite.
  private struct Collapsed: Error {}

  /// Trains in place.
  ///
  /// - Parameters:
  ///   - inputs: `[B, …]`, as the network takes them.
  ///   - targets: `[B, …]`, as the loss takes them.
  ///   - afterEpoch: Told the history so far.
  ///   - loss: A scalar of outputs and targets.
  /// - Throws: What `afterEpoch` throws; the training ends there.
  public func fit(
    _ network: Layer, _ inputs: Tensor, _ targets: Tensor, using generator: inout RandomGenerator,
    afterEpoch: (History) throws -> Void = { _ in }, loss: (Tensor, Tensor) -> Tensor
  ) throws -> History {
    let loop = loop(network, samples: inputs.size(0), seed: generator.next())
    let layers = network.quadraticLayers
    var history = History()
    network.train()
    do {
      try loop.run(
        samples: inputs.size(0),
        progress: { state in
          policy.shrink(layers)
          guard state.step == state.stepsPerEpoch else { return }
          history.losses.append(state.loss)
          try afterEpoch(history)
        },
        loss: { positions in
          var x = inputs.selected(positions, axis: 0)
          if let augment { x = augment(x, &generator) }
          let value = loss(network(x), targets.selected(positions, axis: 0))
          guard value.item.isFinite else { throw Collapsed() }
          return value
        })
    } catch is Collapsed { history.collapsedAt = loop.optimiser.steps }
    return history
  }

  private func loop(_ network: Layer, samples: Int, seed: UInt64) -> TrainingLoop {
    let optimiser = SGD(
      policy.groups(of: network, learningRate: learningRate, weightDecay: weightDecay), momentum: momentum)
    var loop = TrainingLoop(network, optimiser, batchSize: batch, epochs: epochs, seed: seed)
    let steps = (samples + batch - 1) / batch
    let schedule = schedule
    loop.schedule = Schedule { schedule($0 / steps) }
    loop.clippingNorm = gradientLimit
    return loop
  }
}

extension Layer {
  /// The outputs for many inputs, in evaluation and without gradients, `batch` at a time; the mode is put back.
  public func outputs(for inputs: Tensor, batch: Int = 500) -> Tensor {
    let wasTraining = isTraining
    evaluate()
    defer { train(wasTraining) }
    return withoutGradients { Tensor.concatenated(inputs.split(batch).map { self($0) }) }
  }

  /// The share of inputs whose largest output stands at the label `[B]`; outputs that are not numbers are wrong.
  public func accuracy(_ inputs: Tensor, _ labels: Tensor) -> Double {
    let outputs = outputs(for: inputs)
    let right = (outputs.argmax(axis: 1) .== labels).logicalAnd(outputs.isFinite().all(axis: 1))
    return right.to(.float64).mean().item
  }
}
