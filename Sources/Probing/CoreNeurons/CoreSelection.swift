import Support

/// How the core neurons of a text are chosen from the activity of its tokens (CoreInfer, Wang et al., 2024, section 4).
///
/// Each token names its strongest neurons; those that most tokens name are the core of the text. `code` and `paper` differ
/// in how many a token names: the reference code takes one number for all tokens, the paper the share of each token's own
/// positive neurons.
public struct CoreSelection: Sendable, Equatable {
  /// By what neurons are ranked.
  public enum Score: String, Sendable, CaseIterable {
    /// Counts of the largest activity, as in the paper: large negative activity counts for nothing.
    case signed
    /// Counts of the largest activity whatever its sign.
    case absolute
    /// The mean of the activity's size over the tokens, without counting.
    case meanAbsolute
  }
  /// How many neurons a token names: `code` as the published program does, `paper` as its text says.
  public enum Form: String, Sendable, CaseIterable { case code, paper }

  /// The share of its positive neurons that a token names.
  public var alpha: Double
  /// The share of all neurons that is kept.
  public var beta: Double
  /// By what neurons are ranked.
  public var score: Score
  /// How many a token names.
  public var form: Form

  public init(alpha: Double = 0.4, beta: Double = 0.4, score: Score = .signed, form: Form = .code) {
    precondition(alpha >= 0 && alpha <= 1 && beta >= 0 && beta <= 1, "alpha \(alpha), beta \(beta)")
    self.alpha = alpha
    self.beta = beta
    self.score = score
    self.form = form
  }

  /// What was chosen for one block.
  public struct Core: Sendable, Equatable {
    /// Positions, ascending.
    public var neurons: [Int]
    /// How many tokens name each of the N neurons; its mean size for ``Score/meanAbsolute``.
    public var scores: [Double]
    /// How many neurons every token names; nil where that differs between tokens or none are named.
    public var limit: Int?
  }

  /// The core of a text.
  ///
  /// - Parameters:
  ///   - activity: `[M, N]` of M tokens, row-major.
  ///   - neurons: N.
  /// - Returns: Fewer than the share `beta` where code form and counts leave neurons that no token names. Where values or
  ///   counts are equal the lower position comes first.
  public func core(_ activity: [Float], neurons: Int) -> Core {
    activity.withUnsafeBufferPointer { core($0, neurons: neurons) }
  }

  /// The same without a copy.
  public func core(_ activity: UnsafeBufferPointer<Float>, neurons: Int) -> Core {
    let (scores, limit) = scores(activity, neurons: neurons)
    return Core(neurons: chosen(by: scores), scores: scores, limit: limit)
  }

  /// What neurons are ranked by, for one text; sums over texts rank those of several.
  public func scores(_ activity: UnsafeBufferPointer<Float>, neurons: Int) -> (scores: [Double], limit: Int?)
  {
    precondition(
      neurons > 0 && !activity.isEmpty && activity.count % neurons == 0,
      "activity of \(activity.count) numbers for \(neurons) neurons")
    let tokens = activity.count / neurons
    if score == .meanAbsolute { return (Self.meanSizes(activity, tokens, neurons), nil) }
    var ranking = TokenRanking(neurons: neurons, absolute: score == .absolute)
    guard form == .code else {
      for token in 0..<tokens {
        ranking.load(activity, row: token)
        let named = alpha * Double(ranking.positives)
        ranking.count(Int(named.rounded(.toNearestOrEven)))
      }
      return (ranking.counts.map(Double.init), nil)
    }
    var positives = 0
    for token in 0..<tokens {
      ranking.load(activity, row: token)
      positives += ranking.positives
    }
    let limit = Int(alpha * Double(positives) / Double(tokens))
    for token in 0..<tokens {
      ranking.load(activity, row: token)
      ranking.count(min(limit, neurons))
    }
    return (ranking.counts.map(Double.init), limit)
  }

