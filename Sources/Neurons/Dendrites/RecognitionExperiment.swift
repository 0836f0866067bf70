import Foundation
import Support

/// Stores patterns on a neuron, one segment each, and measures at every threshold how often it fires at
/// patterns it has never seen and how often it misses noisy copies of its own, beside what the theory says for
/// independent cells.
///
/// Takes any binary data: spike counts cut into 0 and 1, sparse layers of a network, encoded images.
public struct RecognitionExperiment: Sendable {
  /// The errors at one threshold.
  public struct Row: Sendable {
    /// Active synapses that make a spike.
    public var theta: Int
    /// Unseen patterns at which some segment fires.
    public var neuronFalsePositive: BinomialEstimate
    /// Pairs of a segment and an unseen pattern in which it fires.
    public var segmentFalsePositive: BinomialEstimate
    /// Noisy copies that their own segment misses.
    public var falseNegative: BinomialEstimate
    /// The exact rate of the neuron for patterns of the same sizes with independent cells.
    public var expectedNeuronFalsePositive: Double
    /// The same for one segment.
    public var expectedSegmentFalsePositive: Double
    /// The exact rate of missed noisy copies.
    public var expectedFalseNegative: Double
  }

  /// Cells in the population.
  public let n: Int
  /// Synapses of a segment.
  public let synapses: Int
  /// Stored patterns, one segment each.
  public let segments: Int
  /// The errors at thresholds 1 to ``synapses``.
  public let rows: [Row]

  /// - Parameters:
  ///   - stored: patterns the neuron knows; empty ones are left out.
  ///   - unseen: patterns it should ignore.
  ///   - synapses: cells of a pattern that its segment samples.
  ///   - noise: share of the active cells that a noisy copy replaces.
  ///   - copies: noisy copies of every stored pattern.
  /// - Throws: `CajalError` for too few patterns or different numbers of cells.
  public init(
    stored: [SDR], unseen: [SDR], synapses: Int, noise: Double, copies: Int = 1,
    using generator: inout RandomGenerator
  ) throws {
    let stored = stored.filter { $0.activeCount > 0 }
    guard !stored.isEmpty, !unseen.isEmpty else {
      throw CajalError("\(stored.count) stored and \(unseen.count) unseen patterns are too few")
    }
    let segmentSets = stored.map { $0.subsample(synapses, using: &generator) }
    let matrix = try SDRMatrix(segmentSets)
    let overlaps = matrix.histograms(try SDRMatrix(unseen), upTo: synapses)
    let survivors = Self.noisyOverlaps(stored, segmentSets, noise, copies, synapses, &generator)
    let theory = Theory(stored, unseen, synapses, noise)
    n = matrix.n
    self.synapses = synapses
    segments = stored.count
    rows = (1...synapses).map { theta in
      let firing = overlaps.map { $0.dropFirst(theta).reduce(0) { $0 + Int($1) } }
      return Row(
        theta: theta,
        neuronFalsePositive: .init(events: firing.count { $0 > 0 }, trials: unseen.count),
        segmentFalsePositive: .init(events: firing.reduce(0, +), trials: unseen.count * stored.count),
        falseNegative: survivors.silent(theta: theta),
        expectedNeuronFalsePositive: theory.neuronFalsePositive(theta),
        expectedSegmentFalsePositive: theory.segmentFalsePositive(theta),
        expectedFalseNegative: theory.falseNegative(theta))
    }
  }

  /// The thresholds at which the neuron's measured errors stay at or below both limits.
  public func thresholds(falsePositive: Double, falseNegative: Double) -> [Int] {
    rows.filter { $0.neuronFalsePositive.rate <= falsePositive && $0.falseNegative.rate <= falseNegative }
      .map(\.theta)
  }

  /// The thresholds at which the theory expects the same.
  public func expectedThresholds(falsePositive: Double, falseNegative: Double) -> [Int] {
    rows.filter {
      $0.expectedNeuronFalsePositive <= falsePositive && $0.expectedFalseNegative <= falseNegative
    }.map(\.theta)
  }

