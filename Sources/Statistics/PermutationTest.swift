import Support
import Tensors

/// Tests for every neuron whether its activity goes with labels or values of the samples, by permuting the samples.
///
/// The statistics are correlations, computed for many permutations and all neurons at once as a matrix product: 46,080
/// neurons of 1,000 samples take some seconds for 1,000 permutations. Under permutation the difference of two groups' means and Student's t of
/// equal variances are increasing functions of the correlation with membership, as F is of eta², so that their p-values are the same.
public struct PermutationTest: Sendable {
  public enum Tail: Sendable { case twoSided, greater, less }

  /// What a test of N neurons found.
  public struct Outcome: Sendable, Equatable {
    /// The observed statistic of each neuron; 0 for one that never changes.
    public var statistics: [Double]
    /// `(1 + permutations at least as extreme) / (1 + permutations)`, each neuron on its own.
    public var pValues: [Double]
    /// The same with the most extreme neuron of each permutation: the chance of any false rejection is kept at the
    /// level, and the dependence between neurons is accounted for (Westfall and Young, 1993).
    public var familyPValues: [Double]
    /// The most extreme statistic of each permutation, ascending; of absolute values in two-sided tests.
    public var maxima: [Double]
  }

  public var permutations = 1_000
  public var tail = Tail.twoSided
  /// Samples are exchanged only within the same stratum (a subject, a text), given for every sample; nil for all.
  public var strata: [Int]?

  public init(permutations: Int = 1_000, tail: Tail = .twoSided, strata: [Int]? = nil) {
    precondition(permutations > 0, "\(permutations) permutations")
    self.permutations = permutations
    self.tail = tail
    self.strata = strata
  }

  /// Whether members of a group differ from the others; the statistic is the point-biserial correlation.
  ///
  /// - Parameters:
  ///   - samples: `[S, N]`.
  ///   - isMember: For every sample.
  public func run(_ samples: Tensor, isMember: [Bool], using generator: inout RandomGenerator) -> Outcome {
    run(samples, values: isMember.map { $0 ? 1 : 0 }, using: &generator)
  }

