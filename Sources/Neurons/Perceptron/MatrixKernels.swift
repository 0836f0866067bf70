/// Single-threaded matrix products for small minibatches, blocked in registers.
///
/// Five rows by one or two vectors of 16 numbers are kept in registers: with AVX-512 that is one
/// instruction a vector. Matrices come from ``PaddedMatrix``, so columns are whole vectors.
enum MatrixKernels {
  /// `C += A·B`: C is `[rows, columns]`, A `[rows, inner]`, B `[inner, columns]`.
  ///
  /// A is read at `a[r·aRow + i·aInner]`, so that it may be a transpose.
  @inline(__always)
  static func accumulate<Scalar: KernelScalar>(
    _ c: UnsafeMutablePointer<Scalar>, _ cStride: Int,
    _ a: UnsafePointer<Scalar>, row aRow: Int, inner aInner: Int,
    _ b: UnsafePointer<Scalar>, _ bStride: Int, rows: Int, inner: Int, columns: Int
  ) {
    var r = 0
    while r + 5 <= rows {
      accumulateFive(
        c + r * cStride, cStride, a + r * aRow, aRow, aInner, b, bStride, inner, columns)
      r += 5
    }
    while r < rows {
      for j in stride(from: 0, to: columns, by: 16) {
        var sum = Vector16.load(c + r * cStride + j)
        for i in 0..<inner {
          let factor = SIMD16<Scalar>(repeating: a[r * aRow + i * aInner])
          sum = sum.addingProduct(factor, Vector16.load(b + i * bStride + j))
        }
        Vector16.store(sum, c + r * cStride + j)
      }
      r += 1
    }
  }

  @inline(__always)
  private static func accumulateFive<Scalar: KernelScalar>(
    _ c: UnsafeMutablePointer<Scalar>, _ cStride: Int, _ a: UnsafePointer<Scalar>, _ aRow: Int,
    _ aInner: Int, _ b: UnsafePointer<Scalar>, _ bStride: Int, _ inner: Int, _ columns: Int
  ) {
    var j = 0
    while j + 32 <= columns {
      var left = FiveRows(c + j, cStride)
      var right = FiveRows(c + j + 16, cStride)
      var (factors, row) = (a, b + j)
      for _ in 0..<inner {
        left.add(factors, aRow, Vector16.load(row))
        right.add(factors, aRow, Vector16.load(row + 16))
        factors += aInner
        row += bStride
      }
      left.store(c + j, cStride)
      right.store(c + j + 16, cStride)
      j += 32
    }
    if j < columns {
      var tile = FiveRows(c + j, cStride)
      var (factors, row) = (a, b + j)
      for _ in 0..<inner {
        tile.add(factors, aRow, Vector16.load(row))
        factors += aInner
        row += bStride
      }
      tile.store(c + j, cStride)
    }
  }

  /// `C = A·Bᵀ`: C is `[rows, columns]`, A `[rows, width]`, B `[columns, width]`; `width` counts the padding.
  @inline(__always)
  static func dots<Scalar: KernelScalar>(
    _ c: UnsafeMutablePointer<Scalar>, _ cStride: Int, _ a: UnsafePointer<Scalar>, _ aStride: Int,
    _ b: UnsafePointer<Scalar>, _ bStride: Int, rows: Int, columns: Int, width: Int
  ) {
    for column in 0..<columns {
      let other = b + column * bStride
      var r = 0
      while r + 5 <= rows {
        var tile = FiveRows<Scalar>()
        let place = a + r * aStride
        var i = 0
        while i < width {
          tile.add(vectors: place + i, aStride, Vector16.load(other + i))
          i &+= 16
        }
        tile.storeSums(c + r * cStride + column, cStride)
        r += 5
      }
      while r < rows {
        var sum = SIMD16<Scalar>()
        for i in stride(from: 0, to: width, by: 16) {
          sum = sum.addingProduct(Vector16.load(a + r * aStride + i), Vector16.load(other + i))
        }
        c[r * cStride + column] = Vector16.sum(sum)
        r += 1
      }
    }
  }
}

