import Support
import Tensors

/// A linear prediction whose weights are held small: the least of `|y - Xw - b|² + α |w|²`.
public struct RidgeRegression: Sendable {
  /// `[F, M]`
  public let weights: Tensor
  /// `[M]`
  public let intercept: Tensor

  /// - Parameters:
  ///   - x: `[S, F]`
  ///   - y: `[S, M]`
  ///   - alpha: 0 for ordinary least squares, where features are not fewer than samples.
  ///   - hasIntercept: Whether a constant is fitted, without a price.
  public init(_ x: Tensor, _ y: Tensor, alpha: Double, hasIntercept: Bool = true) {
    precondition(
      x.rank == 2 && y.rank == 2 && x.size(0) == y.size(0) && x.size(0) > 0, "features \(x.shape), targets \(y.shape)")
    let (x, y) = (x.to(.float64), y.to(.float64))
    let (meanX, meanY) = (x.mean(axis: 0), y.mean(axis: 0))
    let (a, b) = hasIntercept ? (x - meanX, y - meanY) : (x, y)
    // The smaller of the two equal systems.
    if x.size(0) >= x.size(1) {
      let gram = a.transposed(0, 1).matmul(a) + Tensor.eye(x.size(1), nil, .float64) * alpha
      weights = gram.solve(a.transposed(0, 1).matmul(b))
    } else {
      let kernel = a.matmul(a.transposed(0, 1)) + Tensor.eye(x.size(0), nil, .float64) * max(alpha, 1e-12)
      weights = a.transposed(0, 1).matmul(kernel.solve(b))
    }
    intercept = hasIntercept ? meanY - meanX.reshaped([1, -1]).matmul(weights).reshaped([-1]) : Tensor.zeros([y.size(1)], .float64)
  }

  /// `[S, M]`
  public func callAsFunction(_ x: Tensor) -> Tensor { x.to(.float64).matmul(weights) + intercept }
}
