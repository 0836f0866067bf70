import CVector

/// Products of small matrices that lie in a core's caches, and of rows with few entries that are not zero.
///
/// Matrices are row by row. Sparse forms read and write only the rows of active neurons.
enum HatchlingProducts {
  typealias Floats = UnsafeMutablePointer<Float>
  typealias Vector = SIMD16<Float>

  @inline(__always) static func load(_ place: Floats) -> Vector {
    UnsafeRawPointer(place).loadUnaligned(as: Vector.self)
  }

  @inline(__always) static func store(_ values: Vector, _ place: Floats) {
    UnsafeMutableRawPointer(place).storeBytes(of: values, as: Vector.self)
  }

  @inline(__always) static func sum(_ v: Vector) -> Float {
    let a = v.lowHalf + v.highHalf
    let b = a.lowHalf + a.highHalf
    let c = b.lowHalf + b.highHalf
    return c.x + c.y
  }

  /// Which entries of the left matrix are not zero.
  enum Shape { case full, lower, upper }

  /// `c = a b`, or `c += a b`: `a` `[rows, inner]` with strides of its own, `b` `[inner, columns]`.
  static func product(
    _ a: Floats, rowStride: Int, columnStride: Int, _ b: Floats, _ bStride: Int, _ c: Floats, _ cStride: Int,
    rows: Int, inner: Int, columns: Int, shape: Shape = .full, adds: Bool = false
  ) {
    var column = 0
    while column < columns {
      let width = columns - column >= 64 ? 64 : columns - column >= 16 ? 16 : 1
      var row = 0
      while row < rows {
        let height = rows - row >= 4 && width > 1 ? 4 : 1
        let from = shape == .upper ? row : 0
        let to = shape == .lower ? min(inner, row + height) : inner
        let (x, z) = (a + row * rowStride, c + row * cStride + column)
        if height == 4 && width == 64 {
          tile4x64(x, rowStride, columnStride, b + column, bStride, z, cStride, from, to, adds)
        } else if height == 4 {
          tile4x16(x, rowStride, columnStride, b + column, bStride, z, cStride, from, to, adds)
        } else if width == 64 {
          tile1x64(x, columnStride, b + column, bStride, z, from, to, adds)
        } else {
          for lane in 0..<width {
            var sum: Float = adds ? z[lane] : 0
            for k in from..<max(from, to) { sum += x[k * columnStride] * b[k * bStride + column + lane] }
            z[lane] = sum
          }
        }
        row += height
      }
      column += width
    }
  }

  @inline(__always)
  private static func tile4x64(
    _ a: Floats, _ rowStride: Int, _ columnStride: Int, _ b: Floats, _ bStride: Int, _ c: Floats,
    _ cStride: Int, _ from: Int, _ to: Int, _ adds: Bool
  ) {
    let (c1, c2, c3) = (c + cStride, c + 2 * cStride, c + 3 * cStride)
    var (r00, r01, r02, r03) = (Vector(), Vector(), Vector(), Vector())
    var (r10, r11, r12, r13) = (Vector(), Vector(), Vector(), Vector())
    var (r20, r21, r22, r23) = (Vector(), Vector(), Vector(), Vector())
    var (r30, r31, r32, r33) = (Vector(), Vector(), Vector(), Vector())
    if adds {
      (r00, r01, r02, r03) = (load(c), load(c + 16), load(c + 32), load(c + 48))
      (r10, r11, r12, r13) = (load(c1), load(c1 + 16), load(c1 + 32), load(c1 + 48))
      (r20, r21, r22, r23) = (load(c2), load(c2 + 16), load(c2 + 32), load(c2 + 48))
      (r30, r31, r32, r33) = (load(c3), load(c3 + 16), load(c3 + 32), load(c3 + 48))
    }
    var k = from
    while k < to {
      let place = b + k * bStride
      let (b0, b1, b2, b3) = (load(place), load(place + 16), load(place + 32), load(place + 48))
      let left = a + k * columnStride
      let a0 = Vector(repeating: left[0])
      r00 = cajal_fused(r00, a0, b0)
      r01 = cajal_fused(r01, a0, b1)
      r02 = cajal_fused(r02, a0, b2)
      r03 = cajal_fused(r03, a0, b3)
      let a1 = Vector(repeating: left[rowStride])
      r10 = cajal_fused(r10, a1, b0)
      r11 = cajal_fused(r11, a1, b1)
      r12 = cajal_fused(r12, a1, b2)
      r13 = cajal_fused(r13, a1, b3)
      let a2 = Vector(repeating: left[2 * rowStride])
      r20 = cajal_fused(r20, a2, b0)
      r21 = cajal_fused(r21, a2, b1)
      r22 = cajal_fused(r22, a2, b2)
      r23 = cajal_fused(r23, a2, b3)
      let a3 = Vector(repeating: left[3 * rowStride])
      r30 = cajal_fused(r30, a3, b0)
      r31 = cajal_fused(r31, a3, b1)
      r32 = cajal_fused(r32, a3, b2)
      r33 = cajal_fused(r33, a3, b3)
      k += 1
    }
    put(r00, r01, r02, r03, c)
    put(r10, r11, r12, r13, c1)
    put(r20, r21, r22, r23, c2)
    put(r30, r31, r32, r33, c3)
  }

