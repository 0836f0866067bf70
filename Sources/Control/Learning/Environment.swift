import Support

/// What a controller acts in: observations out, controls in, a reward each step.
public protocol Environment {
  var observationCount: Int { get }
  var controlCount: Int { get }
  var observations: [Double] { get }
  var isFinished: Bool { get }
  mutating func restart(using generator: inout RandomGenerator)
  /// One step with controls; returns the reward.
  mutating func act(_ controls: [Double]) -> Double
}

/// A swimmer whose observations end with the share of the episode that is past, as -1...1.
extension Swimmer: Environment {
  public var observationCount: Int { body.joints + 3 * body.links + 1 }
  public var controlCount: Int { body.joints }
  public var observations: [Double] {
    observation + [2 * Double(controlSteps) / Double(episodeLength) - 1]
  }
  public var isFinished: Bool { isOver }
  public mutating func restart(using generator: inout RandomGenerator) { reset(using: &generator) }
  public mutating func act(_ controls: [Double]) -> Double { step(controls) }
}

/// Mean and deviation of every observation so far, by which they are brought to the same size.
public struct RunningScale: Sendable {
  private var count = 0.0
  private var mean, square: [Double]

  public init(_ size: Int) {
    mean = [Double](repeating: 0, count: size)
    square = mean
  }

  public mutating func take(_ values: [Double]) {
    count += 1
    for k in values.indices {
      let difference = values[k] - mean[k]
      mean[k] += difference / count
      square[k] += difference * (values[k] - mean[k])
    }
  }

  /// Within ±10 deviations.
  public func scaled(_ values: [Double]) -> [Double] {
    values.indices.map { k in
      let deviation = count > 1 ? (square[k] / (count - 1)).squareRoot() : 1
      return max(-10, min(10, (values[k] - mean[k]) / max(deviation, 1e-6)))
    }
  }
}
