import Support

/// The receiver operating characteristic of scores: how many positives and negatives lie at or above each threshold.
public struct ROCCurve: Sendable {
  /// Rates at falling thresholds, from (0, 0) to (1, 1); scores that are equal share a point.
  public let falsePositiveRates, truePositiveRates: [Double]

  /// - Throws: `CajalError` unless there are as many labels as scores, of both kinds, and no score is not a number.
  public init(scores: [Double], labels: [Bool]) throws {
    let positives = labels.count { $0 }
    guard scores.count == labels.count, positives > 0, positives < labels.count else {
      throw CajalError(
        "a receiver operating characteristic of \(scores.count) scores and \(labels.count) labels, \(positives) of them positive: both kinds are needed"
      )
    }
    guard scores.allSatisfy({ !$0.isNaN }) else { throw CajalError("a score is not a number") }
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    var (falses, trues) = ([0.0], [0.0])
    var (hits, alarms) = (0, 0)
    for (place, index) in order.enumerated() {
      if labels[index] { hits += 1 } else { alarms += 1 }
      if place + 1 < order.count, scores[order[place + 1]] == scores[index] { continue }
      falses.append(Double(alarms) / Double(labels.count - positives))
      trues.append(Double(hits) / Double(positives))
    }
    (falsePositiveRates, truePositiveRates) = (falses, trues)
  }

  /// The rate of true positives at the lowest threshold whose rate of false positives is at most `rate`.
  public func truePositiveRate(atFalsePositiveRate rate: Double) -> Double {
    let place = falsePositiveRates.lastIndex { $0 <= rate } ?? 0
    return truePositiveRates[place]
  }

  /// The area below the curve; equal scores count half.
  public var area: Double {
    var sum = 0.0
    for place in 1..<falsePositiveRates.count {
      let width = falsePositiveRates[place] - falsePositiveRates[place - 1]
      sum += width * (truePositiveRates[place] + truePositiveRates[place - 1]) / 2
    }
    return sum
  }

  /// The curve on at most `count` points, for figures.
  public func thinned(to count: Int) -> (falsePositiveRates: [Double], truePositiveRates: [Double]) {
    let step = max(1, falsePositiveRates.count / max(count, 2))
    var places = Array(stride(from: 0, to: falsePositiveRates.count, by: step))
    if places.last != falsePositiveRates.count - 1 { places.append(falsePositiveRates.count - 1) }
    return (places.map { falsePositiveRates[$0] }, places.map { truePositiveRates[$0] })
  }
}
