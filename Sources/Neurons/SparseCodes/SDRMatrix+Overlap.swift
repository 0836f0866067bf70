import Support

/// One query against all codes.
extension SDRMatrix {
  /// Active cells that `query` shares with every code; `[count]`.
  public func overlaps(with query: SDR) -> [Int32] {
    [Int32](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = count
      guard let out = buffer.baseAddress else { return }
      forEachBlock(query) { block, sums in store(sums, block, out) }
    }
  }

  /// How many cells are active in `query` or code, for every code; `[count]`.
  public func unionSizes(with query: SDR) -> [Int32] {
    let active = Int32(query.activeCount)
    return zip(activeCounts, overlaps(with: query)).map { active + $0 - $1 }
  }

  /// How many codes share at least `threshold` active cells with `query`.
  public func matchCount(_ query: SDR, threshold: Int) -> Int {
    guard threshold > 0 else { return count }
    let wanted = Block(repeating: UInt64(threshold))
    var matches = Block.zero
    forEachBlock(query) { _, sums in
      matches &+= Block.zero.replacing(with: 1, where: sums .>= wanted)
    }
    return Int(matches.wrappedSum())
  }

  /// The largest overlap of `query` with any code, 0 if there is none; a neuron fires iff it reaches the threshold.
  public func maximumOverlap(_ query: SDR) -> Int {
    var best = Block.zero
    forEachBlock(query) { _, sums in best = pointwiseMax(best, sums) }
    return Int(best.max())
  }

  /// The eight overlaps of `query` with every block of codes.
  ///
  /// Two blocks at a time, so that a word of the query is fetched once for sixteen codes and the counts of
  /// one block do not wait for the other's; words without an active cell are skipped.
  @inline(__always)
  private func forEachBlock(_ query: SDR, _ body: (_ block: Int, _ sums: Block) -> Void) {
    precondition(query.n == n, "query of \(query.n) cells to codes of \(n)")
    let places = (0..<query.words.count).filter { query.words[$0] != 0 }.map { Int32($0) }
    let wordsPerCode = wordsPerCode
    let total = (count + 7) / 8
    blocks.withUnsafeBufferPointer { blocks in
      query.words.withUnsafeBufferPointer { query in
        guard let base = blocks.baseAddress, let query = query.baseAddress else { return }
        for block in stride(from: 0, to: total, by: 2) {
          let first = base + block * wordsPerCode
          // The last block of an odd number is counted twice, and told once.
          let second = block + 1 < total ? first + wordsPerCode : first
          var (a, b) = (Block.zero, Block.zero)
          for place in places {
            let word = Block(repeating: query[Int(place)])
            a &+= (first[Int(place)] & word).nonzeroBitCount
            b &+= (second[Int(place)] & word).nonzeroBitCount
          }
          body(block, a)
          if block + 1 < total { body(block + 1, b) }
        }
      }
    }
  }

  /// Writes the eight counts of a block, or as many as there are codes.
  @inline(__always)
  private func store(_ sums: Block, _ block: Int, _ out: UnsafeMutablePointer<Int32>) {
    let counts = SIMD8<Int32>(truncatingIfNeeded: sums)
    if block * 8 + 8 <= count {
      UnsafeMutableRawPointer(out + block * 8).storeBytes(of: counts, as: SIMD8<Int32>.self)
    } else {
      for lane in 0..<(count - block * 8) { out[block * 8 + lane] = counts[lane] }
    }
  }
}

/// Many queries against all codes, on all threads.
extension SDRMatrix {
  /// Active cells that every query shares with every code; `[queries.count, count]`, row-major.
  public func overlaps(with queries: SDRMatrix) -> [Int32] {
    [Int32](unsafeUninitializedCapacity: queries.count * count) { buffer, initialized in
      initialized = queries.count * count
      guard let start = buffer.baseAddress else { return }
      let out = SendableAddress(start)
      forEachBlock(queries) { row, block, sums in store(sums, block, out.pointer! + row * count) }
    }
  }

  /// How many codes every query matches, sharing at least `threshold` active cells; `[queries.count]`.
  public func matchCounts(_ queries: SDRMatrix, threshold: Int) -> [Int] {
    guard threshold > 0 else { return Array(repeating: count, count: queries.count) }
    let wanted = Block(repeating: UInt64(threshold))
    return reduce(queries) { sum, sums in
      sum &+= Block.zero.replacing(with: 1, where: sums .>= wanted)
    } merge: {
      $0 &+ $1
    }.map { Int($0.wrappedSum()) }
  }

  /// The largest overlap of every query with any code; `[queries.count]`.
  public func maximumOverlaps(_ queries: SDRMatrix) -> [Int] {
    reduce(queries) { best, sums in
      best = pointwiseMax(best, sums)
    } merge: {
      pointwiseMax($0, $1)
    }.map { Int($0.max()) }
  }

