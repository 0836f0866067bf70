import Foundation

/// What a reservoir receives: a strength for every channel at every step, `[T, C]`.
public struct ReservoirInput: Sendable, Equatable {
  /// A stretch in which a channel is on.
  public struct Pulse: Sendable, Equatable {
    public enum Shape: Sendable {
      case square
      /// Rises to its height in the middle and falls back.
      case halfSine
    }
    public var channel: Int
    /// The first step.
    public var start: Int
    /// In steps.
    public var length: Int
    public var height: Double
    public var shape: Shape

    public init(channel: Int, start: Int, length: Int, height: Double = 1, shape: Shape = .square) {
      (self.channel, self.start, self.length, self.height, self.shape) = (
        channel, start, length, height, shape
      )
    }
  }

  public let steps: Int
  public let channels: Int
  /// Row by row.
  public private(set) var values: [Double]

  /// - Parameter values: `[T · C]`, row by row: any stimulus.
  public init(values: [Double], steps: Int, channels: Int) {
    precondition(
      steps > 0 && channels > 0 && values.count == steps * channels,
      "\(values.count) numbers for \(steps) steps of \(channels) channels")
    (self.values, self.steps, self.channels) = (values, steps, channels)
  }

  /// Pulses that add up; what lies outside the steps is left out.
  public init(steps: Int, channels: Int, pulses: [Pulse]) {
    self.init(
      values: [Double](repeating: 0, count: steps * channels), steps: steps, channels: channels)
    for pulse in pulses {
      precondition((0..<channels).contains(pulse.channel), "channel \(pulse.channel) of \(channels)")
      for step in max(0, pulse.start)..<max(0, min(steps, pulse.start + pulse.length)) {
        let phase = (Double(step - pulse.start) + 0.5) / Double(pulse.length)
        values[step * channels + pulse.channel] +=
          pulse.height * (pulse.shape == .square ? 1 : sin(.pi * phase))
      }
    }
  }
}
