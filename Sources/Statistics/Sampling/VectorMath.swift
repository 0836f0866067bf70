/// Elementary functions of eight numbers at once, for the inner loops of samplers; errors stay within a few units of
/// the last place (2e-16, relative) over the ranges named.
///
/// The C library's functions take one number at a time, which keeps a loop around them from being vectorised.
@usableFromInline package enum VectorMath {
  @usableFromInline package typealias Lanes = SIMD8<Double>

  /// Adding and subtracting this rounds to a whole number.
  @inlinable package static var rounder: Double { 0x1.8p52 }

  /// The smaller and the larger; the library's `pointwiseMin` is no single instruction.
  @inlinable @inline(__always) package static func least(_ a: Lanes, _ b: Lanes) -> Lanes {
    a.replacing(with: b, where: b .< a)
  }

  @inlinable @inline(__always) package static func largest(_ a: Lanes, _ b: Lanes) -> Lanes {
    a.replacing(with: b, where: a .< b)
  }

  /// exp, with arguments cut to -700...700.
  @inlinable @inline(__always) package static func exponential(_ argument: Lanes) -> Lanes {
    let x = largest(least(argument, Lanes(repeating: 700)), Lanes(repeating: -700))
    let shifted = x * 1.4426950408889634 + rounder
    let n = shifted - rounder
    let f = x - n * 0x1.62e42fefa3800p-1 - n * 0x1.ef35793c76730p-45
    var value = Lanes(repeating: 2.08767569878681e-9)
    value = value * f + 2.505210838544172e-8
    value = value * f + 2.755731922398589e-7
    value = value * f + 2.755731922398589e-6
    value = value * f + 2.48015873015873e-5
    value = value * f + 1.984126984126984e-4
    value = value * f + 1.388888888888889e-3
    value = value * f + 8.333333333333333e-3
    value = value * f + 4.1666666666666664e-2
    value = value * f + 0.16666666666666666
    value = value * f + 0.5
    value = value * f + 1
    value = value * f + 1
    let power = unsafeBitCast(shifted, to: SIMD8<Int64>.self) &<< 52
    return unsafeBitCast(unsafeBitCast(value, to: SIMD8<Int64>.self) &+ power, to: Lanes.self)
  }

  /// The natural logarithm of positive normal numbers.
  @inlinable @inline(__always) package static func logarithm(_ x: Lanes) -> Lanes {
    // The mantissa between √½ and √2, the exponent as a floating-point number.
    let bits = unsafeBitCast(x, to: SIMD8<Int64>.self)
    let offset = SIMD8<Int64>(repeating: 0x3FE6_A09E_667F_3BCD)
    let exponent = (bits &- offset) &>> 52
    let mantissa = unsafeBitCast(bits &- (exponent &<< 52), to: Lanes.self)
    let e =
      unsafeBitCast(exponent &+ SIMD8<Int64>(repeating: 0x4338_0000_0000_0000), to: Lanes.self) - rounder
    let s = (mantissa - 1) / (mantissa + 1)
    let z = s * s
    var sum = Lanes(repeating: 1.0 / 21)
    sum = sum * z + 1.0 / 19
    sum = sum * z + 1.0 / 17
    sum = sum * z + 1.0 / 15
    sum = sum * z + 1.0 / 13
    sum = sum * z + 1.0 / 11
    sum = sum * z + 1.0 / 9
    sum = sum * z + 1.0 / 7
    sum = sum * z + 1.0 / 5
    sum = sum * z + 1.0 / 3
    let twice = s + s
    return e * 0x1.62e42fefa3800p-1 + (twice + (twice * z * sum + e * 0x1.ef35793c76730p-45))
  }

  /// Sine and cosine of `turns` full turns, for 0...1.
  @inlinable @inline(__always) package static func sineAndCosine(turns: Lanes) -> (sine: Lanes, cosine: Lanes)
  {
    let quarters = turns * 4
    let shifted = quarters + rounder
    let x = (quarters - (shifted - rounder)) * 1.5707963267948966
    let z = x * x
    var sine = Lanes(repeating: -7.647163731819816e-13)
    sine = sine * z + 1.6059043836821613e-10
    sine = sine * z - 2.505210838544172e-8
    sine = sine * z + 2.7557319223985893e-6
    sine = sine * z - 1.984126984126984e-4
    sine = sine * z + 8.333333333333333e-3
    sine = sine * z - 0.16666666666666666
    sine = x + x * z * sine
    var cosine = Lanes(repeating: 4.779477332387385e-14)
    cosine = cosine * z - 1.1470745597729725e-11
    cosine = cosine * z + 2.08767569878681e-9
    cosine = cosine * z - 2.755731922398589e-7
    cosine = cosine * z + 2.48015873015873e-5
    cosine = cosine * z - 1.388888888888889e-3
    cosine = cosine * z + 4.1666666666666664e-2
    cosine = 1 - 0.5 * z + z * z * cosine
    // Quadrant 1: (cos, -sin); 2: (-sin, -cos); 3: (-cos, sin).
    let quadrant = unsafeBitCast(shifted, to: SIMD8<Int64>.self)
    let isOdd = (quadrant & SIMD8(repeating: 1)) .== SIMD8(repeating: 1)
    let signOfSine = unsafeBitCast((quadrant & SIMD8(repeating: 2)) &<< 62, to: SIMD8<UInt64>.self)
    let signOfCosine = unsafeBitCast(
      ((quadrant &+ SIMD8(repeating: 1)) & SIMD8(repeating: 2)) &<< 62, to: SIMD8<UInt64>.self)
    let s = unsafeBitCast(sine.replacing(with: cosine, where: isOdd), to: SIMD8<UInt64>.self)
    let c = unsafeBitCast(cosine.replacing(with: sine, where: isOdd), to: SIMD8<UInt64>.self)
    return (unsafeBitCast(s ^ signOfSine, to: Lanes.self), unsafeBitCast(c ^ signOfCosine, to: Lanes.self))
  }
}
