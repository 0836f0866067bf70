import Foundation
import Statistics

/// A negative binomial regression of counts, `log mean = offset + c · x`, with `c ~ N(0, variance I)`: its mode,
/// Laplace's normal distribution around it, and the likelihood with c integrated out.
public struct NegativeBinomialRegression: Sendable, Equatable {
  /// `[p]`.
  public let mode: [Double]
  /// `[p · p]`, from the expected information.
  public let covariance: [Double]
  /// Log likelihood and prior at the mode and half the log determinant of the covariance; `p/2 log 2π` of Laplace's
  /// formula is left out, as in the published code of the bicluster model.
  public let logMarginal: Double
  /// At the mode.
  public let logLikelihood: Double

  /// - Parameters:
  ///   - counts: `[T]`.
  ///   - dispersion: r, with variance `mean + mean²/r`.
  ///   - offset: `[T]`.
  ///   - regressors: `[p][T]`.
  ///   - isPenalised: Whether the mode is that of likelihood and prior together, as Laplace's method has it; the published code takes the
  ///     likelihood's alone.
  public init(
    _ counts: [Int], dispersion: Double, offset: [Double], regressors: [[Double]], variance: Double = 1,
    isPenalised: Bool = true
  ) {
    precondition(
      offset.count == counts.count && regressors.allSatisfy { $0.count == counts.count },
      "\(counts.count) counts with an offset of \(offset.count) and regressors of \(regressors.map(\.count))")
    let (p, stride) = (regressors.count, LaneBuffer.padded(counts.count))
    let memory = LaneBuffer((p + 3) * stride)
    let fit = LaplaceRegression(p)
    (fit.iterations, fit.tolerance, fit.isPenalised) = (200, 1e-12, isPenalised)
    for bin in counts.indices {
      memory.pointer[bin] = Double(counts[bin])
      memory.pointer[stride + bin] = 1
      memory.pointer[2 * stride + bin] = offset[bin]
      for row in 0..<p { memory.pointer[(3 + row) * stride + bin] = regressors[row][bin] }
    }
    for row in 0..<p {
      fit.setRow(row, memory.pointer + (3 + row) * stride)
      fit.variances[row] = variance
    }
    let base: Double = lgamma(dispersion)
    let normaliser = counts.reduce(0.0) { (sum: Double, count: Int) -> Double in
      sum + lgamma(Double(count) + dispersion) - base - lgamma(Double(count) + 1)
    }
    let target = LaplaceRegression.Target(
      counts: memory.pointer, weights: memory.pointer + stride, offset: memory.pointer + 2 * stride,
      constant: 0,
      dispersion: dispersion, stride: stride, logNormaliser: normaliser)
    logMarginal = fit.logMarginal(target)
    logLikelihood = fit.logLikelihood(target)
    mode = (0..<p).map { fit.mode[$0] }
    let (inverse, covariance) = (LaneBuffer(p * p), LaneBuffer(p * p))
    SmallMatrix.invertLower(fit.factor, p, into: inverse.pointer)
    SmallMatrix.inverse(fromInverseFactor: inverse.pointer, p, into: covariance.pointer)
    self.covariance = (0..<p * p).map { covariance.pointer[$0] }
  }

  /// The log likelihood of counts at given coefficients.
  public static func logLikelihood(
    _ counts: [Int], dispersion: Double, offset: [Double], regressors: [[Double]], coefficients: [Double]
  ) -> Double {
    counts.indices.reduce(0) { sum, bin in
      let linear = coefficients.indices.reduce(offset[bin]) { $0 + coefficients[$1] * regressors[$1][bin] }
      return sum
        + CountDistribution.logNegativeBinomial(counts[bin], mean: exp(linear), dispersion: dispersion)
    }
  }
}
