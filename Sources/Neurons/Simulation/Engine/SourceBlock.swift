import Foundation
import Support

/// Sources of spikes next to each other that draw from one stream: as many as always share a partition.
struct SourceBlock: Sendable {
  /// Sources of a block; partitions of sources begin on multiples of it.
  static let size = 1024

  private let first: Int32
  private let rates: [Double]
  private let largest: Double
  private let gapScale: Double
  private var generator: RandomGenerator
  /// How many places, source after source and step after step, until the next candidate.
  private var gap: Int

  /// - Parameters:
  ///   - probabilities: Of a spike in a step, by source.
  init(first: Int, probabilities: [Double], generator: RandomGenerator) {
    self.first = Int32(first)
    rates = probabilities
    largest = min(1, probabilities.max() ?? 0)
    gapScale = largest > 0 && largest < 1 ? 1 / log1p(-largest) : 0
    self.generator = generator
    gap = 0
    gap = nextGap()
  }

  private mutating func nextGap() -> Int {
    if largest >= 1 { return 0 }
    if largest <= 0 { return Int.max }
    // Geometric; what would not come in any run is cut.
    let gap = log(1 - generator.uniform()) * gapScale
    return gap < 1e15 ? Int(gap) : Int(1e15)
  }

  /// The spikes of one step, ascending.
  @inline(__always)
  mutating func step(_ spikes: UnsafeMutablePointer<Int32>) -> Int {
    var count = 0
    while gap < rates.count {
      let source = gap
      // Candidates come at the largest rate; others keep their share of them.
      if rates[source] >= largest || generator.uniform() * largest < rates[source] {
        spikes[count] = first + Int32(truncatingIfNeeded: source)
        count += 1
      }
      let next = nextGap()
      gap = next > Int.max - source - 1 ? Int.max : source + 1 + next
    }
    if gap != Int.max { gap -= rates.count }
    return count
  }
}

/// The step that a time falls into; one that is a step but for rounding belongs to it.
func scheduledStep(_ milliseconds: Double, _ step: Double) -> Int {
  Int((milliseconds / step + 1e-9).rounded(.down))
}

/// Spikes at given times, by step and then source.
struct ScheduledSpikes: Sendable {
  /// Ascending.
  private var spikes: [(step: Int, source: Int32)]
  private var next = 0

  /// - Parameter milliseconds: By source.
  init(_ milliseconds: [[Double]], sources range: Range<Int>, step: Double) {
    spikes = range.flatMap { source in milliseconds[source].map { (scheduledStep($0, step), Int32(source)) } }
    spikes.sort { ($0.step, $0.source) < ($1.step, $1.source) }
  }

  mutating func add(_ more: [(step: Int, source: Int32)]) {
    spikes.removeFirst(next)
    next = 0
    spikes += more
    spikes.sort { ($0.step, $0.source) < ($1.step, $1.source) }
  }

  mutating func step(_ now: Int, _ fired: UnsafeMutablePointer<Int32>) -> Int {
    while next < spikes.count, spikes[next].step < now { next += 1 }
    var count = 0
    while next < spikes.count, spikes[next].step == now {
      // A source fires at most once a step.
      if count == 0 || fired[count - 1] != spikes[next].source {
        fired[count] = spikes[next].source
        count += 1
      }
      next += 1
    }
    return count
  }
}

/// The sources of one partition.
final class PartitionSources: @unchecked Sendable {
  private var blocks: [SourceBlock]
  private var scheduled: ScheduledSpikes?

  init(blocks: [SourceBlock] = [], scheduled: ScheduledSpikes? = nil) {
    (self.blocks, self.scheduled) = (blocks, scheduled)
  }

  func schedule(_ spikes: [(step: Int, source: Int32)]) { scheduled?.add(spikes) }

  /// The spikes of one step, ascending.
  @inline(__always)
  func step(_ now: Int, _ spikes: UnsafeMutablePointer<Int32>) -> Int {
    if scheduled != nil { return scheduled!.step(now, spikes) }
    return blocks.withUnsafeMutableBufferPointer { blocks in
      var fired = 0
      for block in blocks.indices { fired += blocks[block].step(spikes + fired) }
      return fired
    }
  }
}
