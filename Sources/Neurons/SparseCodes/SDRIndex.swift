import Support

/// An inverted index over many sparse codes: for every cell the codes in which it is active, one bit a code.
///
/// A sparse query reads only the columns of its own active cells and counts 512 codes at once, in counters whose
/// bits lie in separate vectors. With 40 of 2048 cells active this touches a fiftieth of the memory that comparing
/// every code with ``SDRMatrix`` does. Dense queries are better served there.
public struct SDRIndex: Sendable {
  typealias Lane = SIMD8<UInt64>

  /// Cells in the population.
  public let n: Int
  /// Codes held.
  public let count: Int
  /// `[n, blocksPerCell]`: bit `i` of a column says whether the cell is active in code `i`.
  private let columns: [Lane]
  /// Vectors of 512 codes.
  private let blocksPerCell: Int

  /// Inverts a matrix of codes.
  public init(_ codes: SDRMatrix) {
    n = codes.n
    count = codes.count
    let blocks = (codes.count + 511) / 512
    blocksPerCell = blocks
    var words = [Lane](repeating: .zero, count: codes.n * blocks)
    words.withUnsafeMutableBytes { bytes in
      let words = bytes.bindMemory(to: UInt64.self)
      for code in 0..<codes.count {
        for cell in codes[code].indices {
          words[Int(cell) * blocks * 8 + code >> 6] |= 1 << UInt64(code & 63)
        }
      }
    }
    columns = words
  }

  /// How many codes share at least `threshold` active cells with `query`.
  public func matchCount(_ query: SDR, threshold: Int) -> Int {
    guard threshold > 0 else { return count }
    var sum = Lane.zero
    forEachBlock(query) { _, planes in sum &+= Self.reaching(threshold, planes).nonzeroBitCount }
    return Int(sum.wrappedSum())
  }

  /// The codes that share at least `threshold` active cells with `query`, in ascending order.
  public func matches(_ query: SDR, threshold: Int) -> [Int] {
    guard threshold > 0 else { return Array(0..<count) }
    var found: [Int] = []
    forEachBlock(query) { block, planes in
      let hits = Self.reaching(threshold, planes)
      guard hits != .zero else { return }
      for lane in 0..<8 {
        var rest = hits[lane]
        while rest != 0 {
          found.append(block * 512 + lane * 64 + rest.trailingZeroBitCount)
          rest &= rest - 1
        }
      }
    }
    return found
  }

  /// How many codes every query matches, on all threads; `[queries.count]`.
  public func matchCounts(_ queries: [SDR], threshold: Int) -> [Int] {
    parallelMap(queries.count) { matchCount(queries[$0], threshold: threshold) }
  }

  /// The bits of counters at or above `threshold`; `planes[i]` holds bit `i` of 512 counters.
  @inline(__always)
  private static func reaching(_ threshold: Int, _ planes: UnsafeMutableBufferPointer<Lane>) -> Lane {
    guard threshold >> planes.count == 0 else { return .zero }
    var above = Lane.zero
    var equal = Lane(repeating: ~0)
    for bit in stride(from: planes.count - 1, through: 0, by: -1) {
      if threshold >> bit & 1 == 1 {
        equal &= planes[bit]
      } else {
        above |= equal & planes[bit]
        equal &= ~planes[bit]
      }
    }
    return above | equal
  }

  /// Counts block by block how many of the query's cells every code has, in bit planes.
  @inline(__always)
  private func forEachBlock(
    _ query: SDR, _ body: (_ block: Int, _ planes: UnsafeMutableBufferPointer<Lane>) -> Void
  ) {
    precondition(query.n == n, "query of \(query.n) cells to codes of \(n)")
    let planeCount = max(4, Int.bitWidth - query.activeCount.leadingZeroBitCount)
    let cells = query.indices.map { Int($0) * blocksPerCell }
    columns.withUnsafeBufferPointer { columns in
      cells.withUnsafeBufferPointer { cells in
        withUnsafeTemporaryAllocation(of: Lane.self, capacity: planeCount) { planes in
          for block in 0..<blocksPerCell {
            count(columns.baseAddress! + block, cells, planes)
            body(block, planes)
          }
        }
      }
    }
  }

  /// Adds the columns up: eight at a time through carry-save adders (Harley and Seal), whose carries of weight
  /// eight ripple into the higher planes.
  @inline(__always)
  private func count(
    _ base: UnsafePointer<Lane>, _ cells: UnsafeBufferPointer<Int>, _ planes: UnsafeMutableBufferPointer<Lane>
  ) {
    var (ones, twos, fours) = (Lane.zero, Lane.zero, Lane.zero)
    for bit in 3..<planes.count { planes[bit] = .zero }
    var place = 0
    while place + 8 <= cells.count {
      let twosA = Self.add(&ones, base[cells[place]], base[cells[place + 1]])
      let twosB = Self.add(&ones, base[cells[place + 2]], base[cells[place + 3]])
      let foursA = Self.add(&twos, twosA, twosB)
      let twosC = Self.add(&ones, base[cells[place + 4]], base[cells[place + 5]])
      let twosD = Self.add(&ones, base[cells[place + 6]], base[cells[place + 7]])
      let foursB = Self.add(&twos, twosC, twosD)
      Self.ripple(Self.add(&fours, foursA, foursB), into: planes)
      place += 8
    }
    while place < cells.count {
      let carry = Self.add(&ones, base[cells[place]], .zero)
      let next = Self.add(&twos, carry, .zero)
      Self.ripple(Self.add(&fours, next, .zero), into: planes)
      place += 1
    }
    (planes[0], planes[1], planes[2]) = (ones, twos, fours)
  }

  /// A full adder on 512 counters: the sum stays in `sum`, the carry is returned.
  @inline(__always)
  private static func add(_ sum: inout Lane, _ a: Lane, _ b: Lane) -> Lane {
    let half = sum ^ a
    let carry = (sum & a) | (half & b)
    sum = half ^ b
    return carry
  }

  @inline(__always)
  private static func ripple(_ carry: Lane, into planes: UnsafeMutableBufferPointer<Lane>) {
    var carry = carry
    for bit in 3..<planes.count {
      let next = planes[bit] & carry
      planes[bit] ^= carry
      carry = next
    }
  }
}
