import Support

/// A population while it runs: the neurons of one rank.
final class EnginePopulation<Scalar: SimulationScalar>: @unchecked Sendable {
  /// Neurons per stream of noise; partitions of neurons begin on multiples of it.
  static var block: Int { 64 }

  let description: PopulationDescription
  let index: Int
  /// Where this rank's partitions begin in the whole population, and where the last ends.
  let bounds: [Int]
  var first: Int { bounds[0] }
  let count: Int
  /// With the places that fill the last vector.
  let stride: Int

  private let step: PopulationStep<Scalar>?
  private(set) var variables: [UnsafeMutablePointer<Scalar>] = []
  private let variableTable: Variables<UnsafeMutablePointer<Scalar>>
  private(set) var buffers: [InputBuffer<Scalar>?]
  var stimuli: [EngineStimulus<Scalar>] = []
  /// By partition, where the population is one of sources.
  private(set) var sources: [PartitionSources] = []
  private(set) var stores: [SpikeStore] = []
  /// Told of every spike: plastic synapses that end here.
  var listeners: [any SpikeListener] = []
  private let activeSteps: Range<Int>

  init(
    _ description: PopulationDescription, step milliseconds: Double, partitioning: Partitioning,
    generator: RandomGenerator
  ) throws {
    self.description = description
    index = description.handle.index
    let block = description.neuronType == nil ? SourceBlock.size : Self.block
    let bounds = partitioning.bounds(of: description.handle.count, block: block)
    self.bounds = bounds
    count = bounds[bounds.count - 1] - bounds[0]
    stride = max(16, (count + 15) / 16 * 16)
    buffers = [nil, nil, nil]
    var active = 0..<Int.max
    switch description.kind {
    case .neurons(let type, let start):
      let model = type.model(milliseconds)
      step = Self.step(of: model)
      variables = Self.variables(
        model, type, start, range: bounds[0]..<bounds[bounds.count - 1], stride: stride, generator)
      variableTable = Variables(variables, filler: variables[0])
    case .poisson(let rate, let during):
      step = nil
      variableTable = Variables(UnsafeMutablePointer<Scalar>.allocate(capacity: 1))
      if let during { active = stepRange(during, milliseconds) }
      sources = Self.blocks(rate, bounds, description.handle.count, milliseconds, generator)
    case .spikes(let times):
      step = nil
      variableTable = Variables(UnsafeMutablePointer<Scalar>.allocate(capacity: 1))
      sources = (0..<partitioning.threads).map {
        PartitionSources(
          scheduled: ScheduledSpikes(times, sources: bounds[$0]..<bounds[$0 + 1], step: milliseconds))
      }
    }
    activeSteps = active
    if let limit = description.spikeLimit {
      stores = (0..<partitioning.threads).map { _ in SpikeStore(limit: limit / partitioning.threads) }
    }
  }

  deinit {
    if variables.isEmpty { variableTable[0].deallocate() }
    for array in variables { array.deallocate() }
  }

  private static func step(of model: any NeuronModel) -> PopulationStep<Scalar> {
    (Scalar.self == Float.self ? model.singleStep as Any : model.doubleStep as Any) as! PopulationStep<Scalar>
  }

  /// Start values: each neuron's from a stream of its own, variable after variable.
  private static func variables(
    _ model: any NeuronModel, _ type: NeuronType, _ start: [String: Distribution], range: Range<Int>,
    stride: Int, _ generator: RandomGenerator
  ) -> [UnsafeMutablePointer<Scalar>] {
    let arrays = model.rest.map { value in
      let array = UnsafeMutablePointer<Scalar>.aligned(stride)
      array.update(repeating: Scalar(value), count: stride)
      return array
    }
    let drawn = type.variables.indices.compactMap { v in start[type.variables[v]].map { (v, $0) } }
    guard !drawn.isEmpty else { return arrays }
    for neuron in range {
      var own = generator.split(neuron)
      for (variable, distribution) in drawn {
        arrays[variable][neuron - range.lowerBound] = Scalar(distribution.draw(neuron, using: &own))
      }
    }
    return arrays
  }

