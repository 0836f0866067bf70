import Statistics
import Support
import Tensors

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
    let members = Dictionary(grouping: labels.indices) { labels[$0] }.sorted { $0.key < $1.key }
    let groups = members.map { (_, units: [Int]) -> JointGroup in
      JointGroup(
        first: units.filter { $0 < count }, second: units.filter { $0 >= count }.map { $0 - count },
        correlations, ridge: ridge)
    }
    return groups.sorted { $0.meanCorrelation > $1.meanCorrelation }
  }
}
