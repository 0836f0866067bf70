import Foundation

/// A rate counted in independent trials, with Wilson's interval (1927).
public struct BinomialEstimate: Sendable, Equatable, Codable {
  /// Trials in which it happened.
  public var events: Int
  /// All trials.
  public var trials: Int

  /// `events` of `trials`.
  public init(events: Int, trials: Int) {
    precondition(events >= 0 && events <= trials, "\(events) events in \(trials) trials")
    self.events = events
    self.trials = trials
  }

  /// Not a number without trials.
  public var rate: Double { Double(events) / Double(trials) }

  /// Wilson's score interval; right also for rates near 0 and 1, where the usual one fails.
  public func interval(confidence: Double = 0.99) -> ClosedRange<Double> {
    guard trials > 0 else { return 0...1 }
    let z = Self.normalQuantile(twoSided: confidence)
    let count = Double(trials)
    let centre = rate + z * z / (2 * count)
    let half = z * (rate * (1 - rate) / count + z * z / (4 * count * count)).squareRoot()
    let scale = 1 + z * z / count
    let low = events == 0 ? 0 : max(0, (centre - half) / scale)
    let high = events == trials ? 1 : min(1, (centre + half) / scale)
    return low...high
  }

  /// Both counts together.
  public static func + (left: Self, right: Self) -> Self {
    Self(events: left.events + right.events, trials: left.trials + right.trials)
  }

  /// How many standard deviations to each side hold the share `confidence` of a normal law.
  static func normalQuantile(twoSided confidence: Double) -> Double {
    precondition(confidence > 0 && confidence < 1, "confidence \(confidence) is not between 0 and 1")
    var (low, high) = (0.0, 40.0)
    for _ in 0..<80 {
      let middle = (low + high) / 2
      if erfc(middle / 2.0.squareRoot()) > 1 - confidence { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
