import Support

/// The synapses of some sources in a row, sorted by source and target, as one rank holds them.
///
/// A synapse takes 4 bytes for its target and, where they differ between synapses, 4 (8 in double precision) for its weight
/// and 2 for its delay.
final class SynapseBlock<Scalar: SimulationScalar>: @unchecked Sendable {
  let firstSource, sources: Int
  /// Where the synapses of each source begin in each partition: `sources · partitions + 1` numbers.
  let starts: UnsafeMutablePointer<Int32>
  /// Within the rank's part of the target population.
  var targets: UnsafeMutablePointer<Int32>
  /// Nil where all weights are the same.
  var weights: UnsafeMutablePointer<Scalar>?
  /// Steps; nil where all delays are the same.
  var delays: UnsafeMutablePointer<UInt16>?
  /// What spikes have earned, where weights wait for a third factor.
  private(set) var eligibilities: UnsafeMutablePointer<Scalar>?
  let count: Int

  init(
    firstSource: Int, starts: [Int32], sources: Int, targets: [Int32], weights: [Scalar]?, delays: [UInt16]?
  ) {
    func copied<Value>(_ values: [Value]) -> UnsafeMutablePointer<Value> {
      let copy = UnsafeMutablePointer<Value>.allocate(capacity: max(1, values.count))
      values.withUnsafeBufferPointer {
        if let base = $0.baseAddress { copy.initialize(from: base, count: $0.count) }
      }
      return copy
    }
    (self.firstSource, self.sources, count) = (firstSource, sources, targets.count)
    self.starts = copied(starts)
    self.targets = copied(targets)
    self.weights = weights.map(copied)
    self.delays = delays.map(copied)
  }

  deinit {
    starts.deallocate()
    targets.deallocate()
    weights?.deallocate()
    delays?.deallocate()
    eligibilities?.deallocate()
  }

  func addEligibility() {
    eligibilities = .allocate(capacity: max(1, count))
    eligibilities!.initialize(repeating: 0, count: count)
  }

  /// What the synapses take, and what finding them takes.
  func bytes(partitions: Int) -> (synapses: Int, index: Int) {
    let one =
      4 + (weights == nil ? 0 : MemoryLayout<Scalar>.size) + (delays == nil ? 0 : 2)
      + (eligibilities == nil ? 0 : MemoryLayout<Scalar>.size)
    return (count * one, 4 * (sources * partitions + 1))
  }
}

/// All synapses of a projection that end on one rank.
struct SynapseTable<Scalar: SimulationScalar>: @unchecked Sendable {
  /// Each but the last holds ``blockSize`` sources.
  let blocks: [SynapseBlock<Scalar>]
  let blockSize: Int
  let partitions: Int
  /// The weight of all, where they are the same, in the model's unit.
  let weight: Scalar
  /// The delay of all, where they are the same, in steps.
  let delay: Int
  let shortestDelay, longestDelay: Int

  var count: Int { blocks.reduce(0) { $0 + $1.count } }

  /// The synapses of a source in a partition.
  @inline(__always)
  func row(_ source: Int, _ partition: Int) -> (block: SynapseBlock<Scalar>, range: Range<Int>) {
    let block = blocks[source / blockSize]
    let place = (source - block.firstSource) * partitions + partition
    return (block, Int(block.starts[place])..<Int(block.starts[place + 1]))
  }
}
