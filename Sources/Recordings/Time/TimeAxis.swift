import Support

/// When the samples of a recording were taken, in seconds, ascending: at a fixed rate, or with a stamp each.
public struct TimeAxis: Sendable, Equatable {
  private enum Kind: Sendable, Equatable {
    case regular(start: Double, rate: Double, count: Int)
    case stamps([Double])
  }
  private let kind: Kind

  /// - Parameter rate: Samples per second, above 0.
  public init(start: Double = 0, rate: Double, count: Int) {
    precondition(rate > 0 && count >= 0, "\(count) samples at \(rate) Hz")
    kind = .regular(start: start, rate: rate, count: count)
  }

  /// - Throws: `CajalError` naming `what` and the sample when a stamp is not finite or not later than the one before.
  public init(stamps: [Double], what: String) throws {
    if let wrong = stamps.firstIndex(where: { !$0.isFinite }) {
      throw CajalError("\(what): the time of sample \(wrong) is \(stamps[wrong])")
    }
    if let wrong = stamps.indices.dropFirst().first(where: { stamps[$0] <= stamps[$0 - 1] }) {
      throw CajalError(
        "\(what): sample \(wrong) at \(stamps[wrong]) s is not later than the one before, at \(stamps[wrong - 1]) s"
      )
    }
    kind = .stamps(stamps)
  }

  init(ascending stamps: [Double]) { kind = .stamps(stamps) }

  public var count: Int {
    switch kind {
    case .regular(_, _, let count): count
    case .stamps(let stamps): stamps.count
    }
  }

  public subscript(index: Int) -> Double {
    switch kind {
    case .regular(let start, let rate, _): start + Double(index) / rate
    case .stamps(let stamps): stamps[index]
    }
  }

  public var values: [Double] {
    if case .stamps(let stamps) = kind { return stamps }
    return (0..<count).map { self[$0] }
  }

  public var isRegular: Bool { if case .regular = kind { true } else { false } }

  /// Seconds between samples: the median of them where they have stamps; not a number with fewer than two.
  public var step: Double {
    switch kind {
    case .regular(_, let rate, _): return 1 / rate
    case .stamps(let stamps):
      guard stamps.count > 1 else { return .nan }
      let steps = zip(stamps, stamps.dropFirst()).map { $1 - $0 }.sorted()
      let middle = steps.count / 2
      return steps.count % 2 == 1 ? steps[middle] : (steps[middle - 1] + steps[middle]) / 2
    }
  }

  /// Samples per second: one over the median step.
  public var rate: Double { 1 / step }
  public var start: Double { count > 0 ? self[0] : 0 }
  /// When the last sample ends: one step after its time.
  public var end: Double { count > 0 ? self[count - 1] + (step.isNaN ? 0 : step) : start }

  /// The stretch from the first sample to the end of the last.
  public var support: Epochs { count > 0 ? Epochs(from: start, to: end) : Epochs() }

  /// The first sample that is not before `time`.
  public func firstIndex(notBefore time: Double) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < time { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The samples whose times lie in the epochs, as ranges, ascending.
  public func indices(in epochs: Epochs) -> [Range<Int>] {
    epochs.union.intervals.compactMap { interval in
      let range = firstIndex(notBefore: interval.start)..<firstIndex(notBefore: interval.end)
      return range.isEmpty ? nil : range
    }
  }

  /// The samples of the ranges; regular as long as they follow each other.
  public func selected(_ ranges: [Range<Int>]) -> TimeAxis {
    if case .regular(_, let rate, _) = kind, ranges.count == 1 {
      return TimeAxis(start: self[ranges[0].lowerBound], rate: rate, count: ranges[0].count)
    }
    return TimeAxis(ascending: ranges.flatMap { $0.map { self[$0] } })
  }

  /// The same, beginning earlier or later by so many seconds.
  public func shifted(by seconds: Double) -> TimeAxis {
    switch kind {
    case .regular(let start, let rate, let count):
      TimeAxis(start: start + seconds, rate: rate, count: count)
    case .stamps(let stamps): TimeAxis(ascending: stamps.map { $0 + seconds })
    }
  }
}