  /// Whether activity goes up or down with a value of the samples; the statistic is Pearson's correlation.
  public func run(_ samples: Tensor, values: [Double], using generator: inout RandomGenerator) -> Outcome {
    let mean = values.reduce(0, +) / Double(values.count)
    let norm = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }.squareRoot()
    let target = values.map { norm > 0 ? Float(($0 - mean) / norm) : 0 }
    return run(Self.unit(samples), [target], Exchange(strata, values.count), using: &generator)
  }

  /// Whether the means differ between labels; the statistic is eta², the share of the variance that labels explain, and
  /// large is extreme.
  public func run(_ samples: Tensor, label: [Int], labels: Int, using generator: inout RandomGenerator)
    -> Outcome
  {
    let targets = SampleGroups(label, labels).positions.filter { !$0.isEmpty }.map { rows in
      var target = [Float](repeating: 0, count: label.count)
      for row in rows { target[row] = 1 / Float(rows.count).squareRoot() }
      return target
    }
    var test = self
    test.tail = .greater
    return test.run(
      Self.unit(samples), targets, Exchange(strata, label.count), squared: true, using: &generator)
  }

  /// Whether paired differences `[S, N]` lie on one side of 0, by changing signs of samples; the statistic is the mean over
  /// the root of the mean square.
  public func run(differences: Tensor, using generator: inout RandomGenerator) -> Outcome {
    let count = differences.size(0)
    let target = [Float](repeating: 1 / Float(count).squareRoot(), count: count)
    return run(Self.unit(differences, centred: false), [target], .signs, using: &generator)
  }

  /// What a permutation does to the samples.
  private enum Exchange {
    case positions([[Int]])
    case signs

    init(_ strata: [Int]?, _ samples: Int) {
      precondition(
        strata.map { $0.count == samples } ?? true, "\(strata?.count ?? 0) strata for \(samples) samples")
      let names = strata ?? Array(repeating: 0, count: samples)
      let groups = Dictionary(grouping: 0..<samples) { names[$0] }
      self = .positions(groups.sorted { $0.key < $1.key }.map(\.value))
    }

    func applied(to targets: [[Float]], using generator: inout RandomGenerator) -> [[Float]] {
      switch self {
      case .signs: return targets.map { $0.map { generator.next() >> 63 == 0 ? $0 : -$0 } }
      case .positions(let groups):
        var changed = targets
        for group in groups {
          var order = group
          generator.shuffle(&order)
          for (place, source) in zip(group, order) {
            for j in targets.indices { changed[j][place] = targets[j][source] }
          }
        }
        return changed
      }
    }
  }

  /// The columns of samples `[S, N]` with mean 0 and length 1; of constant ones nothing is left.
  private static func unit(_ samples: Tensor, centred: Bool = true) -> Tensor {
    precondition(samples.rank == 2 && samples.size(0) > 1, "samples \(samples.shape) should be [S, N], S > 1")
    return withoutGradients {
      let plain = samples.detached().to(.float32).to(.cpu)
      let moved = centred ? plain - plain.mean(axis: 0, keep: true) : plain
      let norms = moved.norm(axes: [0], keep: true)
      // Rounding leaves a trace of a constant: it is no variation.
      let scale = plain.abs().max(axes: [0], keep: true) * 1e-6 * Double(samples.size(0)).squareRoot()
      return (moved / norms.clamped(atLeast: 1e-30)).filled(norms .<= scale, with: 0).contiguous()
    }
  }

  /// Equal statistics that were summed in another order still count as equal.
  private static let rounding: Float = 2e-6

  private func run(
    _ unit: Tensor, _ targets: [[Float]], _ exchange: Exchange, squared: Bool = false,
    using generator: inout RandomGenerator
  ) -> Outcome {
    precondition(
      targets.allSatisfy { $0.count == unit.size(0) }, "labels of another number than \(unit.size(0)) samples"
    )
    let own = generator
    _ = generator.next()
    let observed = Torch.onOneThread { statistics(unit, [targets], squared) }
    // Few parts: changing libtorch's number of threads costs milliseconds.
    let size = (permutations + 4 * Threads.count - 1) / (4 * Threads.count)
    let parts = parallelMap((permutations + size - 1) / size) { part in
      var tally = Tally(observed, tail)
      Torch.onOneThread {
        let end = Swift.min((part + 1) * size, permutations)
        let chunk = Swift.max(1, 16 / targets.count)
        for start in stride(from: part * size, to: end, by: chunk) {
          let permuted = (start..<Swift.min(start + chunk, end)).map { index in
            var stream = own.split(index)
            return exchange.applied(to: targets, using: &stream)
          }
          tally.add(statistics(unit, permuted, squared))
        }
      }
      return tally
    }
    return outcome(observed, parts)
  }

  /// The statistics `[P · N]` for P sets of targets.
  private func statistics(_ unit: Tensor, _ sets: [[[Float]]], _ squared: Bool) -> [Float] {
    withoutGradients {
      let (count, neurons) = (sets[0].count, unit.size(1))
      let matrix = Tensor(sets.flatMap { $0.flatMap { $0 } }, shape: [sets.count * count, unit.size(0)])
      let products = matrix.matmul(unit)
      guard squared else { return products.floats }
      return products.reshaped(sets.count, count, neurons).square().sum(axis: 1).floats
    }
  }

  /// How often each neuron was at least as extreme as observed, and the largest extremity of each permutation.
  private struct Tally {
    private(set) var counts: [Int32]
    private(set) var maxima: [Float] = []
    private let limits: [Float]
    private let tail: Tail

    init(_ observed: [Float], _ tail: Tail) {
      counts = Array(repeating: 0, count: observed.count)
      limits = observed.map { tail.extremity($0) - PermutationTest.rounding }
      self.tail = tail
    }

    mutating func add(_ values: [Float]) {
      let (neurons, limits, tail) = (limits.count, limits, tail)
      values.withUnsafeBufferPointer { values in
        counts.withUnsafeMutableBufferPointer { counts in
          for start in stride(from: 0, to: values.count, by: neurons) {
            var largest = -Float.infinity
            for n in 0..<neurons {
              let extremity = tail.extremity(values[start + n])
              counts[n] &+= extremity >= limits[n] ? 1 : 0
              largest = extremity > largest ? extremity : largest
            }
            maxima.append(largest)
          }
        }
      }
    }
  }

  private func outcome(_ observed: [Float], _ parts: [Tally]) -> Outcome {
    var counts = [Int](repeating: 0, count: observed.count)
    for part in parts { for n in counts.indices { counts[n] += Int(part.counts[n]) } }
    let maxima = parts.flatMap(\.maxima).sorted()
    let total = Double(permutations + 1)
    let family = observed.map { value in
      let limit = tail.extremity(value) - Self.rounding
      return Double(1 + maxima.count - maxima.partitioningIndex { $0 >= limit }) / total
    }
    return Outcome(
      statistics: observed.map(Double.init), pValues: counts.map { Double($0 + 1) / total },
      familyPValues: family,
      maxima: maxima.map(Double.init))
  }
}

extension PermutationTest.Tail {
  /// How extreme a statistic is.
  @inline(__always)
  fileprivate func extremity(_ value: Float) -> Float {
    switch self {
    case .twoSided: abs(value)
    case .greater: value
    case .less: -value
    }
  }
}

extension Array {
  /// The first position at which an ascending condition is true; the count if nowhere.
  fileprivate func partitioningIndex(_ isTrue: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isTrue(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
