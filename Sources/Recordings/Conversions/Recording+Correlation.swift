import Support
import Tensors

extension Recording {
  /// Mean and covariance of the neurons, streamed: nothing of the size of the recording is kept.
  ///
  /// Products are taken about the first block's mean, so that large offsets do not cost digits.
  public func moments(correction: Int = 0) -> (mean: Tensor, covariance: Tensor) {
    let n = neuronCount
    var (shift, sum, products) = (Tensor.zeros([n], .float64), Tensor.zeros([n], .float64), Tensor.zeros([n, n], .float64))
    for first in stride(from: 0, to: sampleCount, by: 8_192) {
      let block = activity.narrowed(0, from: first, to: min(first + 8_192, sampleCount)).to(.float64)
      if first == 0 { shift = block.mean(axis: 0) }
      let centred = block - shift
      sum = sum + centred.sum(axes: [0])
      products = products + centred.transposed(0, 1).matmul(centred)
    }
    let count = Double(sampleCount)
    let offset = sum / count
    let outer = offset.reshaped([n, 1]).matmul(offset.reshaped([1, n]))
    return (shift + offset, (products - outer * count) / (count - Double(correction)))
  }

  /// Pearson's correlation of all pairs of neurons, `[N, N]`; 0 with a neuron that never changes, 1 on the diagonal.
  public func correlationMatrix() -> Tensor { Self.correlations(moments().covariance) }

  static func correlations(_ covariance: Tensor) -> Tensor {
    let n = covariance.size(0)
    let values = covariance.doubles
    let deviations = (0..<n).map { max(0, values[$0 * n + $0]).squareRoot() }
    let largest = deviations.max() ?? 0
    var result = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0..<n where deviations[i] > 1e-9 * largest && deviations[j] > 1e-9 * largest {
        result[i * n + j] = max(-1, min(1, values[i * n + j] / (deviations[i] * deviations[j])))
      }
      result[i * n + i] = 1
    }
    return Tensor(result, shape: [n, n])
  }

  /// The correlation of each pair once all other neurons are accounted for, `[N, N]`: from the inverse of the correlation
  /// matrix.
  ///
  /// - Parameter shrinkage: How far the matrix is drawn to the identity, 0...1; more than 0 is needed with fewer samples than
  ///   neurons.
  /// - Throws: `CajalError` when the matrix cannot be inverted.
  public func partialCorrelationMatrix(shrinkage: Double = 0) throws -> Tensor {
    guard (0...1).contains(shrinkage) else { throw CajalError("a shrinkage of \(shrinkage)") }
    let n = neuronCount
    let matrix = correlationMatrix() * (1 - shrinkage) + Tensor.eye(n, nil, .float64) * shrinkage
    guard let least = matrix.eigh().values.doubles.first, least > 1e-10 else {
      throw CajalError(
        "\(name): the correlations of \(n) neurons over \(sampleCount) samples cannot be inverted; a shrinkage above \(shrinkage) is needed"
      )
    }
    let precision = matrix.inverse()
    let values = precision.doubles
    var result = [Double](repeating: 1, count: n * n)
    for i in 0..<n {
      for j in 0..<n where i != j {
        result[i * n + j] = -values[i * n + j] / (values[i * n + i] * values[j * n + j]).squareRoot()
      }
    }
    return Tensor(result, shape: [n, n])
  }
}
