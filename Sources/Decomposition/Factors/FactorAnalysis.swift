import Foundation
import Recordings
import Statistics
import Support
import Tensors

/// What neurons share, apart from what each has by itself: `x = mean + L z + noise`, with noise of each neuron's own variance; fitted by
/// expectation and maximisation (Rubin and Thayer, 1982).
public struct FactorAnalysis: Sendable {
  /// `[N]`
  public let mean: Tensor
  /// `[N, K]`
  public let loadings: Tensor
  /// Of each neuron, `[N]`.
  public let noise: Tensor
  /// The mean log likelihood of a sample, in nats, after every step: it never falls.
  public let logLikelihoods: [Double]

  /// - Parameters:
  ///   - tolerance: The fit ends where the log likelihood of a sample rises by less than this share.
  /// - Throws: `CajalError` for more factors than neurons, or fewer than two samples.
  public init(_ recording: Recording, factors: Int, iterations: Int = 500, tolerance: Double = 1e-7) throws {
    let n = recording.neuronCount
    guard (1...n).contains(factors), recording.sampleCount > 1 else {
      throw CajalError(
        "\(recording.name): \(factors) factors of \(n) neurons and \(recording.sampleCount) samples")
    }
    let (mean, covariance) = recording.moments()
    let floor = max(1e-10, covariance.trace().item / Double(n) * 1e-6)
    let components = try PrincipalComponents(recording, count: factors)
    let scales = Tensor(components.variances.map { max($0, floor).squareRoot() })
    var loadings = components.directions.transposed(0, 1) * scales
    let own = covariance.diagonalElements
    var noise = own.map { max($0 * 0.5, floor) }
    var likelihoods: [Double] = []
    for _ in 0..<iterations {
      let inverse = Tensor(noise.map { 1 / $0 })
      let weighted = loadings * inverse.reshaped([n, 1])
      let precision = Tensor.eye(factors, nil, .float64) + loadings.transposed(0, 1).matmul(weighted)
      likelihoods.append(Self.likelihood(covariance, weighted, precision, noise))
      if likelihoods.count > 1, let last = likelihoods.last {
        let before = likelihoods[likelihoods.count - 2]
        if last - before < tolerance * abs(before) { break }
      }
      // Regression of the factors on the neurons, `[K, N]`.
      let regression = precision.solve(weighted.transposed(0, 1))
      let cross = covariance.matmul(regression.transposed(0, 1))
      let second = precision.inverse() + regression.matmul(cross)
      loadings = second.solve(cross.transposed(0, 1)).transposed(0, 1)
      let explained = (loadings * cross).sum(axis: 1).doubles
      noise = zip(own, explained).map { max($0 - $1, floor) }
    }
    self.mean = mean
    self.loadings = loadings.contiguous()
    self.noise = Tensor(noise)
    logLikelihoods = likelihoods
  }

  /// By the matrix inversion and determinant lemmas: no matrix of N × N is inverted.
  private static func likelihood(
    _ covariance: Tensor, _ weighted: Tensor, _ precision: Tensor, _ noise: [Double]
  ) -> Double {
    let n = noise.count
    let logDeterminant = precision.signAndLogDeterminant().logarithm.item + noise.reduce(0) { $0 + log($1) }
    let own = zip(covariance.diagonalElements, noise).reduce(0) { $0 + $1.0 / $1.1 }
    let shared = weighted.transposed(0, 1).matmul(covariance).matmul(weighted)
    let trace = own - precision.solve(shared).trace().item
    return -0.5 * (Double(n) * log(2 * Double.pi) + logDeterminant + trace)
  }

  /// The mean of the factors given the neurons, `[S, K]`.
  public func factors(_ recording: Recording) -> Tensor {
    let weighted = loadings / noise.reshaped([-1, 1])
    let precision = Tensor.eye(loadings.size(1), nil, .float64) + loadings.transposed(0, 1).matmul(weighted)
    let centred = recording.activity.to(.float64) - mean
    return precision.solve(weighted.transposed(0, 1).matmul(centred.transposed(0, 1))).transposed(0, 1)
  }

  /// The share of each neuron's variance that it has in common with others.
  public var communalities: [Double] {
    let shared = (loadings * loadings).sum(axis: 1).doubles
    return zip(shared, noise.doubles).map { $0 / ($0 + $1) }
  }
}

extension Tensor {
  /// Of a square matrix.
  var diagonalElements: [Double] {
    let n = size(0)
    let all = doubles
    return (0..<n).map { all[$0 * n + $0] }
  }
}
