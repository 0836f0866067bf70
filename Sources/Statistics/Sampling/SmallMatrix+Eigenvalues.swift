import Foundation

extension SmallMatrix {
  /// The eigenvalues of a square matrix, by Hessenberg form and shifted QR steps in complex numbers; the largest in
  /// size first.
  ///
  /// - Parameter a: `[n · n]` row by row.
  package static func eigenvalues(_ a: [Double], _ n: Int) -> [(real: Double, imaginary: Double)] {
    var h = ComplexMatrix(a, n)
    let norm = a.reduce(0) { $0 + $1 * $1 }.squareRoot()
    h.reduceToHessenberg()
    var values: [Complex] = []
    var last = n - 1
    var rounds = 0
    while last >= 0 {
      // Beside its neighbours at first, which keeps small eigenvalues exact; where these are rounding themselves, beside
      // the whole matrix, which loses no more than the entries have lost.
      let least = rounds < 30 ? 0 : 1e-16 * norm * Double(rounds / 30)
      if last == 0 || h.isSplit(last, least) {
        values.append(h[last, last])
        last -= 1
        rounds = 0
        continue
      }
      var first = last - 1
      while first > 0, !h.isSplit(first, least) { first -= 1 }
      // Now and then a step off the rule, for matrices on which it goes in circles.
      h.qrStep(first, last, exceptional: rounds % 11 == 10)
      rounds += 1
      precondition(rounds < 1_000, "eigenvalues that are not found")
    }
    return values.sorted { $0.squared > $1.squared }.map { ($0.re, $0.im) }
  }
}

private struct Complex {
  var re: Double
  var im: Double
  var squared: Double { re * re + im * im }
  var conjugate: Complex { Complex(re: re, im: -im) }
  static func + (a: Complex, b: Complex) -> Complex { Complex(re: a.re + b.re, im: a.im + b.im) }
  static func - (a: Complex, b: Complex) -> Complex { Complex(re: a.re - b.re, im: a.im - b.im) }
  static func * (a: Complex, b: Complex) -> Complex {
    Complex(re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re)
  }
  static func / (a: Complex, b: Complex) -> Complex {
    let scale = 1 / b.squared
    let product = a * b.conjugate
    return Complex(re: product.re * scale, im: product.im * scale)
  }
  /// The root with non-negative real part.
  var root: Complex {
    let size = squared.squareRoot()
    let re = max(0, (size + self.re) / 2).squareRoot()
    let im = max(0, (size - self.re) / 2).squareRoot()
    return Complex(re: re, im: self.im < 0 ? -im : im)
  }
}

private struct ComplexMatrix {
  let n: Int
  var values: [Complex]

  init(_ a: [Double], _ n: Int) {
    self.n = n
    values = a.map { Complex(re: $0, im: 0) }
  }

  subscript(_ i: Int, _ j: Int) -> Complex {
    get { values[i * n + j] }
    set { values[i * n + j] = newValue }
  }

  /// By elimination with the largest pivot.
  mutating func reduceToHessenberg() {
    guard n > 2 else { return }
    for column in 0..<(n - 2) {
      let pivot = ((column + 1)..<n).max { self[$0, column].squared < self[$1, column].squared }!
      guard self[pivot, column].squared > 0 else { continue }
      if pivot != column + 1 {
        for k in 0..<n { swapEntries(pivot * n + k, (column + 1) * n + k) }
        for k in 0..<n { swapEntries(k * n + pivot, k * n + column + 1) }
      }
      for row in (column + 2)..<n {
        let factor = self[row, column] / self[column + 1, column]
        if factor.squared == 0 { continue }
        for k in 0..<n { self[row, k] = self[row, k] - factor * self[column + 1, k] }
        for k in 0..<n { self[k, column + 1] = self[k, column + 1] + factor * self[k, row] }
      }
    }
  }

  private mutating func swapEntries(_ a: Int, _ b: Int) { values.swapAt(a, b) }

  /// Whether nothing is left below the diagonal before row `k`: nothing that counts beside the diagonal, or above `least`.
  func isSplit(_ k: Int, _ least: Double) -> Bool {
    let size = self[k, k].squared + self[k - 1, k - 1].squared
    let entry = self[k, k - 1].squared
    return entry <= 1e-30 * max(size, 1e-280) || entry <= least * least
  }

  /// A step with Wilkinson's shift on rows `first...last`, by rotations.
  mutating func qrStep(_ first: Int, _ last: Int, exceptional: Bool) {
    let shift = exceptional ? Complex(re: self[last, last - 1].squared.squareRoot(), im: 0) : wilkinson(last)
    for i in first...last { self[i, i] = self[i, i] - shift }
    var rotations: [(c: Complex, s: Complex)] = []
    for k in first..<last {
      let (a, b) = (self[k, k], self[k + 1, k])
      let length = (a.squared + b.squared).squareRoot()
      let scale = Complex(re: length > 0 ? 1 / length : 0, im: 0)
      let (c, s) =
        length > 0
        ? (a.conjugate * scale, b.conjugate * scale) : (Complex(re: 1, im: 0), Complex(re: 0, im: 0))
      rotations.append((c, s))
      for j in k...last {
        let (x, y) = (self[k, j], self[k + 1, j])
        self[k, j] = c * x + s * y
        self[k + 1, j] = c.conjugate * y - s.conjugate * x
      }
    }
    for (offset, rotation) in rotations.enumerated() {
      let k = first + offset
      for i in first...min(last, k + 1) {
        let (x, y) = (self[i, k], self[i, k + 1])
        self[i, k] = x * rotation.c.conjugate + y * rotation.s.conjugate
        self[i, k + 1] = y * rotation.c - x * rotation.s
      }
    }
    for i in first...last { self[i, i] = self[i, i] + shift }
  }

  /// The eigenvalue of the last two rows' square that is nearer to the corner.
  private func wilkinson(_ last: Int) -> Complex {
    let (a, b) = (self[last - 1, last - 1], self[last - 1, last])
    let (c, d) = (self[last, last - 1], self[last, last])
    let half = (a - d) * Complex(re: 0.5, im: 0)
    let root = (half * half + b * c).root
    let (plus, minus) = (half + root, half - root)
    let larger = plus.squared > minus.squared ? plus : minus
    return larger.squared > 0 ? d - b * c / larger : d
  }
}
