import Support

/// Eight independent streams of random numbers side by side (xoshiro256++ in each lane), for samplers that draw by the
/// ten thousand. Seeded from a ``RandomGenerator``; the same seed gives the same numbers.
public struct LaneGenerator: Sendable {
  @usableFromInline package typealias Lanes = SIMD8<Double>
  @usableFromInline typealias Words = SIMD8<UInt64>

  @usableFromInline var s0 = Words.zero
  @usableFromInline var s1 = Words.zero
  @usableFromInline var s2 = Words.zero
  @usableFromInline var s3 = Words.zero
  @usableFromInline var spareNormal = Lanes.zero
  @usableFromInline var hasSpare = false

  /// Takes its seeds from `generator`, which advances.
  public init(_ generator: inout RandomGenerator) {
    for lane in 0..<8 {
      s0[lane] = generator.next()
      s1[lane] = generator.next()
      s2[lane] = generator.next()
      s3[lane] = generator.next()
    }
  }

  @inlinable @inline(__always) mutating func words() -> Words {
    let sum = s0 &+ s3
    let result = ((sum &<< 23) | (sum &>> 41)) &+ s0
    let t = s1 &<< 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    s3 = (s3 &<< 45) | (s3 &>> 19)
    return result
  }

  /// Uniform in (0, 1), with 52 random bits; neither end is ever drawn.
  @inlinable @inline(__always) package mutating func uniform() -> Lanes {
    let bits = (words() &>> 12) | Words(repeating: 0x3FF0_0000_0000_0000)
    return unsafeBitCast(bits, to: Lanes.self) - (1 - 0x1p-53)
  }

  /// Standard normal (Box and Muller, 1958).
  @inlinable @inline(__always) package mutating func normal() -> Lanes {
    if hasSpare {
      hasSpare = false
      return spareNormal
    }
    let radius = (-2 * VectorMath.logarithm(uniform())).squareRoot()
    let (sine, cosine) = VectorMath.sineAndCosine(turns: uniform())
    spareNormal = radius * sine
    hasSpare = true
    return radius * cosine
  }

  /// Gamma of the given shapes and scale 1 (Marsaglia and Tsang, 2000).
  ///
  /// - Parameter shape: Positive in every lane.
  @inlinable @inline(__always) package mutating func gamma(_ shape: Lanes) -> Lanes {
    let isSmall = shape .< Lanes(repeating: 1)
    let d = shape.replacing(with: shape + 1, where: isSmall) - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    var result = Lanes.zero
    var isPending = SIMDMask<SIMD8<Int64>>(repeating: true)
    repeat {
      let x = normal()
      let u = uniform()
      let t = 1 + c * x
      let v = t * t * t
      let square = x * x
      // Nearly all draws pass the squeeze, which needs no logarithm.
      let squeeze = 1 - 0.0331 * square * square
      let accepted = (u .< squeeze) .& (t .> Lanes.zero) .& isPending
      result.replace(with: d * v, where: accepted)
      isPending = isPending.without(accepted)
      if any(isPending) {
        let logV = VectorMath.logarithm(VectorMath.largest(v, Lanes(repeating: 1e-300)))
        let bound = 0.5 * square + d * (1 - v + logV)
        let late = (VectorMath.logarithm(u) .< bound) .& (t .> Lanes.zero) .& isPending
        result.replace(with: d * v, where: late)
        isPending = isPending.without(late)
      }
    } while any(isPending)
    if any(isSmall) {
      let power = VectorMath.exponential(VectorMath.logarithm(uniform()) / shape)
      result.replace(with: result * power, where: isSmall)
    }
    return result
  }

  /// Fills `count` numbers with standard normal ones.
  package mutating func fillNormal(_ target: UnsafeMutablePointer<Double>, _ count: Int) {
    var position = 0
    while position + 8 <= count {
      UnsafeMutableRawPointer(target + position).storeBytes(of: normal(), as: Lanes.self)
      position += 8
    }
    guard position < count else { return }
    let rest = normal()
    for lane in 0..<(count - position) { target[position + lane] = rest[lane] }
  }
}

extension SIMDMask where Storage == SIMD8<Int64> {
  /// The lanes that are set here and not there.
  @inlinable @inline(__always) func without(_ other: Self) -> Self { self .& .!other }
}
