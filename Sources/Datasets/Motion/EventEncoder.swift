/// Makes events of a movie, as an event camera would: where brightness has changed by more than a threshold.
public struct EventEncoder: Sendable, Equatable {
  public enum Mode: String, Sendable, CaseIterable {
    /// The authors' code: the threshold is taken off the next frame's difference after an event, and nothing more is remembered.
    case oneStep
    /// An event camera: each pixel remembers the brightness at its last event and compares with that.
    case accumulating
  }

  /// The threshold, in standard deviations of the differences between frames.
  public var selectivity: Double
  public var mode: Mode

  public init(selectivity: Double = 1, mode: Mode = .oneStep) {
    precondition(selectivity > 0, "a selectivity of \(selectivity)")
    self.selectivity = selectivity
    self.mode = mode
  }

  /// The events of a movie: at most one a pixel and frame, none in the first.
  public func events(_ movie: MotionMovie) -> EventMovie {
    events(movie.frames, duration: movie.duration, height: movie.size, width: movie.size)
  }

  /// The events of frames `[duration, height, width]`.
  public func events(_ frames: [Double], duration: Int, height: Int, width: Int) -> EventMovie {
    let area = height * width
    precondition(
      frames.count == duration * area, "\(frames.count) pixels for [\(duration), \(height), \(width)]")
    let threshold = threshold(frames, duration: duration)
    var result = EventMovie(duration: duration, height: height, width: width)
    // What a difference is compared with: the last event's threshold, or the brightness that events have accounted for.
    var memory = mode == .oneStep ? [Double](repeating: 0, count: area) : Array(frames[..<area])
    for time in 1..<max(duration, 1) {
      for pixel in 0..<area {
        let now = frames[time * area + pixel]
        let change =
          mode == .oneStep ? now - frames[(time - 1) * area + pixel] - memory[pixel] : now - memory[pixel]
        let sign: Double = change > threshold ? 1 : change < -threshold ? -1 : 0
        if sign != 0 { result.cells[((sign > 0 ? 1 : 0) * duration + time) * area + pixel] = 1 }
        memory[pixel] = mode == .oneStep ? threshold * sign : memory[pixel] + threshold * sign
      }
    }
    return result
  }

  /// The threshold: so many standard deviations of all differences between frames.
  public func threshold(_ frames: [Double], duration: Int) -> Double {
    guard duration > 1 else { return .infinity }
    let area = frames.count / duration
    let count = Double(frames.count - area)
    var (sum, squares) = (0.0, 0.0)
    for i in area..<frames.count {
      let difference = frames[i] - frames[i - area]
      sum += difference
      squares += difference * difference
    }
    let variance = max(0, squares / count - (sum / count) * (sum / count))
    return variance > 0 ? selectivity * variance.squareRoot() : .infinity
  }
}
