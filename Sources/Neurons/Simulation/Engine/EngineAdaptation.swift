import Support

/// An adaptation while a network runs: applied between two stretches of a run, by one thread.
final class EngineAdaptation<Scalar: SimulationScalar>: @unchecked Sendable {
  let steps: Int
  private let kind: Adaptation.Kind
  private let milliseconds: Double
  private let counter: SpikeCounter
  private var scaling = SynapticScaling.State(neurons: 0)
  /// Currents in the model's unit, of this rank's neurons.
  private let currents: UnsafeMutablePointer<Scalar>?
  private let scale: Double
  private var generator: RandomGenerator

  init(
    _ adaptation: Adaptation, _ network: Network, _ populations: [EnginePopulation<Scalar>],
    generator: RandomGenerator
  ) {
    kind = adaptation.kind
    milliseconds = adaptation.interval
    steps = Int((adaptation.interval / network.step.value).rounded())
    self.generator = generator
    let target: Int
    switch adaptation.kind {
    case .scaling(_, let projection), .normalisation(_, let projection), .rewiring(_, let projection):
      target = network.projections[projection.index].target.index
    case .intrinsic(_, let population): target = population.index
    }
    let population = populations[target]
    counter = SpikeCounter(first: population.first, count: population.count)
    var (currents, scale): (UnsafeMutablePointer<Scalar>?, Double) = (nil, 1)
    switch adaptation.kind {
    case .scaling:
      scaling = SynapticScaling.State(neurons: population.count)
      population.listeners.append(counter)
    case .intrinsic:
      population.listeners.append(counter)
      let type = population.description.neuronType!
      let input = type.input(.current)!
      scale = type.inputs[input].scale
      let values = UnsafeMutablePointer<Scalar>.aligned(population.count)
      values.update(repeating: 0, count: population.count)
      currents = values
      population.prepare(input: input, delay: 1)
      population.stimuli.append(EngineStimulus(values: values, input: input, bounds: population.bounds))
    default: break
    }
    (self.currents, self.scale) = (currents, scale)
  }

  func apply(to engine: NetworkEngine<Scalar>) throws {
    switch kind {
    case .scaling(let rule, let projection):
      let factors = rule.advance(&scaling, spikes: counter.taken(), elapsed: milliseconds)
      engine.projections[projection.index].scaleWeights { factors[$0] }
    case .normalisation(let rule, let projection):
      let own = engine.projections[projection.index]
      let sums = own.incomingWeights(counter.count)
      own.scaleWeights { sums[$0] == 0 ? 1 : rule.total / sums[$0] }
    case .intrinsic(let rule, _):
      // A current sinks where a threshold would rise.
      for (neuron, spikes) in counter.taken().enumerated() {
        let threshold = -Double(currents![neuron]) / scale
        currents![neuron] = Scalar(
          -rule.threshold(threshold, spikes: spikes, elapsed: milliseconds) * scale)
      }
    case .rewiring(let rule, let projection): try engine.rewire(projection.index, rule, using: &generator)
    }
  }
}

/// How often the neurons of a rank fired since they were last asked.
final class SpikeCounter: SpikeListener, @unchecked Sendable {
  let count: Int
  private let first: Int
  private let counts: UnsafeMutablePointer<Int>

  init(first: Int, count: Int) {
    (self.first, self.count) = (first, count)
    counts = .aligned(count)
    counts.update(repeating: 0, count: count)
  }

  deinit { counts.deallocate() }

  func fired(_ partition: Int, _ now: Int, _ neurons: UnsafePointer<Int32>, _ count: Int) {
    for k in 0..<count { counts[Int(neurons[k]) - first] += 1 }
  }

  func taken() -> [Int] {
    defer { counts.update(repeating: 0, count: count) }
    return (0..<count).map { counts[$0] }
  }
}

extension EngineProjection {
  /// Multiplies every weight by its target's factor, within the bounds of a plastic synapse.
  func scaleWeights(_ factor: (Int) -> Double) {
    let bounds = plastic.map {
      (Scalar($0.plasticity.rule.bounds.lowerBound), Scalar($0.plasticity.rule.bounds.upperBound))
    }
    for block in table.blocks {
      for k in 0..<block.count {
        let weight = block.weights![k] * Scalar(factor(Int(block.targets[k])))
        block.weights![k] = bounds.map { min($0.1, max($0.0, weight)) } ?? weight
      }
    }
  }

  /// The sum of the weights that end on each neuron, without signs, in the unit of the user.
  func incomingWeights(_ count: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: count)
    let unit = 1 / description.storedScale
    for block in table.blocks {
      for k in 0..<block.count { sums[Int(block.targets[k])] += Double(abs(block.weights![k])) * unit }
    }
    return sums
  }
}

extension NetworkEngine {
  /// Replaces the synapses of a projection by those of a rewiring.
  func rewire(_ index: Int, _ rule: StructuralRewiring, using generator: inout RandomGenerator) throws {
    let projection = projections[index]
    guard partitioning.ranks == 1 else {
      throw CajalError(
        "'\(projection.description.handle.name)' is rewired, which takes all its synapses: run on one rank")
    }
    let old = synapses(of: index, settled: true)
    let description = projection.description
    var reached = [[Int]](repeating: [], count: description.source.count)
    for k in 0..<old.count { reached[old.sources[k]].append(old.targets[k]) }
    let outcome = rule.rewired(
      Connectivity(targets: description.target.count, reached: reached), old.weights, using: &generator)
    let gone = Set(0..<old.count).subtracting(outcome.origin.compactMap { $0 }).sorted()
    var next = gone.makeIterator()
    let delays = outcome.origin.map { old.delays[$0 ?? next.next()!] }
    let eligibilities = projection.eligibilities
    let recipe = SynapseRecipe(
      rule: .synapses(outcome.connectivity), sources: description.source.count,
      targets: description.target.count, isRecurrent: description.source == description.target,
      weight: .values(outcome.weights), scale: description.storedScale,
      delay: description.delay.constant == nil ? .values(delays) : description.delay,
      step: network.step.value, generator: generator, isPlastic: description.plasticity != nil)
    projection.replace(
      SynapseTable(recipe, bounds: populations[description.target.index].bounds),
      eligibilities: eligibilities.map { old in outcome.origin.map { $0.map { old[$0] } ?? 0 } })
  }
}
