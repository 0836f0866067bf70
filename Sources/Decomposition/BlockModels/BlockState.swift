import Support

/// A partition of a graph with all counts of its block model, kept up to date from move to move.
///
/// A node is lifted out and put down; what changes are the counts between its group and those of its neighbours, so that judging
/// a place costs as many terms as its neighbours have groups.
final class BlockState {
  let graph: WeightedGraph
  let terms: BlockTerms
  let nodes: Int
  /// One more than nodes, so that there is always an empty group.
  let capacity: Int
  let label: UnsafeMutablePointer<Int>
  let size: UnsafeMutablePointer<Int>
  /// The ends of edges in a group.
  let ends: UnsafeMutablePointer<Int>
  /// `[group, group]`: edges between two groups, or within one (each once).
  let count: UnsafeMutablePointer<Int>
  let total: UnsafeMutablePointer<Double>
  let squares: UnsafeMutablePointer<Double>
  private let pairTerm: UnsafeMutablePointer<Double>
  private let groupTerm: UnsafeMutablePointer<Double>
  /// What generates the edge counts; a uniform choice if nil.
  let upper: UpperLevels?
  // Behind a pointer like all that changes from move to move: properties would be checked for exclusive access each time.
  private let now: UnsafeMutablePointer<Tally>

  private struct Tally {
    var groups = 0
    var sum = 0.0
    var touchedCount = 0
    var liftedDegree = 0
    /// What numbers of groups cost, for as many as now and one more.
    var (priorNow, priorOpened) = (0.0, 0.0)
  }

  /// How many groups have members.
  var groups: Int { now.pointee.groups }

  // The lifted node's edges to every group, and which groups have any.
  private let linkCount: UnsafeMutablePointer<Int>
  private let linkTotal: UnsafeMutablePointer<Double>
  private let linkSquares: UnsafeMutablePointer<Double>
  private let touched: UnsafeMutablePointer<Int>

  init(_ graph: WeightedGraph, _ terms: BlockTerms, labels: [Int], upper: UpperLevels? = nil) {
    self.graph = graph
    self.terms = terms
    self.upper = upper
    nodes = graph.count
    capacity = nodes + 1
    func make<Value>(_ zero: Value, _ count: Int) -> UnsafeMutablePointer<Value> {
      let values = UnsafeMutablePointer<Value>.allocate(capacity: count)
      values.initialize(repeating: zero, count: count)
      return values
    }
    now = make(Tally(), 1)
    label = make(0, nodes)
    (size, ends) = (make(0, capacity), make(0, capacity))
    count = make(0, capacity * capacity)
    total = make(0.0, capacity * capacity)
    squares = make(0.0, capacity * capacity)
    pairTerm = make(0.0, capacity * capacity)
    groupTerm = make(0.0, capacity)
    (linkCount, touched) = (make(0, capacity), make(0, capacity))
    (linkTotal, linkSquares) = (make(0.0, capacity), make(0.0, capacity))
    assign(labels)
  }

  deinit {
    now.deallocate()
    for values in [label, size, ends, count, linkCount, touched] { values.deallocate() }
    for values in [total, squares, pairTerm, groupTerm, linkTotal, linkSquares] { values.deallocate() }
  }

  var labels: [Int] { Array(UnsafeBufferPointer(start: label, count: nodes)) }

  /// The groups with members, ascending.
  var active: [Int] { (0..<capacity).filter { size[$0] > 0 } }

  var emptyGroup: Int { (0..<capacity).first { size[$0] == 0 }! }

  /// The logarithm of the probability of partition, edges and weights, but for what no partition changes.
  var logProbability: Double {
    now.pointee.sum + terms.groups(groups, of: nodes) + (upper.map { $0.value } ?? terms.flatEdges(groups))
  }

  /// Takes a whole partition, with labels below ``capacity``.
  func assign(_ labels: [Int]) {
    size.update(repeating: 0, count: capacity)
    ends.update(repeating: 0, count: capacity)
    count.update(repeating: 0, count: capacity * capacity)
    total.update(repeating: 0, count: capacity * capacity)
    squares.update(repeating: 0, count: capacity * capacity)
    for node in 0..<nodes {
      label[node] = labels[node]
      size[labels[node]] += 1
      ends[labels[node]] += graph.degree(node)
    }
    for edge in graph.edges {
      let (r, s) = (labels[edge.a], labels[edge.b])
      add(r, s, 1, edge.weight, edge.weight * edge.weight)
    }
    refresh()
    upper?.count(self)
  }

  @inline(__always)
  private func add(_ r: Int, _ s: Int, _ edges: Int, _ weight: Double, _ square: Double) {
    let at = r * capacity + s
    count[at] += edges
    total[at] = count[at] == 0 ? 0 : total[at] + weight
    squares[at] = count[at] == 0 ? 0 : squares[at] + square
    guard r != s else { return }
    let mirrored = s * capacity + r
    count[mirrored] = count[at]
    total[mirrored] = total[at]
    squares[mirrored] = squares[at]
  }

  /// All terms anew.
  private func refresh() {
    pairTerm.update(repeating: 0, count: capacity * capacity)
    groupTerm.update(repeating: 0, count: capacity)
    let active = active
    now.pointee.groups = active.count
    now.pointee.sum = 0
    for (index, r) in active.enumerated() {
      groupTerm[r] = terms.group(size[r], ends[r])
      now.pointee.sum += groupTerm[r]
      for s in active[index...] {
        let at = r * capacity + s
        let term = terms.pair(count[at], total[at], squares[at], isInner: r == s)
        pairTerm[at] = term
        pairTerm[s * capacity + r] = term
        now.pointee.sum += term
      }
    }
  }

