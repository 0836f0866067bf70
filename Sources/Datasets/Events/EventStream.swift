import Foundation
import Support

/// The events of a camera that reports changes of brightness, in order of time.
///
/// ```swift
/// let stream = try EventStream(contentsOf: url)
/// let frames = stream.tensor(binWidth: 10_000)            // [T, 2, H, W], 10 ms a step
/// let half = stream.slice(0..<500_000)
/// ```
public struct EventStream: Sendable, Equatable {
  /// Columns of the sensor.
  public let width: Int
  /// Rows of the sensor.
  public let height: Int
  /// Column of each event, from the left.
  public let x: [UInt16]
  /// Row of each event, from the top.
  public let y: [UInt16]
  /// 1 where it became brighter, 0 where darker.
  public let polarity: [UInt8]
  /// Microseconds, ascending.
  public let times: [Int64]

  public var count: Int { times.count }
  /// Microseconds from the first to the last event.
  public var duration: Int64 { (times.last ?? 0) - (times.first ?? 0) }

  /// Events of a sensor; those out of order in time are sorted, keeping the order of equal times.
  ///
  /// - Parameter name: What errors call the events.
  /// - Throws: `CajalError` when the numbers of elements differ, an event lies outside of the sensor or a
  ///   polarity is neither 0 nor 1.
  public init(
    width: Int, height: Int, x: [UInt16], y: [UInt16], polarity: [UInt8], times: [Int64],
    name: String = "events"
  ) throws {
    guard x.count == times.count, y.count == times.count, polarity.count == times.count else {
      throw CajalError(
        "\(name): \(x.count) columns, \(y.count) rows, \(polarity.count) polarities and \(times.count) times do not match"
      )
    }
    guard (1...65_536).contains(width), (1...65_536).contains(height) else {
      throw CajalError("\(name): a sensor of \(width)×\(height) pixels cannot be right")
    }
    for index in times.indices where Int(x[index]) >= width || Int(y[index]) >= height || polarity[index] > 1
    {
      throw CajalError(
        "\(name): event \(index) at column \(x[index]), row \(y[index]) with polarity \(polarity[index]) does not fit a sensor of \(width)×\(height)"
      )
    }
    guard times.allSatisfy({ $0.magnitude < 1 << 60 }) else {
      throw CajalError("\(name): a time beyond 2⁶⁰ µs cannot be right")
    }
    let sorted = zip(times, times.dropFirst()).allSatisfy { $0 <= $1 }
    let order =
      sorted ? [] : times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
    (self.width, self.height) = (width, height)
    self.x = sorted ? x : order.map { x[$0] }
    self.y = sorted ? y : order.map { y[$0] }
    self.polarity = sorted ? polarity : order.map { polarity[$0] }
    self.times = sorted ? times : order.map { times[$0] }
  }

  private init(_ whole: EventStream, _ range: Range<Int>) {
    (width, height) = (whole.width, whole.height)
    (x, y) = (Array(whole.x[range]), Array(whole.y[range]))
    (polarity, times) = (Array(whole.polarity[range]), Array(whole.times[range]))
  }

  /// The events in an interval of microseconds on the recording's clock.
  public func slice(_ interval: Range<Int64>) -> EventStream {
    EventStream(self, firstIndex(from: interval.lowerBound)..<firstIndex(from: interval.upperBound))
  }

  /// The events at a range of indices.
  public subscript(range: Range<Int>) -> EventStream { EventStream(self, range) }

  /// The first event at or after `time`.
  private func firstIndex(from time: Int64) -> Int {
    var (low, high) = (0, times.count)
    while low < high {
      let middle = (low + high) / 2
      if times[middle] < time { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The same events with the first one at time 0.
  public func startingAtZero() -> EventStream {
    mapped(width, height, { $0 }, { $0 }, shift: times.first ?? 0)
  }

  /// Events of a sensor with `factor` times fewer columns and rows; each goes to the larger pixel it lies in.
  public func downsampled(by factor: Int) -> EventStream {
    precondition(factor > 0, "events downsampled by \(factor)")
    let factor16 = UInt16(clamping: factor)
    return mapped(
      (width + factor - 1) / factor, (height + factor - 1) / factor, { $0 / factor16 }, { $0 / factor16 },
      shift: 0)
  }

  private func mapped(
    _ width: Int, _ height: Int, _ column: (UInt16) -> UInt16, _ row: (UInt16) -> UInt16, shift: Int64
  ) -> EventStream {
    EventStream(
      unchecked: (width, height), x.map(column), y.map(row), polarity,
      shift == 0 ? times : times.map { $0 - shift })
  }

  private init(
    unchecked size: (Int, Int), _ x: [UInt16], _ y: [UInt16], _ polarity: [UInt8], _ times: [Int64]
  ) {
    (width, height) = size
    (self.x, self.y, self.polarity, self.times) = (x, y, polarity, times)
  }

  /// The events as spikes of `2 · height · width` units, in seconds from the first event; brighter ones come
  /// after all darker ones.
  public var spikes: SpikeSample {
    let start = times.first ?? 0
    return SpikeSample(
      times: times.map { Float(Double($0 - start) * 1e-6) },
      units: times.indices.map { (index: Int) -> Int32 in
        let row = Int(polarity[index]) * height + Int(y[index])
        return Int32(row * width + Int(x[index]))
      })
  }
}