  /// The threshold with the smallest mean of both error rates.
  public var best: Row {
    rows.min {
      $0.neuronFalsePositive.rate + $0.falseNegative.rate < $1.neuronFalsePositive.rate
        + $1.falseNegative.rate
    }!
  }

  /// How many cells a noisy copy replaces: never more than the pattern has or the silent cells allow.
  public static func replaced(_ pattern: SDR, noise: Double) -> Int {
    min(Int((noise * Double(pattern.activeCount)).rounded()), pattern.n - pattern.activeCount)
  }

  private static func noisyOverlaps(
    _ stored: [SDR], _ segments: [SDR], _ noise: Double, _ copies: Int, _ synapses: Int,
    _ generator: inout RandomGenerator
  ) -> OverlapHistogram {
    let root = RandomGenerator(seed: generator.next())
    let overlaps = parallelMap(stored.count) { index -> [Int] in
      var own = root.split(index)
      let v = replaced(stored[index], noise: noise)
      return (0..<copies).map { _ in stored[index].withNoise(v, using: &own).overlap(segments[index]) }
    }
    var counts = [Int](repeating: 0, count: synapses + 1)
    for overlap in overlaps.joined() { counts[overlap] += 1 }
    return OverlapHistogram(counts: counts)
  }

  /// The theory averaged over the sizes that patterns and segments really have.
  private struct Theory {
    let n: Int
    /// Sizes of unseen patterns, of segments, of stored patterns, and how many have them.
    let unseen: [Int: Int]
    let segments: [Int: Int]
    let stored: [Int: (count: Int, v: Int)]
    let synapses: Int

    init(_ stored: [SDR], _ unseen: [SDR], _ synapses: Int, _ noise: Double) {
      n = stored[0].n
      self.synapses = synapses
      self.unseen = unseen.reduce(into: [:]) { $0[$1.activeCount, default: 0] += 1 }
      segments = stored.reduce(into: [:]) { $0[min(synapses, $1.activeCount), default: 0] += 1 }
      self.stored = stored.reduce(into: [:]) { sizes, pattern in
        let known = sizes[pattern.activeCount]?.count ?? 0
        sizes[pattern.activeCount] = (known + 1, RecognitionExperiment.replaced(pattern, noise: noise))
      }
    }

    func neuronFalsePositive(_ theta: Int) -> Double {
      mean(unseen) { a in
        // log of the chance that every segment stays silent; sums, not products, keep small rates exact.
        let silent = segments.sorted { $0.key < $1.key }.reduce(0.0) { sum, entry in
          let p = RecognitionTheory.falsePositive(n: n, a: a, s: entry.key, theta: theta)
          return sum + Double(entry.value) * log1p(-p)
        }
        return -expm1(silent)
      }
    }

    func segmentFalsePositive(_ theta: Int) -> Double {
      mean(unseen) { a in
        mean(segments) { RecognitionTheory.falsePositive(n: n, a: a, s: $0, theta: theta) }
      }
    }

    func falseNegative(_ theta: Int) -> Double {
      let total = stored.reduce(0) { $0 + $1.value.count }
      return stored.sorted { $0.key < $1.key }.reduce(0) { sum, entry in
        let s = min(synapses, entry.key)
        return sum + Double(entry.value.count)
          * RecognitionTheory.falseNegative(a: entry.key, s: s, theta: theta, v: entry.value.v)
      } / Double(total)
    }

    private func mean(_ sizes: [Int: Int], _ value: (Int) -> Double) -> Double {
      // In order of size: sums must not depend on the order of a dictionary.
      sizes.sorted { $0.key < $1.key }.reduce(0) { $0 + Double($1.value) * value($1.key) }
        / Double(sizes.reduce(0) { $0 + $1.value })
    }
  }
}
