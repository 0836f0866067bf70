import Foundation

/// Recursive least squares, the rule of FORCE learning (Sussillo and Abbott, 2009), for any number of readouts of the same features:
///
///     k = P x / (λ + x·P x);  P <- (P - k (P x)ᵀ)/λ;  w <- w + k (target - w·x)
///
/// P starts as `I/α`. Without forgetting (λ = 1) every sample ever seen counts alike, so that learning slows with experience;
/// ``reset()`` forgets the certainty but keeps the weights. Forgetting alone would let P grow without end in directions that features
/// do not take, until no digit is right: every step also makes one weight in turn, its place kept, as certain as `(1 - λ^F) α` more,
/// which holds P near `I/α` there (cyclic regularisation).
///
/// ```swift
/// var rule = RecursiveLeastSquares(features: 301)
/// var weights = [[Double](repeating: 0, count: 301)]
/// rule.learn(features, targets: [signal], every: 4, weights: &weights)
/// ```
public struct RecursiveLeastSquares: Sendable {
  /// F
  public let count: Int
  /// α: what a ridge would have as its penalty.
  public let penalty: Double
  /// λ, at most 1.
  public let forgetting: Double
  /// (1 - λ^F) α
  private let certainty: Double
  /// P, `[F · F]`.
  public private(set) var covariance: [Double]
  private var product, scaled: [Double]
  /// The weight whose turn it is.
  private var turn = 0

  public init(features count: Int, penalty: Double = 1, forgetting: Double = 1) {
    precondition(
      count > 0 && penalty > 0 && forgetting > 0 && forgetting <= 1,
      "\(count) features, penalty \(penalty), forgetting \(forgetting)")
    (self.count, self.penalty, self.forgetting) = (count, penalty, forgetting)
    certainty = (1 - pow(forgetting, Double(count))) * penalty
    covariance = Self.start(count, penalty)
    product = [Double](repeating: 0, count: count)
    scaled = product
  }

  private static func start(_ count: Int, _ penalty: Double) -> [Double] {
    var start = [Double](repeating: 0, count: count * count)
    for index in 0..<count { start[index * (count + 1)] = 1 / penalty }
    return start
  }

  /// Forgets how certain the weights are.
  public mutating func reset() {
    covariance = Self.start(count, penalty)
    turn = 0
  }

  /// One pass over a trial, learning at every `stride`th step.
  ///
  /// - Parameters:
  ///   - targets: `[K][T]`
  ///   - weights: `[K][F]`
  public mutating func learn(
    _ features: FeatureTrajectory, targets: [[Double]], every stride: Int = 1, weights: inout [[Double]]
  ) {
    precondition(
      features.count == count && targets.count == weights.count && stride > 0
        && targets.allSatisfy { $0.count == features.steps } && weights.allSatisfy { $0.count == count },
      "targets and weights do not go with features [\(features.steps), \(features.count)]")
    features.values.withUnsafeBufferPointer { values in
      for step in Swift.stride(from: 0, to: features.steps, by: stride) {
        let x = values.baseAddress! + step * count
        let gain = update(x)
        for output in weights.indices {
          let target = targets[output][step]
          weights[output].withUnsafeMutableBufferPointer { w in
            let error = target - ReadoutKernels.dot(w.baseAddress!, x, count)
            product.withUnsafeBufferPointer {
              ReadoutKernels.add(gain * error, $0.baseAddress!, to: w.baseAddress!, count)
            }
          }
        }
      }
    }
  }

  /// Takes a sample into P, leaves P x of before in `product`, and gives what k is of it.
  ///
  /// Both factors of the change are the same numbers, so that P stays symmetric to the last bit: with forgetting any asymmetry would
  /// grow by 1/λ at every step.
  private mutating func update(_ x: UnsafePointer<Double>) -> Double {
    let (count, forgetting) = (count, forgetting)
    return covariance.withUnsafeMutableBufferPointer { p in
      product.withUnsafeMutableBufferPointer { y in
        scaled.withUnsafeMutableBufferPointer { z in
          let (p, y, z) = (p.baseAddress!, y.baseAddress!, z.baseAddress!)
          for row in 0..<count { y[row] = ReadoutKernels.dot(p + row * count, x, count) }
          let gain = 1 / (forgetting + ReadoutKernels.dot(x, y, count))
          let root = gain.squareRoot()
          for row in 0..<count { z[row] = root * y[row] }
          for row in 0..<count {
            ReadoutKernels.subtract(z[row], z, from: p + row * count, scale: 1 / forgetting, count)
          }
          if certainty > 0 {
            let own = p + turn * count
            let share = (certainty / (1 + certainty * own[turn])).squareRoot()
            for row in 0..<count { z[row] = share * own[row] }
            for row in 0..<count {
              ReadoutKernels.subtract(z[row], z, from: p + row * count, scale: 1, count)
            }
            turn = (turn + 1) % count
          }
          return gain
        }
      }
    }
  }
}
