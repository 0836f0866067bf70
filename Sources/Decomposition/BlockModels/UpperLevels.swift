/// The levels above a block model: its edge counts are drawn from a block model of groups, and so on up to a single group.
///
/// The multigraph of each level is uniform among those with the counts of the next (Peixoto, 2014); partitions cost as below. The topmost level,
/// which has one group, costs what a flat prior costs.
final class UpperLevels {
  /// The edges between something that moves and the groups below.
  struct Links {
    let counts: UnsafeMutablePointer<Int>
    let groups: UnsafeMutablePointer<Int>
    let groupCount: Int
    /// Edges within it.
    let inner: Int
  }

  private let terms: BlockTerms
  /// Which group of the first level above each slot below belongs to.
  let parents: UnsafeMutablePointer<Int>
  /// The same for each level above it; the last maps all to 0.
  private let higher: [[Int]]
  /// How many groups the first level above has room for.
  private let width: Int
  private let sizes: UnsafeMutablePointer<Int>
  /// `[width, width]`, inner edges once.
  private let counts: UnsafeMutablePointer<Int>
  /// What is lifted put into a group of each parent; not a number where not asked yet.
  private let known: UnsafeMutablePointer<Double>
  private let current: UnsafeMutablePointer<Double>

  var value: Double { current.pointee }

  /// - Parameters:
  ///   - parents: By slot below; at most `width` different ones.
  ///   - higher: Levels above that; the last maps everything to 0.
  init(_ terms: BlockTerms, parents: [Int], higher: [[Int]]) {
    self.terms = terms
    self.higher = higher
    let width = (parents.max() ?? 0) + 1
    self.width = width
    func make<Value>(_ values: [Value]) -> UnsafeMutablePointer<Value> {
      let copy = UnsafeMutablePointer<Value>.allocate(capacity: max(1, values.count))
      copy.initialize(from: values, count: values.count)
      return copy
    }
    self.parents = make(parents)
    sizes = make([Int](repeating: 0, count: width))
    counts = make([Int](repeating: 0, count: width * width))
    known = make([Double](repeating: .nan, count: width))
    current = make([0.0])
  }

  deinit {
    for values in [parents, sizes, counts] { values.deallocate() }
    known.deallocate()
    current.deallocate()
  }

  /// Counts anew from the groups below.
  func count(_ state: BlockState) {
    sizes.update(repeating: 0, count: width)
    counts.update(repeating: 0, count: width * width)
    let active = state.active
    for (index, r) in active.enumerated() {
      sizes[parents[r]] += 1
      for s in active[index...] { add(parents[r], parents[s], state.count[r * state.capacity + s]) }
    }
    current.pointee = evaluate()
  }

  @inline(__always)
  private func add(_ r: Int, _ s: Int, _ edges: Int) {
    counts[r * width + s] += edges
    if r != s { counts[s * width + r] += edges }
  }

  func lift(from r: Int, isLast: Bool, _ links: Links) {
    if isLast { sizes[parents[r]] -= 1 }
    move(parents[r], links, -1)
    known.update(repeating: .nan, count: width)
  }

  /// Gives an empty slot below the parent of another.
  func adopt(_ slot: Int, as sibling: Int) { parents[slot] = parents[sibling] }

  func put(into s: Int, isFirst: Bool, _ links: Links) {
    if isFirst { sizes[parents[s]] += 1 }
    move(parents[s], links, 1)
    current.pointee = evaluate()
  }

  private func move(_ parent: Int, _ links: Links, _ sign: Int) {
    for index in 0..<links.groupCount {
      let t = links.groups[index]
      add(parent, parents[t], sign * links.counts[t])
    }
    add(parent, parent, sign * links.inner)
  }

  /// The value if what is lifted were put into a group below; until it is, ``value`` is that of before.
  func value(putting s: Int, isFirst: Bool, _ links: Links) -> Double {
    guard !isFirst else { return computed(putting: s, isFirst: true, links) }
    let parent = parents[s]
    if known[parent].isNaN { known[parent] = computed(putting: s, isFirst: false, links) }
    return known[parent]
  }

