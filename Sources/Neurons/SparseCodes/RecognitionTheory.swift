import Foundation

/// The exact error rates of dendritic segments that recognise sparse patterns (Ahmad and Hawkins, 2016).
///
/// Symbols as in the paper: `n` cells, `a` of them active in a pattern, `s` synapses on a segment, a spike at
/// `theta` or more active synapses, `v` active cells replaced by noise, `M` patterns in a union. Rates hold
/// for uniformly random patterns and are exact to about 1e-13 relative at any depth; the log10 forms reach
/// below the smallest `Double`, and an impossible event is exactly 0, its log10 minus infinity.
public enum RecognitionTheory {
  // MARK: One segment

  /// The probability that a random pattern fires a segment: the tail of a hypergeometric law (paper, eq. 4).
  public static func falsePositive(n: Int, a: Int, s: Int, theta: Int) -> Double {
    falsePositiveTail(n, a, s, theta).value
  }

  /// The decimal logarithm of ``falsePositive(n:a:s:theta:)``; minus infinity for 0.
  public static func log10FalsePositive(n: Int, a: Int, s: Int, theta: Int) -> Double {
    falsePositiveTail(n, a, s, theta).log10
  }

  /// The probability that a segment misses its own pattern after `v` of the `a` active cells were replaced:
  /// more than `s - theta` synapses are lost. It does not depend on n.
  public static func falseNegative(a: Int, s: Int, theta: Int, v: Int) -> Double {
    falseNegativeTail(a, s, theta, v).value
  }

  /// The decimal logarithm of ``falseNegative(a:s:theta:v:)``; minus infinity for 0.
  public static func log10FalseNegative(a: Int, s: Int, theta: Int, v: Int) -> Double {
    falseNegativeTail(a, s, theta, v).log10
  }

  // MARK: Unions

  /// The expected number of different cells in `count` random sets of `k` among `n` cells.
  ///
  /// With k = s it is the size of a segment that stores `count` patterns, with k = a that of `count`
  /// patterns active at once; the two forms must not be mixed.
  public static func unionSize(n: Int, k: Int, count: Int) -> Double {
    precondition(k >= 0 && k <= n && n > 0, "sets of \(k) among \(n) cells")
    precondition(count >= 0, "\(count) sets in a union")
    if count == 0 { return 0 }
    return -Double(n) * expm1(Double(count) * log1p(-Double(k) / Double(n)))
  }

  /// False positives of a segment that stores `count` patterns with `s` synapses each (synapse form).
  public static func falsePositive(n: Int, a: Int, s: Int, theta: Int, storedPatterns count: Int) -> Double {
    falsePositive(n: n, a: a, s: Int(unionSize(n: n, k: s, count: count).rounded()), theta: theta)
  }

  /// False positives of a segment while `count` patterns of `a` cells are active together (pattern form).
  public static func falsePositive(n: Int, a: Int, s: Int, theta: Int, activePatterns count: Int) -> Double {
    falsePositive(n: n, a: Int(unionSize(n: n, k: a, count: count).rounded()), s: s, theta: theta)
  }

  // MARK: A neuron of many segments

  /// The probability that at least one of `segments` independent segments fires at a random pattern.
  public static func neuronFalsePositive(n: Int, a: Int, s: Int, theta: Int, segments: Int) -> Double {
    anyOf(segments, falsePositive(n: n, a: a, s: s, theta: theta))
  }

  /// The decimal logarithm of ``neuronFalsePositive(n:a:s:theta:segments:)``.
  public static func log10NeuronFalsePositive(n: Int, a: Int, s: Int, theta: Int, segments: Int) -> Double {
    let tail = falsePositiveTail(n, a, s, theta)
    // So deep that the union bound is exact.
    if tail.value < 1e-290 { return tail.log10 + log10(Double(segments)) }
    return log10(anyOf(segments, tail.value))
  }

  /// 1 - (1 - p)^count, without loss for small p.
  public static func anyOf(_ count: Int, _ p: Double) -> Double {
    precondition(count >= 0, "\(count) events")
    return count == 0 ? 0 : -expm1(Double(count) * log1p(-p))
  }

  // MARK: Tails

  static func falsePositiveTail(_ n: Int, _ a: Int, _ s: Int, _ theta: Int) -> ScaledProbability {
    precondition(a >= 0 && a <= n && s >= 0 && s <= n, "a = \(a) and s = \(s) of n = \(n) cells")
    return Hypergeometric.upperTail(population: n, marked: s, drawn: a, atLeast: theta)
  }

  static func falseNegativeTail(_ a: Int, _ s: Int, _ theta: Int, _ v: Int) -> ScaledProbability {
    precondition(
      s >= 0 && s <= a && v >= 0 && v <= a, "s = \(s) synapses and v = \(v) lost of a = \(a) cells")
    return Hypergeometric.upperTail(population: a, marked: s, drawn: v, atLeast: s - theta + 1)
  }
}
