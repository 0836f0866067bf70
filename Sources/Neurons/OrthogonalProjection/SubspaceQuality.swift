import Support
import Tensors

/// How near learned rows come to the principal subspace of activity with as many dimensions.
///
/// Second moments about zero are taken, not variances: a Hebbian rule sees no mean.
public struct SubspaceQuality: Sendable, Equatable {
  /// Cosines of the principal angles between the rows' span and the principal subspace, descending.
  public let cosines: [Double]
  /// The share of the activity's squares held by the rows' span, cumulated over its directions in their best order.
  public let explained: [Double]
  /// The same for the principal subspace: the most that is possible.
  public let optimal: [Double]
  /// Mean squared error of the rows' own reconstruction `HᵀH x`, as a share of the activity's squares.
  public let reconstructionError: Double
  /// The least possible one.
  public let optimalError: Double
  /// The largest deviation of `H Hᵀ` from the identity.
  public let orthonormalityError: Double

  public var meanSquaredCosine: Double {
    cosines.isEmpty ? 0 : cosines.reduce(0) { $0 + $1 * $1 } / Double(cosines.count)
  }

  /// - Parameters:
  ///   - rows: H, `[m, n]`, m at least 1.
  ///   - activity: `[S, n]`.
  public init(rows: Tensor, activity: Tensor) {
    precondition(
      rows.rank == 2 && activity.rank == 2 && rows.size(0) > 0 && rows.size(1) == activity.size(1),
      "rows \(rows.shape), activity \(activity.shape)")
    let (h, x) = (rows.detached().to(.float64), activity.detached().to(.float64))
    let count = h.size(0)
    let moment = x.transposed().matmul(x)
    let total = max(moment.trace().item, .leastNormalMagnitude)
    let (values, vectors) = moment.eigh()
    // Ascending, as the decomposition gives them.
    let size = values.count
    let principal = vectors[.all, (size - count)..<size]
    let span = h.transposed().qr().q
    cosines = span.transposed().matmul(principal).svd().s.doubles.map { min($0, 1) }
    let inside = span.transposed().matmul(moment).matmul(span).eigenvaluesSymmetric().doubles.reversed()
    explained = Self.cumulated(Array(inside), total)
    optimal = Self.cumulated(values.doubles.suffix(count).reversed(), total)
    let rest = x - x.matmul(h.transposed()).matmul(h)
    reconstructionError = rest.square().sum().item / total
    optimalError = max(0, 1 - (optimal.last ?? 0))
    orthonormalityError = (h.matmul(h.transposed()) - Tensor.eye(count, nil, .float64)).abs().max().item
  }

  private static func cumulated(_ values: [Double], _ total: Double) -> [Double] {
    var sum = 0.0
    return values.map {
      sum += max($0, 0)
      return sum / total
    }
  }
}
