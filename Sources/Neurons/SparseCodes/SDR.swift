import Support

/// A sparse distributed representation: which of `n` cells are active at one instant.
///
/// Holds the active cells twice, as sorted indices and as packed 64-bit words, so that both walking over
/// the cells and counting overlaps are fast.
public struct SDR: Hashable, Sendable {
  /// Cells in the population.
  public let n: Int
  /// The active cells in ascending order, without repetition.
  public let indices: [Int32]
  /// The same set, cell `i` being bit `i % 64` of word `i / 64`; `⌈n / 64⌉` words.
  public let words: [UInt64]

  /// Active cells, a.
  public var activeCount: Int { indices.count }
  /// The share of active cells, a / n.
  public var sparsity: Double { n == 0 ? 0 : Double(indices.count) / Double(n) }

  /// - Parameters:
  ///   - indices: active cells in any order; a repeated cell counts once.
  ///   - n: cells in the population.
  /// - Throws: `CajalError` naming a cell that is not in `0..<n`.
  public init(_ indices: some Sequence<Int>, of n: Int) throws {
    let sorted = Set(indices).sorted()
    if let wrong = sorted.first(where: { !(0..<n).contains($0) }) {
      throw CajalError("cell \(wrong) is not one of the \(n) cells 0..<\(n)")
    }
    self.init(sortedUnique: sorted.map { Int32($0) }, n: n)
  }

  /// Cells whose value is not zero, as active.
  public init(cells: some Collection<UInt8>) {
    var active: [Int32] = []
    var cell: Int32 = 0
    for value in cells {
      if value != 0 { active.append(cell) }
      cell += 1
    }
    self.init(sortedUnique: active, n: cells.count)
  }

  /// Trusts that the indices are sorted, different and below `n`.
  init(sortedUnique indices: [Int32], n: Int) {
    self.n = n
    self.indices = indices
    words = [UInt64](unsafeUninitializedCapacity: (n + 63) / 64) { buffer, count in
      count = (n + 63) / 64
      buffer.update(repeating: 0)
      for index in indices { buffer[Int(index) >> 6] |= 1 << UInt64(index & 63) }
    }
  }

  /// Reads the set out of packed words.
  init(words: [UInt64], n: Int) {
    precondition(words.count == (n + 63) / 64, "\(words.count) words cannot hold exactly \(n) cells")
    var active: [Int32] = []
    for (place, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        active.append(Int32(place * 64 + rest.trailingZeroBitCount))
        rest &= rest - 1
      }
    }
    self.n = n
    self.indices = active
    self.words = words
  }

  /// Whether `cell` is active; false for a cell outside the population.
  public func contains(_ cell: Int) -> Bool {
    (0..<n).contains(cell) && words[cell >> 6] >> UInt64(cell & 63) & 1 == 1
  }

  /// How many cells are active in both.
  public func overlap(_ other: SDR) -> Int {
    precondition(n == other.n, "overlap of \(n) cells with \(other.n)")
    var count = 0
    for word in words.indices { count &+= (words[word] & other.words[word]).nonzeroBitCount }
    return count
  }

  /// The cells active in either.
  public func union(_ other: SDR) -> SDR {
    precondition(n == other.n, "union of \(n) cells with \(other.n)")
    return SDR(words: zip(words, other.words).map { $0 | $1 }, n: n)
  }

  /// The cells active in both.
  public func intersection(_ other: SDR) -> SDR {
    precondition(n == other.n, "intersection of \(n) cells with \(other.n)")
    return SDR(words: zip(words, other.words).map { $0 & $1 }, n: n)
  }

  /// Shared cells over cells active in either; 1 for two empty sets.
  public func jaccard(_ other: SDR) -> Double {
    let shared = overlap(other)
    let either = activeCount + other.activeCount - shared
    return either == 0 ? 1 : Double(shared) / Double(either)
  }
}

extension SDR {
  /// `a` of `n` cells, uniformly without replacement (data generator 1).
  public static func random(n: Int, a: Int, using generator: inout RandomGenerator) -> SDR {
    precondition(a >= 0 && a <= n, "cannot activate \(a) of \(n) cells")
    var words = [UInt64](repeating: 0, count: (n + 63) / 64)
    // Whichever is fewer is drawn, active or silent cells, so that at most half of the draws are repeated.
    let isComplement = a > n / 2
    add(isComplement ? n - a : a, to: &words, n: n, avoiding: words, using: &generator)
    if isComplement {
      for place in words.indices { words[place] = ~words[place] }
      if n % 64 != 0 { words[words.count - 1] &= ~(~0 << UInt64(n % 64)) }
    }
    return SDR(words: words, n: n)
  }

  /// A random part of the active cells, as a segment samples a pattern; all of them if there are fewer.
  public func subsample(_ count: Int, using generator: inout RandomGenerator) -> SDR {
    guard count < activeCount else { return self }
    return SDR(sortedUnique: someActive(count, using: &generator).sorted(), n: n)
  }

  /// Noise: `v` active cells fall silent and `v` cells that were silent before become active, so that the
  /// sparsity stays.
  ///
  /// - Parameter v: cells to replace, at most the active and at most the silent ones.
  public func withNoise(_ v: Int, using generator: inout RandomGenerator) -> SDR {
    precondition(
      v >= 0 && v <= activeCount && v <= n - activeCount,
      "cannot replace \(v) of \(activeCount) active among \(n) cells")
    var changed = words
    for cell in someActive(v, using: &generator) { changed[Int(cell) >> 6] &= ~(1 << UInt64(cell & 63)) }
    // A cell of the original pattern may not return.
    Self.add(v, to: &changed, n: n, avoiding: words, using: &generator)
    return SDR(words: changed, n: n)
  }

  /// `count` different active cells in random order.
  private func someActive(_ count: Int, using generator: inout RandomGenerator) -> ArraySlice<Int32> {
    var cells = indices
    for place in 0..<count {
      cells.swapAt(place, place + generator.integer(below: cells.count - place))
    }
    return cells[..<count]
  }

  /// Activates `count` random cells that neither `words` nor `forbidden` holds.
  private static func add(
    _ count: Int, to words: inout [UInt64], n: Int, avoiding forbidden: [UInt64],
    using generator: inout RandomGenerator
  ) {
    var missing = count
    while missing > 0 {
      let cell = generator.integer(below: n)
      let bit: UInt64 = 1 << UInt64(cell & 63)
      guard (words[cell >> 6] | forbidden[cell >> 6]) & bit == 0 else { continue }
      words[cell >> 6] |= bit
      missing -= 1
    }
  }
}
