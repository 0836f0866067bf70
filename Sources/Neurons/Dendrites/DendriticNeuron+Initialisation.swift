import Support

extension DendriticNeuron {
  /// A neuron that stores examples: a segment for each, on `synapses` of its active cells at random.
  ///
  /// With more examples than segments they are clustered first, and a segment serves a cluster: of its `synapses`
  /// most common cells it takes those that more than one member has, and fills up with cells of
  /// whichever member it covers least so far.
  ///
  /// - Parameters:
  ///   - examples: patterns over the same cells.
  ///   - segments: the most segments the neuron may have.
  /// - Throws: `CajalError` when there is no example or their numbers of cells differ.
  public init(
    storing examples: [SDR], segments: Int, synapses: Int, nonlinearity: DendriticNonlinearity,
    using generator: inout RandomGenerator
  ) throws {
    guard segments > 0, synapses > 0 else {
      throw CajalError("a neuron needs segments and synapses, not \(segments) and \(synapses)")
    }
    let sets: [SDR]
    if examples.count <= segments {
      sets = examples.map { $0.subsample(synapses, using: &generator) }
    } else {
      let clusters = try PatternClusters(examples, count: segments, using: &generator)
      sets = clusters.members.map { members in
        Self.segment(for: members.map { examples[$0] }, synapses, &generator)
      }
    }
    try self.init(segments: sets, nonlinearity: nonlinearity)
  }

  /// The cells by which one segment serves a cluster.
  static func segment(
    for members: [SDR], _ synapses: Int, _ generator: inout RandomGenerator
  ) -> SDR {
    let n = members[0].n
    if members.count == 1 { return members[0].subsample(synapses, using: &generator) }
    var counts = [Int](repeating: 0, count: n)
    for member in members { for cell in member.indices { counts[Int(cell)] += 1 } }
    let common = (0..<n).filter { counts[$0] > 1 }.sorted { (counts[$0], $1) > (counts[$1], $0) }
    var chosen = Set(common.prefix(synapses).map { Int32($0) })
    var covered = members.map { member in member.indices.filter(chosen.contains).count }
    while chosen.count < synapses {
      // Members all of whose cells are taken have nothing left to give.
      let open = members.indices.filter { covered[$0] < members[$0].activeCount }
      guard let least = open.min(by: { covered[$0] < covered[$1] }) else { break }
      let rest = members[least].indices.filter { !chosen.contains($0) }
      let cell = rest[generator.integer(below: rest.count)]
      chosen.insert(cell)
      for index in members.indices where members[index].contains(Int(cell)) { covered[index] += 1 }
    }
    return SDR(sortedUnique: chosen.sorted(), n: n)
  }
}

/// k-means over binary patterns (Lloyd's algorithm, squared distance to the clusters' mean activity).
public struct PatternClusters: Sendable {
  /// The examples of every cluster; none is empty.
  public private(set) var members: [[Int]]

  /// - Throws: `CajalError` for fewer examples than clusters or patterns over different cells.
  public init(
    _ examples: [SDR], count: Int, iterations: Int = 20, using generator: inout RandomGenerator
  ) throws {
    guard count > 0, examples.count >= count else {
      throw CajalError("\(examples.count) examples make no \(count) clusters")
    }
    let n = examples[0].n
    guard examples.allSatisfy({ $0.n == n }) else {
      throw CajalError("patterns over different numbers of cells")
    }
    var centres = generator.subset(count, of: examples.count).map { Self.mean([examples[$0]], n) }
    var assigned = [Int](repeating: -1, count: examples.count)
    members = []
    for _ in 0..<max(1, iterations) {
      let fixed = centres
      let next = parallelMap(examples.count) { Self.nearest(examples[$0], fixed) }
      members = Array(repeating: [], count: count)
      for (example, cluster) in next.enumerated() { members[cluster].append(example) }
      refillEmptyClusters()
      let isSettled = next == assigned
      assigned = next
      if isSettled { break }
      let groups = members
      centres = parallelMap(count) { cluster in Self.mean(groups[cluster].map { examples[$0] }, n) }
    }
  }

  /// An empty cluster takes the last example of the largest one.
  private mutating func refillEmptyClusters() {
    for empty in members.indices where members[empty].isEmpty {
      guard let largest = members.indices.max(by: { members[$0].count < members[$1].count }),
        let example = members[largest].popLast()
      else { continue }
      members[empty] = [example]
    }
  }

  private struct Centre: Sendable {
    var activity: [Float]
    var squaredNorm: Float
  }

  private static func mean(_ patterns: [SDR], _ n: Int) -> Centre {
    var activity = [Float](repeating: 0, count: n)
    let share = 1 / Float(patterns.count)
    for pattern in patterns { for cell in pattern.indices { activity[Int(cell)] += share } }
    return Centre(activity: activity, squaredNorm: activity.reduce(0) { $0 + $1 * $1 })
  }

  private static func nearest(_ pattern: SDR, _ centres: [Centre]) -> Int {
    var (best, distance) = (0, Float.infinity)
    for (index, centre) in centres.enumerated() {
      // |x - c|² without the constant |x|².
      let candidate = pattern.indices.reduce(centre.squaredNorm) { $0 - 2 * centre.activity[Int($1)] }
      if candidate < distance { (best, distance) = (index, candidate) }
    }
    return best
  }
}
