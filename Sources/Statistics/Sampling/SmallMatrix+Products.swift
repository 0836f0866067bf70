extension SmallMatrix {
  private typealias Eight = SIMD8<Double>

  /// `C += ± A B` for `C` `[n, m]`, `A` `[n, k]` and `B` `[k, m]`, with A read by steps, so that it may be a part or the transpose of a
  /// matrix. Tiles of 4 × 16 numbers of C stay in vector registers while k runs.
  ///
  /// - Parameters:
  ///   - row: From an entry of A to that below.
  ///   - column: From an entry of A to the next in its row.
  package static func addProduct(
    _ c: Pointer, _ n: Int, _ m: Int, _ a: UnsafePointer<Double>, _ k: Int, _ b: UnsafePointer<Double>,
    row: Int, column: Int, sign: Double = 1
  ) {
    var i = 0
    while i + 4 <= n {
      let (target, factors) = (c + i * m, a + i * row)
      var j = 0
      while j + 16 <= m {
        wideTile(target + j, m, factors, k, b + j, row, column, sign)
        j += 16
      }
      while j + 8 <= m {
        narrowTile(target + j, m, factors, k, b + j, row, column, sign)
        j += 8
      }
      while j < m {
        for r in 0..<4 {
          var sum = 0.0
          for l in 0..<k { sum = sum.addingProduct(factors[r * row + l * column], b[l * m + j]) }
          target[r * m + j] += sign * sum
        }
        j += 1
      }
      i += 4
    }
    while i < n {
      addRows(c + i * m, m, b, k, a + i * row, step: column, sign: sign)
      i += 1
    }
  }

  @inline(__always)
  private static func load(_ p: UnsafePointer<Double>) -> Eight {
    UnsafeRawPointer(p).loadUnaligned(as: Eight.self)
  }

  @inline(__always)
  private static func add(_ p: Pointer, _ value: Eight, _ sign: Double) {
    let sum = load(p).addingProduct(value, Eight(repeating: sign))
    UnsafeMutableRawPointer(p).storeBytes(of: sum, as: Eight.self)
  }

  @inline(__always)
  private static func wideTile(
    _ c: Pointer, _ m: Int, _ a: UnsafePointer<Double>, _ k: Int, _ b: UnsafePointer<Double>, _ row: Int,
    _ column: Int, _ sign: Double
  ) {
    var (c00, c10, c20, c30) = (Eight.zero, Eight.zero, Eight.zero, Eight.zero)
    var (c01, c11, c21, c31) = (Eight.zero, Eight.zero, Eight.zero, Eight.zero)
    for l in 0..<k {
      let (left, right) = (load(b + l * m), load(b + l * m + 8))
      let entry = a + l * column
      let (a0, a1) = (Eight(repeating: entry[0]), Eight(repeating: entry[row]))
      let (a2, a3) = (Eight(repeating: entry[2 * row]), Eight(repeating: entry[3 * row]))
      c00 = c00.addingProduct(a0, left)
      c10 = c10.addingProduct(a1, left)
      c20 = c20.addingProduct(a2, left)
      c30 = c30.addingProduct(a3, left)
      c01 = c01.addingProduct(a0, right)
      c11 = c11.addingProduct(a1, right)
      c21 = c21.addingProduct(a2, right)
      c31 = c31.addingProduct(a3, right)
    }
    add(c, c00, sign)
    add(c + m, c10, sign)
    add(c + 2 * m, c20, sign)
    add(c + 3 * m, c30, sign)
    add(c + 8, c01, sign)
    add(c + m + 8, c11, sign)
    add(c + 2 * m + 8, c21, sign)
    add(c + 3 * m + 8, c31, sign)
  }

  @inline(__always)
  private static func narrowTile(
    _ c: Pointer, _ m: Int, _ a: UnsafePointer<Double>, _ k: Int, _ b: UnsafePointer<Double>, _ row: Int,
    _ column: Int, _ sign: Double
  ) {
    var (c0, c1, c2, c3) = (Eight.zero, Eight.zero, Eight.zero, Eight.zero)
    for l in 0..<k {
      let (values, entry) = (load(b + l * m), a + l * column)
      c0 = c0.addingProduct(Eight(repeating: entry[0]), values)
      c1 = c1.addingProduct(Eight(repeating: entry[row]), values)
      c2 = c2.addingProduct(Eight(repeating: entry[2 * row]), values)
      c3 = c3.addingProduct(Eight(repeating: entry[3 * row]), values)
    }
    add(c, c0, sign)
    add(c + m, c1, sign)
    add(c + 2 * m, c2, sign)
    add(c + 3 * m, c3, sign)
  }
}
