import Support

/// Synapses of a projection as they are: ordered by source, then target.
public struct SynapseList: Sendable, Equatable {
  /// Neurons of the source and of the target population.
  public let sources, targets: [Int]
  /// In the unit of the receptor.
  public let weights: [Double]
  /// Milliseconds.
  public let delays: [Double]

  public var count: Int { sources.count }
}

/// What a network takes in memory.
public struct NetworkMemory: Sendable, Equatable {
  /// How many synapses there are.
  public let synapses: Int
  /// What they take, with what finds them by source.
  public let synapseBytes: Int
  /// Variables of neurons, and what is on its way to them.
  public let neuronBytes: Int
  public var bytesPerSynapse: Double { synapses == 0 ? 0 : Double(synapseBytes) / Double(synapses) }
}

extension Simulation {
  /// The synapses of a projection; on several ranks those that end on this one.
  ///
  /// - Parameter settled: Whether plastic synapses learn of every postsynaptic spike so far. They do so lazily, when their source
  ///   fires next; without, weights are as they lie.
  public func synapses(of projection: Projection, settled: Bool = true) -> SynapseList {
    switch engine {
    case .single(let engine): engine.synapses(of: projection.index, settled: settled)
    case .double(let engine): engine.synapses(of: projection.index, settled: settled)
    }
  }

  /// Replaces the weights of a projection, ordered as ``synapses(of:settled:)`` gives them.
  ///
  /// - Throws: `CajalError` if they are not as many, or all synapses share one weight.
  public func setWeights(_ weights: [Double], of projection: Projection) throws {
    switch engine {
    case .single(let engine): try engine.setWeights(weights, of: projection.index)
    case .double(let engine): try engine.setWeights(weights, of: projection.index)
    }
  }

  /// Turns eligibilities into weights, within the rule's bounds: `w ← w + factor · c`. A reward, or an error that all synapses
  /// are told.
  public func reinforce(_ projection: Projection, by factor: Double) throws {
    try reinforce(
      projection, byTarget: [Double](repeating: factor, count: projectionTarget(projection).count))
  }

  /// The same with a factor of its own for each target: an error that is sent back.
  ///
  /// - Throws: `CajalError` if the synapses have no eligibility, or factors are not as many as targets.
  public func reinforce(_ projection: Projection, byTarget factors: [Double]) throws {
    guard network.projections[projection.index].plasticity?.eligibility != nil else {
      throw CajalError("the synapses of '\(projection.name)' have no eligibility to reinforce")
    }
    guard factors.count == projectionTarget(projection).count else {
      throw CajalError(
        "\(factors.count) factors for the \(projectionTarget(projection).count) targets of '\(projection.name)'"
      )
    }
    switch engine {
    case .single(let engine): engine.reinforce(projection.index, factors)
    case .double(let engine): engine.reinforce(projection.index, factors)
    }
  }

  private func projectionTarget(_ projection: Projection) -> Population {
    network.projections[projection.index].target
  }

  /// Has sources that were added with ``Network/addSpikes(_:at:)`` fire: a time for each, not before now.
  ///
  /// - Throws: `CajalError` naming the spike that cannot be.
  public func schedule(_ spikes: [(source: Int, time: Time)], from population: Population) throws {
    guard case .spikes = network.populations[population.index].kind else {
      throw CajalError(
        "'\(population.name)' fires by itself; spikes are scheduled for sources added with addSpikes")
    }
    for spike in spikes {
      guard (0..<population.count).contains(spike.source), spike.time.value.isFinite,
        spike.time.value >= time.value - 1e-6 * network.step.value
      else {
        throw CajalError(
          "a spike of source \(spike.source) of '\(population.name)' at \(spike.time), with \(population.count) sources and \(time) past"
        )
      }
    }
    switch engine {
    case .single(let engine): engine.schedule(spikes, population.index)
    case .double(let engine): engine.schedule(spikes, population.index)
    }
  }

  /// What the network takes in memory; on several ranks on this one.
  public var memory: NetworkMemory {
    switch engine {
    case .single(let engine): engine.memory
    case .double(let engine): engine.memory
    }
  }
}

extension NetworkEngine {
  func synapses(of index: Int, settled: Bool) -> SynapseList {
    let projection = projections[index]
    if settled { settle(index) }
    let (table, scale) = (projection.table, projection.description.storedScale)
    let first = populations[projection.description.target.index].first
    var (sources, targets): ([Int], [Int]) = ([], [])
    var (weights, delays): ([Double], [Double]) = ([], [])
    for block in table.blocks {
      for source in 0..<block.sources {
        let range =
          Int(block.starts[source * table.partitions])..<Int(block.starts[(source + 1) * table.partitions])
        for k in range {
          sources.append(block.firstSource + source)
          targets.append(Int(block.targets[k]) + first)
          weights.append(Double(block.weights?[k] ?? table.weight) / scale)
          delays.append(Double(block.delays.map { Int($0[k]) } ?? table.delay) * network.step.value)
        }
      }
    }
    return SynapseList(sources: sources, targets: targets, weights: weights, delays: delays)
  }

  private func settle(_ index: Int) {
    guard let plastic = projections[index].plastic, now > 0 else { return }
    for partition in 0..<partitioning.threads { plastic.settle(partition, upTo: now - 1) }
  }

  func setWeights(_ weights: [Double], of index: Int) throws {
    let projection = projections[index]
    let count = projection.table.count
    guard weights.count == count else {
      throw CajalError(
        "\(weights.count) weights for the \(count) synapses of '\(projection.description.handle.name)'")
    }
    guard projection.table.blocks.allSatisfy({ $0.weights != nil }) else {
      throw CajalError(
        "the synapses of '\(projection.description.handle.name)' share one weight; draw or list them to set them one by one"
      )
    }
    settle(index)
    var k = 0
    for block in projection.table.blocks {
      for own in 0..<block.count {
        block.weights![own] = Scalar(weights[k] * projection.description.storedScale)
        k += 1
      }
    }
  }

  func reinforce(_ index: Int, _ factors: [Double]) {
    let projection = projections[index]
    let first = populations[projection.description.target.index].first
    for partition in 0..<partitioning.threads {
      projection.plastic!.reinforce(partition, now: now) { factors[$0 + first] }
    }
  }

  func schedule(_ spikes: [(source: Int, time: Time)], _ index: Int) {
    let population = populations[index]
    let step = network.step.value
    for partition in 0..<partitioning.threads {
      let range = population.bounds[partition]..<population.bounds[partition + 1]
      population.sources[partition].schedule(
        spikes.filter { range.contains($0.source) }.map {
          (scheduledStep($0.time.value, step), Int32($0.source))
        })
    }
  }

  var memory: NetworkMemory {
    var (synapses, synapseBytes) = (0, 0)
    for projection in projections {
      for block in projection.table.blocks {
        let bytes = block.bytes(partitions: partitioning.threads)
        synapses += block.count
        synapseBytes += bytes.synapses + bytes.index
      }
      if let plastic = projection.plastic {
        synapseBytes += plastic.parts.reduce(0) { $0 + $1.bytes }
      }
      synapseBytes += projection.efficacies.reduce(0) { $0 + $1.bytes }
    }
    let neuronBytes = populations.reduce(0) { sum, population in
      let rows = population.variables.count + population.buffers.reduce(0) { $0 + ($1?.slots ?? 0) }
      return sum + rows * population.stride * MemoryLayout<Scalar>.size
    }
    return NetworkMemory(synapses: synapses, synapseBytes: synapseBytes, neuronBytes: neuronBytes)
  }
}
