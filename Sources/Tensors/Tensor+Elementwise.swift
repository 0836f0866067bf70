import CTorch
import Support

// One line a function; all are element by element, with gradients where calculus has them.
extension Tensor {
  /// The absolute value.
  public func abs() -> Tensor { Tensor(ct_abs(raw), #function, self) }
  /// The exponential.
  public func exp() -> Tensor { Tensor(ct_exp(raw), #function, self) }
  /// The two to the power.
  public func exp2() -> Tensor { Tensor(ct_exp2(raw), #function, self) }
  /// The exponential minus one, exact near zero.
  public func expm1() -> Tensor { Tensor(ct_expm1(raw), #function, self) }
  /// The natural logarithm.
  public func log() -> Tensor { Tensor(ct_log(raw), #function, self) }
  /// The logarithm of one plus the element, exact near zero.
  public func log1p() -> Tensor { Tensor(ct_log1p(raw), #function, self) }
  /// The logarithm to base two.
  public func log2() -> Tensor { Tensor(ct_log2(raw), #function, self) }
  /// The logarithm to base ten.
  public func log10() -> Tensor { Tensor(ct_log10(raw), #function, self) }
  /// The square root.
  public func sqrt() -> Tensor { Tensor(ct_sqrt(raw), #function, self) }
  /// The one over the square root.
  public func rsqrt() -> Tensor { Tensor(ct_rsqrt(raw), #function, self) }
  /// The square.
  public func square() -> Tensor { Tensor(ct_square(raw), #function, self) }
  /// The sine.
  public func sin() -> Tensor { Tensor(ct_sin(raw), #function, self) }
  /// The cosine.
  public func cos() -> Tensor { Tensor(ct_cos(raw), #function, self) }
  /// The tangent.
  public func tan() -> Tensor { Tensor(ct_tan(raw), #function, self) }
  /// The inverse sine.
  public func asin() -> Tensor { Tensor(ct_asin(raw), #function, self) }
  /// The inverse cosine.
  public func acos() -> Tensor { Tensor(ct_acos(raw), #function, self) }
  /// The inverse tangent.
  public func atan() -> Tensor { Tensor(ct_atan(raw), #function, self) }
  /// The hyperbolic sine.
  public func sinh() -> Tensor { Tensor(ct_sinh(raw), #function, self) }
  /// The hyperbolic cosine.
  public func cosh() -> Tensor { Tensor(ct_cosh(raw), #function, self) }
  /// The hyperbolic tangent.
  public func tanh() -> Tensor { Tensor(ct_tanh(raw), #function, self) }
  /// The inverse hyperbolic sine.
  public func asinh() -> Tensor { Tensor(ct_asinh(raw), #function, self) }
  /// The inverse hyperbolic cosine.
  public func acosh() -> Tensor { Tensor(ct_acosh(raw), #function, self) }
  /// The inverse hyperbolic tangent.
  public func atanh() -> Tensor { Tensor(ct_atanh(raw), #function, self) }
  /// The logistic function.
  public func sigmoid() -> Tensor { Tensor(ct_sigmoid(raw), #function, self) }
  /// The rectified element.
  public func relu() -> Tensor { Tensor(ct_relu(raw), #function, self) }
  /// The element clipped to 0...6.
  public func relu6() -> Tensor { Tensor(ct_relu6(raw), #function, self) }
  /// The element times its logistic function.
  public func silu() -> Tensor { Tensor(ct_silu(raw), #function, self) }
  /// The scaled exponential linear unit.
  public func selu() -> Tensor { Tensor(ct_selu(raw), #function, self) }
  /// The element times the hyperbolic tangent of its softplus.
  public func mish() -> Tensor { Tensor(ct_mish(raw), #function, self) }
  /// The error function.
  public func erf() -> Tensor { Tensor(ct_erf(raw), #function, self) }
  /// The one minus the error function.
  public func erfc() -> Tensor { Tensor(ct_erfc(raw), #function, self) }
  /// The inverse error function.
  public func erfinv() -> Tensor { Tensor(ct_erfinv(raw), #function, self) }
  /// The logarithm of the gamma function.
  public func lgamma() -> Tensor { Tensor(ct_lgamma(raw), #function, self) }
  /// The derivative of the logarithm of the gamma function.
  public func digamma() -> Tensor { Tensor(ct_digamma(raw), #function, self) }
  /// The largest whole number not above.
  public func floor() -> Tensor { Tensor(ct_floor(raw), #function, self) }
  /// The smallest whole number not below.
  public func ceil() -> Tensor { Tensor(ct_ceil(raw), #function, self) }
  /// The nearest whole number, halves to even.
  public func round() -> Tensor { Tensor(ct_round(raw), #function, self) }
  /// The whole part.
  public func trunc() -> Tensor { Tensor(ct_trunc(raw), #function, self) }
  /// The fractional part.
  public func frac() -> Tensor { Tensor(ct_frac(raw), #function, self) }
  /// The sign.
  public func sign() -> Tensor { Tensor(ct_sign(raw), #function, self) }
  /// The one over the element.
  public func reciprocal() -> Tensor { Tensor(ct_reciprocal(raw), #function, self) }
  /// The logarithm of the logistic function.
  public func logSigmoid() -> Tensor { Tensor(ct_log_sigmoid(raw), #function, self) }
  /// The piecewise approximation of silu.
  public func hardSwish() -> Tensor { Tensor(ct_hardswish(raw), #function, self) }
  /// The piecewise approximation of the logistic function.
  public func hardSigmoid() -> Tensor { Tensor(ct_hardsigmoid(raw), #function, self) }
  /// True where not a number.
  public func isNaN() -> Tensor { Tensor(ct_isnan(raw), #function, self) }
  /// True where infinite.
  public func isInfinite() -> Tensor { Tensor(ct_isinf(raw), #function, self) }
  /// True where finite.
  public func isFinite() -> Tensor { Tensor(ct_isfinite(raw), #function, self) }
  /// True where zero.
  public func logicalNot() -> Tensor { Tensor(ct_logical_not(raw), #function, self) }
  /// The complement of the bits.
  public func bitwiseNot() -> Tensor { Tensor(ct_bitwise_not(raw), #function, self) }
  /// The complex conjugate.
  public func conjugate() -> Tensor { Tensor(ct_conj(raw), #function, self) }
  /// The real part.
  public func realPart() -> Tensor { Tensor(ct_real(raw), #function, self) }
  /// The imaginary part.
  public func imaginaryPart() -> Tensor { Tensor(ct_imag(raw), #function, self) }
  /// The argument of the complex element.
  public func angle() -> Tensor { Tensor(ct_angle(raw), #function, self) }
}

// Functions with a number.
extension Tensor {
  /// Gaussian error linear unit; `approximate` takes the tanh form.
  public func gelu(approximate: Bool = false) -> Tensor {
    Tensor(ct_gelu(raw, approximate ? 1 : 0), #function, self)
  }
  /// The element, or `slope` times it where negative.
  public func leakyReLU(_ slope: Double = 0.01) -> Tensor {
    Tensor(ct_leaky_relu_scalar(raw, slope), #function, self)
  }
  /// The element, or `alpha (exp(x) - 1)` where negative.
  public func elu(_ alpha: Double = 1) -> Tensor { Tensor(ct_elu_scalar(raw, alpha), #function, self) }
  /// Continuously differentiable exponential linear unit.
  public func celu(_ alpha: Double = 1) -> Tensor { Tensor(ct_celu_scalar(raw, alpha), #function, self) }
  /// `log(1 + exp(beta x)) / beta`.
  public func softplus(_ beta: Double = 1) -> Tensor {
    Tensor(ct_softplus_scalar(raw, beta), #function, self)
  }
  /// Moves elements towards zero by `threshold`, those nearer become zero.
  public func softShrink(_ threshold: Double = 0.5) -> Tensor {
    Tensor(ct_softshrink_scalar(raw, threshold), #function, self)
  }
  /// Zeroes elements of magnitude up to `threshold`.
  public func hardShrink(_ threshold: Double = 0.5) -> Tensor {
    Tensor(ct_hardshrink_scalar(raw, threshold), #function, self)
  }
  public func clamped(to range: ClosedRange<Double>) -> Tensor {
    Tensor(ct_clamp(raw, range.lowerBound, range.upperBound), #function, self)
  }
  public func clamped(atLeast low: Double) -> Tensor {
    Tensor(ct_clamp_min_scalar(raw, low), #function, self)
  }
  public func clamped(atMost high: Double) -> Tensor {
    Tensor(ct_clamp_max_scalar(raw, high), #function, self)
  }
  public func pow(_ exponent: Double) -> Tensor { Tensor(ct_pow_scalar(raw, exponent), #function, self) }
  public func pow(_ exponent: Tensor) -> Tensor {
    Tensor(ct_pow(raw, exponent.raw), #function, self, exponent)
  }
}

// Functions of two tensors, broadcast against each other.
extension Tensor {
  /// The angle of the point (other, self).
  public func atan2(_ other: Tensor) -> Tensor { Tensor(ct_atan2(raw, other.raw), #function, self, other) }
  /// The larger of both.
  public func maximum(_ other: Tensor) -> Tensor {
    Tensor(ct_maximum(raw, other.raw), #function, self, other)
  }
  /// The smaller of both.
  public func minimum(_ other: Tensor) -> Tensor {
    Tensor(ct_minimum(raw, other.raw), #function, self, other)
  }
  /// The remainder with the sign of the divisor.
  public func remainder(_ other: Tensor) -> Tensor {
    Tensor(ct_remainder(raw, other.raw), #function, self, other)
  }
  /// The remainder with the sign of the dividend.
  public func fmod(_ other: Tensor) -> Tensor { Tensor(ct_fmod(raw, other.raw), #function, self, other) }
  /// The quotient rounded down.
  public func floorDivided(_ other: Tensor) -> Tensor {
    Tensor(ct_floor_divide(raw, other.raw), #function, self, other)
  }
  /// True where both are not zero.
  public func logicalAnd(_ other: Tensor) -> Tensor {
    Tensor(ct_logical_and(raw, other.raw), #function, self, other)
  }
  /// True where one is not zero.
  public func logicalOr(_ other: Tensor) -> Tensor {
    Tensor(ct_logical_or(raw, other.raw), #function, self, other)
  }
  /// True where exactly one is not zero.
  public func logicalXor(_ other: Tensor) -> Tensor {
    Tensor(ct_logical_xor(raw, other.raw), #function, self, other)
  }
  /// The common bits.
  public func bitwiseAnd(_ other: Tensor) -> Tensor {
    Tensor(ct_bitwise_and(raw, other.raw), #function, self, other)
  }
  /// The bits of either.
  public func bitwiseOr(_ other: Tensor) -> Tensor {
    Tensor(ct_bitwise_or(raw, other.raw), #function, self, other)
  }
  /// The bits of exactly one.
  public func bitwiseXor(_ other: Tensor) -> Tensor {
    Tensor(ct_bitwise_xor(raw, other.raw), #function, self, other)
  }
  /// The length of the vector (self, other).
  public func hypot(_ other: Tensor) -> Tensor { Tensor(ct_hypot(raw, other.raw), #function, self, other) }
  /// `self · log(other)`, zero where self is.
  public func xlogy(_ other: Tensor) -> Tensor { Tensor(ct_xlogy(raw, other.raw), #function, self, other) }
  /// Magnitude of self, sign of other.
  public func copySign(_ other: Tensor) -> Tensor {
    Tensor(ct_copysign(raw, other.raw), #function, self, other)
  }
  /// `log(exp(self) + exp(other))`.
  public func logAddExp(_ other: Tensor) -> Tensor {
    Tensor(ct_logaddexp(raw, other.raw), #function, self, other)
  }
  /// The step function, `other` at zero.
  public func heaviside(_ other: Tensor) -> Tensor {
    Tensor(ct_heaviside(raw, other.raw), #function, self, other)
  }
  /// The complex number with real part self.
  public func complex(_ other: Tensor) -> Tensor {
    Tensor(ct_complex(raw, other.raw), #function, self, other)
  }
  /// The element, or a learned slope times it where negative.
  public func prelu(_ other: Tensor) -> Tensor { Tensor(ct_prelu(raw, other.raw), #function, self, other) }
  /// This tensor where `condition` is true, `other` elsewhere.
  public func chosen(where condition: Tensor, else other: Tensor) -> Tensor {
    Tensor(ct_where(condition.raw, raw, other.raw), #function, condition, self, other)
  }
  /// `value` where `mask` is true.
  public func filled(_ mask: Tensor, with value: Double) -> Tensor {
    Tensor(ct_masked_fill(raw, mask.raw, value), #function, self, mask)
  }
  /// `self + weight (other - self)`.
  public func interpolated(to other: Tensor, weight: Double) -> Tensor {
    Tensor(ct_lerp(raw, other.raw, weight), #function, self, other)
  }
}
