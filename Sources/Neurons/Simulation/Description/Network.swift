import Recordings
import Support

/// Neurons of one kind, or sources of spikes, in a ``Network``.
public struct Population: Sendable, Hashable {
  let index: Int
  public let name: String
  public let count: Int
}

/// The synapses from one population to another, in a ``Network``.
public struct Projection: Sendable, Hashable {
  let index: Int
  public let name: String
}

/// A network to be simulated, written down as in the methods section of a paper.
///
/// ```swift
/// var network = Network(step: 0.1.ms, seed: 1)
/// let lif = NeuronType.currentLIF(membrane: 20.ms, excitatory: 5.ms, inhibitory: 10.ms, rest: -49.mV)
/// let excitatory = network.add("excitatory", 3200, lif, start: ["membrane": .uniform(-60, -50)])
/// let inhibitory = network.add("inhibitory", 800, lif, start: ["membrane": .uniform(-60, -50)])
/// for target in [excitatory, inhibitory] {
///   network.connect(excitatory, to: target, .fixedProbability(0.02), weight: 1.62.mV, delay: 0.1.ms)
///   network.connect(
///     inhibitory, to: target, .fixedProbability(0.02), weight: 9.mV, delay: 0.1.ms, receptor: .inhibitory)
/// }
/// network.recordSpikes(of: excitatory)
/// let simulation = try Simulation(network)
/// try simulation.run(for: 1.s)
/// let spikes = try simulation.spikes(of: excitatory)
/// ```
///
/// What is said here is checked when a ``Simulation`` is made of it.
public struct Network: Sendable {
  /// Of time; models are integrated and spikes delivered on this grid.
  public let step: Time
  /// Everything that is drawn follows from it.
  public let seed: UInt64
  var populations: [PopulationDescription] = []
  var projections: [ProjectionDescription] = []
  var stimuli: [Stimulus] = []
  var traceRecorders: [TraceRecorder] = []
  var adaptations: [Adaptation] = []

  public init(step: Time, seed: UInt64 = 1) { (self.step, self.seed) = (step, seed) }

  /// All populations, in the order in which they were added.
  public var allPopulations: [Population] { populations.map(\.handle) }
  /// All projections, in the order in which they were added.
  public var allProjections: [Projection] { projections.map(\.handle) }

  public func population(named name: String) -> Population? {
    populations.first { $0.handle.name == name }?.handle
  }

  /// Adds neurons.
  ///
  /// - Parameter start: What variables begin with, by name; the model's rest where nothing is said.
  @discardableResult
  public mutating func add(
    _ name: String, _ count: Int, _ type: NeuronType, start: [String: Distribution] = [:]
  ) -> Population { add(name, count, .neurons(type, start: start)) }

  /// Adds sources that fire at random, at most once a step, each with the probability rate times step.
  ///
  /// - Parameters:
  ///   - rate: One for all, or one for each.
  ///   - active: When they fire; always if nil.
  @discardableResult
  public mutating func addPoisson(
    _ name: String, _ count: Int, rate: some QuantitySource<FrequencyDimension>, active: Range<Time>? = nil
  ) -> Population {
    add(
      name, count,
      .poisson(rate: rate.distribution, active: active.map { $0.lowerBound.value..<$0.upperBound.value }))
  }

  /// Adds sources that fire at given times: one list for each, in milliseconds. A spike falls into the step that its time
  /// begins in.
  @discardableResult
  public mutating func addSpikes(_ name: String, at times: [[Double]]) -> Population {
    add(name, times.count, .spikes(times))
  }

  /// Adds recorded units as sources; time 0 of the recording is the beginning of the simulation.
  @discardableResult
  public mutating func addSpikes(_ name: String, _ trains: SpikeTrains) -> Population {
    addSpikes(name, at: (0..<trains.count).map { unit in trains[unit].map { $0 * 1000 } })
  }

