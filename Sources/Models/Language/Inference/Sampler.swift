import Foundation
import Support

/// How the next token is chosen of its logits. Filters act in the order of the properties.
public struct Sampler: Sendable, Equatable {
  /// What logits are divided by; 0 takes the most likely token.
  public var temperature: Double
  /// Only so many of the most likely; 0 for all.
  public var topK: Int
  /// Only the most likely whose probabilities add up to this.
  public var topP: Double
  /// Only those at least this times as likely as the most likely.
  public var minP: Double
  /// Logits of tokens that occurred lately are divided by this where positive, multiplied where negative; 1 for none.
  public var repetitionPenalty: Double
  /// How many of the last tokens count as lately.
  public var repetitionWindow: Int

  public init(
    temperature: Double = 0, topK: Int = 0, topP: Double = 1, minP: Double = 0, repetitionPenalty: Double = 1,
    repetitionWindow: Int = 64
  ) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.minP = minP
    self.repetitionPenalty = repetitionPenalty
    self.repetitionWindow = repetitionWindow
  }

  /// The most likely token always.
  public static let greedy = Sampler()

  /// A token by its logits `[V]`, given the tokens before it.
  public func choose(_ logits: [Float], after tokens: [Int], using generator: inout RandomGenerator) -> Int {
    var logits = logits
    if repetitionPenalty != 1 {
      for token in Set(tokens.suffix(repetitionWindow)) {
        logits[token] =
          logits[token] > 0
          ? logits[token] / Float(repetitionPenalty) : logits[token] * Float(repetitionPenalty)
      }
    }
    guard temperature > 0 else { return logits.withUnsafeBufferPointer(Self.largest) }
    let kept = candidates(logits)
    var left = generator.uniform() * kept.reduce(0) { $0 + $1.probability }
    for candidate in kept {
      left -= candidate.probability
      if left < 0 { return candidate.token }
    }
    return kept[kept.count - 1].token
  }

  /// What the filters leave, most likely first, and their probabilities before the last filters.
  func candidates(_ logits: [Float]) -> [(token: Int, probability: Double)] {
    let top = logits[logits.withUnsafeBufferPointer(Self.largest)]
    // Whatever is e^-40 times as likely as the most likely is never drawn; without it sorting is short.
    let floor = top - Float(40 * temperature)
    var kept = logits.indices.filter { logits[$0] > floor }.map { (token: $0, logit: logits[$0]) }
    kept.sort { ($1.logit, $0.token) < ($0.logit, $1.token) }
    if topK > 0 { kept = Array(kept.prefix(topK)) }
    var shares = kept.map { (token: $0.token, probability: exp(Double($0.logit - top) / temperature)) }
    let sum = shares.reduce(0) { $0 + $1.probability }
    for index in shares.indices { shares[index].probability /= sum }
    if topP < 1 {
      var total = 0.0
      let count = shares.firstIndex { share in
        total += share.probability
        return total >= topP
      }
      shares = Array(shares.prefix((count ?? shares.count - 1) + 1))
    }
    if minP > 0 {
      let least = minP * shares[0].probability
      shares = shares.filter { $0.probability >= least }
    }
    return shares
  }

  /// The position of the largest logit; the first of equals.
  static func largest(_ logits: UnsafeBufferPointer<Float>) -> Int {
    var best = 0
    for index in logits.indices where logits[index] > logits[best] { best = index }
    return best
  }
}

extension Sampler {
  /// - Throws: `CajalError` naming a setting that is out of range.
  public func checked() throws -> Sampler {
    func demand(_ isRight: Bool, _ message: String) throws { if !isRight { throw CajalError(message) } }
    try demand(
      temperature >= 0 && temperature.isFinite, "the temperature is \(temperature), expected 0 or more")
    try demand(topK >= 0, "top-k is \(topK), expected 0 (all) or more")
    try demand(topP > 0 && topP <= 1, "top-p is \(topP), expected above 0 to 1")
    try demand(minP >= 0 && minP <= 1, "min-p is \(minP), expected 0 to 1")
    try demand(repetitionPenalty > 0, "the repetition penalty is \(repetitionPenalty), expected above 0")
    try demand(repetitionWindow >= 0, "the repetition window is \(repetitionWindow), expected 0 or more")
    return self
  }
}
