/// Whether paired differences are more often of one sign than chance would have it; nothing is assumed about their sizes.
public struct SignTest: Sendable, Equatable {
  public let positive: Int
  public let negative: Int

  /// Differences of 0 do not count.
  public init(_ differences: [Double]) {
    positive = differences.filter { $0 > 0 }.count
    negative = differences.filter { $0 < 0 }.count
  }

  /// The exact chance of at least so many positive ones.
  public var greater: Double { Distributions.binomialAtLeast(positive, of: positive + negative) }

  /// The exact chance of a majority of at least this size, of either sign.
  public var twoSided: Double {
    min(1, 2 * Distributions.binomialAtLeast(max(positive, negative), of: positive + negative))
  }
}