  private func computed(putting s: Int, isFirst: Bool, _ links: Links) -> Double {
    if isFirst { sizes[parents[s]] += 1 }
    move(parents[s], links, 1)
    let result = evaluate()
    move(parents[s], links, -1)
    if isFirst { sizes[parents[s]] -= 1 }
    return result
  }

  /// The value if a group below were joined to another.
  func value(joining r: Int, to s: Int, _ state: BlockState) -> Double {
    let (from, to) = (parents[r], parents[s])
    sizes[from] -= 1
    if from != to { shift(r, from, to, state) }
    let result = evaluate()
    if from != to { shift(r, to, from, state) }
    sizes[from] += 1
    return result
  }

  /// Counts the edges of a group below for another parent.
  private func shift(_ r: Int, _ from: Int, _ to: Int, _ state: BlockState) {
    let row = state.count + r * state.capacity
    for t in state.active where t != r {
      add(from, parents[t], -row[t])
      add(to, parents[t], row[t])
    }
    add(from, from, -row[r])
    add(to, to, row[r])
  }

  /// The logarithm of the probability of all edge counts and partitions from the first level above on.
  private func evaluate() -> Double {
    var value = level(counts, sizes, width)
    guard !higher.isEmpty else { return value }
    if higher.count == 1 {
      // A single group above: its one count is that of all edges.
      var (groups, edges) = (0, 0)
      for r in 0..<width {
        if sizes[r] > 0 { groups += 1 }
        for s in r..<width { edges += counts[r * width + s] }
      }
      return value - terms.lnMultisets(groups * (groups + 1) / 2, edges)
    }
    var (counts, sizes) = (
      Array(UnsafeBufferPointer(start: counts, count: width * width)),
      [Int](UnsafeBufferPointer(start: sizes, count: width))
    )
    for map in higher {
      (counts, sizes) = Self.aggregated(counts, sizes, map)
      value += level(counts, sizes, sizes.count)
    }
    return value
  }

  /// The counts of the next level.
  private static func aggregated(_ counts: [Int], _ sizes: [Int], _ map: [Int]) -> ([Int], [Int]) {
    let (width, next) = (sizes.count, (map.max() ?? 0) + 1)
    var (upperCounts, upperSizes) = (
      [Int](repeating: 0, count: next * next), [Int](repeating: 0, count: next)
    )
    for r in 0..<width where sizes[r] > 0 {
      upperSizes[map[r]] += 1
      for s in r..<width where sizes[s] > 0 {
        let edges = counts[r * width + s]
        let (a, b) = (map[r], map[s])
        upperCounts[a * next + b] += edges
        if a != b { upperCounts[b * next + a] += edges }
      }
    }
    return (upperCounts, upperSizes)
  }

  /// The logarithm of the probability of edge counts `[B][B]` under given levels above; one level of one group is not counted twice.
  static func value(_ terms: BlockTerms, _ counts: [[Int]], _ levels: [[Int]]) -> Double {
    let isFlat = levels[0].allSatisfy { $0 == 0 }
    let upper = UpperLevels(terms, parents: levels[0], higher: isFlat ? [] : Array(levels.dropFirst()))
    for r in counts.indices {
      upper.sizes[levels[0][r]] += 1
      for s in r..<counts.count { upper.add(levels[0][r], levels[0][s], counts[r][s]) }
    }
    return upper.evaluate()
  }

  /// One level: the multigraph below it, and its partition unless it has one group.
  private func level(_ counts: UnsafePointer<Int>, _ sizes: UnsafePointer<Int>, _ width: Int) -> Double {
    var (value, groups, members) = (0.0, 0, 0)
    for r in 0..<width where sizes[r] > 0 {
      groups += 1
      members += sizes[r]
      value -= terms.lnMultisets(sizes[r] * (sizes[r] + 1) / 2, counts[r * width + r])
      for s in r + 1..<max(r + 1, width) where sizes[s] > 0 {
        value -= terms.lnMultisets(sizes[r] * sizes[s], counts[r * width + s])
      }
    }
    guard groups > 1 else { return value }
    for r in 0..<width { value += terms.lnFactorial(sizes[r]) }
    return value + terms.groups(groups, of: members)
  }
}
