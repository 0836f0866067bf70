import Foundation
import Support

/// Weighted graphs with planted communities whose topology and weights mix separately, after Lancichinetti and Fortunato (2009).
///
/// Degrees follow a power law; a node spends `1 - topologyMixing` of its degree and `1 - weightMixing` of its strength (degree to the power
/// `strengthExponent`) within its community. Where a community is so large that its outer edges find no partners outside, some are
/// dropped: graphs have up to a third fewer edges than asked for.
public struct WeightedBenchmarkGraphs: Sendable, Equatable {
  public var nodes = 125
  public var meanDegree = 25.0
  public var largestDegree = 100
  public var degreeExponent = 2.0
  public var communityExponent = 1.0
  public var communitySizes = 10...100
  public var topologyMixing = 0.5
  public var weightMixing = 0.5
  public var strengthExponent = 2.0

  public init() {}

  /// A graph and the community of every node.
  ///
  /// - Throws: `CajalError` for settings that no graph can have.
  public func draw(using generator: inout RandomGenerator) throws -> (graph: WeightedGraph, labels: [Int]) {
    guard nodes >= communitySizes.lowerBound, meanDegree >= 1, Double(largestDegree) > meanDegree,
      largestDegree < nodes, (0...1).contains(topologyMixing), (0...1).contains(weightMixing)
    else {
      throw CajalError(
        "no weighted benchmark graph of \(nodes) nodes with mean degree \(meanDegree) up to \(largestDegree), mixing \(topologyMixing) and \(weightMixing), communities of \(communitySizes)"
      )
    }
    let least = leastDegree
    for _ in 0..<200 {
      let degrees = (0..<nodes).map { _ in
        Int(powerLaw(least, Double(largestDegree), degreeExponent, &generator).rounded())
      }
      let sizes = communities(&generator)
      let inner = degrees.map { Int((Double($0) * (1 - topologyMixing)).rounded()) }
      let outer = zip(degrees, inner).map { $0 - $1 }
      guard let labels = assigned(inner, sizes, &generator) else { continue }
      var pairs = Set<Int>()
      for community in sizes.indices {
        wire(labels.indices.filter { labels[$0] == community }, inner, { _, _ in true }, &pairs, &generator)
      }
      wire(Array(0..<nodes), outer, { labels[$0] != labels[$1] }, &pairs, &generator)
      let edges = pairs.sorted().map { WeightedGraph.Edge($0 / nodes, $0 % nodes) }
      return (try WeightedGraph(count: nodes, edges: weighted(edges, labels, degrees)), labels)
    }
    throw CajalError("no communities of \(communitySizes) hold the inner degrees of 200 draws")
  }

  private func powerLaw(
    _ low: Double, _ high: Double, _ exponent: Double, _ generator: inout RandomGenerator
  ) -> Double {
    let u = generator.uniform()
    if abs(exponent - 1) < 1e-9 { return low * pow(high / low, u) }
    let power = 1 - exponent
    return pow(pow(low, power) + u * (pow(high, power) - pow(low, power)), 1 / power)
  }

  /// The lower end of the degrees that gives their mean.
  private var leastDegree: Double {
    let high = Double(largestDegree)
    func mean(_ low: Double) -> Double {
      // The mean of the truncated power law, by its quantiles.
      let steps = 2_000
      return (0..<steps).reduce(0) { sum, step in
        let u = (Double(step) + 0.5) / Double(steps)
        let power = 1 - degreeExponent
        return sum
          + (abs(power) < 1e-9
            ? low * pow(high / low, u)
            : pow(pow(low, power) + u * (pow(high, power) - pow(low, power)), 1 / power))
      } / Double(steps)
    }
    var (low, up) = (0.5, meanDegree)
    for _ in 0..<50 {
      let middle = (low + up) / 2
      if mean(middle) < meanDegree { low = middle } else { up = middle }
    }
    return (low + up) / 2
  }

  /// Sizes that add up to the number of nodes.
  private func communities(_ generator: inout RandomGenerator) -> [Int] {
    let (low, high) = (communitySizes.lowerBound, min(communitySizes.upperBound, nodes))
    var (sizes, left) = ([Int](), nodes)
    while left > 0 {
      let size = Int(powerLaw(Double(low), Double(high), communityExponent, &generator).rounded())
      // What would be too small a rest joins this one.
      let taken = left - size < low ? left : size
      sizes.append(min(taken, left))
      left -= sizes.last!
    }
    return sizes
  }