  @inline(__always)
  private static func put(_ v0: Vector, _ v1: Vector, _ v2: Vector, _ v3: Vector, _ place: Floats) {
    store(v0, place)
    store(v1, place + 16)
    store(v2, place + 32)
    store(v3, place + 48)
  }

  @inline(__always)
  private static func tile4x16(
    _ a: Floats, _ rowStride: Int, _ columnStride: Int, _ b: Floats, _ bStride: Int, _ c: Floats,
    _ cStride: Int, _ from: Int, _ to: Int, _ adds: Bool
  ) {
    var (r0, r1, r2, r3) = (Vector(), Vector(), Vector(), Vector())
    if adds { (r0, r1) = (load(c), load(c + cStride)) }
    if adds { (r2, r3) = (load(c + 2 * cStride), load(c + 3 * cStride)) }
    var k = from
    while k < to {
      let right = load(b + k * bStride)
      let left = a + k * columnStride
      r0 = cajal_fused(r0, Vector(repeating: left[0]), right)
      r1 = cajal_fused(r1, Vector(repeating: left[rowStride]), right)
      r2 = cajal_fused(r2, Vector(repeating: left[2 * rowStride]), right)
      r3 = cajal_fused(r3, Vector(repeating: left[3 * rowStride]), right)
      k += 1
    }
    store(r0, c)
    store(r1, c + cStride)
    store(r2, c + 2 * cStride)
    store(r3, c + 3 * cStride)
  }

  @inline(__always)
  private static func tile1x64(
    _ a: Floats, _ columnStride: Int, _ b: Floats, _ bStride: Int, _ c: Floats, _ from: Int, _ to: Int,
    _ adds: Bool
  ) {
    var (r0, r1, r2, r3) = (Vector(), Vector(), Vector(), Vector())
    if adds { (r0, r1, r2, r3) = (load(c), load(c + 16), load(c + 32), load(c + 48)) }
    var k = from
    while k < to {
      let place = b + k * bStride
      let left = Vector(repeating: a[k * columnStride])
      r0 = cajal_fused(r0, left, load(place))
      r1 = cajal_fused(r1, left, load(place + 16))
      r2 = cajal_fused(r2, left, load(place + 32))
      r3 = cajal_fused(r3, left, load(place + 48))
      k += 1
    }
    put(r0, r1, r2, r3, c)
  }

