import Support
import Tensors

/// How a ``DelayedNetwork`` is trained, as published: two Adams, one for weights with a one-cycle schedule, one for delays
/// with a large rate that falls along a cosine; kernels that shrink; delays clamped after every step.
public struct DelayedTraining: Sendable {
  public var epochs = 40
  public var batchSize = 100
  /// The peak of the weights' one-cycle schedule, which is stepped by epochs.
  public var weightRate = 5e-3
  public var delayRate = 0.1
  /// On weights only; joins the gradient.
  public var weightDecay = 1e-5
  /// Whether kernels shrink from M / 2 (in a quarter of the epochs) or are narrow from the start.
  public var shrinksWidth = true
  public var lastWidth = 0.23
  /// Epochs with rounded, fixed delays afterwards.
  public var fineTuningEpochs = 0
  public var fineTuningRate = 1e-3
  /// Accuracy is measured after every so many epochs, and after the last; 0 for after the last only.
  public var evaluationInterval = 2

  public init() {}

  /// What is known after an epoch.
  public struct Epoch: Sendable, Codable {
    public var epoch: Int
    public var loss: Double
    /// The width that the epoch was trained with.
    public var width: Double
    /// Share of evaluation samples right, with the trained kernels and with whole delays.
    public var accuracy, wholeAccuracy: Double
  }

  public struct Outcome: Sendable {
    public var epochs: [Epoch]
    /// Accuracy with the trained kernels, with rounded delays, and after fine-tuning with rounded delays.
    public var accuracy, wholeAccuracy, tunedAccuracy: Double
  }

  /// Labelled spike trains: `[S, T, N]` of any element type, and S labels.
  public struct Samples {
    public let spikes: Tensor
    public let labels: Tensor
    public var count: Int { spikes.size(0) }

    public init(_ spikes: Tensor, labels: [Int]) {
      precondition(
        spikes.rank == 3 && spikes.size(0) == labels.count, "\(labels.count) labels for \(spikes.shape)")
      (self.spikes, self.labels) = (spikes, Tensor(labels))
    }

    /// Some samples as a sequence `[T, B, N]`.
    func batch(_ indices: Tensor) -> (Tensor, Tensor) {
      (
        spikes.selected(indices, axis: 0).permuted(1, 0, 2).to(.float32).contiguous(),
        labels.selected(indices, axis: 0)
      )
    }
  }

  /// Trains, then rounds the delays, fine-tunes, and leaves the network evaluating.
  ///
  /// - Parameter progress: Called after each epoch; what it throws ends the training.
  public func run(
    _ network: DelayedNetwork, _ train: Samples, evaluation: Samples, seed: UInt64,
    progress: (Epoch) throws -> Void = { _ in }
  ) throws -> Outcome {
    var generator = RandomGenerator(seed: seed)
    let learns = network.configuration.synapses == .learned
    let half = Double(network.configuration.length / 2)
    if learns { network.width = shrinksWidth ? network.configuration.width ?? half : lastWidth }
    let schedule = WidthSchedule(from: max(network.width, 1e-9), to: lastWidth, epochs: max(1, epochs / 4))
    let optimisers = optimisers(network)
    let rates = [Schedule.oneCycle(over: max(epochs, 2)), .cosine(over: max(epochs, 1))]
    var history: [Epoch] = []
    for epoch in 0..<epochs {
      for (optimiser, rate) in zip(optimisers, rates) { optimiser.setScale(rate(epoch)) }
      let width = network.width
      let loss = try trainEpoch(network, train, optimisers, &generator)
      if learns { network.width = schedule.width(after: epoch, width) }
      let measured =
        epoch == epochs - 1 || evaluationInterval > 0 && epoch % evaluationInterval == evaluationInterval - 1
      let report = Epoch(
        epoch: epoch, loss: loss, width: width,
        accuracy: measured ? Self.accuracy(network, evaluation) : .nan,
        wholeAccuracy: measured ? network.withWholeDelays { Self.accuracy(network, evaluation) } : .nan)
      history.append(report)
      try progress(report)
    }
    network.fixDelays()
    try fineTune(network, train, &generator)
    let tuned = Self.accuracy(network, evaluation)
    network.evaluate()
    return Outcome(
      epochs: history, accuracy: history.last?.accuracy ?? tuned,
      wholeAccuracy: history.last?.wholeAccuracy ?? tuned, tunedAccuracy: tuned)
  }

  private func optimisers(_ network: DelayedNetwork) -> [Adam] {
    let weights = network.projections.map(\.weight)
    let positions = network.projections.map(\.position)
    let others = network.norms.flatMap(\.parameters).map(\.parameter) + network.neurons.map(\.w)
    return [
      Adam([
        ParameterGroup(weights, learningRate: weightRate, weightDecay: weightDecay),
        ParameterGroup(others, learningRate: weightRate),
      ]), Adam([ParameterGroup(positions, learningRate: delayRate)]),
    ]
  }

  /// One epoch; the mean loss.
  private func trainEpoch(
    _ network: DelayedNetwork, _ samples: Samples, _ optimisers: [Adam], _ generator: inout RandomGenerator
  ) throws -> Double {
    network.train()
    let order = generator.permutation(samples.count)
    var sum = 0.0
    for start in stride(from: 0, to: samples.count, by: batchSize) {
      let batch = Array(order[start..<min(start + batchSize, samples.count)])
      let (x, y) = samples.batch(Tensor(batch))
      for optimiser in optimisers { optimiser.zeroGradients() }
      let loss = network.scores(x).crossEntropy(y)
      loss.backward()
      for optimiser in optimisers { optimiser.step() }
      for projection in network.projections where !projection.position.isFrozen {
        projection.clampPositions()
      }
      sum += loss.item * Double(batch.count)
    }
    return sum / Double(samples.count)
  }

  private func fineTune(
    _ network: DelayedNetwork, _ samples: Samples, _ generator: inout RandomGenerator
  ) throws {
    let optimiser = Adam(network, learningRate: fineTuningRate)
    for epoch in 0..<fineTuningEpochs {
      optimiser.setScale(Schedule.cosine(over: fineTuningEpochs)(epoch))
      _ = try trainEpoch(network, samples, [optimiser], &generator)
    }
  }

  /// The share of samples whose highest score is that of their label, with the network as it is.
  public static func accuracy(_ network: DelayedNetwork, _ samples: Samples, batchSize: Int = 250) -> Double {
    let predictions = predict(network, samples.spikes, batchSize: batchSize)
    let labels = samples.labels.integers
    return Double(zip(predictions, labels).count { $0 == $1 }) / Double(max(labels.count, 1))
  }

  /// The class of each sample, spikes `[S, T, N]`.
  public static func predict(_ network: DelayedNetwork, _ spikes: Tensor, batchSize: Int = 250) -> [Int] {
    network.evaluate()
    return withoutGradients {
      stride(from: 0, to: spikes.size(0), by: batchSize).flatMap { start -> [Int] in
        let part = spikes[start..<min(start + batchSize, spikes.size(0))]
        return network.scores(part.permuted(1, 0, 2).to(.float32).contiguous()).argmax(axis: -1).integers
      }
    }
  }
}
