import Support

/// Many sparse codes over the same cells, packed for fast counting: a code book, or the segments of a neuron.
///
/// Eight codes stand side by side: word `w` of codes `8b ... 8b + 7` is one 512-bit vector, so that one
/// instruction counts a word of eight codes and no sum across lanes is needed. Words of the query without
/// an active cell are skipped.
public struct SDRMatrix: Sendable {
  typealias Block = SIMD8<UInt64>

  /// Cells in the population.
  public let n: Int
  /// Codes held.
  public private(set) var count: Int
  /// Active cells of every code.
  public private(set) var activeCounts: [Int32]
  /// `[⌈count / 8⌉, wordsPerCode]`; the lanes behind the last code are zero.
  private(set) var blocks: [Block]

  /// 64-bit words of one code.
  public var wordsPerCode: Int { (n + 63) / 64 }

  /// An empty matrix over `n` cells.
  public init(n: Int, reserving capacity: Int = 0) {
    precondition(n > 0, "a code needs at least one cell, not \(n)")
    self.n = n
    count = 0
    activeCounts = []
    activeCounts.reserveCapacity(capacity)
    blocks = []
    blocks.reserveCapacity((capacity + 7) / 8 * ((n + 63) / 64))
  }

  /// `count` codes without an active cell.
  private init(n: Int, zeros count: Int) {
    self.n = n
    self.count = count
    activeCounts = [Int32](repeating: 0, count: count)
    blocks = [Block](repeating: .zero, count: (count + 7) / 8 * ((n + 63) / 64))
  }

  /// - Throws: `CajalError` when there is no code or their numbers of cells differ.
  public init(_ codes: [SDR]) throws {
    guard let first = codes.first else { throw CajalError("a code matrix needs at least one code") }
    self.init(n: first.n, reserving: codes.count)
    for (row, code) in codes.enumerated() {
      guard code.n == n else {
        throw CajalError("code \(row) has \(code.n) cells where \(n) were expected")
      }
      append(code)
    }
  }

  /// Packed words as other programs keep them: `[count, ⌈n / 64⌉]`, row-major, cell `i` being bit `i % 64`.
  ///
  /// - Throws: `CajalError` when the number of words does not fit, or bits at or beyond `n` are set.
  public init(packed words: [UInt64], count: Int, n: Int) throws {
    self.init(n: n, reserving: count)
    let perCode = wordsPerCode
    guard words.count == count * perCode else {
      throw CajalError("\(words.count) words where \(count) codes of \(n) cells take \(count * perCode)")
    }
    let beyond: UInt64 = n % 64 == 0 ? 0 : ~0 << UInt64(n % 64)
    for row in 0..<count {
      guard words[(row + 1) * perCode - 1] & beyond == 0 else {
        throw CajalError("code \(row) has active cells beyond the last cell \(n - 1)")
      }
      words.withUnsafeBufferPointer {
        append(UnsafeBufferPointer(rebasing: $0[row * perCode..<(row + 1) * perCode]))
      }
    }
  }

  /// `count` uniformly random codes with `a` active cells each (data generator 1).
  public static func random(count: Int, n: Int, a: Int, using generator: inout RandomGenerator) -> SDRMatrix {
    var matrix = SDRMatrix(n: n, reserving: count)
    for _ in 0..<count { matrix.append(SDR.random(n: n, a: a, using: &generator)) }
    return matrix
  }

  /// Adds a code as the last row.
  public mutating func append(_ code: SDR) {
    precondition(code.n == n, "code of \(code.n) cells in a matrix of \(n)")
    code.words.withUnsafeBufferPointer { append($0) }
  }

  private mutating func append(_ words: UnsafeBufferPointer<UInt64>) {
    if count % 8 == 0 { blocks.append(contentsOf: repeatElement(.zero, count: wordsPerCode)) }
    count += 1
    activeCounts.append(0)
    write(words, at: count - 1)
  }

