import Support

extension AdjacencyMatrix {
  /// The least number of connections from each node to each other, 0 to itself; nil where no path leads.
  public func hops() -> [[Int?]] {
    let targets = targets
    return parallelMap(count) { start in
      var hops = [Int?](repeating: nil, count: targets.count)
      hops[start] = 0
      var (front, distance) = ([start], 0)
      while !front.isEmpty {
        distance += 1
        var next: [Int] = []
        for node in front {
          for target in targets[node] where hops[target] == nil {
            hops[target] = distance
            next.append(target)
          }
        }
        front = next
      }
      return hops
    }
  }

  /// The least sum of lengths (1 / weight) from each node to each other; infinite where no path leads.
  public func distances() -> [[Double]] {
    let targets = targets
    return parallelMap(count) { start in
      var distances = [Double](repeating: .infinity, count: count)
      var isDone = [Bool](repeating: false, count: count)
      distances[start] = 0
      // Without a heap: connectomes are dense.
      while let node = (0..<count).filter({ !isDone[$0] && distances[$0].isFinite })
        .min(by: { (distances[$0], $0) < (distances[$1], $1) })
      {
        isDone[node] = true
        for target in targets[node] {
          distances[target] = min(distances[target], distances[node] + 1 / self[node, target])
        }
      }
      return distances
    }
  }

  /// The mean number of hops over the ordered pairs that a path joins; not a number where there are none.
  public var characteristicPathLength: Double {
    var (sum, pairs) = (0, 0)
    for (start, row) in hops().enumerated() {
      for (end, hops) in row.enumerated() where start != end {
        guard let hops else { continue }
        sum += hops
        pairs += 1
      }
    }
    return pairs > 0 ? Double(sum) / Double(pairs) : .nan
  }

  /// The mean of 1 / hops over all ordered pairs, 0 where no path leads (Latora and Marchiori, 2001).
  public var globalEfficiency: Double {
    guard count > 1 else { return .nan }
    var sum = 0.0
    for (start, row) in hops().enumerated() {
      for (end, hops) in row.enumerated() where start != end { sum += hops.map { 1 / Double($0) } ?? 0 }
    }
    return sum / Double(count * (count - 1))
  }

  /// Groups of nodes that paths join, directions left aside: the component of every node, the largest first.
  public var components: [Int] {
    let both = undirected.targets
    var label = [Int](repeating: -1, count: count)
    var sizes: [Int] = []
    for start in 0..<count where label[start] < 0 {
      label[start] = sizes.count
      var stack = [start]
      var size = 0
      while let node = stack.popLast() {
        size += 1
        for next in both[node] where label[next] < 0 {
          label[next] = sizes.count
          stack.append(next)
        }
      }
      sizes.append(size)
    }
    let order = sizes.indices.sorted { (sizes[$0], $1) > (sizes[$1], $0) }
    var rank = [Int](repeating: 0, count: sizes.count)
    for (position, component) in order.enumerated() { rank[component] = position }
    return label.map { rank[$0] }
  }
}
