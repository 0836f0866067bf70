import Foundation

/// The explicit source of randomness: xoshiro256++ seeded through SplitMix64 (Blackman and Vigna, 2019).
///
/// Same seed, same sequence on every machine. Pass it down `inout`; use ``split(_:)`` to give each
/// worker a stream of its own that does not depend on the number of threads.
public struct RandomGenerator: RandomNumberGenerator, Sendable {
  @usableFromInline var s0: UInt64
  @usableFromInline var s1: UInt64
  @usableFromInline var s2: UInt64
  @usableFromInline var s3: UInt64
  private var spareNormal: Double?

  public init(seed: UInt64) {
    var state = seed
    func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    s0 = next()
    s1 = next()
    s2 = next()
    s3 = next()
  }

  @inlinable
  public mutating func next() -> UInt64 {
    let sum = s0 &+ s3
    let result = ((sum << 23) | (sum >> 41)) &+ s0
    let t = s1 << 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    s3 = (s3 << 45) | (s3 >> 19)
    return result
  }

  /// An independent generator for the stream `index`; this generator does not advance.
  public func split(_ index: Int) -> RandomGenerator {
    var copy = self
    return RandomGenerator(seed: copy.next() ^ (UInt64(bitPattern: Int64(index)) &* 0xD134_2543_DE82_EF95))
  }

  /// A uniform number in [0, 1) with 53 random bits.
  @inlinable
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A uniform integer in `0..<bound`, without bias (Lemire, 2019).
  @inlinable
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "integer(below:) needs a positive bound, not \(bound)")
    let range = UInt64(bound)
    var product = next().multipliedFullWidth(by: range)
    if product.low < range {
      let threshold = (0 &- range) % range
      while product.low < threshold { product = next().multipliedFullWidth(by: range) }
    }
    return Int(product.high)
  }

  /// A standard normal number (Marsaglia's polar method).
  public mutating func normal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    while true {
      let u = 2 * uniform() - 1
      let v = 2 * uniform() - 1
      let square = u * u + v * v
      guard square < 1, square > 0 else { continue }
      let factor = (-2 * log(square) / square).squareRoot()
      spareNormal = v * factor
      return u * factor
    }
  }

  /// A uniformly random order of `0..<count`.
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    shuffle(&order)
    return order
  }

  /// Shuffles in place (Fisher and Yates).
  public mutating func shuffle<Element>(_ values: inout [Element]) {
    guard values.count > 1 else { return }
    for i in stride(from: values.count - 1, to: 0, by: -1) {
      values.swapAt(i, integer(below: i + 1))
    }
  }

  /// `count` different numbers of `0..<bound`, uniformly without replacement, in ascending order
  /// (Floyd's algorithm).
  public mutating func subset(_ count: Int, of bound: Int) -> [Int] {
    precondition(count <= bound, "cannot draw \(count) different numbers below \(bound)")
    var chosen = Set<Int>(minimumCapacity: count)
    for upper in (bound - count)..<bound {
      let candidate = integer(below: upper + 1)
      if !chosen.insert(candidate).inserted { chosen.insert(upper) }
    }
    return chosen.sorted()
  }
}