  /// Folds the overlaps of every query, eight lanes apart; `merge` joins what was folded of two tiles.
  @inline(__always)
  private func reduce(
    _ queries: SDRMatrix, _ combine: @Sendable (inout Block, Block) -> Void, merge: (Block, Block) -> Block
  ) -> [Block] {
    // One accumulator for a query and a tile: tiles run on different threads.
    let tiles = tileCount
    var partial = [Block](repeating: .zero, count: queries.count * tiles)
    partial.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      let out = SendableAddress(start)
      let blocksPerTile = blocksPerTile
      forEachBlock(queries) { row, block, sums in
        combine(&out.pointer![row * tiles + block / blocksPerTile], sums)
      }
    }
    return (0..<queries.count).map { row in
      partial[(row * tiles)..<(row * tiles + tiles)].reduce(.zero, merge)
    }
  }

  /// Blocks of codes that stay in a core's own cache while all queries pass.
  private var blocksPerTile: Int { max(1, (256 << 10) / (wordsPerCode * 64)) }

  private var tileCount: Int { ((count + 7) / 8 + blocksPerTile - 1) / blocksPerTile }

  /// The eight overlaps of every query with every block of codes, tile by tile.
  @inline(__always)
  private func forEachBlock(
    _ queries: SDRMatrix, _ body: @Sendable (_ row: Int, _ block: Int, _ sums: Block) -> Void
  ) {
    precondition(queries.n == n, "queries of \(queries.n) cells to codes of \(n)")
    let groups = stride(from: 0, to: queries.count, by: 4).map { QueryGroup(queries, from: $0) }
    let total = (count + 7) / 8
    parallelFor(tileCount * groups.count) { task in
      let (tile, group) = (task / groups.count, groups[task % groups.count])
      let range = (tile * blocksPerTile)..<min(total, (tile + 1) * blocksPerTile)
      scan(group, range) { block, sums in
        body(group.first, block, sums.0)
        if group.count > 1 { body(group.first + 1, block, sums.1) }
        if group.count > 2 { body(group.first + 2, block, sums.2) }
        if group.count > 3 { body(group.first + 3, block, sums.3) }
      }
    }
  }

  /// The kernel: four queries at a time, so that a word of eight codes is loaded once for 32 counts.
  @inline(__always)
  private func scan(
    _ group: QueryGroup, _ range: Range<Int>, _ body: (_ block: Int, (Block, Block, Block, Block)) -> Void
  ) {
    let wordsPerCode = wordsPerCode
    blocks.withUnsafeBufferPointer { blocks in
      group.words.withUnsafeBufferPointer { words in
        group.places.withUnsafeBufferPointer { places in
          guard let base = blocks.baseAddress, let words = words.baseAddress else { return }
          for block in range {
            let codes = base + block * wordsPerCode
            var (a, b, c, d) = (Block.zero, Block.zero, Block.zero, Block.zero)
            for (index, place) in places.enumerated() {
              let eight = codes[Int(place)]
              let word = words + index * 4
              a &+= (eight & Block(repeating: word[0])).nonzeroBitCount
              b &+= (eight & Block(repeating: word[1])).nonzeroBitCount
              c &+= (eight & Block(repeating: word[2])).nonzeroBitCount
              d &+= (eight & Block(repeating: word[3])).nonzeroBitCount
            }
            body(block, (a, b, c, d))
          }
        }
      }
    }
  }
}

/// Up to four queries, word by word beside each other; words in which none has an active cell are left out.
private struct QueryGroup: Sendable {
  let first: Int
  let count: Int
  private(set) var places: [Int32] = []
  /// `[places.count, 4]`.
  private(set) var words: [UInt64] = [0, 0, 0, 0]

  init(_ queries: SDRMatrix, from first: Int) {
    self.first = first
    count = min(4, queries.count - first)
    let rows = (first..<(first + count)).map { queries.packedWords($0) }
    words = []
    for place in 0..<queries.wordsPerCode where rows.contains(where: { $0[place] != 0 }) {
      places.append(Int32(place))
      for lane in 0..<4 { words.append(lane < count ? rows[lane][place] : 0) }
    }
    // An address is needed even when no query has an active cell.
    if words.isEmpty { words = [0] }
  }
}

extension SDRMatrix {
  /// For every query, how many codes share 0, 1, ... `largest` (or more) active cells with it;
  /// `[queries.count][largest + 1]`, on all threads.
  public func histograms(_ queries: SDRMatrix, upTo largest: Int) -> [[Int32]] {
    precondition(queries.n == n, "queries of \(queries.n) cells to codes of \(n)")
    return parallelMap(queries.count) { row in
      var counts = [Int32](repeating: 0, count: largest + 1)
      for overlap in overlaps(with: queries[row]) { counts[min(Int(overlap), largest)] += 1 }
      return counts
    }
  }
}
