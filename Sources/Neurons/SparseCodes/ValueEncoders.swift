import Support

/// Codes a number by a window of neighbouring cells that slides along its range: near numbers overlap.
public struct ScalarEncoder: Sendable {
  /// Cells of the code.
  public let n: Int
  /// Active cells of every pattern.
  public let a: Int
  /// The numbers that have codes of their own.
  public let range: ClosedRange<Double>

  /// - Throws: `CajalError` when the window does not fit or the range is empty.
  public init(n: Int, a: Int, range: ClosedRange<Double>) throws {
    guard a > 0, a <= n else { throw CajalError("cannot code a number with \(a) of \(n) cells") }
    guard range.lowerBound < range.upperBound else { throw CajalError("the range \(range) is empty") }
    self.n = n
    self.a = a
    self.range = range
  }

  /// The pattern of `value`; numbers outside the range get that of its nearest end.
  ///
  /// - Throws: `CajalError` for not-a-number.
  public func encode(_ value: Double) throws -> SDR {
    guard !value.isNaN else { throw CajalError("not-a-number has no code") }
    let clamped = min(max(value, range.lowerBound), range.upperBound)
    let share = (clamped - range.lowerBound) / (range.upperBound - range.lowerBound)
    let first = Int((share * Double(n - a)).rounded())
    return SDR(sortedUnique: (first..<(first + a)).map { Int32($0) }, n: n)
  }
}

/// Codes each category, such as a word, by a random pattern of its own, always the same for the same seed.
public struct CategoryEncoder: Sendable {
  /// Cells of the code.
  public let n: Int
  /// Active cells of every pattern.
  public let a: Int
  private let root: RandomGenerator

  /// - Throws: `CajalError` when the pattern does not fit.
  public init(n: Int, a: Int, seed: UInt64) throws {
    guard a > 0, a <= n else { throw CajalError("cannot code categories with \(a) of \(n) cells") }
    self.n = n
    self.a = a
    root = RandomGenerator(seed: seed)
  }

  /// The pattern of `category`.
  public func encode(_ category: String) -> SDR {
    // FNV-1a: the standard library's hash differs from run to run.
    let hash = category.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    var generator = root.split(Int(truncatingIfNeeded: hash))
    return SDR.random(n: n, a: a, using: &generator)
  }
}
