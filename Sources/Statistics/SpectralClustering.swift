import Foundation
import Support
import Tensors

/// Groups of mutually similar units, from the eigenvectors of their graph's normalised Laplacian (Ng, Jordan and Weiss, 2002);
/// of the joint correlations of two populations, groups that span both (Convergent Learning, section 5).
public struct SpectralClustering: Sendable {
  /// The eigenvalues of the Laplacian, ascending; the number of zeros is that of parts without any link.
  public let eigenvalues: [Double]
  /// Eigenvectors in columns, `[N, N]`.
  private let vectors: [Double]

  package init(eigenvalues: [Double], vectors: [Double]) {
    (self.eigenvalues, self.vectors) = (eigenvalues, vectors)
  }

  /// - Parameter similarity: `[N, N]`, symmetric; absolute values are the weights of links, the diagonal does not count.
  /// - Throws: `CajalError` for a matrix that is not so.
  public init(_ similarity: Tensor) throws {
    guard similarity.rank == 2, similarity.size(0) == similarity.size(1), similarity.count > 0 else {
      throw CajalError("similarities of the shape \(similarity.shape), expected a square matrix")
    }
    guard (similarity - similarity.transposed()).abs().max().item <= 1e-9 else {
      throw CajalError("similarities are not symmetric, as those of one set of units should be")
    }
    let laplacian = Self.laplacian(similarity.detached().to(.float64))
    let (values, columns) = laplacian.eigh()
    (eigenvalues, vectors) = (values.doubles, columns.contiguous().doubles)
  }

  /// `I - D^-1/2 W D^-1/2` of `W = |similarity|` without its diagonal; a unit without links stands alone.
  static func laplacian(_ similarity: Tensor) -> Tensor {
    let count = similarity.size(0)
    let identity = Tensor.eye(count, nil, .float64)
    let weights = similarity.abs() * (1 - identity)
    let degrees = weights.sum(axis: 1).doubles
    let scale = Tensor(degrees.map { $0 > 0 ? 1 / $0.squareRoot() : 0 })
    return identity - weights * scale.outer(scale)
  }

  /// The number of groups, within `range`, behind which the eigenvalues jump most.
  public func eigengap(in range: ClosedRange<Int>) -> Int {
    let candidates = range.filter { $0 >= 1 && $0 < eigenvalues.count }
    precondition(!candidates.isEmpty, "\(range) groups of \(eigenvalues.count) units")
    return candidates.max {
      (eigenvalues[$0] - eigenvalues[$0 - 1], $1) < (eigenvalues[$1] - eigenvalues[$1 - 1], $0)
    }!
  }

  /// The group of each unit: k-means of the rows of the first `count` eigenvectors, each of length 1.
  public func groups(
    _ count: Int, restarts: Int = 10, iterations: Int = 100, using generator: inout RandomGenerator
  ) -> [Int] {
    let size = eigenvalues.count
    precondition((1...size).contains(count), "\(count) groups of \(size) units")
    let rows = (0..<size).map { unit -> [Double] in
      let row = Array(vectors[unit * size..<unit * size + count])
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return length > 0 ? row.map { $0 / length } : row
    }
    return KMeans.fit(
      rows, count: count, restarts: restarts, iterations: iterations, using: &generator
    ).labels
  }
}
