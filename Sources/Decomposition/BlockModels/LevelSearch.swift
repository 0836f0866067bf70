import Support

/// The levels above a partition: groups of its groups, as long as that shortens the description.
struct LevelSearch {
  private let terms: BlockTerms

  init(_ terms: BlockTerms) { self.terms = terms }

  /// Which group of the next level each group belongs to, level by level; the last level has one group.
  ///
  /// - Parameter counts: `[B][B]` edges between groups, inner ones once.
  func levels(_ counts: [[Int]]) -> [[Int]] {
    var (counts, levels) = (counts, [[Int]]())
    while true {
      let map = best(counts)
      levels.append(map)
      let groups = map.max()! + 1
      guard groups > 1 else { return levels }
      var next = [[Int]](repeating: [Int](repeating: 0, count: groups), count: groups)
      for r in counts.indices {
        for s in r..<counts.count {
          let (a, b) = (map[r], map[s])
          next[a][b] += counts[r][s]
          if a != b { next[b][a] += counts[r][s] }
        }
      }
      counts = next
    }
  }

  /// The best grouping with a single group above it.
  private func best(_ counts: [[Int]]) -> [Int] {
    let trivial = [Int](repeating: 0, count: counts.count)
    guard counts.count > 2 else { return trivial }
    var (best, bestValue) = (trivial, value(counts, trivial))
    for map in joined(counts) where map.max()! > 0 {
      let improved = moved(counts, map)
      let reached = value(counts, improved)
      if reached > bestValue + 1e-8 { (best, bestValue) = (improved, reached) }
    }
    return best
  }

  /// Groupings from single things down to one group, joining the best pair each time.
  private func joined(_ counts: [[Int]]) -> [[Int]] {
    var (counts, map) = (counts, Array(counts.indices))
    var sizes = [Int](repeating: 1, count: counts.count)
    var maps: [[Int]] = []
    while sizes.count > 1 {
      var best: (gain: Double, r: Int, s: Int) = (-.infinity, 0, 1)
      for r in sizes.indices {
        for s in r + 1..<max(r + 1, sizes.count) {
          let gain = joinGain(counts, sizes, r, s)
          if gain > best.gain { best = (gain, r, s) }
        }
      }
      let (r, s) = (best.r, best.s)
      for t in sizes.indices where t != r && t != s {
        counts[r][t] += counts[s][t]
        counts[t][r] = counts[r][t]
      }
      counts[r][r] += counts[s][s] + counts[r][s]
      sizes[r] += sizes[s]
      sizes.remove(at: s)
      counts.remove(at: s)
      for t in counts.indices { counts[t].remove(at: s) }
      map = map.map { $0 == s ? r : $0 > s ? $0 - 1 : $0 }
      if sizes.count <= 12 { maps.append(map) }
    }
    return maps
  }

  /// What joining two groups changes, but for what it changes for every pair alike.
  private func joinGain(_ counts: [[Int]], _ sizes: [Int], _ r: Int, _ s: Int) -> Double {
    let (a, b) = (sizes[r], sizes[s])
    func inner(_ size: Int, _ edges: Int) -> Double { terms.lnMultisets(size * (size + 1) / 2, edges) }
    var gain = inner(a, counts[r][r]) + inner(b, counts[s][s]) + terms.lnMultisets(a * b, counts[r][s])
    gain -= inner(a + b, counts[r][r] + counts[s][s] + counts[r][s])
    for t in sizes.indices where t != r && t != s {
      let (c, size) = (counts[r][t] + counts[s][t], sizes[t])
      guard c > 0 else { continue }
      gain += terms.lnMultisets(a * size, counts[r][t]) + terms.lnMultisets(b * size, counts[s][t])
      gain -= terms.lnMultisets((a + b) * size, c)
    }
    return gain + terms.lnFactorial(a + b) - terms.lnFactorial(a) - terms.lnFactorial(b)
  }

  /// Single moves that help.
  private func moved(_ counts: [[Int]], _ start: [Int]) -> [Int] {
    var (map, reached) = (start, value(counts, start))
    let groups = start.max()! + 1
    guard groups > 1, groups < counts.count else { return map }
    for r in counts.indices {
      let home = map[r]
      for target in 0..<groups where target != home {
        var tried = map
        tried[r] = target
        let value = value(counts, Self.compact(tried))
        if value > reached + 1e-8 { (map, reached) = (tried, value) }
      }
    }
    return Self.compact(map)
  }

  private func value(_ counts: [[Int]], _ map: [Int]) -> Double {
    UpperLevels.value(terms, counts, [map, [Int](repeating: 0, count: map.max()! + 1)])
  }

  /// Labels without gaps, in order of their first use.
  static func compact(_ labels: [Int]) -> [Int] {
    var names: [Int: Int] = [:]
    return labels.map { label in
      if let name = names[label] { return name }
      names[label] = names.count
      return names.count - 1
    }
  }
}
