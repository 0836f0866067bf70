/// Short loops over the numbers of a head.
enum AttentionLoops {
  typealias Floats = UnsafeMutablePointer<Float>

  @inline(__always)
  static func dot(_ a: Floats, _ b: Floats, _ count: Int) -> Float {
    var place = 0
    var sums = SIMD8<Float>()
    while place + 8 <= count {
      sums += load(a + place) * load(b + place)
      place += 8
    }
    let halves = sums.lowHalf + sums.highHalf
    let quarters = halves.lowHalf + halves.highHalf
    var total = quarters.x + quarters.y
    while place < count {
      total += a[place] * b[place]
      place += 1
    }
    return total
  }

  /// `target += factor · x`.
  @inline(__always)
  static func add(_ target: Floats, _ factor: Float, _ x: Floats, _ count: Int) {
    var place = 0
    while place + 8 <= count {
      let sum = load(target + place) + SIMD8(repeating: factor) * load(x + place)
      UnsafeMutableRawPointer(target + place).storeBytes(of: sum, as: SIMD8<Float>.self)
      place += 8
    }
    while place < count {
      target[place] += factor * x[place]
      place += 1
    }
  }

  @inline(__always)
  private static func load(_ place: Floats) -> SIMD8<Float> {
    UnsafeRawPointer(place).loadUnaligned(as: SIMD8<Float>.self)
  }
}
