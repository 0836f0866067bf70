import Support

/// Climbing from a partition to one of a shorter description: moves of nodes, joins and splits of groups, until none helps.
struct BlockSearch {
  let state: BlockState
  /// `[N, N]`, the weights.
  private let rows: [Double]
  private var generator: RandomGenerator
  /// Differences below this are rounding.
  private let least = 1e-8

  init(_ state: BlockState, rows: [Double], _ generator: RandomGenerator) {
    self.state = state
    self.rows = rows
    self.generator = generator
  }

  /// Moves, joins and splits, until no round of them helps.
  mutating func climb(rounds: Int = 12) {
    var best = state.logProbability
    for round in 0..<rounds {
      settle()
      joinAll()
      splitAll()
      if round > 0 { exchangeAll() }
      let reached = state.logProbability
      if round > 0, reached <= best + least { break }
      best = reached
    }
    settle()
  }

  /// Sweeps over the nodes until none moves.
  mutating func settle(opensGroups: Bool = true, sweeps: Int = 20) {
    for _ in 0..<sweeps where !sweep(opensGroups: opensGroups) { break }
  }

  /// Every node, in random order, to its best group; whether any moved.
  private mutating func sweep(opensGroups: Bool) -> Bool {
    var hasMoved = false
    var active = state.active
    for node in generator.permutation(state.nodes) {
      let home = state.label[node]
      state.lift(node)
      var (best, bestGain) = (home, state.gain(home))
      for group in active where group != home && state.size[group] > 0 {
        let gain = state.gain(group)
        if gain > bestGain + least { (best, bestGain) = (group, gain) }
      }
      if opensGroups, state.size[home] > 0 {
        let empty = state.emptyGroup
        state.upper?.adopt(empty, as: home)
        let gain = state.gain(empty)
        if gain > bestGain + least { (best, bestGain) = (empty, gain) }
      }
      let isOpening = state.size[best] == 0
      state.put(node, into: best)
      if best != home {
        hasMoved = true
        if isOpening || state.size[home] == 0 { active = state.active }
      }
    }
    return hasMoved
  }

  /// Joins the best pair of groups as long as that helps.
  private mutating func joinAll() {
    while state.groups > 1 {
      let (pair, gain) = bestJoin()
      guard gain > least else { return }
      state.merge(pair.0, into: pair.1)
    }
  }

  private func bestJoin() -> (pair: (Int, Int), gain: Double) {
    let active = state.active
    var best: (pair: (Int, Int), gain: Double) = ((-1, -1), -.infinity)
    for (index, r) in active.enumerated() {
      for s in active[(index + 1)...] {
        let gain = state.mergeGain(r, s, active)
        if gain > best.gain { best = ((r, s), gain) }
      }
    }
    return best
  }

  /// Tries to split every group, the largest first.
  private mutating func splitAll() {
    for r in state.active.sorted(by: { (state.size[$0], $1) > (state.size[$1], $0) }) where state.size[r] > 1
    {
      for isRandom in [false, true] {
        if divide(members(of: [r]), r, state.emptyGroup, atRandom: isRandom) { break }
      }
    }
  }

  /// Deals the members of two groups out anew, for every pair.
  private mutating func exchangeAll() {
    let active = state.active
    guard active.count <= 20 else { return }
    for (index, r) in active.enumerated() {
      for s in active[(index + 1)...] where state.size[r] > 0 && state.size[s] > 0 {
        _ = divide(members(of: [r, s]), r, s, atRandom: false)
      }
    }
  }

  private func members(of groups: [Int]) -> [Int] {
    (0..<state.nodes).filter { groups.contains(state.label[$0]) }
  }

