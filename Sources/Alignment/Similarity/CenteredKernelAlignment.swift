import Support
import Tensors

/// Centred kernel alignment (Kornblith, Norouzi, Lee and Hinton, 2019): whether samples that are alike for one population are
/// alike for the other. Invariant to rotation and to common scaling, not to any linear map.
extension PopulationSimilarity {
  /// With linear kernels, `‖Aᵀ B‖² / (‖Aᵀ A‖ ‖Bᵀ B‖)` of centred activity.
  public static func linearCKA(_ a: Tensor, _ b: Tensor) throws -> PopulationSimilarity {
    let (a, b) = try centred(a, b)
    let norms = [a, b].map { selfProduct($0) }
    guard norms[0] > 0, norms[1] > 0 else { throw CajalError("a population never changes") }
    let scale = norms[0] * norms[1]
    return PopulationSimilarity(a, b) { $0.square().sum().item / scale }
  }

  /// `‖Xᵀ X‖`, by the smaller of the two products.
  private static func selfProduct(_ x: Tensor) -> Double {
    let product = x.size(0) < x.size(1) ? x.matmul(x.transposed()) : x.transposed().matmul(x)
    return product.square().sum().item.squareRoot()
  }

  /// With linear kernels and the unbiased estimate of their dependence (Song and others, 2012; Nguyen and others, 2021): 0 on
  /// average for independent populations, however few samples there are; it can be below 0.
  public static func unbiasedCKA(_ a: Tensor, _ b: Tensor) throws -> PopulationSimilarity {
    let (a, b) = try centred(a, b, least: 4)
    return try ofKernels(a.matmul(a.transposed()), b.matmul(b.transposed()), isUnbiased: true)
  }

  /// With Gaussian kernels of a width that is `bandwidth` times the median distance of samples.
  public static func gaussianCKA(_ a: Tensor, _ b: Tensor, bandwidth: Double = 1, isUnbiased: Bool = false)
    throws -> PopulationSimilarity
  {
    guard bandwidth > 0 else { throw CajalError("a bandwidth of \(bandwidth), expected one above 0") }
    let (a, b) = try centred(a, b, least: 4)
    return try ofKernels(
      gaussianKernel(a, bandwidth), gaussianKernel(b, bandwidth), isUnbiased: isUnbiased)
  }

  /// Of any two symmetric kernels `[S, S]`.
  public static func ofKernels(_ k: Tensor, _ l: Tensor, isUnbiased: Bool) throws -> PopulationSimilarity {
    let centre = isUnbiased ? unbiasedCentred : doublyCentred
    let (k, l) = (centre(k.to(.float64)), centre(l.to(.float64)))
    let norms = [k, l].map { $0.square().sum().item.squareRoot() }
    guard norms[0] > 0, norms[1] > 0 else { throw CajalError("a kernel is constant") }
    return PopulationSimilarity(
      betweenSamples: (k / norms[0]).doubles, (l / norms[1]).doubles, samples: k.size(0))
  }

  private static func gaussianKernel(_ x: Tensor, _ bandwidth: Double) -> Tensor {
    let squares = squaredDistances(x)
    let count = x.size(0)
    let flat = squares.doubles
    var above: [Double] = []
    for i in 0..<count { above += flat[(i * count + i + 1)..<((i + 1) * count)] }
    above.sort()
    let middle = above.count / 2
    let median = above.count % 2 == 1 ? above[middle] : (above[middle - 1] + above[middle]) / 2
    let scale: Double = -1 / (2 * bandwidth * bandwidth * Swift.max(median, 1e-300))
    return (squares * scale).exp()
  }

  /// Of the rows of `x`.
  static func squaredDistances(_ x: Tensor) -> Tensor {
    let gram = x.matmul(x.transposed())
    let norms = gram.diagonal()
    let sums: Tensor = norms.unsqueezed(0) + norms.unsqueezed(1)
    return (sums - gram * 2).filled(diagonalMask(x.size(0)), with: 0).clamped(atLeast: 0)
  }

  private static func diagonalMask(_ size: Int) -> Tensor { Tensor.eye(size, nil, .float64) .> 0.5 }

  /// Rows and columns of mean 0.
  private static func doublyCentred(_ k: Tensor) -> Tensor {
    let margins: Tensor = k.mean(axis: 0, keep: true) + k.mean(axis: 1, keep: true)
    return k - margins + k.mean()
  }

  /// Without the diagonal, rows and columns of sum 0 in the sense of Székely and Rizzo (2014): the scalar product of two such
  /// matrices is the unbiased estimate up to a factor.
  private static func unbiasedCentred(_ k: Tensor) -> Tensor {
    let n = Double(k.size(0))
    let mask = diagonalMask(k.size(0))
    let hollow = k.filled(mask, with: 0)
    let rows = hollow.sum(axis: 1, keep: true) / (n - 2)
    let margins: Tensor = rows + rows.transposed()
    let all = hollow.sum() / ((n - 1) * (n - 2))
    return (hollow - margins + all).filled(mask, with: 0)
  }
}