  /// The code at `row`.
  public subscript(row: Int) -> SDR {
    get { SDR(words: packedWords(row), n: n) }
    set {
      precondition(newValue.n == n, "code of \(newValue.n) cells in a matrix of \(n)")
      newValue.words.withUnsafeBufferPointer { write($0, at: row) }
    }
  }

  /// The packed words of the code at `row`.
  public func packedWords(_ row: Int) -> [UInt64] {
    precondition((0..<count).contains(row), "row \(row) of \(count)")
    let base = row / 8 * wordsPerCode
    return (0..<wordsPerCode).map { blocks[base + $0][row % 8] }
  }

  private mutating func write(_ words: UnsafeBufferPointer<UInt64>, at row: Int) {
    precondition((0..<count).contains(row), "row \(row) of \(count)")
    let base = row / 8 * wordsPerCode
    var active = 0
    for w in 0..<words.count {
      blocks[base + w][row % 8] = words[w]
      active += words[w].nonzeroBitCount
    }
    activeCounts[row] = Int32(active)
  }

  /// All codes one by one.
  public var codes: [SDR] { (0..<count).map { self[$0] } }

  /// The cells active in any of the codes.
  public func union() -> SDR {
    var words = [Block](repeating: .zero, count: wordsPerCode)
    for base in stride(from: 0, to: blocks.count, by: wordsPerCode) {
      for w in 0..<wordsPerCode { words[w] |= blocks[base + w] }
    }
    return SDR(words: words.map { block in (0..<8).reduce(0) { $0 | block[$1] } }, n: n)
  }

  /// The cells active in any code of each range of rows, such as the steps of a window of time: one code a range.
  public func unions(of ranges: [Range<Int>]) -> SDRMatrix {
    var result = SDRMatrix(n: n, zeros: ranges.count)
    let wordsPerCode = wordsPerCode
    var eights = [Block](repeating: .zero, count: wordsPerCode)
    blocks.withUnsafeBufferPointer { blocks in
      result.blocks.withUnsafeMutableBytes { out in
        let out = out.bindMemory(to: UInt64.self)
        eights.withUnsafeMutableBufferPointer { eights in
          for (index, range) in ranges.enumerated() {
            precondition(range.lowerBound >= 0 && range.upperBound <= count, "rows \(range) of \(count)")
            unite(range, blocks, into: eights)
            let start = index / 8 * wordsPerCode * 8 + index % 8
            var active = 0
            for w in 0..<wordsPerCode {
              let four = eights[w].lowHalf | eights[w].highHalf
              let two = four.lowHalf | four.highHalf
              let word = two[0] | two[1]
              out[start + w * 8] = word
              active += word.nonzeroBitCount
            }
            result.activeCounts[index] = Int32(active)
          }
        }
      }
    }
    return result
  }

  /// Joins the rows lane by lane; lanes of the first and last block that lie outside the range are blanked.
  @inline(__always)
  private func unite(
    _ rows: Range<Int>, _ blocks: UnsafeBufferPointer<Block>, into eights: UnsafeMutableBufferPointer<Block>
  ) {
    eights.update(repeating: .zero)
    let lanes = SIMD8<Int64>(0, 1, 2, 3, 4, 5, 6, 7)
    for block in rows.lowerBound / 8..<(rows.upperBound + 7) / 8 where !rows.isEmpty {
      let row = lanes &+ Int64(block * 8)
      let inside = (row .>= Int64(rows.lowerBound)) .& (row .< Int64(rows.upperBound))
      let mask = Block.zero.replacing(with: .max, where: inside)
      let source = blocks.baseAddress! + block * eights.count
      for w in 0..<eights.count { eights[w] |= source[w] & mask }
    }
  }

  /// Cells and codes exchanged: row `i` says in which codes cell `i` is active.
  public func transposed() -> SDRMatrix {
    precondition(count > 0, "nothing to transpose")
    var members = [[Int32]](repeating: [], count: n)
    for row in 0..<count { for cell in self[row].indices { members[Int(cell)].append(Int32(row)) } }
    var result = SDRMatrix(n: count, reserving: n)
    for cell in 0..<n { result.append(SDR(sortedUnique: members[cell], n: count)) }
    return result
  }
}
