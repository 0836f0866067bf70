import Recordings
import Support
import Tensors

/// The directions in which a population varies most.
public struct PrincipalComponents: Sendable {
  /// `[N]`
  public let mean: Tensor
  /// `[K, N]`, of length one, the strongest first; the largest weight of each is positive.
  public let directions: Tensor
  /// Of each, `[K]`.
  public let variances: [Double]
  /// Of all neurons together.
  public let totalVariance: Double

  /// The recording is streamed; only its covariance is kept.
  ///
  /// - Throws: `CajalError` for more components than neurons, or fewer than two samples.
  public init(_ recording: Recording, count: Int) throws {
    guard (1...recording.neuronCount).contains(count), recording.sampleCount > 1 else {
      throw CajalError(
        "\(recording.name): \(count) components of \(recording.neuronCount) neurons and \(recording.sampleCount) samples"
      )
    }
    let (mean, covariance) = recording.moments(correction: 1)
    let (values, vectors) = covariance.eigh()
    let n = recording.neuronCount
    self.mean = mean
    let all = vectors.transposed(0, 1).contiguous().doubles
    var chosen: [Double] = []
    for component in 0..<count {
      let row = Array(all[(n - 1 - component) * n..<(n - component) * n])
      let largest = row.max { abs($0) < abs($1) } ?? 0
      chosen += largest < 0 ? row.map { -$0 } : row
    }
    directions = Tensor(chosen, shape: [count, n])
    let sorted = values.doubles.reversed().map { max(0, $0) }
    variances = Array(sorted.prefix(count))
    totalVariance = sorted.reduce(0, +)
  }

  /// The share of the variance that each component has.
  public var shares: [Double] { variances.map { $0 / totalVariance } }

  /// The components over time, `[S, K]`.
  public func scores(_ recording: Recording) -> Tensor {
    (recording.activity.to(.float64) - mean).matmul(directions.transposed(0, 1))
  }
}
