import Support

extension SDRMatrix {
  /// Active cells that `query` shares with every code; `[count]`.
  public func overlaps(with query: SDR) -> [Int32] {
    overlaps(withWords: checked(query))
  }

  /// Active cells that every query shares with every code; `[queries.count, count]`, row-major, on all threads.
  public func overlaps(with queries: SDRMatrix) -> [Int32] {
    precondition(queries.n == n, "queries of \(queries.n) cells to codes of \(n)")
    var result = [Int32](repeating: 0, count: queries.count * count)
    result.withUnsafeMutableBufferPointer { buffer in
      let out = SendableAddress(buffer.baseAddress)
      parallelFor(queries.count) { row in
        guard let start = out.pointer.map({ $0 + row * count }) else { return }
        forEachBlock(queries.packedWords(row)) { block, sums in
          store(sums, block, start)
        }
      }
    }
    return result
  }

  /// How many cells are active in `query` or code, for every code; `[count]`.
  public func unionSizes(with query: SDR) -> [Int32] {
    let active = Int32(query.activeCount)
    return zip(activeCounts, overlaps(with: query)).map { active + $0 - $1 }
  }

  /// How many codes share at least `threshold` active cells with `query`.
  public func matchCount(_ query: SDR, threshold: Int) -> Int {
    matchCount(words: checked(query), threshold)
  }

  /// How many codes every query matches; `[queries.count]`, on all threads.
  public func matchCounts(_ queries: SDRMatrix, threshold: Int) -> [Int] {
    precondition(queries.n == n, "queries of \(queries.n) cells to codes of \(n)")
    return parallelMap(queries.count) { matchCount(words: queries.packedWords($0), threshold) }
  }

  /// The largest overlap of `query` with any code, 0 if there is none; a neuron fires iff it reaches the threshold.
  public func maximumOverlap(_ query: SDR) -> Int {
    var best = Block.zero
    forEachBlock(checked(query)) { _, sums in best = pointwiseMax(best, sums) }
    return Int(best.max())
  }

  /// ``maximumOverlap(_:)`` of every query; `[queries.count]`, on all threads.
  public func maximumOverlaps(_ queries: [SDR]) -> [Int] {
    parallelMap(queries.count) { maximumOverlap(queries[$0]) }
  }

  private func checked(_ query: SDR) -> [UInt64] {
    precondition(query.n == n, "query of \(query.n) cells to codes of \(n)")
    return query.words
  }

  private func overlaps(withWords words: [UInt64]) -> [Int32] {
    [Int32](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = count
      guard let out = buffer.baseAddress else { return }
      forEachBlock(words) { block, sums in store(sums, block, out) }
    }
  }

  private func matchCount(words: [UInt64], _ threshold: Int) -> Int {
    guard threshold > 0 else { return count }
    let wanted = Block(repeating: UInt64(threshold))
    var matches = Block.zero
    forEachBlock(words) { _, sums in
      matches &+= Block.zero.replacing(with: 1, where: sums .>= wanted)
    }
    return Int(matches.wrappedSum())
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

  /// The kernel: the eight overlaps of `query` with every block of codes.
  ///
  /// Two blocks at a time, so that each word of the query is fetched once for sixteen codes and the
  /// counts of one block do not wait for the other's.
  @inline(__always)
  private func forEachBlock(_ query: [UInt64], _ body: (_ block: Int, _ sums: Block) -> Void) {
    let places = (0..<query.count).filter { query[$0] != 0 }.map { Int32($0) }
    let wordsPerCode = wordsPerCode
    let total = (count + 7) / 8
    blocks.withUnsafeBufferPointer { blocks in
      query.withUnsafeBufferPointer { query in
        places.withUnsafeBufferPointer { places in
          guard let base = blocks.baseAddress, let query = query.baseAddress else { return }
          var block = 0
          while block + 2 <= total {
            let (first, second) = (base + block * wordsPerCode, base + (block + 1) * wordsPerCode)
            var (a, b) = (Block.zero, Block.zero)
            for place in places {
              let word = Block(repeating: query[Int(place)])
              a &+= (first[Int(place)] & word).nonzeroBitCount
              b &+= (second[Int(place)] & word).nonzeroBitCount
            }
            body(block, a)
            body(block + 1, b)
            block += 2
          }
          guard block < total else { return }
          let last = base + block * wordsPerCode
          var sums = Block.zero
          for place in places {
            sums &+= (last[Int(place)] & Block(repeating: query[Int(place)])).nonzeroBitCount
          }
          body(block, sums)
        }
      }
    }
  }
}