/// Loads and stores of 16 numbers without alignment.
enum Vector16 {
  @inline(__always)
  static func load<Scalar: KernelScalar>(_ place: UnsafePointer<Scalar>) -> SIMD16<Scalar> {
    UnsafeRawPointer(place).loadUnaligned(as: SIMD16<Scalar>.self)
  }

  @inline(__always)
  static func store<Scalar: KernelScalar>(
    _ value: SIMD16<Scalar>, _ place: UnsafeMutablePointer<Scalar>
  ) {
    UnsafeMutableRawPointer(place).storeBytes(of: value, as: SIMD16<Scalar>.self)
  }

  /// The sum of the numbers, half by half.
  @inline(__always)
  static func sum<Scalar: KernelScalar>(_ value: SIMD16<Scalar>) -> Scalar {
    let eight = value.lowHalf + value.highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
  }
}

/// Five rows of one vector each, held in registers.
struct FiveRows<Scalar: KernelScalar> {
  private var row0 = SIMD16<Scalar>()
  private var row1 = SIMD16<Scalar>()
  private var row2 = SIMD16<Scalar>()
  private var row3 = SIMD16<Scalar>()
  private var row4 = SIMD16<Scalar>()

  @inline(__always) init() {}

  @inline(__always) init(_ place: UnsafePointer<Scalar>, _ stride: Int) {
    row0 = Vector16.load(place)
    row1 = Vector16.load(place + stride)
    row2 = Vector16.load(place + 2 * stride)
    row3 = Vector16.load(place + 3 * stride)
    row4 = Vector16.load(place + 4 * stride)
  }

  /// Adds `factors[r·stride] · vector` to row r.
  @inline(__always)
  mutating func add(_ factors: UnsafePointer<Scalar>, _ stride: Int, _ vector: SIMD16<Scalar>) {
    row0 = row0.addingProduct(SIMD16(repeating: factors[0]), vector)
    row1 = row1.addingProduct(SIMD16(repeating: factors[stride]), vector)
    row2 = row2.addingProduct(SIMD16(repeating: factors[2 * stride]), vector)
    row3 = row3.addingProduct(SIMD16(repeating: factors[3 * stride]), vector)
    row4 = row4.addingProduct(SIMD16(repeating: factors[4 * stride]), vector)
  }

  /// Adds the vector at `place + r·stride`, times `vector`, to row r.
  @inline(__always)
  mutating func add(vectors place: UnsafePointer<Scalar>, _ stride: Int, _ vector: SIMD16<Scalar>) {
    row0 = row0.addingProduct(Vector16.load(place), vector)
    row1 = row1.addingProduct(Vector16.load(place + stride), vector)
    row2 = row2.addingProduct(Vector16.load(place + 2 * stride), vector)
    row3 = row3.addingProduct(Vector16.load(place + 3 * stride), vector)
    row4 = row4.addingProduct(Vector16.load(place + 4 * stride), vector)
  }

  @inline(__always) func store(_ place: UnsafeMutablePointer<Scalar>, _ stride: Int) {
    Vector16.store(row0, place)
    Vector16.store(row1, place + stride)
    Vector16.store(row2, place + 2 * stride)
    Vector16.store(row3, place + 3 * stride)
    Vector16.store(row4, place + 4 * stride)
  }

  /// The sum of all numbers.
  var sum: Scalar { Vector16.sum(row0 + row1 + row2 + row3 + row4) }

  /// Stores the sum of each row.
  @inline(__always) func storeSums(_ place: UnsafeMutablePointer<Scalar>, _ stride: Int) {
    place[0] = Vector16.sum(row0)
    place[stride] = Vector16.sum(row1)
    place[2 * stride] = Vector16.sum(row2)
    place[3 * stride] = Vector16.sum(row3)
    place[4 * stride] = Vector16.sum(row4)
  }
}
