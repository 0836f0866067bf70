import Support

/// A stretch of time in seconds: from its start on, up to but without its end.
///
/// This is the one rule of all edges in Cajal: what happens at `start` belongs to the interval, what happens at `end` does not.
/// So neighbouring intervals share nothing, and every moment belongs to one of them.
public struct Interval: Sendable, Equatable, Hashable, Codable {
  public var start: Double
  public var end: Double

  /// - Parameter end: Not before `start`.
  public init(_ start: Double, _ end: Double) {
    precondition(start <= end, "an interval from \(start) to \(end) s")
    (self.start, self.end) = (start, end)
  }

  public var duration: Double { end - start }
  public func contains(_ time: Double) -> Bool { time >= start && time < end }
}

/// Stretches of time, ascending by start: trials, states of behaviour, what a recording covers.
///
/// Trials may overlap and carry labels; unions, intersections and differences are sets of moments, without either.
public struct Epochs: Sendable, Equatable {
  public private(set) var intervals: [Interval]
  /// What is known about every interval, by column; empty after operations on sets.
  public private(set) var table: SampleTable

  /// - Parameter table: As many rows as intervals; they are sorted along.
  public init(_ intervals: [Interval] = [], table: SampleTable = SampleTable()) {
    precondition(
      table.columns.isEmpty || table.count == intervals.count,
      "\(table.count) rows for \(intervals.count) intervals")
    let order = intervals.indices.sorted {
      (intervals[$0].start, intervals[$0].end, $0) < (intervals[$1].start, intervals[$1].end, $1)
    }
    self.intervals = order.map { intervals[$0] }
    self.table = table.columns.isEmpty ? table : table.selected(order)
  }

  /// One stretch.
  public init(from start: Double, to end: Double) { self.init([Interval(start, end)]) }

  /// From times as files give them.
  ///
  /// - Throws: `CajalError` naming `what` and the row when a time is not finite, or an end lies before its start.
  public init(starts: [Double], ends: [Double], table: SampleTable = SampleTable(), what: String) throws {
    guard starts.count == ends.count else {
      throw CajalError("\(what): \(starts.count) starts and \(ends.count) ends")
    }
    if let row = starts.indices.first(where: {
      !starts[$0].isFinite || !ends[$0].isFinite || starts[$0] > ends[$0]
    }) {
      throw CajalError("\(what), row \(row): from \(starts[row]) to \(ends[row]) s is no stretch of time")
    }
    guard table.columns.isEmpty || table.count == starts.count else {
      throw CajalError("\(what): \(table.count) rows for \(starts.count) intervals")
    }
    self.init(zip(starts, ends).map(Interval.init), table: table)
  }

  /// Where a condition holds on consecutive samples, each lasting until the next one.
  public init(where isTrue: [Bool], times: TimeAxis) {
    precondition(isTrue.count == times.count, "\(isTrue.count) values for \(times.count) times")
    var found: [Interval] = []
    var start: Int?
    for index in 0...isTrue.count {
      let holds = index < isTrue.count && isTrue[index]
      if holds, start == nil { start = index }
      if !holds, let first = start {
        found.append(Interval(times[first], index < times.count ? times[index] : times.end))
        start = nil
      }
    }
    self.init(found)
  }

  public var count: Int { intervals.count }
  public var isEmpty: Bool { intervals.isEmpty }
  public subscript(index: Int) -> Interval { intervals[index] }
  public var starts: [Double] { intervals.map(\.start) }
  public var ends: [Double] { intervals.map(\.end) }
  /// Seconds that are covered, each once.
  public var duration: Double { union.intervals.reduce(0) { $0 + $1.duration } }
  /// From the first start to the last end; nil without intervals.
  public var span: Interval? {
    intervals.first.map { Interval($0.start, intervals.map(\.end).max()!) }
  }
  /// Whether the intervals share no moment.
  public var isDisjoint: Bool { zip(intervals, intervals.dropFirst()).allSatisfy { $0.end <= $1.start } }

  public func contains(_ time: Double) -> Bool { intervals.contains { $0.contains(time) } }

  /// The intervals at these positions, with their rows.
  public func selected(_ positions: [Int]) -> Epochs {
    Epochs(
      positions.map { intervals[$0] }, table: table.columns.isEmpty ? table : table.selected(positions))
  }

  /// The intervals whose row has this value.
  public func selected(_ column: String, _ value: String) -> Epochs {
    guard let values = table[column] else { return Epochs() }
    return selected(values.indices.filter { values[$0] == value })
  }
}

extension Epochs {
  /// The moments covered at least once, in disjoint stretches that do not touch.
  public var union: Epochs {
    var joined: [Interval] = []
    for interval in intervals where interval.duration > 0 {
      if let last = joined.last, interval.start <= last.end {
        joined[joined.count - 1].end = max(last.end, interval.end)
      } else {
        joined.append(interval)
      }
    }
    return Epochs(joined)
  }

  public func union(_ other: Epochs) -> Epochs { Epochs(intervals + other.intervals).union }

  /// The moments of both.
  public func intersection(_ other: Epochs) -> Epochs {
    let (a, b) = (union.intervals, other.union.intervals)
    var (i, j, common) = (0, 0, [Interval]())
    while i < a.count, j < b.count {
      let (start, end) = (max(a[i].start, b[j].start), min(a[i].end, b[j].end))
      if start < end { common.append(Interval(start, end)) }
      if a[i].end < b[j].end { i += 1 } else { j += 1 }
    }
    return Epochs(common)
  }

  /// The moments of these that are not of the others.
  public func subtracting(_ other: Epochs) -> Epochs {
    let b = other.union.intervals
    var (left, first) = ([Interval](), 0)
    for interval in union.intervals {
      var start = interval.start
      while first < b.count, b[first].end <= start { first += 1 }
      var next = first
      while next < b.count, b[next].start < interval.end {
        if b[next].start > start { left.append(Interval(start, b[next].start)) }
        start = max(start, b[next].end)
        next += 1
      }
      if start < interval.end { left.append(Interval(start, interval.end)) }
    }
    return Epochs(left)
  }

  /// These intervals as far as they lie within others; what is cut keeps its row, what falls in two parts has it twice.
  public func restricted(to epochs: Epochs) -> Epochs {
    var (cut, rows) = ([Interval](), [Int]())
    for (row, interval) in intervals.enumerated() {
      for part in Epochs([interval]).intersection(epochs).intervals {
        cut.append(part)
        rows.append(row)
      }
    }
    return Epochs(cut, table: table.columns.isEmpty ? table : table.selected(rows))
  }

  /// Only those that last at least so long, in seconds.
  public func lasting(atLeast duration: Double) -> Epochs {
    selected(intervals.indices.filter { intervals[$0].duration >= duration })
  }
}
