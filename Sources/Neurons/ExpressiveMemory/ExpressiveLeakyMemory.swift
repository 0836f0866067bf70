import Datasets
import Foundation
import Recordings
import Support
import Tensors

/// The expressive leaky memory neuron (Spieler et al., 2023): `[T, B, inputs]` -> `[T, B, outputs]`.
///
/// Synapses leave leaky traces that branches sum; `d` memory units with time constants of their own are written by a small network that sees
/// the branches and the decayed memory; a linear readout looks at memory:
///
///     b[t] = κs b[t-1] + Σ w x[t]                        w = relu(p)
///     m[t] = κ m[t-1] + g φ(MLP([b[t]; κ m[t-1]]))       g = λ (1 - κ), or 1 - κ^λ in version 2
///     y[t] = W m[t] + c                                  φ(u) = 1.7159 tanh(2u/3)
///
/// In single precision on the CPU the sequence is computed by kernels: branches over events, one product for what they give the network, a
/// scan over memory. Elsewhere, and by ``reference(_:from:)``, it is computed step by step.
///
/// ```swift
/// let neuron = try ExpressiveLeakyMemory(.neuronIO(memoryUnits: 15), using: &generator)
/// let y = neuron(events)                       // [T, B, 2]: logit of a spike, scaled voltage
/// ```
/// Paths are those of the authors' state dictionaries: `_proto_w_s`, `_proto_tau_m`, `mlp.network.0.weight`, `w_y.weight`, …
public final class ExpressiveLeakyMemory: Layer {
  public let configuration: Configuration
  /// `[N]`; the synaptic weights are their positive part.
  public let synapticParameters: Parameter
  /// `[d]`: logits of where time constants lie in their range.
  public let timeConstantLogits: Parameter
  /// The integration network.
  public let integration: [Linear]
  public let readout: Linear
  /// What each synapse listens to, and which synapses count, for files.
  public let synapseInputs, synapseMask: Buffer
  private var fan: (routing: SynapticRouting, fan: SynapticFan)

  /// - Throws: `CajalError` naming what does not fit in the configuration.
  public convenience init(_ configuration: Configuration, using generator: inout RandomGenerator) throws {
    try configuration.check()
    let routing = try SynapticRouting(
      configuration.routing, inputs: configuration.inputs, branches: configuration.branches,
      synapsesPerBranch: configuration.synapsesPerBranch, using: &generator)
    try self.init(configuration, routing: routing, using: &generator)
  }

  /// With a routing of one's own.
  public init(
    _ configuration: Configuration, routing: SynapticRouting, using generator: inout RandomGenerator
  ) throws {
    try configuration.check()
    guard routing.inputs == configuration.inputs, routing.branches == configuration.branches,
      routing.synapsesPerBranch == configuration.synapsesPerBranch
    else {
      throw CajalError(
        "a routing of \(routing.inputs) inputs to \(routing.branches) × \(routing.synapsesPerBranch) synapses for a neuron of \(configuration.inputs) and \(configuration.branches) × \(configuration.synapsesPerBranch)"
      )
    }
    self.configuration = configuration
    synapticParameters = Parameter(.full([configuration.synapses], 0.5))
    timeConstantLogits = Parameter(Tensor(configuration.initialLogits))
    let sizes = configuration.layerSizes
    integration = (1..<sizes.count).map { Linear(sizes[$0 - 1], sizes[$0], using: &generator) }
    readout = Linear(configuration.memoryUnits, configuration.outputs, using: &generator)
    synapseInputs = Buffer(Tensor(routing.indices))
    synapseMask = Buffer(Tensor(routing.isValid.map { $0 ? Float(1) : 0 }))
    fan = (routing, SynapticFan(routing))
    super.init()
    timeConstantLogits.isFrozen = !configuration.learnsTimeConstants
  }

  public override var keys: [String: String] {
    [
      "synapticParameters": "_proto_w_s", "timeConstantLogits": "_proto_tau_m", "integration": "mlp.network",
      "readout": "w_y", "synapseInputs": "input_to_synapse_indices", "synapseMask": "valid_indices_mask",
    ]
  }

  /// Activations stand between the layers in the authors' networks.
  public override func name(ofElement index: Int, in property: String) -> String { "\(2 * index)" }

  /// What the neuron remembers between two stretches of a sequence.
  public struct State {
    /// `[B, J]`.
    public var branches: Tensor
    /// `[B, d]`.
    public var memory: Tensor

    public init(branches: Tensor, memory: Tensor) {
      (self.branches, self.memory) = (branches, memory)
    }
  }

  /// A sequence and what was computed on the way.
  public struct Run {
    /// `[T, B, outputs]`.
    public let output: Tensor
    /// Traces of branches `[T, B, J]`.
    public let branches: Tensor
    /// `[T, B, d]`.
    public let memory: Tensor
    public let state: State
  }

