import Support

/// Sixteen generators of random numbers side by side (xoshiro128+, Blackman and Vigna, 2018).
struct LaneGenerator {
  typealias Lanes = SIMD16<Float>

  private var (s0, s1, s2, s3): (SIMD16<UInt32>, SIMD16<UInt32>, SIMD16<UInt32>, SIMD16<UInt32>)

  init(using generator: inout RandomGenerator) {
    func lanes() -> SIMD16<UInt32> {
      var lanes = SIMD16<UInt32>.zero
      for lane in 0..<16 { lanes[lane] = UInt32(truncatingIfNeeded: generator.next() >> 32) }
      return lanes
    }
    (s0, s1, s2, s3) = (lanes(), lanes(), lanes(), lanes() | 1)
  }

  /// Uniform numbers in (0, 1).
  @inline(__always)
  mutating func uniform() -> Lanes {
    let sum = s0 &+ s3
    let t = s1 &<< 9
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    s3 = (s3 &<< 11) | (s3 &>> 21)
    // The upper bits as digits of a number in 1..<2.
    return Lanes(pattern: (sum &>> 9) | 0x3F80_0000) - (1 - 0x1p-24)
  }

  /// How many of `count` independent events happen, each with `probability` below 1; by inversion of the
  /// distribution.
  @inline(__always)
  mutating func binomial(_ count: Lanes, _ probability: Lanes) -> Lanes {
    let u = uniform()
    let rest = 1 - probability
    let ratio = probability / rest
    // The chance of none, (1 - p)ⁿ.
    var chance = (count * rest.binaryLogarithm).powerOfTwo
    var (number, sum, left) = (Lanes.zero, chance, count)
    var k: Float = 1
    while true {
      let more = (u .> sum) .& (left .> 0)
      guard any(more) else { return number }
      number.replace(with: number + 1, where: more)
      chance *= ratio * left * (1 / k)
      sum += chance
      left -= 1
      k += 1
    }
  }
}

// Elementary functions without branches and without conversions, which Swift makes lane by lane.
extension SIMD16<Float> {
  @inline(__always)
  fileprivate init(pattern: SIMD16<UInt32>) { self = unsafeBitCast(pattern, to: Self.self) }

  @inline(__always)
  fileprivate var pattern: SIMD16<UInt32> { unsafeBitCast(self, to: SIMD16<UInt32>.self) }

  /// The logarithm to base two of positive numbers, to 2·10⁻⁶.
  @inline(__always)
  fileprivate var binaryLogarithm: Self {
    // The exponent's bits as the last digits of 2²³.
    let exponent = Self(pattern: (pattern &>> 23) | 0x4B00_0000) - (0x1p23 + 127)
    let x = Self(pattern: (pattern & 0x007F_FFFF) | 0x3F80_0000) - 1
    var polynomial = x * 0.020_490_346 - 0.096_066_25
    polynomial = polynomial * x + 0.215_588_54
    polynomial = polynomial * x - 0.339_247_76
    polynomial = polynomial * x + 0.477_705_93
    polynomial = polynomial * x - 0.721_162_74
    polynomial = polynomial * x + 1.442_693_2
    return exponent + x * polynomial
  }

  /// Two to the power of numbers that are not positive, to 2·10⁻⁷ of the value.
  @inline(__always)
  fileprivate var powerOfTwo: Self {
    let bounded = replacing(with: -126, where: self .< -126)
    // Adding 1.5·2²³ rounds to a whole number and leaves it in the last bits.
    let rounded = bounded + 0x1.8p23
    let x = bounded - (rounded - 0x1.8p23)
    var polynomial = x * 0.001_340_043_3 + 0.009_676_037
    polynomial = polynomial * x + 0.055_503_27
    polynomial = polynomial * x + 0.240_221_07
    polynomial = polynomial * x + 0.693_147_2
    polynomial = polynomial * x + 1
    return polynomial * Self(pattern: (rounded.pattern &<< 23) &+ 0x3F80_0000)
  }
}
