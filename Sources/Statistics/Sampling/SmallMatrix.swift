import Foundation

/// Factors and solutions for matrices of a few dozen rows, row by row over bare memory: what the inner loops of
/// samplers need, where a call of a linear-algebra library costs more than the work.
package enum SmallMatrix {
  package typealias Pointer = UnsafeMutablePointer<Double>

  /// The lower Cholesky factor in place of a symmetric `[n, n]` matrix; its upper triangle is zeroed.
  ///
  /// - Returns: Whether the matrix is positive definite; what is left of it otherwise is of no use.
  package static func cholesky(_ a: Pointer, _ n: Int) -> Bool {
    for j in 0..<n {
      let rowJ = a + j * n
      for i in j..<n {
        let rowI = a + i * n
        var sum = rowI[j]
        for k in 0..<j { sum -= rowI[k] * rowJ[k] }
        if i == j {
          guard sum > 0, sum < .infinity else { return false }
          rowJ[j] = sum.squareRoot()
        } else {
          rowI[j] = sum / rowJ[j]
        }
      }
      for k in (j + 1)..<max(n, j + 1) { rowJ[k] = 0 }
    }
    return true
  }

  /// As ``cholesky(_:_:)``, with ever more added to the diagonal until it succeeds, from 1e-9 of its mean on.
  package static func choleskyWithJitter(_ a: Pointer, _ n: Int) {
    let copy = Pointer.allocate(capacity: n * n)
    defer { copy.deallocate() }
    copy.update(from: a, count: n * n)
    var mean = 0.0
    for i in 0..<n { mean += abs(a[i * n + i]) / Double(n) }
    var jitter = 0.0
    while !cholesky(a, n) {
      jitter = jitter == 0 ? 1e-9 * max(mean, 1e-9) : jitter * 10
      precondition(jitter < 1e3 * max(mean, 1), "a matrix of \(n) rows that is not positive definite")
      a.update(from: copy, count: n * n)
      for i in 0..<n { a[i * n + i] += jitter }
    }
  }

  /// The inverse of a lower triangular matrix.
  package static func invertLower(_ l: Pointer, _ n: Int, into inverse: Pointer) {
    inverse.update(repeating: 0, count: n * n)
    for i in 0..<n {
      let row = inverse + i * n
      for k in 0..<i {
        let factor = l[i * n + k]
        let other = inverse + k * n
        for j in 0...k { row[j] -= factor * other[j] }
      }
      row[i] = 1
      let scale = 1 / l[i * n + i]
      for j in 0...i { row[j] *= scale }
    }
  }

  /// `c = a b` for `[n, k]` and `[k, m]`.
  package static func multiply(_ a: Pointer, _ b: Pointer, into c: Pointer, _ n: Int, _ k: Int, _ m: Int) {
    for i in 0..<n {
      let row = c + i * m
      for j in 0..<m { row[j] = 0 }
      for l in 0..<k {
        let factor = a[i * k + l]
        let other = b + l * m
        for j in 0..<m { row[j] += factor * other[j] }
      }
    }
  }

  /// `c = aᵀ b` for `[k, n]` and `[k, m]`.
  package static func multiplyTransposed(
    _ a: Pointer, _ b: Pointer, into c: Pointer, _ n: Int, _ k: Int, _ m: Int
  ) {
    for i in 0..<(n * m) { c[i] = 0 }
    for l in 0..<k {
      let other = b + l * m
      for i in 0..<n {
        let factor = a[l * n + i]
        let row = c + i * m
        for j in 0..<m { row[j] += factor * other[j] }
      }
    }
  }

  /// The inverse of a symmetric positive definite matrix from the inverse of its lower factor: `L⁻ᵀ L⁻¹`.
  package static func inverse(fromInverseFactor l: Pointer, _ n: Int, into result: Pointer) {
    multiplyTransposed(l, l, into: result, n, n, n)
  }

  /// Twice the sum of the logarithms of a factor's diagonal: the log determinant of the factored matrix.
  package static func logDeterminant(ofFactor l: Pointer, _ n: Int) -> Double {
    var sum = 0.0
    for i in 0..<n { sum += log(l[i * n + i]) }
    return 2 * sum
  }

  /// Eigenvalues and eigenvectors of a symmetric matrix by Jacobi's rotations, the largest first.
  ///
  /// - Parameter a: `[n · n]`.
  /// - Returns: Values, and vectors as rows of `[n][n]`.
  package static func symmetricEigen(_ a: [Double], _ n: Int) -> (values: [Double], vectors: [[Double]]) {
    var a = a
    var v = (0..<n).map { i in (0..<n).map { $0 == i ? 1.0 : 0 } }
    for _ in 0..<60 {
      var off = 0.0
      for p in 0..<n { for q in 0..<p { off += a[p * n + q] * a[p * n + q] } }
      if off < 1e-300 { break }
      for p in 0..<n {
        for q in (p + 1)..<max(n, p + 1) where a[p * n + q] != 0 { rotate(&a, &v, n, p, q) }
      }
    }
    let order = (0..<n).sorted { a[$0 * n + $0] > a[$1 * n + $1] }
    return (order.map { a[$0 * n + $0] }, order.map { v[$0] })
  }

  private static func rotate(_ a: inout [Double], _ v: inout [[Double]], _ n: Int, _ p: Int, _ q: Int) {
    let theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q])
    let t = (theta >= 0 ? 1.0 : -1) / (abs(theta) + (theta * theta + 1).squareRoot())
    let c = 1 / (t * t + 1).squareRoot()
    let s = t * c
    for k in 0..<n {
      let (x, y) = (a[k * n + p], a[k * n + q])
      (a[k * n + p], a[k * n + q]) = (c * x - s * y, s * x + c * y)
    }
    for k in 0..<n {
      let (x, y) = (a[p * n + k], a[q * n + k])
      (a[p * n + k], a[q * n + k]) = (c * x - s * y, s * x + c * y)
      (v[p][k], v[q][k]) = (c * v[p][k] - s * v[q][k], s * v[p][k] + c * v[q][k])
    }
  }
}
