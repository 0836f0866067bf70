import CVector
import Support

/// The synapses of a projection while they run, those that end on one rank.
final class EngineProjection<Scalar: SimulationScalar>: @unchecked Sendable {
  let description: ProjectionDescription
  private(set) var table: SynapseTable<Scalar>
  let buffer: InputBuffer<Scalar>
  /// Of the source population.
  let source: Int
  let plastic: PlasticSynapses<Scalar>?
  /// By partition, where efficacies change with use.
  let efficacies: [SourceEfficacies<Scalar>]

  init(
    _ description: ProjectionDescription, _ table: SynapseTable<Scalar>, _ buffer: InputBuffer<Scalar>,
    bounds: [Int], step: Double
  ) {
    (self.description, self.table, self.buffer) = (description, table, buffer)
    source = description.source.index
    let efficacies = description.shortTerm.map { rule in
      bounds.indices.dropLast().map { _ in
        SourceEfficacies<Scalar>(rule, sources: description.source.count, step: step)
      }
    }
    self.efficacies = efficacies ?? []
    plastic = description.plasticity.map {
      PlasticSynapses(
        $0, table, buffer, scale: description.scale, efficacies: efficacies ?? [],
        sources: description.source.count,
        bounds: bounds, step: step)
    }
  }

  /// Adds the weights of everything that spikes of the step `now` reach in a partition.
  @inline(__always)
  func deliver(_ spikes: UnsafeBufferPointer<Int32>, _ partition: Int, _ now: Int) {
    if let plastic { return plastic.deliver(spikes, partition, now) }
    let table = self.table
    let buffer = self.buffer
    let slot = buffer.slot(now + table.delay)
    for (k, spike) in spikes.enumerated() {
      let (block, range) = table.row(Int(spike), partition)
      if k + 1 < spikes.count { fetch(Int(spikes[k + 1]), partition) }
      let targets = block.targets
      let efficacy = efficacies.isEmpty ? 1 : efficacies[partition].spike(Int(spike), now)
      switch (block.weights, block.delays) {
      case (nil, nil):
        let weight = table.weight * efficacy
        for synapse in range { slot[Int(targets[synapse])] += weight }
      case (let weights?, nil):
        for synapse in range { slot[Int(targets[synapse])] += weights[synapse] * efficacy }
      case (let weights, let delays?):
        let (mask, stride, base) = (buffer.slots - 1, buffer.stride, buffer.base)
        for synapse in range {
          let row = (now + Int(delays[synapse])) & mask
          base[row * stride + Int(targets[synapse])] += (weights?[synapse] ?? table.weight) * efficacy
        }
      }
    }
  }

  /// Takes other synapses in place of those there were.
  func replace(_ table: SynapseTable<Scalar>, eligibilities: [Scalar]?) {
    self.table = table
    plastic?.replace(table, eligibilities: eligibilities)
  }

  /// Of all synapses, as they are stored; nil where there are none.
  var eligibilities: [Scalar]? {
    guard plastic?.eligibility != nil else { return nil }
    return table.blocks.flatMap { block in (0..<block.count).map { block.eligibilities![$0] } }
  }

  /// Has the synapses of a source that comes next brought into the cache.
  @inline(__always)
  private func fetch(_ source: Int, _ partition: Int) {
    let (block, range) = table.row(source, partition)
    cajal_fetch(block.targets + range.lowerBound)
    if let weights = block.weights { cajal_fetch(weights + range.lowerBound) }
  }
}
