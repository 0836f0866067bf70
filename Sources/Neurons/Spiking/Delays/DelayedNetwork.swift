import Recordings
import Support
import Tensors

/// A spiking classifier whose synapses have delays (DCLS-Delays): hidden layers of delayed synapses, batch normalisation,
/// leaky integrate-and-fire neurons and dropout, and a readout that integrates and does not fire.
public final class DelayedNetwork: Module {
  /// What the synapses of a network can do.
  public enum Synapses: String, Sendable, CaseIterable {
    /// Weights only.
    case undelayed
    /// Random whole delays that stay as they are.
    case fixed
    /// Delays that are learned with the weights.
    case learned
  }

  public struct Configuration: Sendable, Equatable {
    public var inputs, outputs: Int
    /// Neurons of each hidden layer.
    public var hidden: [Int]
    public var synapses = Synapses.learned
    /// M of the delay kernels, in steps.
    public var length = 25
    /// Taps of a synapse.
    public var taps = 1
    /// Where the width of the kernels starts; M / 2 unless given.
    public var width: Double?
    /// How many inputs a hidden neuron has; all unless given.
    public var fanIn: Int?
    public var dropout = 0.4
    /// τ in steps.
    public var timeConstant = 1.005
    /// Whether hidden layers learn their time constants.
    public var learnsTimeConstants = false
    public var surrogate = SurrogateGradient.arctan(alpha: 5)

    public init(inputs: Int, hidden: [Int], outputs: Int) {
      (self.inputs, self.hidden, self.outputs) = (inputs, hidden, outputs)
    }
  }

  public let configuration: Configuration
  public let projections: [DelayedProjection]
  public let norms: [BatchNorm]
  public let neurons: [PLIF]
  private let dropouts: [SequenceDropout]
  private let model: LIF
  private let readout: LeakyIntegrator

  public init(_ configuration: Configuration, using generator: inout RandomGenerator) {
    let c = configuration
    precondition(
      c.inputs > 0 && c.outputs > 0 && !c.hidden.isEmpty && c.hidden.allSatisfy { $0 > 0 }
        && c.timeConstant >= 1, "\(c)")
    self.configuration = c
    let sizes = [c.inputs] + c.hidden + [c.outputs]
    projections = (1..<sizes.count).map { layer in
      Self.projection(
        c, sizes[layer - 1], sizes[layer], isReadout: layer == sizes.count - 1, using: &generator)
    }
    norms = c.hidden.map { BatchNorm($0) }
    dropouts = c.hidden.map { _ in SequenceDropout(c.dropout, using: &generator) }
    let parameters = LIFParameters(
      timeConstant: c.timeConstant, decaysInput: false, surrogate: c.surrogate)
    neurons = c.learnsTimeConstants ? c.hidden.map { _ in PLIF(parameters) } : []
    model = LIF(parameters)
    readout = LeakyIntegrator(timeConstant: c.timeConstant, decaysInput: false)
  }

  private static func projection(
    _ c: Configuration, _ inputs: Int, _ outputs: Int, isReadout: Bool, using generator: inout RandomGenerator
  ) -> DelayedProjection {
    let mask = isReadout ? nil : c.fanIn.map { sparseMask(inputs, outputs, min($0, inputs), &generator) }
    let projection = DelayedProjection(
      inputs, outputs, length: c.synapses == .undelayed ? 1 : c.length, taps: c.taps, width: c.width,
      mask: mask, using: &generator)
    if c.synapses != .learned { projection.fixDelays() }
    return projection
  }

  /// A matrix with `fanIn` ones in each row.
  private static func sparseMask(_ inputs: Int, _ outputs: Int, _ fanIn: Int, _ g: inout RandomGenerator)
    -> Tensor
  {
    var values = [Float](repeating: 0, count: inputs * outputs)
    for row in 0..<outputs { for column in g.subset(fanIn, of: inputs) { values[row * inputs + column] = 1 } }
    return Tensor(values, shape: [outputs, inputs])
  }

  /// Spikes `[T, B, inputs]` to the membranes of the readout `[T′, B, outputs]`; hidden spikes are tapped at `hidden.0`, ….
  public func callAsFunction(_ x: Tensor) -> Tensor {
    var activity = x
    for layer in norms.indices {
      let current = projections[layer](activity)
      let normalised = current.everyStep { norms[layer]($0) }
      let spikes = neurons.isEmpty ? model(normalised).output : neurons[layer](normalised)
      activity = dropouts[layer](tap("hidden.\(layer)", spikes))
    }
    return readout(projections[norms.count](activity)).output
  }

  /// What the classes are scored by: softmax over classes at each step, summed over steps, `[B, outputs]`.
  public func scores(_ x: Tensor) -> Tensor { self(x).softmax(axis: -1).sum(axis: 0) }

  /// The width of all kernels.
  public var width: Double {
    get { projections[0].width }
    set { for projection in projections { projection.width = newValue } }
  }

  /// What is trained: synapses that there are, with their delays where those are learned, normalisation, time constants.
  public var trainedCount: Int {
    let synapses = projections.reduce(0) { sum, projection in
      let there = projection.mask.map { Int($0.value.sum().item) * projection.weight.value.size(2) }
      return sum + (there ?? projection.weight.value.count) * (projection.position.isFrozen ? 1 : 2)
    }
    return synapses + norms.reduce(0) { $0 + $1.parameterCount } + neurons.count
  }

  /// What `body` computes with one whole delay a synapse.
  public func withWholeDelays<Result>(_ body: () throws -> Result) rethrows -> Result {
    func nested(_ layer: Int) throws -> Result {
      layer == projections.count
        ? try body() : try projections[layer].withWholeDelays { try nested(layer + 1) }
    }
    return try nested(0)
  }

  /// Rounds all delays for good; from now on weights only are trained.
  public func fixDelays() { for projection in projections { projection.fixDelays() } }
}

extension DelayedProjection {
  /// Rounds the delays for good, one whole delay a synapse, and stops learning them.
  public func fixDelays() {
    roundPositions()
    (width, kernel) = (0, .triangular)
    position.isFrozen = true
  }
}

/// Dropout of whole neurons: one mask for all steps of a sequence `[T, B, N]`, what remains scaled up.
public final class SequenceDropout: Layer, Stochastic {
  public let rate: Double
  private var generator: RandomGenerator

  public init(_ rate: Double, using generator: inout RandomGenerator) {
    precondition((0..<1).contains(rate), "a dropout rate in 0..<1 is needed, not \(rate)")
    self.rate = rate
    self.generator = RandomGenerator(seed: generator.next())
  }

  public func reseed(_ generator: RandomGenerator) { self.generator = generator }

  public override func callAsFunction(_ x: Tensor) -> Tensor {
    guard isTraining, rate > 0 else { return x }
    let kept = (Tensor.uniform([x.size(1), x.size(2)], in: 0...1, using: &generator) .>= rate)
    return x * (kept.to(x.elementType) / (1 - rate))
  }
}
