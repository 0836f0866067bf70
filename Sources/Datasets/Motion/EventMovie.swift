import Support

/// Events in a dense form: cells `[polarities, duration, height, width]`, row-major, 1 where there is an event.
///
/// Polarity 0 is OFF (darker), 1 is ON (brighter). Rows are x and columns y, as in the paper.
public struct EventMovie: Sendable, Equatable {
  public let polarities: Int
  public let duration: Int
  public let height: Int
  public let width: Int
  public var cells: [UInt8]

  /// No events.
  public init(polarities: Int = 2, duration: Int, height: Int, width: Int) {
    precondition(
      polarities > 0 && duration > 0 && height > 0 && width > 0,
      "events of shape [\(polarities), \(duration), \(height), \(width)]")
    self.polarities = polarities
    self.duration = duration
    self.height = height
    self.width = width
    cells = Array(repeating: 0, count: polarities * duration * height * width)
  }

  /// Events given one by one, as an event camera gives them: column x, row y, time and polarity of each.
  ///
  /// Events of the same cell count once. The movie begins at the time `start` and ends with its last whole bin.
  /// - Parameters:
  ///   - t: Times in any unit, that of `bin`; microseconds with a bin of 1000 give the paper's milliseconds.
  ///   - duration: Bins; later events are left out.
  /// - Throws: `CajalError` naming the first event outside of the sensor, or arrays of different lengths.
  public init(
    x: [Int], y: [Int], t: [Int], p: [Int], height: Int, width: Int, bin: Int = 1000, from start: Int = 0,
    duration: Int
  ) throws {
    guard Set([x.count, y.count, t.count, p.count]).count == 1 else {
      throw CajalError(
        "events need as many x, y, t and p, not \(x.count), \(y.count), \(t.count), \(p.count)")
    }
    guard bin > 0 else { throw CajalError("the bin of events should be above 0, not \(bin)") }
    self.init(duration: duration, height: height, width: width)
    for i in x.indices {
      guard (0..<width).contains(x[i]), (0..<height).contains(y[i]), (0...1).contains(p[i]) else {
        throw CajalError(
          "event \(i) (x \(x[i]), y \(y[i]), polarity \(p[i])) lies outside of a sensor of \(width)×\(height) pixels"
        )
      }
      guard t[i] >= start, (t[i] - start) / bin < duration else { continue }
      cells[index(p[i], (t[i] - start) / bin, y[i], x[i])] = 1
    }
  }

  /// The events one by one, in order of time, then polarity, row and column; times in the middle of their bins.
  public func events(bin: Int = 1000) -> (x: [Int], y: [Int], t: [Int], p: [Int]) {
    var all: (x: [Int], y: [Int], t: [Int], p: [Int]) = ([], [], [], [])
    for time in 0..<duration {
      for polarity in 0..<polarities {
        for row in 0..<height {
          for column in 0..<width where cells[index(polarity, time, row, column)] != 0 {
            all.x.append(column)
            all.y.append(row)
            all.t.append(time * bin + bin / 2)
            all.p.append(polarity)
          }
        }
      }
    }
    return all
  }

  @inline(__always)
  func index(_ polarity: Int, _ time: Int, _ row: Int, _ column: Int) -> Int {
    ((polarity * duration + time) * height + row) * width + column
  }

  public subscript(polarity: Int, time: Int, row: Int, column: Int) -> Bool {
    get { cells[index(polarity, time, row, column)] != 0 }
    set { cells[index(polarity, time, row, column)] = newValue ? 1 : 0 }
  }

  public var eventCount: Int { cells.reduce(0) { $0 + Int($1) } }

  /// The share of cells that carry an event.
  public var density: Double { Double(eventCount) / Double(cells.count) }
}