  /// `[T, B, inputs]` -> `[T, B, outputs]`.
  public override func callAsFunction(_ x: Tensor) -> Tensor { run(x).output }

  /// Events -> `[T, B, outputs]`.
  public func callAsFunction(_ events: SynapticEvents) -> Tensor { run(events).output }

  /// Runs `[T, B, inputs]` from a state, zero if nil.
  public func run(_ x: Tensor, from state: State? = nil) -> Run {
    precondition(
      x.rank == 3 && x.size(2) == configuration.inputs,
      "\(configuration.inputs) inputs for an input of shape \(x.shape)")
    guard usesKernels, x.elementType == .float32, x.device == .cpu else { return reference(x, from: state) }
    return run(SynapticEvents(x), dense: x.requiresGradient ? x : nil, from: state)
  }

  /// Runs events from a state, zero if nil.
  public func run(_ events: SynapticEvents, from state: State? = nil) -> Run {
    precondition(
      events.inputs == configuration.inputs, "\(configuration.inputs) inputs for events of \(events.inputs)")
    guard usesKernels else {
      return reference(events.tensor.to(synapticParameters.value.elementType), from: state)
    }
    return run(events, dense: nil, from: state)
  }

  private var usesKernels: Bool {
    synapticParameters.value.elementType == .float32 && synapticParameters.value.device == .cpu
  }

  private func run(_ events: SynapticEvents, dense: Tensor?, from state: State?) -> Run {
    let (c, batch) = (configuration, events.batch)
    let start =
      state ?? State(branches: .zeros([batch, c.branches]), memory: .zeros([batch, c.memoryUnits]))
    let branches = tap(
      "branches",
      BranchTraces.run(
        events, currentFan(), weights: synapticWeights, start: start.branches, decay: synapticDecay,
        dense: dense))
    let first = integration[0]
    let weight = first.weight.value
    let drive = branches.linear(weight.narrowed(1, from: 0, to: c.branches).contiguous(), first.bias?.value)
    let memory = tap(
      "memory",
      MemoryScan.run(
        drive: drive, recurrent: weight.narrowed(1, from: c.branches, to: c.branches + c.memoryUnits),
        layers: integration.dropFirst().map { ($0.weight.value, $0.bias!.value) }, decay: memoryDecay,
        gain: memoryGain, start: start.memory, activation: c.activation))
    return Run(
      output: readout(memory), branches: branches, memory: memory,
      state: State(branches: branches[branches.size(0) - 1], memory: memory[memory.size(0) - 1]))
  }

  /// The fan of the routing in force, which a file may have changed.
  private func currentFan() -> SynapticFan {
    let routing = routing
    if routing != fan.routing { fan = (routing, SynapticFan(routing)) }
    return fan.fan
  }

  /// What each synapse listens to.
  public var routing: SynapticRouting {
    let mask = synapseMask.value.floats.map { $0 != 0 }
    do {
      return try SynapticRouting(
        inputs: configuration.inputs, branches: configuration.branches,
        synapsesPerBranch: configuration.synapsesPerBranch, indices: synapseInputs.value.integers,
        isValid: mask)
    } catch { preconditionFailure("the routing that was loaded does not fit: \(error)") }
  }
}

// What follows from the parameters.
extension ExpressiveLeakyMemory {
  /// `[N]`, not negative where they are rectified.
  public var synapticWeights: Tensor {
    configuration.rectifiesWeights ? synapticParameters.value.relu() : synapticParameters.value
  }

  /// `[d]`, in the unit of the time step.
  public var memoryTimeConstants: Tensor {
    let range = configuration.memoryTimeConstants
    return timeConstantLogits.value.sigmoid() * (range.upperBound - range.lowerBound) + range.lowerBound
  }

  /// `κ`, `[d]`.
  public var memoryDecay: Tensor {
    (-configuration.timeStep / memoryTimeConstants.clamped(atLeast: 1e-6)).exp()
  }

  /// What is left of a synaptic trace after a step.
  public var synapticDecay: Double { exp(-configuration.timeStep / configuration.synapticTimeConstant) }

  /// `[d]`: `λ (1 - κ)`, or `1 - κ^λ` in version 2.
  public var memoryGain: Tensor {
    let lambda = configuration.lambda
    switch configuration.version {
    case .first: return (1 - memoryDecay) * lambda
    case .second:
      return 1 - (-configuration.timeStep * lambda / memoryTimeConstants.clamped(atLeast: 1e-6)).exp()
    }
  }

  /// `1.7159 tanh(2u/3)` (LeCun et al., 1998).
  public static func squashed(_ u: Tensor) -> Tensor { (u * (2.0 / 3)).tanh() * 1.7159 }
}
