import Support

/// A neuron without dendrites: one weight for each cell, one threshold for their sum (perceptron).
public struct LinearThresholdUnit: Sendable {
  /// `[n]`.
  public private(set) var weights: [Float]
  /// Fires when the sum of the active weights is above it.
  public private(set) var threshold: Float = 0

  /// A unit over `n` cells with all weights 0.
  public init(n: Int) { weights = Array(repeating: 0, count: n) }

  /// The sum of the weights of the active cells.
  public func drive(_ pattern: SDR) -> Float { pattern.indices.reduce(0) { $0 + weights[Int($1)] } }

  /// Whether the drive exceeds the threshold.
  public func fires(_ pattern: SDR) -> Bool { drive(pattern) > threshold }

  /// Rosenblatt's rule until all examples are right or the epochs are used up.
  ///
  /// - Returns: the examples still wrong in the last epoch.
  @discardableResult
  public mutating func train(
    positive: [SDR], negative: [SDR], epochs: Int, using generator: inout RandomGenerator
  ) -> Int {
    var wrong = 0
    for _ in 0..<epochs {
      wrong = 0
      for index in generator.permutation(positive.count + negative.count) {
        let isPositive = index < positive.count
        let pattern = isPositive ? positive[index] : negative[index - positive.count]
        guard fires(pattern) != isPositive else { continue }
        wrong += 1
        let step: Float = isPositive ? 1 : -1
        for cell in pattern.indices { weights[Int(cell)] += step }
        threshold -= step
      }
      if wrong == 0 { break }
    }
    return wrong
  }
}
