import Support
import Tensors

/// Canonical correlations: of the directions in two populations that go together best (Hotelling, 1936).
public enum CanonicalCorrelation {
  /// In descending order, of activity `[S, N]` and `[S, M]`; as many as the smaller rank.
  ///
  /// - Throws: `CajalError` for other shapes and values that are not finite.
  public static func of(_ a: Tensor, _ b: Tensor) throws -> [Double] {
    let (a, b) = try PopulationSimilarity.centred(a, b)
    return withoutGradients { values(basis(a).u.transposed().matmul(basis(b).u)) }
  }

  /// Of covariances or correlations `[N, N]`, `[N, M]`, `[M, M]`.
  ///
  /// - Parameter ridge: Added to all variances; keeps directions without variance from counting.
  public static func ofCovariances(
    _ a: Tensor, _ between: Tensor, _ b: Tensor, ridge: Double = 0
  ) -> [Double] {
    withoutGradients {
      values(inverseRoot(a, ridge).matmul(between.to(.float64)).matmul(inverseRoot(b, ridge)))
    }
  }

  static func values(_ whitened: Tensor) -> [Double] {
    whitened.svd().s.doubles.map { Swift.max(0, Swift.min(1, $0)) }
  }

  private static func inverseRoot(_ covariance: Tensor, _ ridge: Double) -> Tensor {
    let size = covariance.size(0)
    let (values, vectors) = (covariance.to(.float64) + Tensor.eye(size, nil, .float64) * ridge).eigh()
    let spectrum = values.doubles
    let limit = (spectrum.last ?? 0) * 1e-12
    let scale = Tensor(spectrum.map { $0 > limit ? 1 / $0.squareRoot() : 0 })
    return (vectors * scale).matmul(vectors.transposed())
  }

  /// An orthonormal basis of the space that centred activity spans, and the singular values; directions that carry less than
  /// rounding are left out, and of the rest those that are not needed for a share of the variance.
  static func basis(_ centred: Tensor, share: Double = 1) -> (u: Tensor, s: [Double]) {
    let (u, s, _) = centred.svd()
    let values = s.doubles
    let limit = (values.first ?? 0) * 1e-10
    var kept = values.count { $0 > limit }
    if share < 1 {
      let total = values.reduce(0) { $0 + $1 * $1 }
      var sum = 0.0
      let needed = values.firstIndex { value in
        sum += value * value
        return sum >= share * total
      }
      kept = Swift.min(kept, (needed ?? kept - 1) + 1)
    }
    return (u.narrowed(1, from: 0, to: Swift.max(1, kept)), Array(values.prefix(kept)))
  }
}

extension PopulationSimilarity {
  /// The mean canonical correlation; invariant to any invertible linear map of either population. It needs many more samples than
  /// units: with fewer it is 1 for whatever populations.
  public static func canonicalCorrelation(_ a: Tensor, _ b: Tensor) throws -> PopulationSimilarity {
    try svcca(a, b, share: 1)
  }

  /// The mean canonical correlation of the principal components that carry a share of either population's variance (Raghu,
  /// Gilmer, Yosinski and Sohl-Dickstein, 2017).
  public static func svcca(_ a: Tensor, _ b: Tensor, share: Double = 0.99) throws -> PopulationSimilarity {
    guard share > 0, share <= 1 else { throw CajalError("a share of \(share) of the variance") }
    let (a, b) = try centred(a, b)
    let (left, right) = (
      CanonicalCorrelation.basis(a, share: share).u, CanonicalCorrelation.basis(b, share: share).u
    )
    return PopulationSimilarity(left, right) { product in
      let values = CanonicalCorrelation.values(product)
      return values.reduce(0, +) / Double(values.count)
    }
  }

  /// Canonical correlations weighted by how much of the first population each of its directions accounts for (Morcos, Raghu and
  /// Bengio, 2018); not symmetric.
  public static func pwcca(_ a: Tensor, _ b: Tensor) throws -> PopulationSimilarity {
    let (a, b) = try centred(a, b)
    let (left, right) = (CanonicalCorrelation.basis(a).u, CanonicalCorrelation.basis(b).u)
    let coordinates = left.transposed().matmul(a)
    return PopulationSimilarity(left, right) { product in
      let (u, s, _) = product.svd()
      let weights = u.transposed().matmul(coordinates).abs().sum(axis: 1).doubles
      let total = weights.reduce(0, +)
      return zip(weights, s.doubles).reduce(0) { $0 + $1.0 * Swift.min(1, $1.1) } / total
    }
  }
}
