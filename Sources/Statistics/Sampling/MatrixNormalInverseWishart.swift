import Foundation
import Support

/// The conjugate distribution of a linear regression with several outputs, `x = W u + e`, `e ~ N(0, Q)`:
/// `Q ~ IW(scale, freedom)` and `W | Q` matrix-normal around `mean` with row covariance Q.
public struct MatrixNormalInverseWishart: Sendable, Equatable, Codable {
  /// Outputs k and regressors m.
  public let outputs: Int
  public let regressors: Int
  /// Of W, `[k · m]` row by row.
  public private(set) var mean: [Double]
  /// The inverse of W's column covariance, `[m · m]`.
  public private(set) var columnPrecision: [Double]
  /// Of the inverse Wishart distribution, `[k · k]`.
  public private(set) var scale: [Double]
  public private(set) var freedom: Double

  /// - Parameters:
  ///   - columnPrecision: Symmetric positive definite, as `scale` is.
  ///   - freedom: More than k - 1.
  public init(
    outputs: Int, regressors: Int, mean: [Double], columnPrecision: [Double], scale: [Double], freedom: Double
  ) {
    precondition(
      mean.count == outputs * regressors && columnPrecision.count == regressors * regressors
        && scale.count == outputs * outputs && freedom > Double(outputs - 1),
      "mean of \(mean.count), column precision of \(columnPrecision.count), scale of \(scale.count) numbers and "
        + "\(freedom) degrees of freedom for \(outputs) outputs of \(regressors) regressors")
    (self.outputs, self.regressors, self.mean) = (outputs, regressors, mean)
    (self.columnPrecision, self.scale, self.freedom) = (columnPrecision, scale, freedom)
  }

  /// The prior of an affine step `x' = A x + b + e` of `size` numbers around the identity: mean `[I 0]`, column precision I.
  public static func aroundIdentity(_ size: Int, scale: Double, freedom: Double) -> Self {
    let m = size + 1
    return Self(
      outputs: size, regressors: m,
      mean: (0..<size * m).map { $0 / m == $0 % m ? 1 : 0 },
      columnPrecision: (0..<m * m).map { $0 / m == $0 % m ? 1 : 0 },
      scale: (0..<size * size).map { $0 / size == $0 % size ? scale : 0 }, freedom: freedom)
  }

  /// What has been seen of outputs and regressors: sums over the observations.
  public struct Statistics: Sendable, Equatable {
    public var count = 0
    /// `Σ u uᵀ`, `[m · m]`.
    public var gram: [Double]
    /// `Σ x uᵀ`, `[k · m]`.
    public var cross: [Double]
    /// `Σ x xᵀ`, `[k · k]`.
    public var outer: [Double]

    public init(outputs: Int, regressors: Int) {
      gram = [Double](repeating: 0, count: regressors * regressors)
      cross = [Double](repeating: 0, count: outputs * regressors)
      outer = [Double](repeating: 0, count: outputs * outputs)
    }

    /// Adds an observation of k outputs and m regressors.
    public mutating func add(_ x: [Double], _ u: [Double]) {
      let (k, m) = (x.count, u.count)
      precondition(gram.count == m * m && outer.count == k * k, "\(k) outputs of \(m) regressors")
      count += 1
      for i in 0..<m { for j in 0..<m { gram[i * m + j] += u[i] * u[j] } }
      for i in 0..<k {
        for j in 0..<m { cross[i * m + j] += x[i] * u[j] }
        for j in 0..<k { outer[i * k + j] += x[i] * x[j] }
      }
    }
  }

  /// What is known after the observations.
  public func posterior(_ seen: Statistics) -> Self {
    let (k, m) = (outputs, regressors)
    precondition(seen.gram.count == m * m && seen.outer.count == k * k, "statistics of other sizes")
    guard seen.count > 0 else { return self }
    var result = self
    result.freedom += Double(seen.count)
    for i in 0..<(m * m) { result.columnPrecision[i] += seen.gram[i] }
    var weighted = Self.product(mean, columnPrecision, k, m, m)
    let pulled = weighted
    for i in 0..<(k * m) { weighted[i] += seen.cross[i] }
    result.mean = Self.product(weighted, Self.inverse(result.columnPrecision, m), k, m, m)
    // S + Σxxᵀ + M₀P₀M₀ᵀ - MPMᵀ, with MP the weighted sum itself.
    for i in 0..<k {
      for j in 0..<k {
        var sum = seen.outer[i * k + j]
        for l in 0..<m {
          sum += pulled[i * m + l] * mean[j * m + l] - weighted[i * m + l] * result.mean[j * m + l]
        }
        result.scale[i * k + j] += sum
      }
    }
    for i in 0..<k {
      for j in 0..<i {
        let middle = (result.scale[i * k + j] + result.scale[j * k + i]) / 2
        result.scale[i * k + j] = middle
        result.scale[j * k + i] = middle
      }
    }
    return result
  }

