import Support
import Tensors

/// What a linear readout sees of a trial: a row of features at every step, `[T, F]`.
///
/// Features come from a reservoir, or from anywhere: rates of recorded neurons, a basis of time.
///
/// ```swift
/// let features = FeatureTrajectory(rows: recordedRates)
/// let output = features.output(of: weights)            // [T]
/// ```
public struct FeatureTrajectory: Sendable, Equatable {
  /// T
  public let steps: Int
  /// F
  public let count: Int
  /// Row by row.
  public private(set) var values: [Double]
  /// `|x|²` of every row.
  public private(set) var squaredNorms: [Double]

  /// - Parameter values: `[T · F]`, row by row.
  public init(values: [Double], steps: Int, count: Int) {
    precondition(
      steps > 0 && count > 0 && values.count == steps * count,
      "\(values.count) numbers for \(steps) rows of \(count) features")
    (self.values, self.steps, self.count) = (values, steps, count)
    squaredNorms = values.withUnsafeBufferPointer { buffer in
      (0..<steps).map { row in
        let x = buffer.baseAddress! + row * count
        return ReadoutKernels.dot(x, x, count)
      }
    }
  }

  /// - Parameter rows: One a step, all of the same length.
  public init(rows: [[Double]]) {
    let count = rows.first?.count ?? 0
    precondition(rows.allSatisfy { $0.count == count }, "rows of different lengths")
    self.init(values: rows.flatMap { $0 }, steps: rows.count, count: count)
  }

  /// The mean over steps of `|x|²`.
  public var meanSquaredNorm: Double { squaredNorms.reduce(0, +) / Double(steps) }

  /// The features of one step.
  public subscript(step: Int) -> [Double] { Array(values[step * count..<(step + 1) * count]) }

  /// All features times a factor.
  public func scaled(by factor: Double) -> FeatureTrajectory {
    FeatureTrajectory(values: values.map { $0 * factor }, steps: steps, count: count)
  }

  /// The features with independent normal noise on each but those that are named.
  public func withNoise(
    _ deviation: Double, sparing constant: Int? = nil, using generator: inout RandomGenerator
  ) -> FeatureTrajectory {
    var noisy = values
    for index in noisy.indices where index % count != constant {
      noisy[index] += deviation * generator.normal()
    }
    return FeatureTrajectory(values: noisy, steps: steps, count: count)
  }

  /// A linear readout's output at every step, `[T]`.
  public func output(of weights: [Double]) -> [Double] {
    precondition(weights.count == count, "\(weights.count) weights for \(count) features")
    return values.withUnsafeBufferPointer { x in
      weights.withUnsafeBufferPointer { w in
        (0..<steps).map { ReadoutKernels.dot(w.baseAddress!, x.baseAddress! + $0 * count, count) }
      }
    }
  }
}
