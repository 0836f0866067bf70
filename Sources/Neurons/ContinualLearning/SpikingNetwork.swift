import Recordings
import Support
import Tensors

/// What a stage of a spiking network looks like.
public enum SpikingStageShape: Sendable, Equatable {
  /// All to all, so many neurons.
  case dense(Int)
  /// A convolution that keeps the picture's size, batch normalisation if wanted, and average pooling of the spikes.
  case convolution(channels: Int, kernel: Int = 3, pool: Int = 1, normalises: Bool = true)
}

/// Synapses, then neurons: one stage of a spiking network.
public final class SpikingStage: Module {
  public let layer: ProjectedLayer
  public let normalisation: BatchNorm?
  public let neurons: SpikingNeurons
  let pool: Int

  init(_ layer: ProjectedLayer, _ normalisation: BatchNorm?, _ neurons: SpikingNeurons, pool: Int) {
    self.layer = layer
    self.normalisation = normalisation
    self.neurons = neurons
    self.pool = pool
  }

  /// Currents `[T, B, …]` of the synapses to what the next stage sees.
  func activity(_ currents: Tensor) -> Tensor {
    guard let normalisation else { return pooled(neurons(currents)) }
    return pooled(neurons(currents.everyStep { normalisation($0) }))
  }

  /// The same for currents `[B, …]` that stay constant. Where the rule does not weigh steps differently on the way back they
  /// are normalised once: mean and variance are those of T copies.
  func activity(constant currents: Tensor, steps: Int) -> Tensor {
    let rule = neurons.rule
    if case .ottt = rule { return activity(rule.spread(currents, steps: steps)) }
    return pooled(neurons(rule.spread(normalisation?(currents) ?? currents, steps: steps)))
  }

  private func pooled(_ spikes: Tensor) -> Tensor {
    pool > 1 ? spikes.everyStep { $0.averagePool(pool) } : spikes
  }
}

/// A feed-forward spiking classifier of constant inputs, whose layers can protect subspaces of what they have learnt.
///
/// An image's pixels are currents into the first stage for T steps; the output's currents are read by the rule
/// (``LearningRule/answer(_:)``). There is one head for all tasks, or one a task.
public final class SpikingNetwork: Module {
  public let rule: LearningRule
  /// T, the steps for which an input is shown.
  public let steps: Int
  public let stages: [SpikingStage]
  public private(set) var heads: [ProjectedLinear] = []
  /// Numbers that the last stage gives to a head at each step.
  public let featureCount: Int
  private let feedback: Feedback
  private let initialisation: Initialisation

  /// - Parameters:
  ///   - input: The shape of one input: `[n]`, or `[C, H, W]` where the first stage is a convolution.
  ///   - initialisation: How weights start; neurons with a threshold of one need larger ones than the default.
  public init(
    input: [Int], stages shapes: [SpikingStageShape], rule: LearningRule, steps: Int,
    feedback: Feedback = .backpropagation, initialisation: Initialisation = .uniformFanIn,
    using generator: inout RandomGenerator
  ) {
    precondition(steps > 0 && !input.isEmpty, "\(steps) steps of inputs \(input)")
    var (extent, built) = (input, [SpikingStage]())
    for shape in shapes {
      let neurons = SpikingNeurons(rule)
      switch shape {
      case .dense(let count):
        let layer = ProjectedLinear(
          extent.reduce(1, *), count, feedback: feedback, initialisation, using: &generator)
        built.append(SpikingStage(layer, nil, neurons, pool: 1))
        extent = [count]
      case .convolution(let channels, let kernel, let pool, let normalises):
        precondition(extent.count == 3 && kernel % 2 == 1, "a convolution of \(extent), kernel \(kernel)")
        let layer = ProjectedConvolution(
          extent[0], channels, kernel: kernel, padding: kernel / 2, feedback: feedback, initialisation,
          using: &generator)
        built.append(SpikingStage(layer, normalises ? BatchNorm(channels) : nil, neurons, pool: pool))
        extent = [channels, extent[1] / pool, extent[2] / pool]
      }
    }
    self.rule = rule
    self.steps = steps
    self.feedback = feedback
    self.initialisation = initialisation
    stages = built
    featureCount = extent.reduce(1, *)
  }

  /// Adds a head for `classes` classes.
  public func addHead(classes: Int, using generator: inout RandomGenerator) {
    heads.append(
      ProjectedLinear(featureCount, classes, feedback: feedback, initialisation, using: &generator))
  }

  /// All layers with weights on the way to a head, from the first.
  public func layers(head: Int) -> [ProjectedLayer] { stages.map(\.layer) + [heads[head]] }

  /// What sees each layer in turn; `activity` computes its presynaptic activity `[S, n]` when asked.
  public typealias Visitor = (_ index: Int, _ layer: ProjectedLayer, _ activity: () -> Tensor) -> Void

  /// What the last stage makes of inputs `[B, …]`: `[T, B, N]`.
  ///
  /// Sites of the tap: `stages.0`, `stages.1`, …
  public func features(_ inputs: Tensor, visiting visit: Visitor? = nil) -> Tensor {
    guard let first = stages.first else { return rule.spread(inputs.flattened(from: 1), steps: steps) }
    let x = shaped(inputs, for: first.layer)
    visit?(0, first.layer) { first.layer.presynaptic(rule.presynaptic(constant: x, steps: steps)) }
    var activity = tap("stages.0", first.activity(constant: first.layer.currents(x), steps: steps))
    for (index, stage) in stages.enumerated().dropFirst() {
      let currents = currents(activity, through: stage.layer, index, visit)
      activity = tap("stages.\(index)", stage.activity(currents))
    }
    return activity.flattened(from: 2)
  }

  /// The currents `[T, B, K]` of a head, given what the last stage made.
  public func output(_ features: Tensor, head: Int, visiting visit: Visitor? = nil) -> Tensor {
    currents(features, through: heads[head], stages.count, visit)
  }

  /// The answers `[B, K]` to inputs `[B, …]`.
  public func answers(_ inputs: Tensor, head: Int) -> Tensor {
    rule.answer(output(features(inputs), head: head))
  }

  /// The presynaptic activity `[S, n]` of every layer on the way to a head.
  public func presynapticActivity(_ inputs: Tensor, head: Int) -> [Tensor] {
    var all: [Tensor] = []
    withoutGradients {
      _ = output(
        features(inputs) { _, _, activity in all.append(activity()) }, head: head
      ) { _, _, activity in all.append(activity()) }
    }
    return all
  }

  /// Activity `[T, B, …]` through a layer.
  private func currents(_ activity: Tensor, through layer: ProjectedLayer, _ index: Int, _ visit: Visitor?)
    -> Tensor
  {
    let (steps, batch) = (activity.size(0), activity.size(1))
    let trace = rule.creditTrace(activity)
    let x = shaped(activity.flattened(from: 0, to: 1), for: layer)
    visit?(index, layer) {
      layer.presynaptic(shaped(rule.presynaptic(activity, trace: trace), for: layer))
    }
    let z = layer.currents(x, trace: trace.map { shaped($0.flattened(from: 0, to: 1), for: layer) })
    return z.reshaped([steps, batch] + z.shape.dropFirst())
  }

  private func shaped(_ x: Tensor, for layer: ProjectedLayer) -> Tensor {
    layer is ProjectedLinear && x.rank > 2 ? x.flattened(from: 1) : x
  }
}
