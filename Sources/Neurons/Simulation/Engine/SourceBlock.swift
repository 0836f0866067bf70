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
    return Int(min(1e15, log(1 - generator.uniform()) * gapScale))
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

/// Spikes at given times, by step and then source.
struct ScheduledSpikes: Sendable {
  /// Ascending.
  private let steps: [Int]
  private let sources: [Int32]
  private var next = 0

  /// - Parameter milliseconds: By source.
  init(_ milliseconds: [[Double]], sources range: Range<Int>, step: Double) {
    var all: [(step: Int, source: Int32)] = []
    for source in range {
      for time in milliseconds[source] {
        // A time that is a step but for rounding belongs to that step.
        all.append((Int((time / step + 1e-9).rounded(.down)), Int32(source)))
      }
    }
    all.sort { ($0.step, $0.source) < ($1.step, $1.source) }
    (steps, sources) = (all.map(\.step), all.map(\.source))
  }

  mutating func step(_ now: Int, _ spikes: UnsafeMutablePointer<Int32>) -> Int {
    while next < steps.count, steps[next] < now { next += 1 }
    var count = 0
    while next < steps.count, steps[next] == now {
      // A source fires at most once a step.
      if count == 0 || spikes[count - 1] != sources[next] {
        spikes[count] = sources[next]
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
