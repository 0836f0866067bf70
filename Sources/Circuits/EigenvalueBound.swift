import Statistics

/// Whether all eigenvalues of a matrix lie to the left of a line, without computing them.
///
/// The Cayley transform `C = (I - M)⁻¹ (I + M)` takes the left half plane to the inside of the unit circle; C is squared until its powers
/// vanish or grow. No iteration can fail, however eigenvalues cluster.
struct EigenvalueBound {
  private let n: Int
  /// `[n · n]`
  private let matrix: [Double]
  /// The largest sum of sizes in a row, which no eigenvalue exceeds in size.
  let norm: Double

  init(_ matrix: [Double], _ n: Int) {
    (self.matrix, self.n) = (matrix, n)
    norm = Self.norm(matrix, n)
  }

  private static func norm(_ matrix: [Double], _ n: Int) -> Double {
    (0..<n).reduce(0) { largest, i in
      max(largest, matrix[i * n..<(i + 1) * n].reduce(0) { $0 + abs($1) })
    }
  }

  /// Squarings: eigenvalues within some 1e-12 of the line count as beyond it.
  private static let squarings = 42

  /// Whether every eigenvalue has a real part below `line`.
  func isLeft(of line: Double) -> Bool {
    let size = n * n
    let scale = max(norm, abs(line), 1e-300)
    var (left, power) = ([Double](repeating: 0, count: size), [Double](repeating: 0, count: size))
    for k in 0..<size {
      let one: Double = k / n == k % n ? 1 : 0
      let moved = (matrix[k] - line * one) / scale
      left[k] = one - moved
      power[k] = one + moved
    }
    var pivots = [Int](repeating: 0, count: n)
    guard SmallMatrix.factorLU(&left, n, &pivots) else { return false }
    SmallMatrix.solveLU(&left, n, &pivots, &power, n)
    for _ in 0..<Self.squarings {
      let size = Self.norm(power, n)
      if size < 1 { return true }
      guard size < 1e100 else { return false }
      var square = [Double](repeating: 0, count: power.count)
      SmallMatrix.addProduct(&square, n, n, power, n, power, row: n, column: 1)
      power = square
    }
    return false
  }

  /// The largest real part of an eigenvalue, by halving.
  var largest: Double {
    var (low, high) = (-norm, norm)
    guard norm > 0 else { return 0 }
    while high - low > 1e-11 * norm {
      let middle = (low + high) / 2
      if isLeft(of: middle) { high = middle } else { low = middle }
    }
    return (low + high) / 2
  }
}
