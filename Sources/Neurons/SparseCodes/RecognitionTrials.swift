import Support

/// How often every overlap was counted in Monte-Carlo trials: one run answers for every threshold.
public struct OverlapHistogram: Sendable, Equatable {
  /// `counts[k]`: trials in which `k` synapses were active.
  public private(set) var counts: [Int]

  /// `counts[k]` trials with `k` active synapses.
  public init(counts: [Int]) { self.counts = counts }

  /// All trials.
  public var trials: Int { counts.reduce(0, +) }

  /// Trials in which the segment fires.
  public func firing(theta: Int) -> BinomialEstimate {
    BinomialEstimate(events: counts.dropFirst(max(0, theta)).reduce(0, +), trials: trials)
  }

  /// Trials in which it stays silent.
  public func silent(theta: Int) -> BinomialEstimate {
    BinomialEstimate(events: trials - firing(theta: theta).events, trials: trials)
  }

  mutating func add(_ other: [Int]) {
    for k in other.indices { counts[k] += other[k] }
  }
}

/// Monte-Carlo experiments on explicit random sets, to check the formulas of ``RecognitionTheory`` without
/// using any of them.
///
/// Sets are drawn cell by cell with a running shuffle; the same generator gives the same counts whatever the
/// number of threads. `progress` is called with the trials done; what it throws ends the experiment.
public enum RecognitionTrials {
  /// Called with the trials done so far.
  public typealias Progress = (Int) throws -> Void

  /// Trials that share one generator.
  private static let batch = 1 << 16

  /// Overlaps of a segment of `s` cells with random patterns of `a` among `n` cells.
  public static func randomPatterns(
    n: Int, a: Int, s: Int, trials: Int, using generator: inout RandomGenerator,
    progress: Progress = { _ in }
  ) throws -> OverlapHistogram {
    precondition(a <= n && s <= n, "a = \(a) and s = \(s) of n = \(n) cells")
    return try run(trials, largest: min(a, s), &generator, progress) { count, generator, histogram in
      var cells = ShuffledCells(n)
      cells.mark(cells.draw(s, &generator))
      for _ in 0..<count { histogram[cells.countMarked(a, &generator)] += 1 }
    }
  }

  /// Active synapses of a segment on `s` of a pattern's `a` cells when `v` of them are replaced.
  ///
  /// The cells that become active instead lie outside the pattern and therefore outside the segment.
  public static func noisyPatterns(
    a: Int, s: Int, v: Int, trials: Int, using generator: inout RandomGenerator,
    progress: Progress = { _ in }
  ) throws -> OverlapHistogram {
    precondition(s <= a && v <= a, "s = \(s) synapses and v = \(v) lost of a = \(a) cells")
    return try run(trials, largest: s, &generator, progress) { count, generator, histogram in
      var cells = ShuffledCells(a)
      cells.mark(cells.draw(s, &generator))
      for _ in 0..<count { histogram[s - cells.countMarked(v, &generator)] += 1 }
    }
  }

  /// Overlaps of random segments of `s` cells with the union of `count` random patterns of `a` cells.
  public static func activeUnions(
    n: Int, a: Int, s: Int, count: Int, trials: Int, using generator: inout RandomGenerator,
    progress: Progress = { _ in }
  ) throws -> OverlapHistogram {
    try unions(n, of: count, setsOf: a, probes: s, largest: s, trials, &generator, progress)
  }

  /// Overlaps of random patterns of `a` cells with a segment that stores `count` patterns by `s` cells each.
  public static func storedUnions(
    n: Int, a: Int, s: Int, count: Int, trials: Int, using generator: inout RandomGenerator,
    progress: Progress = { _ in }
  ) throws -> OverlapHistogram {
    try unions(n, of: count, setsOf: s, probes: a, largest: a, trials, &generator, progress)
  }

  private static func unions(
    _ n: Int, of count: Int, setsOf k: Int, probes: Int, largest: Int, _ trials: Int,
    _ generator: inout RandomGenerator, _ progress: Progress
  ) throws -> OverlapHistogram {
    precondition(k <= n && probes <= n, "sets of \(k) and \(probes) among \(n) cells")
    // A union costs as much to draw as `count` sets; it meets that many probes before the next one.
    let probesPerUnion = max(8, count)
    return try run(trials, largest: largest, &generator, progress) { trials, generator, histogram in
      var cells = ShuffledCells(n)
      for trial in 0..<trials {
        if trial % probesPerUnion == 0 {
          cells.unmarkAll()
          for _ in 0..<count { cells.mark(cells.draw(k, &generator)) }
        }
        histogram[cells.countMarked(probes, &generator)] += 1
      }
    }
  }

  /// Splits the trials into batches with generators of their own, a round of them between two reports.
  private static func run(
    _ trials: Int, largest: Int, _ generator: inout RandomGenerator, _ progress: Progress,
    _ body: @Sendable (Int, inout RandomGenerator, UnsafeMutablePointer<Int>) -> Void
  ) throws -> OverlapHistogram {
    precondition(trials > 0, "\(trials) trials")
    let root = RandomGenerator(seed: generator.next())
    var result = OverlapHistogram(counts: Array(repeating: 0, count: largest + 1))
    let batches = (trials + batch - 1) / batch
    let round = 16
    for first in stride(from: 0, to: batches, by: round) {
      let parts = parallelMap(min(round, batches - first)) { i -> [Int] in
        let index = first + i
        var own = root.split(index)
        var counts = [Int](repeating: 0, count: largest + 1)
        counts.withUnsafeMutableBufferPointer {
          body(min(batch, trials - index * batch), &own, $0.baseAddress!)
        }
        return counts
      }
      for part in parts { result.add(part) }
      try progress(min(trials, (first + round) * batch))
    }
    return result
  }
}

/// All cells in a random order that is stirred a little by every draw: the first cells after a partial shuffle are
/// a uniformly random set, whatever the order was before (Fisher and Yates).
private struct ShuffledCells {
  private var order: [Int32]
  private var marked: [UInt8]

  init(_ n: Int) {
    order = (0..<n).map { Int32($0) }
    marked = Array(repeating: 0, count: n)
  }

  mutating func mark(_ cells: [Int32]) { for cell in cells { marked[Int(cell)] = 1 } }

  mutating func unmarkAll() { for cell in marked.indices { marked[cell] = 0 } }

  /// A random set of `count` cells.
  mutating func draw(_ count: Int, _ generator: inout RandomGenerator) -> [Int32] {
    _ = countMarked(count, &generator)
    return Array(order[..<count])
  }

  /// Draws a random set of `count` cells and counts the marked ones among them.
  @inline(__always)
  mutating func countMarked(_ count: Int, _ generator: inout RandomGenerator) -> Int {
    let n = order.count
    return order.withUnsafeMutableBufferPointer { order in
      marked.withUnsafeBufferPointer { marked in
        var sum = 0
        for i in 0..<count {
          let j = i &+ generator.integer(below: n &- i)
          let cell = order[j]
          order[j] = order[i]
          order[i] = cell
          sum &+= Int(marked[Int(cell)])
        }
        return sum
      }
    }
  }
}