  /// The log probability of the observations that lead from `self` to `posterior`, with W and Q integrated out.
  public func logMarginal(_ posterior: Self) -> Double {
    let (k, n) = (Double(outputs), posterior.freedom - freedom)
    var sum = -n * k / 2 * log(Double.pi)
    sum += k / 2 * (Self.logDeterminant(columnPrecision, regressors))
    sum -= k / 2 * Self.logDeterminant(posterior.columnPrecision, regressors)
    sum += freedom / 2 * Self.logDeterminant(scale, outputs)
    sum -= posterior.freedom / 2 * Self.logDeterminant(posterior.scale, outputs)
    for j in 0..<outputs {
      sum += lgamma((posterior.freedom - Double(j)) / 2) - lgamma((freedom - Double(j)) / 2)
    }
    return sum
  }

  /// W, `[k · m]`, and Q, `[k · k]` (Bartlett's decomposition).
  public func draw(using generator: inout RandomGenerator) -> (weights: [Double], covariance: [Double]) {
    let (k, m) = (outputs, regressors)
    var factor = scale
    factor.withUnsafeMutableBufferPointer { SmallMatrix.choleskyWithJitter($0.baseAddress!, k) }
    var bartlett = [Double](repeating: 0, count: k * k)
    for i in 0..<k {
      for j in 0..<i { bartlett[i * k + j] = generator.normal() }
      bartlett[i * k + i] = generator.chiSquared(freedom - Double(i)).squareRoot()
    }
    // Q = C Cᵀ with C = L T⁻ᵀ.
    let root = Self.product(factor, Self.transposed(Self.lowerInverse(bartlett, k), k, k), k, k, k)
    let covariance = Self.product(root, Self.transposed(root, k, k), k, k, k)
    var precision = columnPrecision
    precision.withUnsafeMutableBufferPointer { SmallMatrix.choleskyWithJitter($0.baseAddress!, m) }
    let noise = (0..<k * m).map { _ in generator.normal() }
    let spread = Self.product(
      Self.product(root, noise, k, k, m), Self.lowerInverse(precision, m), k, m, m)
    return ((0..<k * m).map { mean[$0] + spread[$0] }, covariance)
  }
}

/// Small products over arrays.
extension MatrixNormalInverseWishart {
  private static func product(_ a: [Double], _ b: [Double], _ n: Int, _ k: Int, _ m: Int) -> [Double] {
    var (a, b) = (a, b)
    return [Double](unsafeUninitializedCapacity: n * m) { c, count in
      a.withUnsafeMutableBufferPointer { a in
        b.withUnsafeMutableBufferPointer { b in
          SmallMatrix.multiply(a.baseAddress!, b.baseAddress!, into: c.baseAddress!, n, k, m)
        }
      }
      count = n * m
    }
  }

  private static func transposed(_ a: [Double], _ n: Int, _ m: Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: n * m) { result, count in
      for i in 0..<n { for j in 0..<m { result[j * n + i] = a[i * m + j] } }
      count = n * m
    }
  }

  private static func lowerInverse(_ factor: [Double], _ n: Int) -> [Double] {
    var factor = factor
    return [Double](unsafeUninitializedCapacity: n * n) { result, count in
      factor.withUnsafeMutableBufferPointer {
        SmallMatrix.invertLower($0.baseAddress!, n, into: result.baseAddress!)
      }
      count = n * n
    }
  }

  private static func inverse(_ matrix: [Double], _ n: Int) -> [Double] {
    var factor = matrix
    factor.withUnsafeMutableBufferPointer { SmallMatrix.choleskyWithJitter($0.baseAddress!, n) }
    let half = lowerInverse(factor, n)
    return product(transposed(half, n, n), half, n, n, n)
  }

  private static func logDeterminant(_ matrix: [Double], _ n: Int) -> Double {
    var factor = matrix
    return factor.withUnsafeMutableBufferPointer {
      SmallMatrix.choleskyWithJitter($0.baseAddress!, n)
      return SmallMatrix.logDeterminant(ofFactor: $0.baseAddress!, n)
    }
  }
}
