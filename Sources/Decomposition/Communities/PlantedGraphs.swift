import Foundation
import Support

/// Weighted graphs drawn from stochastic block models.
public struct PlantedGraphs: Sendable, Equatable {
  /// Nodes of each group.
  public var sizes: [Int]
  /// Expected density of edges between two groups, `[B][B]`.
  public var densities: [[Double]]
  /// Mean of the exponentially distributed weights between two groups, `[B][B]`.
  public var meanWeights: [[Double]]
  /// Exponent of the power law from which the nodes' propensities are drawn (degree-corrected), truncated to 1...10; nil for
  /// equal ones.
  public var propensityExponent: Double?

  public init(
    sizes: [Int], densities: [[Double]], meanWeights: [[Double]], propensityExponent: Double? = nil
  ) {
    let count = sizes.count
    precondition(
      count > 0 && densities.count == count && meanWeights.count == count
        && (densities + meanWeights).allSatisfy { $0.count == count },
      "\(count) groups with densities of \(densities.count) and weights of \(meanWeights.count)")
    self.sizes = sizes
    self.densities = densities
    self.meanWeights = meanWeights
    self.propensityExponent = propensityExponent
  }

  /// Groups of one size with one density and mean weight inside and another between.
  public init(
    groups: Int, size: Int, inside: (density: Double, weight: Double),
    between: (density: Double, weight: Double),
    propensityExponent: Double? = nil
  ) {
    func matrix(_ inner: Double, _ outer: Double) -> [[Double]] {
      (0..<groups).map { r in (0..<groups).map { $0 == r ? inner : outer } }
    }
    self.init(
      sizes: [Int](repeating: size, count: groups), densities: matrix(inside.density, between.density),
      meanWeights: matrix(inside.weight, between.weight), propensityExponent: propensityExponent)
  }

  /// A graph and the group of every node.
  public func draw(using generator: inout RandomGenerator) throws -> (graph: WeightedGraph, labels: [Int]) {
    let labels = sizes.enumerated().flatMap { [Int](repeating: $0, count: $1) }
    var propensities = labels.map { _ in 1.0 }
    if let exponent = propensityExponent {
      for node in labels.indices {
        let power = 1 - exponent
        propensities[node] = pow(1 + generator.uniform() * (pow(10, power) - 1), 1 / power)
      }
      // Mean 1 within each group, so that densities stay what they are.
      for (group, size) in sizes.enumerated() {
        let members = labels.indices.filter { labels[$0] == group }
        let mean = members.reduce(0) { $0 + propensities[$1] } / Double(size)
        for node in members { propensities[node] /= mean }
      }
    }
    var edges: [WeightedGraph.Edge] = []
    for a in labels.indices {
      for b in a + 1..<max(a + 1, labels.count) {
        let expected = densities[labels[a]][labels[b]] * propensities[a] * propensities[b]
        guard generator.uniform() < expected else { continue }
        let weight = -meanWeights[labels[a]][labels[b]] * log(1 - generator.uniform())
        edges.append(.init(a, b, weight: max(weight, 1e-12)))
      }
    }
    return (try WeightedGraph(count: labels.count, edges: edges), labels)
  }
}