  /// The products of the rows of `x` `[rows, width]` with those before them: `s[i, j]` for j < i, or j <= i with the
  /// diagonal; zeros elsewhere. `width` is a multiple of 16.
  static func gram(_ x: Floats, rows: Int, width: Int, _ s: Floats, diagonal: Bool) {
    var i = 0
    while i < rows {
      let height = min(4, rows - i)
      var j = 0
      while j < i + height {
        let count = min(4, rows - j)
        if height == 4 && count == 4 {
          gram4x4(x + i * width, x + j * width, width, s + i * rows + j, rows)
        } else {
          for a in i..<i + height {
            for b in j..<j + count { s[a * rows + b] = dot(x + a * width, x + b * width, width) }
          }
        }
        j += 4
      }
      for a in i..<i + height {
        for b in (diagonal ? a + 1 : a)..<rows { s[a * rows + b] = 0 }
      }
      i += 4
    }
  }

  @inline(__always)
  private static func gram4x4(_ x: Floats, _ y: Floats, _ width: Int, _ s: Floats, _ stride: Int) {
    var (r00, r01, r02, r03) = (Vector(), Vector(), Vector(), Vector())
    var (r10, r11, r12, r13) = (Vector(), Vector(), Vector(), Vector())
    var (r20, r21, r22, r23) = (Vector(), Vector(), Vector(), Vector())
    var (r30, r31, r32, r33) = (Vector(), Vector(), Vector(), Vector())
    var k = 0
    while k < width {
      let (y0, y1) = (load(y + k), load(y + width + k))
      let (y2, y3) = (load(y + 2 * width + k), load(y + 3 * width + k))
      let x0 = load(x + k)
      r00 = cajal_fused(r00, x0, y0)
      r01 = cajal_fused(r01, x0, y1)
      r02 = cajal_fused(r02, x0, y2)
      r03 = cajal_fused(r03, x0, y3)
      let x1 = load(x + width + k)
      r10 = cajal_fused(r10, x1, y0)
      r11 = cajal_fused(r11, x1, y1)
      r12 = cajal_fused(r12, x1, y2)
      r13 = cajal_fused(r13, x1, y3)
      let x2 = load(x + 2 * width + k)
      r20 = cajal_fused(r20, x2, y0)
      r21 = cajal_fused(r21, x2, y1)
      r22 = cajal_fused(r22, x2, y2)
      r23 = cajal_fused(r23, x2, y3)
      let x3 = load(x + 3 * width + k)
      r30 = cajal_fused(r30, x3, y0)
      r31 = cajal_fused(r31, x3, y1)
      r32 = cajal_fused(r32, x3, y2)
      r33 = cajal_fused(r33, x3, y3)
      k += 16
    }
    (s[0], s[1], s[2], s[3]) = (sum(r00), sum(r01), sum(r02), sum(r03))
    let (s1, s2, s3) = (s + stride, s + 2 * stride, s + 3 * stride)
    (s1[0], s1[1], s1[2], s1[3]) = (sum(r10), sum(r11), sum(r12), sum(r13))
    (s2[0], s2[1], s2[2], s2[3]) = (sum(r20), sum(r21), sum(r22), sum(r23))
    (s3[0], s3[1], s3[2], s3[3]) = (sum(r30), sum(r31), sum(r32), sum(r33))
  }

  /// The scalar product of `width` numbers, a multiple of 16.
  @inline(__always)
  static func dot(_ x: Floats, _ y: Floats, _ width: Int) -> Float {
    var (r0, r1) = (Vector(), Vector())
    var k = 0
    while k + 64 <= width {
      r0 = cajal_fused(r0, load(x + k), load(y + k))
      r1 = cajal_fused(r1, load(x + k + 16), load(y + k + 16))
      r0 = cajal_fused(r0, load(x + k + 32), load(y + k + 32))
      r1 = cajal_fused(r1, load(x + k + 48), load(y + k + 48))
      k += 64
    }
    while k + 32 <= width {
      r0 = cajal_fused(r0, load(x + k), load(y + k))
      r1 = cajal_fused(r1, load(x + k + 16), load(y + k + 16))
      k += 32
    }
    if k < width { r0 = cajal_fused(r0, load(x + k), load(y + k)) }
    return sum(r0 + r1)
  }

