import Support

/// Patterns whose cells come in clusters that fire together (data generator 2).
///
/// For each cluster size c a pool of ⌊K / c⌋ random clusters of c cells is drawn, K being uniform in [n, 3n); a
/// pattern takes a/2 random clusters, adds whole ones while they fit into its `a` cells, and fills up
/// with random cells. Fewer and larger clusters make the cells depend more on each other.
public struct CorrelatedPatterns: Sendable {
  /// Cells in the population.
  public let n: Int
  /// Active cells of a pattern.
  public let a: Int
  /// The pool, each cluster the cells that fire together.
  public let clusters: [[Int]]

  /// - Parameters:
  ///   - clusterSizes: the sizes in the pool, each once.
  /// - Throws: `CajalError` when a cluster size does not fit into a pattern.
  public init(n: Int, a: Int, clusterSizes: [Int], using generator: inout RandomGenerator) throws {
    guard a <= n else { throw CajalError("cannot activate \(a) of \(n) cells") }
    guard !clusterSizes.isEmpty, clusterSizes.allSatisfy({ (1...a).contains($0) }) else {
      throw CajalError("cluster sizes \(clusterSizes) should lie between 1 and the \(a) active cells")
    }
    self.n = n
    self.a = a
    var pool: [[Int]] = []
    for size in clusterSizes {
      let cells = n + generator.integer(below: 2 * n)
      for _ in 0..<(cells / size) { pool.append(generator.subset(size, of: n)) }
    }
    clusters = pool
  }

  /// A pool as the paper's correlation experiment draws it: sizes from 2 to 9, how many of them at
  /// random (one size is three times as likely as any number from two to seven is once, two twice).
  public static func randomPool(
    n: Int, a: Int, using generator: inout RandomGenerator
  ) throws -> CorrelatedPatterns {
    let numbers = [1, 1, 1, 2, 2, 3, 4, 5, 6, 7]
    let count = numbers[generator.integer(below: numbers.count)]
    let sizes = generator.subset(count, of: 8).map { $0 + 2 }
    return try CorrelatedPatterns(n: n, a: a, clusterSizes: sizes, using: &generator)
  }

  /// One pattern of exactly `a` cells.
  public func pattern(using generator: inout RandomGenerator) -> SDR {
    var cells = Set<Int>(minimumCapacity: a)
    let order = generator.subset(min(a / 2, clusters.count), of: clusters.count)
    var places = order
    generator.shuffle(&places)
    for place in places where cells.count + clusters[place].count <= a {
      cells.formUnion(clusters[place])
    }
    while cells.count < a { cells.insert(generator.integer(below: n)) }
    return SDR(sortedUnique: cells.sorted().map { Int32($0) }, n: n)
  }

  /// `count` patterns.
  public func patterns(_ count: Int, using generator: inout RandomGenerator) -> [SDR] {
    (0..<count).map { _ in pattern(using: &generator) }
  }
}

/// The two classes of Poirazi and Mel's classification task as sparse patterns (data generator 3).
///
/// Both classes are linear images of the same products of four normal variables; the second class's matrix is the
/// first one's with normal noise. Each of the 40 dimensions is cut into 10 bins of equal frequency over all
/// samples and coded one-hot: n = 400, a = 40.
public struct PoiraziMelPatterns: Sendable {
  /// Patterns of the first and of the second class.
  public let positive: [SDR]
  /// Cells in the population.
  public let negative: [SDR]

  /// Draws both classes anew.
  public init(
    perClass count: Int, dimensions: Int = 40, bins: Int = 10, using generator: inout RandomGenerator
  ) {
    precondition(
      count > 0 && dimensions > 4 && bins > 1, "\(count) samples, \(dimensions) dimensions, \(bins) bins")
    let first = (0..<(dimensions * dimensions)).map { _ in 2 * generator.uniform() - 1 }
    let second = first.map { $0 + generator.normal() }
    var samples: [[Double]] = []
    for sample in 0..<(2 * count) {
      samples.append(Self.sample(sample < count ? first : second, dimensions, &generator))
    }
    let codes = Self.oneHot(samples, dimensions, bins)
    positive = Array(codes[..<count])
    negative = Array(codes[count...])
  }

  private static func sample(
    _ matrix: [Double], _ dimensions: Int, _ generator: inout RandomGenerator
  ) -> [Double] {
    var z = (0..<dimensions).map { _ in generator.normal() }
    for constant in (dimensions - 4)..<dimensions { z[constant] = 1 }
    let products = (0..<dimensions).map { _ in
      (0..<4).reduce(1.0) { product, _ in product * z[generator.integer(below: dimensions)] }
    }
    return (0..<dimensions).map { row in
      (0..<dimensions).reduce(0.0) { $0 + matrix[row * dimensions + $1] * products[$1] }
    }
  }

  private static func oneHot(_ samples: [[Double]], _ dimensions: Int, _ bins: Int) -> [SDR] {
    var active = [[Int32]](repeating: [], count: samples.count)
    for dimension in 0..<dimensions {
      let order = samples.indices.sorted { samples[$0][dimension] < samples[$1][dimension] }
      for (rank, sample) in order.enumerated() {
        active[sample].append(Int32(dimension * bins + rank * bins / samples.count))
      }
    }
    return active.map { SDR(sortedUnique: $0, n: dimensions * bins) }
  }
}
