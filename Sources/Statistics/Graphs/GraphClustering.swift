import Foundation

extension AdjacencyMatrix {
  /// How many of the possible triangles through each node are there: 0...1, and 0 for nodes with fewer than two neighbours.
  ///
  /// Weighted, each triangle counts by the geometric mean of its weights over the largest weight (Onnela et al., 2005); directed
  /// triangles in all directions count (Fagiolo, 2007). The numbers of NetworkX's `clustering`.
  public func clustering(weighted: Bool = false) -> [Double] {
    let largest = (0..<count * count).reduce(0) { $1 / count == $1 % count ? $0 : max($0, weights[$1]) }
    guard largest > 0 else { return [Double](repeating: 0, count: count) }
    // The roots of the weights, both directions added up, so that a product of three is a sum over eight kinds of triangle.
    var roots = [Double](repeating: 0, count: count * count)
    for a in 0..<count {
      for b in 0..<count where a != b {
        roots[a * count + b] = root(self[a, b], largest, weighted) + root(self[b, a], largest, weighted)
      }
    }
    return (0..<count).map { node in
      let neighbours = (0..<count).filter { roots[node * count + $0] > 0 }
      var triangles = 0.0
      for (index, b) in neighbours.enumerated() {
        let first = roots[node * count + b]
        for c in neighbours[(index + 1)...] {
          triangles += first * roots[node * count + c] * roots[b * count + c]
        }
      }
      return coefficient(node, neighbours, triangles)
    }
  }

  private func root(_ weight: Double, _ largest: Double, _ isWeighted: Bool) -> Double {
    weight > 0 ? (isWeighted ? cbrt(weight / largest) : 1) : 0
  }

  private func coefficient(_ node: Int, _ neighbours: [Int], _ triangles: Double) -> Double {
    guard isDirected else {
      // Every factor is twice the undirected one.
      let pairs = neighbours.count * (neighbours.count - 1) / 2
      return pairs > 0 ? triangles / 8 / Double(pairs) : 0
    }
    let total = neighbours.reduce(0) { $0 + (self[node, $1] > 0 ? 1 : 0) + (self[$1, node] > 0 ? 1 : 0) }
    let both = neighbours.count { self[node, $0] > 0 && self[$0, node] > 0 }
    let possible = total * (total - 1) - 2 * both
    return possible > 0 ? triangles / Double(possible) : 0
  }

  /// The mean over nodes.
  public func meanClustering(weighted: Bool = false) -> Double {
    clustering(weighted: weighted).reduce(0, +) / Double(max(1, count))
  }

  /// The share of weight within groups less what in- and out-strengths alone would give (Newman, 2004; directed: Leicht and Newman,
  /// 2008).
  ///
  /// - Parameter labels: The group of every node.
  public func modularity(_ labels: [Int]) -> Double {
    precondition(labels.count == count, "\(labels.count) labels for \(count) nodes")
    let total = weights.reduce(0, +)
    guard total > 0 else { return 0 }
    var (inner, forth, back) = (0.0, [Int: Double](), [Int: Double]())
    for a in 0..<count {
      for b in 0..<count where self[a, b] > 0 {
        forth[labels[a], default: 0] += self[a, b]
        back[labels[b], default: 0] += self[a, b]
        if labels[a] == labels[b] { inner += self[a, b] }
      }
    }
    let expected = forth.keys.sorted().reduce(0) { $0 + forth[$1]! * (back[$1] ?? 0) }
    return inner / total - expected / (total * total)
  }

  /// How evenly each node's connections are spread over groups: 0 for all in one, near 1 for evenly over many (Guimerà and
  /// Amaral, 2005). Not a number without connections.
  public func participation(_ labels: [Int]) -> [Double] {
    precondition(labels.count == count, "\(labels.count) labels for \(count) nodes")
    let both = isDirected ? undirected : self
    return (0..<count).map { node in
      var parts: [Int: Double] = [:]
      for other in 0..<count where other != node { parts[labels[other], default: 0] += both[node, other] }
      let total = parts.values.reduce(0, +)
      return total > 0 ? 1 - parts.keys.sorted().reduce(0) { $0 + pow(parts[$1]! / total, 2) } : .nan
    }
  }
}
