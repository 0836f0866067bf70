import Support

/// Gratings that follow one another at random, each with its probability: the context that a population adapts to (after Benucci,
/// Saleem and Carandini, 2013).
public struct OrientationEnsemble: Sendable, Equatable {
  /// In degrees `[S]`.
  public let orientations: [Double]
  /// `[S]`, of sum 1.
  public let probabilities: [Double]

  /// All orientations alike.
  public init(uniform count: Int) {
    precondition(count > 0, "an ensemble of \(count) orientations")
    orientations = Orientation.even(count)
    probabilities = Array(repeating: 1 / Double(count), count: count)
  }

  /// One orientation, the adapter, more often than the others, which share the rest.
  ///
  /// - Parameters:
  ///   - adapter: The index of the adapter among ``Orientation/even(_:)``.
  ///   - probability: Of the adapter.
  public init(_ count: Int, adapter: Int, probability: Double) throws {
    guard count > 1, (0..<count).contains(adapter) else {
      throw CajalError(
        "adapter \(adapter) should be one of \(count) orientations, counted from 0, two at least")
    }
    guard (0...1).contains(probability) else {
      throw CajalError("the adapter's probability \(probability) should lie between 0 and 1")
    }
    orientations = Orientation.even(count)
    let other = (1 - probability) / Double(count - 1)
    probabilities = (0..<count).map { $0 == adapter ? probability : other }
  }

  /// Any weights, brought to the sum 1: of a histogram say.
  ///
  /// - Throws: `CajalError` when a weight is negative or not finite, or all are 0.
  public init(orientations: [Double], weights: [Double]) throws {
    guard orientations.count == weights.count, !weights.isEmpty else {
      throw CajalError("\(weights.count) weights for \(orientations.count) orientations, expected one each")
    }
    let sum = weights.reduce(0, +)
    guard weights.allSatisfy({ $0 >= 0 }), sum > 0, sum.isFinite else {
      throw CajalError("weights of orientations should be 0 or more and not all 0")
    }
    self.orientations = orientations
    probabilities = weights.map { $0 / sum }
  }

  public var count: Int { orientations.count }

  /// Stimuli by index, one after the other, each drawn anew.
  public func sequence(_ length: Int, using generator: inout RandomGenerator) -> [Int] {
    var sums: [Double] = []
    for probability in probabilities { sums.append((sums.last ?? 0) + probability) }
    return (0..<length).map { _ in
      let place = generator.uniform()
      return min(sums.firstIndex { $0 > place } ?? count - 1, count - 1)
    }
  }
}