  /// Deals nodes out to two groups, improves that, and keeps it if it is better than what was.
  private mutating func divide(_ members: [Int], _ r: Int, _ s: Int, atRandom: Bool) -> Bool {
    let (before, saved) = (state.logProbability, state.labels)
    if state.size[s] == 0 { state.upper?.adopt(s, as: r) }
    let sides = atRandom ? members.map { _ in generator.uniform() < 0.5 } : halves(members)
    var labels = saved
    for (member, side) in zip(members, sides) { labels[member] = side ? s : r }
    state.assign(labels)
    for _ in 0..<6 {
      var hasMoved = false
      for index in generator.permutation(members.count) {
        let node = members[index]
        let home = state.label[node]
        state.lift(node)
        let other = home == r ? s : r
        let isBetter = state.gain(other) > state.gain(home) + least
        state.put(node, into: isBetter ? other : home)
        hasMoved = hasMoved || isBetter
      }
      if !hasMoved { break }
    }
    if state.logProbability > before + least { return true }
    state.assign(saved)
    return false
  }

  /// Two groups of nodes with like rows of weights: 2-means from a random node and the one farthest from it.
  private mutating func halves(_ members: [Int]) -> [Bool] {
    let (count, nodes) = (members.count, state.nodes)
    return rows.withUnsafeBufferPointer { rows in
      let base = rows.baseAddress!
      func distance(_ member: Int, _ centre: [Double], _ square: Double) -> Double {
        // Without the member's own square, which is the same for both centres.
        square - 2 * VectorLoops.dot(base + members[member] * nodes, centre, nodes)
      }
      func row(_ member: Int) -> [Double] {
        Array(rows[members[member] * nodes..<(members[member] + 1) * nodes])
      }
      func square(_ row: [Double]) -> Double { VectorLoops.dot(row, row, nodes) }
      let first = row(generator.integer(below: count))
      let far = (0..<count).max {
        square(row($0)) + distance($0, first, 0) < square(row($1)) + distance($1, first, 0)
      }!
      var centres = [first, row(far)]
      var sides = [Bool](repeating: false, count: count)
      for _ in 0..<4 {
        let squares = centres.map(square)
        for member in 0..<count {
          sides[member] = distance(member, centres[1], squares[1]) < distance(member, centres[0], squares[0])
        }
        for side in [false, true] where sides.contains(side) {
          var mean = [Double](repeating: 0, count: nodes)
          let own = (0..<count).filter { sides[$0] == side }
          for member in own {
            VectorLoops.add(base + members[member] * nodes, times: 1 / Double(own.count), nodes, to: &mean)
          }
          centres[side ? 1 : 0] = mean
        }
      }
      return sides
    }
  }
}

// From single nodes to one group.
extension BlockSearch {
  /// The best partition of every number of groups on the way.
  typealias Profile = [Int: (logProbability: Double, labels: [Int])]

  /// Joins groups from single nodes down to one (Peixoto, 2014), moving nodes in between.
  mutating func agglomerate() -> Profile {
    var profile: Profile = [:]
    state.assign(Array(0..<state.nodes))
    while true {
      settle(opensGroups: false, sweeps: 3)
      let reached = state.logProbability
      if reached > profile[state.groups]?.logProbability ?? -.infinity {
        profile[state.groups] = (reached, state.labels)
      }
      guard state.groups > 1 else { return profile }
      joinSome(state.groups <= 20 ? 1 : state.groups / 4)
    }
  }

  /// Joins the best `count` disjoint pairs.
  private mutating func joinSome(_ count: Int) {
    if count == 1 {
      let pair = bestJoin().pair
      return state.merge(pair.0, into: pair.1)
    }
    let active = state.active
    var pairs: [(gain: Double, r: Int, s: Int)] = []
    for (index, r) in active.enumerated() {
      for s in active[(index + 1)...] { pairs.append((state.mergeGain(r, s, active), r, s)) }
    }
    pairs.sort { ($0.gain, $1.r, $1.s) > ($1.gain, $0.r, $0.s) }
    var (target, used, left) = (Array(0..<state.capacity), Set<Int>(), count)
    for pair in pairs where left > 0 && !used.contains(pair.r) && !used.contains(pair.s) {
      target[pair.r] = pair.s
      used.formUnion([pair.r, pair.s])
      left -= 1
    }
    state.assign(state.labels.map { target[$0] })
  }
}