  /// `row += factor · other`, for a multiple of 16 numbers.
  @inline(__always)
  static func add(_ row: Floats, _ factor: Float, _ other: Floats, _ width: Int) {
    let left = Vector(repeating: factor)
    var k = 0
    while k + 64 <= width {
      let (to, from) = (row + k, other + k)
      let r0 = cajal_fused(load(to), left, load(from))
      let r1 = cajal_fused(load(to + 16), left, load(from + 16))
      let r2 = cajal_fused(load(to + 32), left, load(from + 32))
      let r3 = cajal_fused(load(to + 48), left, load(from + 48))
      put(r0, r1, r2, r3, to)
      k += 64
    }
    while k < width {
      store(cajal_fused(load(row + k), left, load(other + k)), row + k)
      k += 16
    }
  }

  /// `row += Σ values[k] · matrix[list[k]]`, the sum kept in registers; `width` is a multiple of 16.
  @inline(__always)
  static func addRows(
    _ row: Floats, _ values: Floats, _ list: UnsafeMutablePointer<Int32>, _ count: Int, _ matrix: Floats,
    _ width: Int
  ) {
    var column = 0
    while column + 64 <= width {
      let place = row + column
      var (r0, r1, r2, r3) = (load(place), load(place + 16), load(place + 32), load(place + 48))
      for k in 0..<count {
        let other = matrix + Int(list[k]) * width + column
        let left = Vector(repeating: values[k])
        r0 = cajal_fused(r0, left, load(other))
        r1 = cajal_fused(r1, left, load(other + 16))
        r2 = cajal_fused(r2, left, load(other + 32))
        r3 = cajal_fused(r3, left, load(other + 48))
      }
      put(r0, r1, r2, r3, place)
      column += 64
    }
    while column < width {
      var r = load(row + column)
      for k in 0..<count {
        r = cajal_fused(r, Vector(repeating: values[k]), load(matrix + Int(list[k]) * width + column))
      }
      store(r, row + column)
      column += 16
    }
  }

  /// `to` `[columns, rows]` from `from` `[rows, columns]`.
  static func transpose(_ from: Floats, rows: Int, columns: Int, _ to: Floats) {
    for row in 0..<rows {
      for column in 0..<columns { to[column * rows + row] = from[row * columns + column] }
    }
  }

  /// `(x - mean) / √(variance + 1e-5)` of `width` numbers; returns 1 / √(variance + 1e-5).
  @inline(__always)
  @discardableResult
  static func normalise(_ x: Floats, _ width: Int, into result: Floats) -> Float {
    var total = Vector()
    for k in stride(from: 0, to: width, by: 16) { total += load(x + k) }
    let mean = Vector(repeating: sum(total) / Float(width))
    var squares = Vector()
    for k in stride(from: 0, to: width, by: 16) {
      let difference = load(x + k) - mean
      squares = cajal_fused(squares, difference, difference)
    }
    let scale = 1 / (sum(squares) / Float(width) + 1e-5).squareRoot()
    let factor = Vector(repeating: scale)
    for k in stride(from: 0, to: width, by: 16) { store((load(x + k) - mean) * factor, result + k) }
    return scale
  }

  /// The gradient before a normalisation from that behind it, its result and its scale; `result` may be `gradient`.
  @inline(__always)
  static func normaliseBack(
    _ gradient: Floats, _ normal: Floats, _ scale: Float, _ width: Int, into result: Floats
  ) {
    var (total, product) = (Vector(), Vector())
    for k in stride(from: 0, to: width, by: 16) {
      let g = load(gradient + k)
      total += g
      product = cajal_fused(product, g, load(normal + k))
    }
    let mean = Vector(repeating: sum(total) / Float(width))
    let slope = Vector(repeating: sum(product) / Float(width))
    let factor = Vector(repeating: scale)
    for k in stride(from: 0, to: width, by: 16) {
      store((load(gradient + k) - mean - load(normal + k) * slope) * factor, result + k)
    }
  }
}