  /// Communities with room for the inner degrees of their members; nil where there are none.
  private func assigned(_ inner: [Int], _ sizes: [Int], _ generator: inout RandomGenerator) -> [Int]? {
    guard inner.max()! < sizes.max()! else { return nil }
    var labels = [Int](repeating: -1, count: nodes)
    var members = [[Int]](repeating: [], count: sizes.count)
    var homeless = generator.permutation(nodes)
    for _ in 0..<nodes * 100 {
      guard let node = homeless.popLast() else { return labels }
      let fitting = sizes.indices.filter { inner[node] < sizes[$0] }
      let community = fitting[generator.integer(below: fitting.count)]
      if members[community].count == sizes[community] {
        let evicted = members[community].remove(at: generator.integer(below: sizes[community]))
        labels[evicted] = -1
        homeless.insert(evicted, at: 0)
      }
      members[community].append(node)
      labels[node] = community
    }
    return nil
  }

  /// Pairs the ends of edges at random; pairs that may not be are exchanged with pairs made before, and dropped where that does not
  /// help.
  private func wire(
    _ members: [Int], _ degrees: [Int], _ mayBe: (Int, Int) -> Bool, _ pairs: inout Set<Int>,
    _ generator: inout RandomGenerator
  ) {
    var ends = members.flatMap { [Int](repeating: $0, count: degrees[$0]) }
    func key(_ a: Int, _ b: Int) -> Int { min(a, b) * nodes + max(a, b) }
    func fits(_ a: Int, _ b: Int, _ pairs: Set<Int>) -> Bool {
      a != b && mayBe(a, b) && !pairs.contains(key(a, b))
    }
    var made: [(Int, Int)] = []
    generator.shuffle(&ends)
    var left: [(Int, Int)] = []
    for start in stride(from: 0, to: ends.count - 1, by: 2) {
      let (a, b) = (ends[start], ends[start + 1])
      if fits(a, b, pairs) {
        pairs.insert(key(a, b))
        made.append((a, b))
      } else {
        left.append((a, b))
      }
    }
    for (a, b) in left where !made.isEmpty {
      for _ in 0..<400 {
        let index = generator.integer(below: made.count)
        let (c, d) = generator.uniform() < 0.5 ? made[index] : (made[index].1, made[index].0)
        guard fits(a, c, pairs), fits(b, d, pairs), key(a, c) != key(b, d) else { continue }
        pairs.remove(key(c, d))
        pairs.formUnion([key(a, c), key(b, d)])
        made[index] = (a, c)
        made.append((b, d))
        break
      }
    }
  }

  /// Weights whose sums over inner and outer edges come near the strengths asked for.
  private func weighted(_ edges: [WeightedGraph.Edge], _ labels: [Int], _ degrees: [Int]) -> [WeightedGraph
    .Edge]
  {
    let strengths = degrees.map { pow(Double($0), strengthExponent) }
    let isInner = edges.map { labels[$0.a] == labels[$0.b] }
    var counts = [[Double]](repeating: [0, 0], count: nodes)
    for (edge, inner) in zip(edges, isInner) {
      counts[edge.a][inner ? 0 : 1] += 1
      counts[edge.b][inner ? 0 : 1] += 1
    }
    func asked(_ node: Int, _ inner: Bool) -> Double {
      (inner ? 1 - weightMixing : weightMixing) * strengths[node]
    }
    var edges = edges
    for index in edges.indices {
      let (inner, side) = (isInner[index], isInner[index] ? 0 : 1)
      edges[index].weight =
        (asked(edges[index].a, inner) / counts[edges[index].a][side]
          + asked(edges[index].b, inner) / counts[edges[index].b][side]) / 2
    }
    for _ in 0..<10 {
      var sums = [[Double]](repeating: [0, 0], count: nodes)
      for (edge, inner) in zip(edges, isInner) {
        sums[edge.a][inner ? 0 : 1] += edge.weight
        sums[edge.b][inner ? 0 : 1] += edge.weight
      }
      for index in edges.indices {
        let (edge, inner, side) = (edges[index], isInner[index], isInner[index] ? 0 : 1)
        let share = asked(edge.a, inner) / sums[edge.a][side] * asked(edge.b, inner) / sums[edge.b][side]
        edges[index].weight = max(1e-9, edge.weight * share.squareRoot())
      }
    }
    return edges
  }
}
