extension SmallMatrix {
  /// `target += Σ_k factors[k · step] · rows[k]` over `count` rows of `width` numbers, four rows at a time: the one loop
  /// that products and solutions below spend their time in.
  @inline(__always)
  package static func addRows(
    _ target: Pointer, _ width: Int, _ rows: UnsafePointer<Double>, _ count: Int,
    _ factors: UnsafePointer<Double>, step: Int = 1, sign: Double = 1
  ) {
    var k = 0
    while k + 4 <= count {
      let (a, b) = (sign * factors[k * step], sign * factors[(k + 1) * step])
      let (c, d) = (sign * factors[(k + 2) * step], sign * factors[(k + 3) * step])
      let (p, q) = (rows + k * width, rows + (k + 1) * width)
      let (r, s) = (rows + (k + 2) * width, rows + (k + 3) * width)
      for j in 0..<width { target[j] += (a * p[j] + b * q[j]) + (c * r[j] + d * s[j]) }
      k += 4
    }
    while k < count {
      let (a, p) = (sign * factors[k * step], rows + k * width)
      for j in 0..<width { target[j] += a * p[j] }
      k += 1
    }
  }

  /// The factors `P A = L U` in place of a square `[n, n]` matrix, by elimination with the largest pivot of each column.
  ///
  /// - Parameter pivots: `[n]`; the row that was exchanged with each.
  /// - Returns: Whether the matrix is regular; what is left of it otherwise is of no use.
  package static func factorLU(_ a: Pointer, _ n: Int, _ pivots: UnsafeMutablePointer<Int>) -> Bool {
    for column in 0..<n {
      var best = column
      for row in column..<n where abs(a[row * n + column]) > abs(a[best * n + column]) { best = row }
      pivots[column] = best
      let size = abs(a[best * n + column])
      guard size > 0, size < .infinity else { return false }
      if best != column {
        for k in 0..<n {
          let kept = a[column * n + k]
          a[column * n + k] = a[best * n + k]
          a[best * n + k] = kept
        }
      }
      let (pivotRow, scale) = (a + column * n, 1 / a[column * n + column])
      for row in (column + 1)..<max(n, column + 1) {
        let target = a + row * n
        let factor = target[column] * scale
        target[column] = factor
        if factor == 0 { continue }
        for k in (column + 1)..<n { target[k] -= factor * pivotRow[k] }
      }
    }
    return true
  }

  /// Solves `A X = B` in place of `B` `[n, m]`, from the factors of A.
  package static func solveLU(
    _ lu: Pointer, _ n: Int, _ pivots: UnsafeMutablePointer<Int>, _ b: Pointer, _ m: Int
  ) {
    for row in 0..<n where pivots[row] != row { exchange(b, row, pivots[row], m) }
    substituteDown(lu, n, b, m, row: n, column: 1, divides: false)
    substituteUp(lu, n, b, m, row: n, column: 1, divides: true)
  }

  /// Solves `Aᵀ X = B` in place of `B` `[n, m]`, from the factors of A.
  package static func solveTransposedLU(
    _ lu: Pointer, _ n: Int, _ pivots: UnsafeMutablePointer<Int>, _ b: Pointer, _ m: Int
  ) {
    substituteDown(lu, n, b, m, row: 1, column: n, divides: true)
    substituteUp(lu, n, b, m, row: 1, column: n, divides: false)
    for row in stride(from: n - 1, through: 0, by: -1) where pivots[row] != row {
      exchange(b, row, pivots[row], m)
    }
  }

  /// Solves a lower triangular system in place, four rows at a time: what is above a block comes in one product.
  private static func substituteDown(
    _ a: Pointer, _ n: Int, _ b: Pointer, _ m: Int, row: Int, column: Int, divides: Bool
  ) {
    for start in stride(from: 0, to: n, by: 4) {
      let end = min(start + 4, n)
      addProduct(b + start * m, end - start, m, a + start * row, start, b, row: row, column: column, sign: -1)
      for i in start..<end {
        let target = b + i * m
        addRows(
          target, m, b + start * m, i - start, a + i * row + start * column, step: column, sign: -1)
        if divides { scale(target, m, by: 1 / a[i * n + i]) }
      }
    }
  }

  /// The same for an upper triangular system, from below.
  private static func substituteUp(
    _ a: Pointer, _ n: Int, _ b: Pointer, _ m: Int, row: Int, column: Int, divides: Bool
  ) {
    for start in stride(from: (n - 1) / 4 * 4, through: 0, by: -4) {
      let end = min(start + 4, n)
      addProduct(
        b + start * m, end - start, m, a + start * row + end * column, n - end, b + end * m, row: row,
        column: column, sign: -1)
      for i in stride(from: end - 1, through: start, by: -1) {
        let target = b + i * m
        addRows(
          target, m, b + (i + 1) * m, end - i - 1, a + i * row + (i + 1) * column, step: column, sign: -1)
        if divides { scale(target, m, by: 1 / a[i * n + i]) }
      }
    }
  }

  private static func scale(_ row: Pointer, _ count: Int, by factor: Double) {
    for j in 0..<count { row[j] *= factor }
  }

  private static func exchange(_ b: Pointer, _ i: Int, _ j: Int, _ m: Int) {
    for k in 0..<m {
      let kept = b[i * m + k]
      b[i * m + k] = b[j * m + k]
      b[j * m + k] = kept
    }
  }
}
