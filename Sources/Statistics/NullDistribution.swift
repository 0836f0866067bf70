import Support
import Tensors

/// A statistic beside its values under permutations of the samples: the one way in which comparisons of populations are tested.
///
/// ```swift
/// let test = NullDistribution.permuting(samples, .circular(least: 50), using: &generator) { order in
///   similarity(a, b.rows(order))
/// }
/// ```
public struct NullDistribution: Sendable, Equatable {
  /// What a permutation does to the order of samples.
  public enum Exchange: Sendable, Equatable {
    /// Any sample may take any place.
    case free
    /// Only samples of the same stratum (a subject, a session) are exchanged; its number for every sample.
    case within([Int])
    /// The whole series is shifted in a circle, by at least so many samples either way: for series whose neighbours
    /// resemble each other, where free exchange finds significance in anything slow.
    case circular(least: Int)
  }

  public let observed: Double
  /// The statistic of every permutation, in ascending order.
  public let null: [Double]

  public init(observed: Double, null: [Double]) {
    (self.observed, self.null) = (observed, null.sorted())
  }

  /// Whether so large a value comes by chance: `(1 + permutations at least as large) / (1 + permutations)`.
  public var pGreater: Double { share { $0 >= observed - rounding } }
  /// Whether so small a value comes by chance.
  public var pLess: Double { share { $0 <= observed + rounding } }
  /// The mean under permutation: what chance alone gives.
  public var mean: Double { null.reduce(0, +) / Double(null.count) }
  /// The distance from that mean in standard deviations of the null; 0 where no permutation changes anything.
  public var z: Double {
    let deviation = Spread(null).deviation
    return deviation > 0 ? (observed - mean) / deviation : 0
  }

  /// Equal statistics that were summed in another order still count as equal.
  private var rounding: Double { 1e-12 * Swift.max(1, abs(observed)) }

  private func share(_ isExtreme: (Double) -> Bool) -> Double {
    Double(1 + null.count(where: isExtreme)) / Double(1 + null.count)
  }

  /// The statistic of samples in their own order and in random ones.
  ///
  /// - Parameters:
  ///   - samples: How many there are.
  ///   - statistic: Of the second population with its samples in this order; called from several threads.
  ///   - generator: Draws do not depend on the number of threads.
  ///   - usesTensors: Whether the statistic is computed by tensors: they run on one thread in each part then.
  public static func permuting(
    _ samples: Int, _ exchange: Exchange = .free, permutations: Int = 1_000, usesTensors: Bool = false,
    using generator: inout RandomGenerator, statistic: @Sendable ([Int]) -> Double
  ) -> NullDistribution {
    precondition(permutations > 0 && samples > 1, "\(permutations) permutations of \(samples) samples")
    let own = generator
    _ = generator.next()
    let observed = statistic(Array(0..<samples))
    // Few parts: changing libtorch's number of threads costs milliseconds.
    let size = (permutations + 4 * Threads.count - 1) / (4 * Threads.count)
    let null = parallelMap((permutations + size - 1) / size) { part in
      let indices = part * size..<Swift.min((part + 1) * size, permutations)
      func values() -> [Double] {
        indices.map { index in
          var stream = own.split(index)
          return statistic(order(samples, exchange, &stream))
        }
      }
      return usesTensors ? Torch.onOneThread(values) : values()
    }.flatMap { $0 }
    return NullDistribution(observed: observed, null: null)
  }

  /// A random order of the samples.
  public static func order(_ samples: Int, _ exchange: Exchange, _ generator: inout RandomGenerator) -> [Int]
  {
    switch exchange {
    case .free: return generator.permutation(samples)
    case .circular(let least):
      precondition(least > 0 && 2 * least <= samples, "shifts by at least \(least) of \(samples) samples")
      let shift = least + generator.integer(below: samples - 2 * least + 1)
      return (0..<samples).map { ($0 + shift) % samples }
    case .within(let strata):
      precondition(strata.count == samples, "\(strata.count) strata for \(samples) samples")
      var order = Array(0..<samples)
      let groups = Dictionary(grouping: order) { strata[$0] }
      for (_, places) in groups.sorted(by: { $0.key < $1.key }) {
        var taken = places
        generator.shuffle(&taken)
        for (place, source) in zip(places, taken) { order[place] = source }
      }
      return order
    }
  }
}