  private mutating func add(_ name: String, _ count: Int, _ kind: PopulationDescription.Kind) -> Population {
    let handle = Population(index: populations.count, name: name, count: count)
    populations.append(PopulationDescription(handle: handle, kind: kind))
    return handle
  }

  /// Connects two populations.
  ///
  /// - Parameters:
  ///   - weight: In the unit of the target's receptor; drawn for each synapse where a distribution is given.
  ///   - delay: From a spike to its effect on the membrane, a whole number of steps and at least one.
  ///   - plasticity: How the weights change with the spikes on both sides; they stay if nil.
  ///   - shortTerm: How the efficacy of a source changes with use: a factor upon its weights; always one if nil.
  ///   - name: What errors call it; made of the populations' names if nil.
  @discardableResult
  public mutating func connect<W: PhysicalDimension>(
    _ source: Population, to target: Population, _ rule: ConnectionRule, weight: some QuantitySource<W>,
    delay: some QuantitySource<TimeDimension>, receptor: Receptor = .excitatory,
    plasticity: Plasticity? = nil,
    shortTerm: ShortTermPlasticity? = nil, name: String? = nil
  ) -> Projection {
    let name = name ?? "\(source.name) to \(target.name)"
    let handle = Projection(index: projections.count, name: name)
    let type = populations[target.index].neuronType
    projections.append(
      ProjectionDescription(
        handle: handle, source: source, target: target, rule: rule, weight: weight.distribution,
        weightUnit: W.unit, delay: delay.distribution, receptor: receptor, input: type?.input(receptor),
        scale: type.flatMap { type in type.input(receptor).map { type.inputs[$0].scale } } ?? 1,
        plasticity: plasticity, shortTerm: shortTerm))
    return handle
  }

  /// Keeps the spikes of a population.
  ///
  /// - Parameter limit: Bytes kept in memory, eight a spike; what is beyond goes to a temporary file.
  public mutating func recordSpikes(of population: Population, limit: Int = 1 << 28) {
    populations[population.index].spikeLimit = limit
  }

  /// Keeps variables of some neurons.
  ///
  /// - Parameters:
  ///   - variables: Names of the neuron type's.
  ///   - neurons: All if nil.
  ///   - interval: A whole number of steps.
  public mutating func record(
    _ variables: [String], of population: Population, neurons: [Int]? = nil, every interval: Time
  ) {
    traceRecorders.append(
      TraceRecorder(population: population, variables: variables, neurons: neurons, interval: interval.value))
  }
}

/// What a population is.
struct PopulationDescription: Sendable {
  enum Kind: Sendable {
    case neurons(NeuronType, start: [String: Distribution])
    case poisson(rate: Distribution, active: Range<Double>?)
    /// Milliseconds, by source.
    case spikes([[Double]])
  }
  let handle: Population
  let kind: Kind
  /// Bytes of spikes kept in memory; nil where none are kept.
  var spikeLimit: Int?

  var neuronType: NeuronType? { if case .neurons(let type, _) = kind { type } else { nil } }
}

/// What a projection is.
struct ProjectionDescription: Sendable {
  let handle: Projection
  let source, target: Population
  let rule: ConnectionRule
  let weight: Distribution
  let weightUnit: String
  let delay: Distribution
  let receptor: Receptor
  /// Of the target's model; nil where it has no such receptor, which the check finds.
  let input: Int?
  /// From the weights' unit to the model's.
  let scale: Double
  let plasticity: Plasticity?
  let shortTerm: ShortTermPlasticity?

  /// From the weights' unit to the one that they are kept in: the model's, or their own where a rule changes them.
  var storedScale: Double { plasticity == nil ? scale : 1 }
}

/// Variables of some neurons, kept while they run.
struct TraceRecorder: Sendable {
  let population: Population
  let variables: [String]
  let neurons: [Int]?
  /// Milliseconds.
  let interval: Double
}
