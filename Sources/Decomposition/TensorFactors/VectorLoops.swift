/// The inner loops of factorisations: products of a few long rows with a few long columns, sixteen sums at a time in vector
/// registers, each step rounded once.
enum VectorLoops {
  typealias Row = UnsafePointer<Double>
  typealias Lanes = SIMD8<Double>

  @inline(__always)
  private static func load(_ row: Row, _ k: Int) -> Lanes {
    UnsafeRawPointer(row + k).loadUnaligned(as: Lanes.self)
  }

  @inline(__always)
  private static func store(_ lanes: Lanes, _ row: UnsafeMutablePointer<Double>, _ k: Int) {
    UnsafeMutableRawPointer(row + k).storeBytes(of: lanes, as: Lanes.self)
  }

  /// The scalar product of two rows.
  static func dot(_ a: Row, _ b: Row, _ count: Int) -> Double {
    var (s0, s1, s2, s3) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
    var k = 0
    while k + 32 <= count {
      s0 = s0.addingProduct(load(a, k), load(b, k))
      s1 = s1.addingProduct(load(a, k + 8), load(b, k + 8))
      s2 = s2.addingProduct(load(a, k + 16), load(b, k + 16))
      s3 = s3.addingProduct(load(a, k + 24), load(b, k + 24))
      k += 32
    }
    while k + 8 <= count {
      s0 = s0.addingProduct(load(a, k), load(b, k))
      k += 8
    }
    var sum = ((s0 + s1) + (s2 + s3)).sum()
    while k < count {
      sum = sum.addingProduct(a[k], b[k])
      k += 1
    }
    return sum
  }

  /// `out[c·stride + r] = Σ_k rows[r][k] columns[c][k]` for `rowCount` rows and `columnCount` columns that lie `count` apart.
  static func products(
    _ rows: Row, _ rowCount: Int, _ columns: Row, _ columnCount: Int, _ count: Int,
    into out: UnsafeMutablePointer<Double>, stride: Int
  ) {
    var r = 0
    while r + 4 <= rowCount {
      let x = rows + r * count
      var c = 0
      while c + 4 <= columnCount {
        products4x4(x, columns + c * count, count, out + c * stride + r, stride)
        c += 4
      }
      while c < columnCount {
        products4x1(x, columns + c * count, count, out + c * stride + r)
        c += 1
      }
      r += 4
    }
    while r < rowCount {
      for c in 0..<columnCount {
        out[c * stride + r] = dot(rows + r * count, columns + c * count, count)
      }
      r += 1
    }
  }

  @inline(__always)
  private static func products4x4(
    _ x: Row, _ y: Row, _ count: Int, _ out: UnsafeMutablePointer<Double>, _ stride: Int
  ) {
    let (x1, x2, x3) = (x + count, x + 2 * count, x + 3 * count)
    let (y1, y2, y3) = (y + count, y + 2 * count, y + 3 * count)
    var (a00, a01, a02, a03) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
    var (a10, a11, a12, a13) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
    var (a20, a21, a22, a23) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
    var (a30, a31, a32, a33) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
    var k = 0
    while k + 8 <= count {
      let (v0, v1, v2, v3) = (load(x, k), load(x1, k), load(x2, k), load(x3, k))
      let w0 = load(y, k)
      a00 = a00.addingProduct(v0, w0)
      a10 = a10.addingProduct(v1, w0)
      a20 = a20.addingProduct(v2, w0)
      a30 = a30.addingProduct(v3, w0)
      let w1 = load(y1, k)
      a01 = a01.addingProduct(v0, w1)
      a11 = a11.addingProduct(v1, w1)
      a21 = a21.addingProduct(v2, w1)
      a31 = a31.addingProduct(v3, w1)
      let w2 = load(y2, k)
      a02 = a02.addingProduct(v0, w2)
      a12 = a12.addingProduct(v1, w2)
      a22 = a22.addingProduct(v2, w2)
      a32 = a32.addingProduct(v3, w2)
      let w3 = load(y3, k)
      a03 = a03.addingProduct(v0, w3)
      a13 = a13.addingProduct(v1, w3)
      a23 = a23.addingProduct(v2, w3)
      a33 = a33.addingProduct(v3, w3)
      k += 8
    }
    put(a00, a10, a20, a30, x, x1, x2, x3, y, k, count, out)
    put(a01, a11, a21, a31, x, x1, x2, x3, y1, k, count, out + stride)
    put(a02, a12, a22, a32, x, x1, x2, x3, y2, k, count, out + 2 * stride)
    put(a03, a13, a23, a33, x, x1, x2, x3, y3, k, count, out + 3 * stride)
  }

  @inline(__always)
  private static func products4x1(_ x: Row, _ y: Row, _ count: Int, _ out: UnsafeMutablePointer<Double>) {
    let (x1, x2, x3) = (x + count, x + 2 * count, x + 3 * count)
    var (a0, a1, a2, a3) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
    var k = 0
    while k + 8 <= count {
      let w = load(y, k)
      a0 = a0.addingProduct(load(x, k), w)
      a1 = a1.addingProduct(load(x1, k), w)
      a2 = a2.addingProduct(load(x2, k), w)
      a3 = a3.addingProduct(load(x3, k), w)
      k += 8
    }
    put(a0, a1, a2, a3, x, x1, x2, x3, y, k, count, out)
  }

