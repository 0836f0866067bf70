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

  public static func log10FalsePositive(n: Int, a: Int, s: Int, theta: Int) -> Double {
    falsePositiveTail(n, a, s, theta).log10
  }

  /// The probability that a segment misses its own pattern after `v` of the `a` active cells were replaced:
  /// more than `s - theta` synapses are lost. It does not depend on n.
  public static func falseNegative(a: Int, s: Int, theta: Int, v: Int) -> Double {
    falseNegativeTail(a, s, theta, v).value
  }

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

  /// The error rate of two competing neurons whose `segments` segments each store one pattern and fire with
  /// probability `p` at another: the neuron that owns the pattern counts one sure spike plus chance
  /// spikes, its rival chance spikes alone; ties are decided by a coin.
  public static func competingNeuronsError(segments: Int, p: Double) -> Double {
    let own = binomial(segments - 1, p)
    let rival = binomial(segments, p)
    var error = 0.0
    var below = 0.0
    for j in 0...segments {
      // The rival has j spikes, the owner 1 + i: it loses outright for i < j - 1.
      if j >= 2 { below += own[j - 2] }
      error += rival[j] * (below + (j >= 1 ? own[j - 1] / 2 : 0))
    }
    return error
  }

  private static func binomial(_ count: Int, _ p: Double) -> [Double] {
    let (logP, logQ) = (log(p), log1p(-p))
    return (0...max(count, 0)).map { k in
      if p <= 0 { return k == 0 ? 1 : 0 }
      let choose = lgamma(Double(count + 1)) - lgamma(Double(k + 1)) - lgamma(Double(count - k + 1))
      return exp(choose + Double(k) * logP + Double(count - k) * logQ)
    }
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
