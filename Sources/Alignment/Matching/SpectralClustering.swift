import Foundation
import Statistics
import Support
import Tensors

/// Groups of mutually similar units, from the eigenvectors of their graph's normalised Laplacian (Ng, Jordan and Weiss, 2002);
/// of the joint correlations of two populations, groups that span both (Convergent Learning, section 5).
public struct SpectralClustering: Sendable {
  /// The eigenvalues of the Laplacian, ascending; the number of zeros is that of parts without any link.
  public let eigenvalues: [Double]
  /// Eigenvectors in columns, `[N, N]`.
  private let vectors: [Double]

  /// - Parameter similarity: `[N, N]`, symmetric; absolute values are the weights of links, the diagonal does not count.
  /// - Throws: `CajalError` for a matrix that is not so.
  public init(_ similarity: Tensor) throws {
    guard similarity.rank == 2, similarity.size(0) == similarity.size(1), similarity.count > 0 else {
      throw CajalError("similarities of the shape \(similarity.shape), expected a square matrix")
    }
    guard (similarity - similarity.transposed()).abs().max().item <= 1e-9 else {
      throw CajalError("similarities are not symmetric, as those of one set of units should be")
    }
    let laplacian = Self.laplacian(similarity.detached().to(.float64))
    let (values, columns) = laplacian.eigh()
    (eigenvalues, vectors) = (values.doubles, columns.contiguous().doubles)
  }

  /// `I - D^-1/2 W D^-1/2` of `W = |similarity|` without its diagonal; a unit without links stands alone.
  static func laplacian(_ similarity: Tensor) -> Tensor {
    let count = similarity.size(0)
    let identity = Tensor.eye(count, nil, .float64)
    let weights = similarity.abs() * (1 - identity)
    let degrees = weights.sum(axis: 1).doubles
    let scale = Tensor(degrees.map { $0 > 0 ? 1 / $0.squareRoot() : 0 })
    return identity - weights * scale.outer(scale)
  }

  /// The number of groups, within `range`, behind which the eigenvalues jump most.
  public func eigengap(in range: ClosedRange<Int>) -> Int {
    let candidates = range.filter { $0 >= 1 && $0 < eigenvalues.count }
    precondition(!candidates.isEmpty, "\(range) groups of \(eigenvalues.count) units")
    return candidates.max {
      (eigenvalues[$0] - eigenvalues[$0 - 1], $1) < (eigenvalues[$1] - eigenvalues[$1 - 1], $0)
    }!
  }

  /// The group of each unit: k-means of the rows of the first `count` eigenvectors, each of length 1.
  public func groups(_ count: Int, restarts: Int = 10, using generator: inout RandomGenerator) -> [Int] {
    let size = eigenvalues.count
    precondition((1...size).contains(count), "\(count) groups of \(size) units")
    let rows = (0..<size).map { unit -> [Double] in
      let row = Array(vectors[unit * size..<unit * size + count])
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return length > 0 ? row.map { $0 / length } : row
    }
    return KMeans.fit(rows, count: count, restarts: restarts, using: &generator).labels
  }
}

/// A group of units of two populations.
public struct JointGroup: Sendable, Equatable {
  /// Its units in the first population, and in the second.
  public let first: [Int]
  public let second: [Int]
  /// The mean absolute correlation of its pairs, within both populations and between them.
  public let meanCorrelation: Double
  /// The canonical correlations between its two sides; empty unless it has units of both.
  public let canonical: [Double]
  /// The mean absolute correlation of its best one-to-one pairs; not a number unless it has units of both.
  public let paired: Double
  /// The absolute correlation of its best pair; not a number unless it has units of both.
  public let bestPair: Double

  /// Whether it has at least `least` units of either population.
  public func isMixed(_ least: Int = 1) -> Bool { first.count >= least && second.count >= least }
  /// How much better the spaces of the two sides agree than their units do.
  public var subspaceGain: Double { canonical.reduce(0, +) / Double(canonical.count) - paired }

  /// How much better the leading directions of the two sides agree than any two units do.
  public var leadingGain: Double { (canonical.first ?? .nan) - bestPair }

  /// - Parameter ridge: Added to the variances of 1, for groups of units that nearly repeat each other.
  public init(first: [Int], second: [Int], _ correlations: PopulationCorrelations, ridge: Double = 1e-4) {
    (self.first, self.second) = (first, second)
    let count = correlations.withinFirst.size(0)
    let members = Tensor(first + second.map { $0 + count })
    let block = correlations.joint.selected(members, axis: 0).selected(members, axis: 1)
    let size = Double(members.count)
    meanCorrelation =
      size > 1
      ? (block.abs().sum().item - block.diagonal().abs().sum().item) / (size * (size - 1)) : 0
    guard !first.isEmpty, !second.isEmpty else {
      (canonical, paired, bestPair) = ([], .nan, .nan)
      return
    }
    let (a, b) = (Tensor(first), Tensor(second))
    let between = correlations.between.selected(a, axis: 0).selected(b, axis: 1)
    canonical = CanonicalCorrelation.ofCovariances(
      correlations.withinFirst.selected(a, axis: 0).selected(a, axis: 1), between,
      correlations.withinSecond.selected(b, axis: 0).selected(b, axis: 1), ridge: ridge)
    paired = UnitMatching.oneToOne(between, .absolute).mean
    bestPair = between.abs().max().item
  }

  /// The groups that labels of the joint units make, the most correlated first.
  public static func all(_ labels: [Int], _ correlations: PopulationCorrelations, ridge: Double = 1e-4)
    -> [JointGroup]
  {
    let count = correlations.withinFirst.size(0)
    precondition(
      labels.count == count + correlations.withinSecond.size(0), "\(labels.count) labels for the joint units")
    let groups = Dictionary(grouping: labels.indices) { labels[$0] }.sorted { $0.key < $1.key }.map {
      _, units in
      JointGroup(
        first: units.filter { $0 < count }, second: units.filter { $0 >= count }.map { $0 - count },
        correlations, ridge: ridge)
    }
    return groups.sorted { $0.meanCorrelation > $1.meanCorrelation }
  }
}
