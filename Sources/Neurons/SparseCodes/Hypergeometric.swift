import Foundation

/// A probability that may lie far below the smallest `Double`: `mantissa · 2^exponent`.
struct ScaledProbability: Equatable {
  private(set) var mantissa: Double
  private(set) var exponent: Int

  static let zero = ScaledProbability(0)
  static let one = ScaledProbability(1)

  init(_ value: Double) {
    mantissa = value
    exponent = 0
    normalise()
  }

  private mutating func normalise() {
    guard mantissa != 0 else {
      exponent = 0
      return
    }
    exponent += Int(mantissa.exponent)
    mantissa = mantissa.significand * (mantissa < 0 ? -1 : 1)
  }

  static func *= (left: inout ScaledProbability, right: Double) {
    left.mantissa *= right
    left.normalise()
  }

  /// 0 where it is below the smallest `Double`.
  var value: Double { scalbn(mantissa, exponent) }

  /// Minus infinity for 0.
  var log10: Double {
    // Near 1 the two terms would cancel.
    if exponent >= -1 { return Foundation.log10(value) }
    return Foundation.log10(mantissa) + Double(exponent) * 0.301_029_995_663_981_2
  }
}

/// The law of the overlap between a fixed and a random subset, exact to rounding at any depth of its tail.
enum Hypergeometric {
  /// The probability that `drawn` of `population` things, uniformly without replacement, contain at least `k`
  /// of the `marked` ones.
  ///
  /// One term is built from at most min(marked, drawn) factors, the others follow by the ratio of
  /// consecutive terms, so that no factorial is ever formed and errors stay near the rounding of a `Double`.
  static func upperTail(population: Int, marked: Int, drawn: Int, atLeast k: Int) -> ScaledProbability {
    let lowest = max(0, drawn - (population - marked))
    let highest = min(marked, drawn)
    if k <= lowest { return .one }
    if k > highest { return .zero }
    // The largest term of the tail; all others are smaller, so that their sum cannot overflow.
    let mode = Int((Double(drawn) + 1) * (Double(marked) + 1) / (Double(population) + 2))
    let start = min(max(k, mode), highest)
    func ratio(_ b: Int) -> Double {
      Double(marked - b) * Double(drawn - b)
        / (Double(b + 1) * Double(population - marked - drawn + b + 1))
    }
    var sum = 1.0
    var term = 1.0
    for b in start..<highest {
      term *= ratio(b)
      sum += term
      if term < sum * 1e-19, b > mode { break }
    }
    term = 1
    for b in stride(from: start - 1, through: k, by: -1) {
      term /= ratio(b)
      sum += term
      if term < sum * 1e-19 { break }
    }
    var tail = probability(population: population, marked: marked, drawn: drawn, exactly: start)
    tail *= sum
    // Rounding may lift a certain event above 1 by an ulp or two.
    return tail.value > 1 ? .one : tail
  }

  /// The probability of exactly `b` marked things among the drawn.
  static func probability(population: Int, marked: Int, drawn: Int, exactly b: Int) -> ScaledProbability {
    // Exchanging marked and drawn changes nothing; the fewer factors, the smaller the error.
    let (few, many) = (min(marked, drawn), max(marked, drawn))
    guard b >= max(0, drawn + marked - population), b <= few else { return .zero }
    var result = ScaledProbability.one
    for i in 0..<b { result *= Double(many - i) / Double(population - i) }
    for j in 0..<(few - b) { result *= Double(population - many - j) / Double(population - b - j) }
    for i in 0..<min(b, few - b) { result *= Double(few - i) / Double(i + 1) }
    return result
  }
}
