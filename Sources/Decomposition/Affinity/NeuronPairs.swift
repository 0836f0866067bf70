import Support

/// The N (N - 1) / 2 pairs of N neurons in the order (0, 1), (0, 2), …, (N - 2, N - 1).
public struct NeuronPairs: Sendable, Equatable {
  public let neurons: Int
  public var count: Int { neurons * (neurons - 1) / 2 }

  public init(neurons: Int) {
    precondition(neurons > 1, "pairs of \(neurons) neurons")
    self.neurons = neurons
  }

  /// The position of the pair of two different neurons, in either order.
  public func index(_ a: Int, _ b: Int) -> Int {
    precondition(a != b && min(a, b) >= 0 && max(a, b) < neurons, "pair (\(a), \(b)) of \(neurons) neurons")
    let (low, high) = (min(a, b), max(a, b))
    return low * (2 * neurons - low - 1) / 2 + high - low - 1
  }

  /// All pairs, the lower neuron first.
  public var all: [(Int, Int)] {
    (0..<neurons).flatMap { a in (a + 1..<neurons).map { (a, $0) } }
  }

  /// A value for every pair as a symmetric matrix `[N][N]` with zeros on the diagonal.
  public func folded(_ values: [Double]) -> [[Double]] {
    precondition(values.count == count, "\(values.count) values for \(count) pairs")
    var matrix = [[Double]](repeating: [Double](repeating: 0, count: neurons), count: neurons)
    for (position, pair) in all.enumerated() {
      matrix[pair.0][pair.1] = values[position]
      matrix[pair.1][pair.0] = values[position]
    }
    return matrix
  }

  /// The values above the diagonal of a matrix `[N][N]`.
  public func unfolded(_ matrix: [[Double]]) -> [Double] {
    precondition(
      matrix.count == neurons && matrix.allSatisfy { $0.count == neurons },
      "a matrix of \(matrix.count) rows for \(neurons) neurons")
    return all.map { matrix[$0.0][$0.1] }
  }
}
