import Foundation

/// Eigenvalues and eigenvectors of a symmetric matrix of moderate size, by Jacobi's rotations: exact to rounding and the same on
/// any number of threads.
struct SymmetricEigen {
  /// Descending.
  let values: [Double]
  /// `[k][N]`, of length 1, in the order of the values.
  let vectors: [[Double]]

  /// - Parameter matrix: `[N, N]`, symmetric.
  init(_ matrix: [Double], count: Int) {
    var (a, v) = (matrix, [Double](repeating: 0, count: count * count))
    for i in 0..<count { v[i * count + i] = 1 }
    a.withUnsafeMutableBufferPointer { a in
      v.withUnsafeMutableBufferPointer { v in
        for _ in 0..<60 where !Self.sweep(a.baseAddress!, v.baseAddress!, count) { break }
      }
    }
    let diagonal = (0..<count).map { a[$0 * count + $0] }
    let order = diagonal.indices.sorted { (diagonal[$0], $1) > (diagonal[$1], $0) }
    values = order.map { diagonal[$0] }
    vectors = order.map { Array(v[$0 * count..<($0 + 1) * count]) }
  }

  /// Rotates every entry above the diagonal away once; whether any was worth it.
  private static func sweep(
    _ a: UnsafeMutablePointer<Double>, _ v: UnsafeMutablePointer<Double>, _ n: Int
  ) -> Bool {
    var hasRotated = false
    for p in 0..<n {
      for q in p + 1..<max(p + 1, n) {
        let (app, aqq, apq) = (a[p * n + p], a[q * n + q], a[p * n + q])
        guard abs(apq) > 1e-15 * (abs(app * aqq).squareRoot() + 1e-300), abs(apq) > 1e-14 else { continue }
        hasRotated = true
        let theta = (aqq - app) / (2 * apq)
        let t = (theta >= 0 ? 1.0 : -1) / (abs(theta) + (theta * theta + 1).squareRoot())
        let c = 1 / (t * t + 1).squareRoot()
        let s = t * c
        // Whole rows; the columns follow from symmetry.
        rotate(a + p * n, a + q * n, c, s, n)
        for k in 0..<n where k != p && k != q {
          a[k * n + p] = a[p * n + k]
          a[k * n + q] = a[q * n + k]
        }
        a[p * n + p] = app - t * apq
        a[q * n + q] = aqq + t * apq
        (a[p * n + q], a[q * n + p]) = (0, 0)
        rotate(v + p * n, v + q * n, c, s, n)
      }
    }
    return hasRotated
  }

  @inline(__always)
  private static func rotate(
    _ x: UnsafeMutablePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ c: Double, _ s: Double, _ n: Int
  ) {
    for k in 0..<n {
      let (a, b) = (x[k], y[k])
      x[k] = c * a - s * b
      y[k] = s * a + c * b
    }
  }
}
