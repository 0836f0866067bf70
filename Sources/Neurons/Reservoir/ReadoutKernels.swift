/// Sums over features in double precision, eight side by side: sums that the compiler may not reorder by itself.
enum ReadoutKernels {
  typealias Lane = SIMD8<Double>
  private static let width = Lane.scalarCount
  private static let bytes = MemoryLayout<Double>.stride

  /// `Σ a b`
  @inline(__always)
  static func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int) -> Double {
    let (x, y) = (UnsafeRawPointer(a), UnsafeRawPointer(b))
    var (first, second) = (Lane.zero, Lane.zero)
    var i = 0
    while i + 2 * width <= count {
      first += load(x, i) * load(y, i)
      second += load(x, i + width) * load(y, i + width)
      i += 2 * width
    }
    if i + width <= count {
      first += load(x, i) * load(y, i)
      i += width
    }
    var sum = (first + second).sum()
    while i < count {
      sum += a[i] * b[i]
      i += 1
    }
    return sum
  }

  /// `y += factor x`
  @inline(__always)
  static func add(
    _ factor: Double, _ x: UnsafePointer<Double>, to y: UnsafeMutablePointer<Double>, _ count: Int
  ) {
    let (source, target) = (UnsafeRawPointer(x), UnsafeMutableRawPointer(y))
    var i = 0
    while i + width <= count {
      let sum = load(UnsafeRawPointer(target), i) + load(source, i) * factor
      target.storeBytes(of: sum, toByteOffset: i * bytes, as: Lane.self)
      i += width
    }
    while i < count {
      y[i] += factor * x[i]
      i += 1
    }
  }

  /// `y = (y - factor x) scale`
  @inline(__always)
  static func subtract(
    _ factor: Double, _ x: UnsafePointer<Double>, from y: UnsafeMutablePointer<Double>, scale: Double,
    _ count: Int
  ) {
    let (source, target) = (UnsafeRawPointer(x), UnsafeMutableRawPointer(y))
    var i = 0
    while i + width <= count {
      let difference = (load(UnsafeRawPointer(target), i) - load(source, i) * factor) * scale
      target.storeBytes(of: difference, toByteOffset: i * bytes, as: Lane.self)
      i += width
    }
    while i < count {
      y[i] = (y[i] - factor * x[i]) * scale
      i += 1
    }
  }

  @inline(__always)
  private static func load(_ pointer: UnsafeRawPointer, _ index: Int) -> Lane {
    pointer.loadUnaligned(fromByteOffset: index * bytes, as: Lane.self)
  }
}

extension SIMD8 where Scalar == Double {
  /// The sum of the eight numbers, in halves.
  @inline(__always)
  func sum() -> Double {
    let four = lowHalf + highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
  }
}
