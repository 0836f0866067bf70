import CVector
import Support

/// The synapses of a projection while they run, those that end on one rank.
final class EngineProjection<Scalar: SimulationScalar>: @unchecked Sendable {
  let description: ProjectionDescription
  let table: SynapseTable<Scalar>
  let buffer: InputBuffer<Scalar>
  /// Of the source population.
  let source: Int

  init(_ description: ProjectionDescription, _ table: SynapseTable<Scalar>, _ buffer: InputBuffer<Scalar>) {
    (self.description, self.table, self.buffer) = (description, table, buffer)
    source = description.source.index
  }

  /// Adds the weights of everything that spikes of the step `now` reach in a partition.
  @inline(__always)
  func deliver(_ spikes: UnsafeBufferPointer<Int32>, _ partition: Int, _ now: Int) {
    let table = self.table
    let buffer = self.buffer
    let slot = buffer.slot(now + table.delay)
    for (k, spike) in spikes.enumerated() {
      let (block, range) = table.row(Int(spike), partition)
      if k + 1 < spikes.count { fetch(Int(spikes[k + 1]), partition) }
      let targets = block.targets
      switch (block.weights, block.delays) {
      case (nil, nil):
        let weight = table.weight
        for synapse in range { slot[Int(targets[synapse])] += weight }
      case (let weights?, nil):
        for synapse in range { slot[Int(targets[synapse])] += weights[synapse] }
      case (let weights, let delays?):
        let (mask, stride, base) = (buffer.slots - 1, buffer.stride, buffer.base)
        for synapse in range {
          let row = (now + Int(delays[synapse])) & mask
          base[row * stride + Int(targets[synapse])] += weights?[synapse] ?? table.weight
        }
      }
    }
  }

  /// Has the synapses of a source that comes next brought into the cache.
  @inline(__always)
  private func fetch(_ source: Int, _ partition: Int) {
    let (block, range) = table.row(source, partition)
    cajal_fetch(block.targets + range.lowerBound)
    if let weights = block.weights { cajal_fetch(weights + range.lowerBound) }
  }
}