  /// The kept share of neurons with the highest scores, ascending.
  public func chosen(by scores: [Double]) -> [Int] {
    let share = beta * Double(scores.count)
    let kept = form == .code ? Int(share) : Int(share.rounded(.toNearestOrEven))
    let largest = LargestPositions.of(scores, count: kept)
    let leavesUncounted = form == .code && score != .meanAbsolute
    return leavesUncounted ? largest.filter { scores[$0] > 0 } : largest
  }

  private static func meanSizes(
    _ activity: UnsafeBufferPointer<Float>, _ tokens: Int, _ neurons: Int
  ) -> [Double] {
    var sums = [Float](repeating: 0, count: neurons)
    sums.withUnsafeMutableBufferPointer { sums in
      for token in 0..<tokens {
        let row = activity.baseAddress! + token * neurons
        for n in 0..<neurons { sums[n] += abs(row[n]) }
      }
    }
    return sums.map { Double($0) / Double(tokens) }
  }
}

/// Counts how often neurons are among the largest of a token.
///
/// The threshold of a token is found by halving the range of the numbers' bits, in loops that run in vector registers: some
/// microseconds for 1,536 neurons, where sorting takes fifty.
struct TokenRanking {
  private(set) var counts: [Int32]
  /// The activity of the token as whole numbers of the same order.
  private var keys: [Int32]
  private let sizeOnly: Bool

  init(neurons: Int, absolute: Bool) {
    counts = [Int32](repeating: 0, count: neurons)
    keys = [Int32](repeating: 0, count: neurons)
    sizeOnly = absolute
  }

  /// Takes one token's row of `[M, N]`.
  mutating func load(_ activity: UnsafeBufferPointer<Float>, row: Int) {
    let values = activity.baseAddress! + row * keys.count
    // Of negative numbers larger bits are smaller values; minus zero becomes zero.
    let (sign, size): (Int32, Int32) = sizeOnly ? (0, 0x7FFF_FFFF) : (0x7FFF_FFFF, -1)
    keys.withUnsafeMutableBufferPointer { keys in
      let (start, length) = (keys.baseAddress!, keys.count)
      for n in 0..<length {
        let bits = Int32(bitPattern: (values[n] + 0).bitPattern) & size
        start[n] = bits ^ (bits >> 31) & sign
      }
    }
  }

  /// How many neurons of the loaded token are positive (not zero, where only sizes count).
  var positives: Int { Self.above(0, keys) }

  /// Counts the loaded token's `limit` largest; of equal ones those of lower positions.
  mutating func count(_ limit: Int) {
    guard limit > 0 else { return }
    let threshold = threshold(limit)
    keys.withUnsafeBufferPointer { keys in
      counts.withUnsafeMutableBufferPointer { counts in
        let (keys, counts, length) = (keys.baseAddress!, counts.baseAddress!, counts.count)
        var above: Int32 = 0
        for n in 0..<length {
          let isAbove = Int32(truncatingIfNeeded: keys[n] > threshold ? 1 : 0)
          counts[n] &+= isAbove
          above &+= isAbove
        }
        var (left, n) = (limit - Int(above), 0)
        while left > 0 {
          if keys[n] == threshold {
            counts[n] &+= 1
            left -= 1
          }
          n += 1
        }
      }
    }
  }

  /// A key with at most `limit` keys above it; where they are fewer, those equal to it fill up.
  private func threshold(_ limit: Int) -> Int32 {
    var (low, high) = (Int64(-0x7FFF_FFFF), Int64(0x7FFF_FFFF))
    while low < high {
      let middle = (low + high + 1) >> 1
      let count = Self.above(Int32(middle - 1), keys)
      // Found without looking for the last bit.
      if count == limit { return Int32(middle - 1) }
      if count > limit { low = middle } else { high = middle - 1 }
    }
    return Int32(low)
  }

  /// Whole numbers of 32 bits throughout, so that sixteen are compared at a time.
  private static func above(_ bound: Int32, _ keys: [Int32]) -> Int {
    keys.withUnsafeBufferPointer { keys in
      let (start, length) = (keys.baseAddress!, keys.count)
      var count: Int32 = 0
      for n in 0..<length { count &+= Int32(truncatingIfNeeded: start[n] > bound ? 1 : 0) }
      return Int(count)
    }
  }
}
