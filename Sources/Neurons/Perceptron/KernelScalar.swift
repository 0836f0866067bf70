import Foundation

/// A number that the perceptron's kernels can compute with: `Float` for speed, `Double` for reference.
public protocol KernelScalar: BinaryFloatingPoint, SIMDScalar, Codable, Sendable {
  /// `exp(x)` of 16 numbers that are zero or below.
  static func exponential(ofNonPositive x: SIMD16<Self>) -> SIMD16<Self>
  /// The smaller of x and zero. Comparisons of vectors are one instruction only where the type is concrete.
  static func nonPositivePart(_ x: SIMD16<Self>) -> SIMD16<Self>
}

extension Float: KernelScalar {
  @inline(__always)
  public static func nonPositivePart(_ x: SIMD16<Float>) -> SIMD16<Float> {
    x.replacing(with: 0, where: x .> 0)
  }

  /// Range reduction and a polynomial of degree 6 (the method of the Cephes library); relative error
  /// below 2e-7. Numbers below -87 give exp(-87).
  @inline(__always)
  public static func exponential(ofNonPositive x: SIMD16<Float>) -> SIMD16<Float> {
    typealias Vector = SIMD16<Float>
    let bounded = x.replacing(with: Vector(repeating: -87), where: x .< -87)
    // Adding 1.5·2^23 rounds to a whole number and leaves it in the low bits.
    let magic = Vector(repeating: 12_582_912)
    let shifted = magic.addingProduct(bounded, Vector(repeating: 1.442_695_04))
    let whole = shifted - magic
    var rest = bounded.addingProduct(whole, Vector(repeating: -0.693_359_375))
    rest = rest.addingProduct(whole, Vector(repeating: 2.121_944_4e-4))
    var series = Vector(repeating: 1.987_569_15e-4)
    for coefficient: Float in [1.398_199_95e-3, 8.333_451_91e-3, 4.166_579_59e-2, 1.666_666_55e-1, 0.5] {
      series = Vector(repeating: coefficient).addingProduct(series, rest)
    }
    let mantissa = (rest + 1).addingProduct(series, rest * rest)
    let bits = unsafeBitCast(shifted, to: SIMD16<UInt32>.self) &<< 23
    return mantissa * unsafeBitCast(bits &+ 0x3F80_0000, to: Vector.self)
  }
}

extension Double: KernelScalar {
  public static func nonPositivePart(_ x: SIMD16<Double>) -> SIMD16<Double> {
    x.replacing(with: 0, where: x .> 0)
  }

  public static func exponential(ofNonPositive x: SIMD16<Double>) -> SIMD16<Double> {
    var result = x
    for i in 0..<16 { result[i] = exp(x[i]) }
    return result
  }
}