  @inline(__always)
  private func refreshPair(_ r: Int, _ s: Int) {
    let at = r * capacity + s
    let term = terms.pair(count[at], total[at], squares[at], isInner: r == s)
    now.pointee.sum += term - pairTerm[at]
    pairTerm[at] = term
    pairTerm[s * capacity + r] = term
  }

  @inline(__always)
  private func refreshGroup(_ r: Int) {
    let term = terms.group(size[r], ends[r])
    now.pointee.sum += term - groupTerm[r]
    groupTerm[r] = term
  }
}

// Moving single nodes.
extension BlockState {
  /// Takes a node out of its group.
  func lift(_ node: Int) {
    let r = label[node]
    gather(node)
    for index in 0..<now.pointee.touchedCount {
      let t = touched[index]
      add(r, t, -linkCount[t], -linkTotal[t], -linkSquares[t])
      refreshPair(r, t)
    }
    size[r] -= 1
    ends[r] -= now.pointee.liftedDegree
    refreshGroup(r)
    if size[r] == 0 { now.pointee.groups -= 1 }
    now.pointee.priorNow = groups > 0 ? groupPrior(groups) : 0
    now.pointee.priorOpened = groupPrior(groups + 1)
    upper?.lift(from: r, isLast: size[r] == 0, links)
  }

  /// Puts the lifted node into a group.
  func put(_ node: Int, into s: Int) {
    upper?.put(into: s, isFirst: size[s] == 0, links)
    for index in 0..<now.pointee.touchedCount {
      let t = touched[index]
      add(s, t, linkCount[t], linkTotal[t], linkSquares[t])
      refreshPair(s, t)
    }
    if size[s] == 0 { now.pointee.groups += 1 }
    size[s] += 1
    ends[s] += now.pointee.liftedDegree
    refreshGroup(s)
    label[node] = s
    for index in 0..<now.pointee.touchedCount {
      let t = touched[index]
      (linkCount[t], linkTotal[t], linkSquares[t]) = (0, 0, 0)
    }
    now.pointee.touchedCount = 0
  }

  /// By how much putting the lifted node into a group changes the logarithm of the probability, counted from where it is
  /// lifted.
  @inline(__always)
  func gain(_ s: Int) -> Double {
    var gain = terms.group(size[s] + 1, ends[s] + now.pointee.liftedDegree) - groupTerm[s]
    for index in 0..<now.pointee.touchedCount {
      let t = touched[index]
      let at = s * capacity + t
      gain +=
        terms.pair(
          count[at] + linkCount[t], total[at] + linkTotal[t], squares[at] + linkSquares[t], isInner: s == t)
        - pairTerm[at]
    }
    gain += size[s] == 0 ? now.pointee.priorOpened : now.pointee.priorNow
    return gain + (upper?.value(putting: s, isFirst: size[s] == 0, links) ?? 0)
  }

  private func groupPrior(_ groups: Int) -> Double {
    groups > nodes ? 0 : terms.groups(groups, of: nodes) + (upper == nil ? terms.flatEdges(groups) : 0)
  }

  /// The lifted node's edges, for the levels above.
  private var links: UpperLevels.Links {
    UpperLevels.Links(counts: linkCount, groups: touched, groupCount: now.pointee.touchedCount, inner: 0)
  }

  private func gather(_ node: Int) {
    now.pointee.liftedDegree = graph.degree(node)
    graph.neighbours.withUnsafeBufferPointer { neighbours in
      graph.weights.withUnsafeBufferPointer { weights in
        for at in graph.starts[node]..<graph.starts[node + 1] {
          let (t, weight) = (label[Int(neighbours[at])], weights[at])
          if linkCount[t] == 0 {
            touched[now.pointee.touchedCount] = t
            now.pointee.touchedCount += 1
          }
          linkCount[t] += 1
          linkTotal[t] += weight
          linkSquares[t] += weight * weight
        }
      }
    }
  }
}

// Joining groups.
extension BlockState {
  /// By how much joining two groups changes the logarithm of the probability.
  func mergeGain(_ r: Int, _ s: Int, _ active: [Int]) -> Double {
    let (rr, ss, rs) = (r * capacity + r, s * capacity + s, r * capacity + s)
    var gain =
      terms.pair(
        count[rr] + count[ss] + count[rs], total[rr] + total[ss] + total[rs],
        squares[rr] + squares[ss] + squares[rs], isInner: true) - pairTerm[rr] - pairTerm[ss] - pairTerm[rs]
    for t in active where t != r && t != s {
      let (rt, st) = (r * capacity + t, s * capacity + t)
      // A pair without edges adds nothing to either side.
      if count[rt] == 0 || count[st] == 0 { continue }
      gain +=
        terms.pair(count[rt] + count[st], total[rt] + total[st], squares[rt] + squares[st], isInner: false)
        - pairTerm[rt] - pairTerm[st]
    }
    gain += terms.group(size[r] + size[s], ends[r] + ends[s]) - groupTerm[r] - groupTerm[s]
    gain += terms.groups(groups - 1, of: nodes) - terms.groups(groups, of: nodes)
    guard let upper else { return gain + terms.flatEdges(groups - 1) - terms.flatEdges(groups) }
    return gain + upper.value(joining: r, to: s, self) - upper.value
  }

  /// Moves all members of a group into another.
  func merge(_ r: Int, into s: Int) {
    assign((0..<nodes).map { label[$0] == r ? s : label[$0] })
  }
}