  /// Sums the lanes of four rows times one column, with what does not fill a vector.
  @inline(__always)
  private static func put(
    _ a0: Lanes, _ a1: Lanes, _ a2: Lanes, _ a3: Lanes, _ x0: Row, _ x1: Row, _ x2: Row, _ x3: Row, _ y: Row,
    _ start: Int, _ count: Int, _ out: UnsafeMutablePointer<Double>
  ) {
    var (s0, s1, s2, s3) = (a0.sum(), a1.sum(), a2.sum(), a3.sum())
    for k in start..<count {
      s0 = s0.addingProduct(x0[k], y[k])
      s1 = s1.addingProduct(x1[k], y[k])
      s2 = s2.addingProduct(x2[k], y[k])
      s3 = s3.addingProduct(x3[k], y[k])
    }
    (out[0], out[1], out[2], out[3]) = (s0, s1, s2, s3)
  }

  /// `out[c][k] += Σ_r weights[c·stride + r] rows[r][k]` for `columnCount` long sums.
  static func accumulate(
    _ rows: Row, _ rowCount: Int, weights: Row, stride: Int, _ columnCount: Int, _ count: Int,
    into out: UnsafeMutablePointer<Double>
  ) {
    var r = 0
    while r + 4 <= rowCount {
      let x = rows + r * count
      var c = 0
      while c + 4 <= columnCount {
        let (u, v) = (weights + c * stride + r, weights + (c + 1) * stride + r)
        let (w, z) = (weights + (c + 2) * stride + r, weights + (c + 3) * stride + r)
        let target = out + c * count
        accumulate4x4(x, count, u, v, w, z, target)
        c += 4
      }
      while c < columnCount {
        accumulate4x1(x, count, weights + c * stride + r, out + c * count)
        c += 1
      }
      r += 4
    }
    while r < rowCount {
      for c in 0..<columnCount {
        add(rows + r * count, times: weights[c * stride + r], count, to: out + c * count)
      }
      r += 1
    }
  }

  /// `target += weight · row`
  @inline(__always)
  static func add(_ row: Row, times weight: Double, _ count: Int, to target: UnsafeMutablePointer<Double>) {
    for k in 0..<count { target[k] = target[k].addingProduct(row[k], weight) }
  }

  @inline(__always)
  private static func accumulate4x4(
    _ x: Row, _ count: Int, _ u: Row, _ v: Row, _ w: Row, _ z: Row, _ out: UnsafeMutablePointer<Double>
  ) {
    let (x1, x2, x3) = (x + count, x + 2 * count, x + 3 * count)
    let (o1, o2, o3) = (out + count, out + 2 * count, out + 3 * count)
    let (u0, u1, u2, u3) = (u[0], u[1], u[2], u[3])
    let (v0, v1, v2, v3) = (v[0], v[1], v[2], v[3])
    let (w0, w1, w2, w3) = (w[0], w[1], w[2], w[3])
    let (z0, z1, z2, z3) = (z[0], z[1], z[2], z[3])
    var k = 0
    while k + 8 <= count {
      let (a, b, c, d) = (load(x, k), load(x1, k), load(x2, k), load(x3, k))
      store(fused(load(out, k), a, u0, b, u1, c, u2, d, u3), out, k)
      store(fused(load(o1, k), a, v0, b, v1, c, v2, d, v3), o1, k)
      store(fused(load(o2, k), a, w0, b, w1, c, w2, d, w3), o2, k)
      store(fused(load(o3, k), a, z0, b, z1, c, z2, d, z3), o3, k)
      k += 8
    }
    while k < count {
      out[k] = fused(out[k], x[k], u0, x1[k], u1, x2[k], u2, x3[k], u3)
      o1[k] = fused(o1[k], x[k], v0, x1[k], v1, x2[k], v2, x3[k], v3)
      o2[k] = fused(o2[k], x[k], w0, x1[k], w1, x2[k], w2, x3[k], w3)
      o3[k] = fused(o3[k], x[k], z0, x1[k], z1, x2[k], z2, x3[k], z3)
      k += 1
    }
  }

  @inline(__always)
  private static func accumulate4x1(_ x: Row, _ count: Int, _ u: Row, _ out: UnsafeMutablePointer<Double>) {
    let (x1, x2, x3) = (x + count, x + 2 * count, x + 3 * count)
    let (u0, u1, u2, u3) = (u[0], u[1], u[2], u[3])
    for k in 0..<count { out[k] = fused(out[k], x[k], u0, x1[k], u1, x2[k], u2, x3[k], u3) }
  }

  @inline(__always)
  private static func fused(
    _ sum: Lanes, _ a: Lanes, _ u: Double, _ b: Lanes, _ v: Double, _ c: Lanes, _ w: Double, _ d: Lanes,
    _ z: Double
  ) -> Lanes {
    sum.addingProduct(a, Lanes(repeating: u)).addingProduct(b, Lanes(repeating: v))
      .addingProduct(c, Lanes(repeating: w)).addingProduct(d, Lanes(repeating: z))
  }

  @inline(__always)
  private static func fused(
    _ sum: Double, _ a: Double, _ u: Double, _ b: Double, _ v: Double, _ c: Double, _ w: Double, _ d: Double,
    _ z: Double
  ) -> Double {
    sum.addingProduct(a, u).addingProduct(b, v).addingProduct(c, w).addingProduct(d, z)
  }
}
