import Support

/// The populations and synapses of a content-addressable memory within a ``Network`` of your own, to which you connect what you like.
///
/// ```swift
/// var network = Network(step: 1.ms)
/// let cues = network.addSpikes("cues", at: times)       // or neurons that fire by themselves
/// let content = network.addSpikes("content", at: others)
/// let memory = try ContentAddressableCircuit(cueInput: cues, contentInput: content, in: &network)
/// network.connect(memory[.outputContent], to: motors, .oneToOne, weight: 6.nA, delay: 1.ms)
/// ```
public struct ContentAddressableCircuit: Sendable {
  public typealias Layer = ContentAddressableMemory.Layer

  public let cueSize, contentSize: Int
  /// The plastic synapses `cueCue → contentCue` and `contentContent → cueContent`.
  public let cueToContent, contentToCue: Projection
  private let populations: [Layer: Population]

  public subscript(layer: Layer) -> Population { populations[layer]! }

  /// Adds the memory to a network with steps of one millisecond.
  ///
  /// - Parameters:
  ///   - cueInput: One source or neuron for each cue.
  ///   - contentInput: One for each bit of content.
  ///   - weights: What is stored already; nothing if nil.
  ///   - name: Written before the names of the populations, where a network has several memories.
  /// - Throws: `CajalError` naming the parameter, or weights of another size.
  public init(
    cueInput: Population, contentInput: Population, parameters: ContentAddressableMemory.Parameters = .init(),
    weights: ContentAddressableMemory.Weights? = nil, in network: inout Network, name: String = ""
  ) throws {
    try parameters.validate()
    guard network.step == 1.ms else {
      throw CajalError("a content-addressable memory takes steps of 1 ms; the network's are \(network.step)")
    }
    (cueSize, contentSize) = (cueInput.count, contentInput.count)
    let weights = weights ?? .init(cueSize: cueSize, contentSize: contentSize)
    try weights.validate(cueSize: cueSize, contentSize: contentSize, learning: parameters.learning)
    var wiring = MemoryWiring(network: network, parameters: parameters, name: name)
    wiring.addLayers(cueSize: cueSize, contentSize: contentSize)
    wiring.connect(cueInput, contentInput)
    cueToContent = wiring.connectPlastic(.cueCue, .contentCue, weights.cueToContent)
    contentToCue = wiring.connectPlastic(.contentContent, .cueContent, weights.contentToCue)
    (populations, network) = (wiring.populations, wiring.network)
  }
}

/// Puts the layers into a network and connects them, row by row of the published table.
private struct MemoryWiring {
  typealias Layer = ContentAddressableMemory.Layer
  typealias Connection = ContentAddressableMemory.Parameters.Connection

  var network: Network
  let parameters: ContentAddressableMemory.Parameters
  let name: String
  var populations: [Layer: Population] = [:]

  mutating func addLayers(cueSize: Int, contentSize: Int) {
    for layer in Layer.allCases {
      let neuron =
        switch layer {
        case .condition, .conditionInterneuron, .cueContent: parameters.fast
        case .outputCue, .outputContent: parameters.output
        default: parameters.slow
        }
      populations[layer] = network.add(
        name + layer.rawValue, layer.count(cueSize: cueSize, contentSize: contentSize),
        .currentLIF(
          membrane: neuron.membraneTimeConstant.ms, excitatory: neuron.excitatoryTimeConstant.ms,
          inhibitory: neuron.inhibitoryTimeConstant.ms, rest: neuron.rest.mV, threshold: neuron.threshold.mV,
          reset: neuron.reset.mV, refractory: neuron.refractoryPeriod.ms,
          capacitance: neuron.capacitance.nF, integration: .heldCurrents))
    }
  }

  mutating func connect(_ cueInput: Population, _ contentInput: Population) {
    let c = parameters.connections
    join(cueInput, .cueCue, c.cueInput)
    join(contentInput, .contentCue, c.contentInput)
    join(.cueCue, .cueContent, c.cueCueToCueContent)
    inhibitOthers(.cueCue, c.cueCueInhibition)
    inhibitOthers(.cueContent, c.lateralInhibition)
    join(.cueCue, .condition, c.cueCueToCondition, .all(), .inhibitory)
    join(.contentCue, .condition, c.contentCueToCondition)
    join(.contentCue, .conditionInterneuron, c.contentCueToInterneuron, .all())
    join(.conditionInterneuron, .condition, c.interneuronToCondition, .all())
    join(.condition, .contentContent, c.conditionToContentContent)
    join(.cueCue, .mergedCue, c.cueCueToMergedCue)
    join(.cueContent, .mergedCue, c.cueContentToMergedCue)
    join(.contentCue, .mergedContent, c.contentCueToMergedContent)
    join(.contentContent, .mergedContent, c.contentContentToMergedContent)
    join(.mergedCue, .outputCue, c.mergedToOutput)
    join(.mergedContent, .outputContent, c.mergedToOutput)
  }

  private mutating func join(
    _ source: Layer, _ target: Layer, _ connection: Connection, _ rule: ConnectionRule = .oneToOne,
    _ receptor: Receptor = .excitatory
  ) { join(populations[source]!, target, connection, rule, receptor) }

  private mutating func join(
    _ source: Population, _ target: Layer, _ connection: Connection, _ rule: ConnectionRule = .oneToOne,
    _ receptor: Receptor = .excitatory
  ) {
    guard connection.weight > 0 else { return }
    network.connect(
      source, to: populations[target]!, rule, weight: connection.weight.nA, delay: connection.delay.ms,
      receptor: receptor)
  }

  /// Inhibition grows with the content, so that it outweighs all of it.
  private mutating func inhibitOthers(_ source: Layer, _ connection: Connection) {
    let count = populations[.cueContent]!.count
    guard count > 1 else { return }
    let others = (0..<count).map { cue in (0..<count).filter { $0 != cue } }
    let whole = Connection(
      weight: connection.weight * Double(populations[.contentCue]!.count), delay: connection.delay)
    join(
      source, .cueContent, whole, .synapses(Connectivity(targets: count, reached: others)), .inhibitory)
  }

  mutating func connectPlastic(_ source: Layer, _ target: Layer, _ weights: [[Double]]) -> Projection {
    network.connect(
      populations[source]!, to: populations[target]!, .all(),
      weight: Random<CurrentDimension>.values(weights.flatMap { $0 }), delay: parameters.learning.delay.ms,
      plasticity: Plasticity(parameters.rule, delayLocation: .dendritic))
  }
}