  private static func blocks(
    _ rate: Distribution, _ bounds: [Int], _ count: Int, _ milliseconds: Double, _ generator: RandomGenerator
  ) -> [PartitionSources] {
    var rates = generator.split(-1)
    let probabilities = (0..<count).map { rate.draw($0, using: &rates) * milliseconds / 1000 }
    return (0..<bounds.count - 1).map { partition in
      let firsts = Swift.stride(from: bounds[partition], to: bounds[partition + 1], by: SourceBlock.size)
      return PartitionSources(
        blocks: firsts.map { first in
          let last = min(first + SourceBlock.size, bounds[partition + 1])
          return SourceBlock(
            first: first, probabilities: Array(probabilities[first..<last]), generator: generator.split(first)
          )
        })
    }
  }

  /// Makes the buffer of an input long enough for these delays, in steps.
  func prepare(input: Int, delay: Int) {
    if let there = buffers[input], there.slots > delay { return }
    buffers[input] = InputBuffer(slots: delay + 1, stride: stride)
  }

  /// One step of the neurons of a partition; their spikes go into the list.
  @inline(__always)
  func advance(_ partition: Int, _ now: Int, _ list: SpikeList) {
    let range = bounds[partition]..<bounds[partition + 1]
    let spikes = list.reserve(range.count)
    var fired = 0
    if let step {
      for stimulus in stimuli { stimulus.apply(partition, now, buffers[stimulus.input]!.slot(now)) }
      if !range.isEmpty {
        let memory = PopulationMemory(
          variables: variableTable,
          inputs: Variables(
            buffers[0]?.slot(now), buffers[1]?.slot(now), buffers[2]?.slot(now), nil),
          count: range.upperBound - first)
        fired = step.run(memory, range.lowerBound - first..<range.upperBound - first, spikes)
        if first != 0 { for k in 0..<fired { spikes[k] += Int32(truncatingIfNeeded: first) } }
      }
    } else if activeSteps.contains(now) {
      fired = sources[partition].step(now, spikes)
    }
    list.close(fired)
    if fired > 0 {
      if !stores.isEmpty { stores[partition].append(now, spikes, fired) }
      for listener in listeners { listener.fired(partition, now, spikes, fired) }
    }
  }
}

/// What wants to know of the spikes of a population as they happen, partition by partition.
protocol SpikeListener: AnyObject, Sendable {
  func fired(_ partition: Int, _ now: Int, _ neurons: UnsafePointer<Int32>, _ count: Int)
}

/// What will arrive at an input of a population: one row for each of the steps to come, in a ring.
final class InputBuffer<Scalar: SimulationScalar>: @unchecked Sendable {
  /// A power of two.
  let slots: Int
  let stride: Int
  let base: UnsafeMutablePointer<Scalar>

  init(slots needed: Int, stride: Int) {
    slots = 1 << (Int.bitWidth - (max(1, needed) - 1).leadingZeroBitCount)
    self.stride = stride
    base = .aligned(slots * stride)
    base.update(repeating: 0, count: slots * stride)
  }

  deinit { base.deallocate() }

  @inline(__always) func slot(_ step: Int) -> UnsafeMutablePointer<Scalar> {
    base + (step & (slots - 1)) * stride
  }
}

extension UnsafeMutablePointer {
  /// Room for values of a trivial type that begins on a cache line.
  static func aligned(_ count: Int) -> UnsafeMutablePointer<Pointee> {
    UnsafeMutableRawPointer.allocate(
      byteCount: max(64, count * MemoryLayout<Pointee>.stride), alignment: 64
    ).bindMemory(to: Pointee.self, capacity: count)
  }
}

/// The steps that begin within a stretch of milliseconds.
func stepRange(_ milliseconds: Range<Double>, _ step: Double) -> Range<Int> {
  func first(_ time: Double) -> Int { Int(min(1e15, (time / step - 1e-9).rounded(.up))) }
  return first(milliseconds.lowerBound)..<max(first(milliseconds.lowerBound), first(milliseconds.upperBound))
}
