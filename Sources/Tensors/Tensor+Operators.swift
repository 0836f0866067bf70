import CTorch
import Support

// Operators broadcast as libtorch does; with a number, the element type of the tensor stays.
extension Tensor {
  public static func + (x: Tensor, y: Tensor) -> Tensor { Tensor(ct_add(x.raw, y.raw), #function, x, y) }
  public static func + (x: Tensor, s: Double) -> Tensor { Tensor(ct_add_scalar(x.raw, s), #function, x) }
  public static func - (x: Tensor, y: Tensor) -> Tensor { Tensor(ct_sub(x.raw, y.raw), #function, x, y) }
  public static func - (x: Tensor, s: Double) -> Tensor { Tensor(ct_sub_scalar(x.raw, s), #function, x) }
  public static func * (x: Tensor, y: Tensor) -> Tensor { Tensor(ct_mul(x.raw, y.raw), #function, x, y) }
  public static func * (x: Tensor, s: Double) -> Tensor { Tensor(ct_mul_scalar(x.raw, s), #function, x) }
  public static func / (x: Tensor, y: Tensor) -> Tensor { Tensor(ct_div(x.raw, y.raw), #function, x, y) }
  public static func / (x: Tensor, s: Double) -> Tensor { Tensor(ct_div_scalar(x.raw, s), #function, x) }
  public static func + (s: Double, x: Tensor) -> Tensor { x + s }
  public static func * (s: Double, x: Tensor) -> Tensor { x * s }
  public static func - (s: Double, x: Tensor) -> Tensor { -x + s }
  public static func / (s: Double, x: Tensor) -> Tensor { x.reciprocal() * s }
  public static prefix func - (x: Tensor) -> Tensor { Tensor(ct_neg(x.raw), #function, x) }
  public static func += (x: inout Tensor, y: Tensor) { x = x + y }
  public static func += (x: inout Tensor, s: Double) { x = x + s }
  public static func -= (x: inout Tensor, y: Tensor) { x = x - y }
  public static func -= (x: inout Tensor, s: Double) { x = x - s }
  public static func *= (x: inout Tensor, y: Tensor) { x = x * y }
  public static func *= (x: inout Tensor, s: Double) { x = x * s }
  public static func /= (x: inout Tensor, y: Tensor) { x = x / y }
  public static func /= (x: inout Tensor, s: Double) { x = x / s }
}

// Comparisons element by element give tensors of truth values, named as for SIMD vectors.
extension Tensor {
  public static func .== (x: Tensor, y: Tensor) -> Tensor { Tensor(ct_eq(x.raw, y.raw), #function, x, y) }
  public static func .== (x: Tensor, s: Double) -> Tensor { Tensor(ct_eq_scalar(x.raw, s), #function, x) }
  public static func .!= (x: Tensor, y: Tensor) -> Tensor { Tensor(ct_ne(x.raw, y.raw), #function, x, y) }
  public static func .!= (x: Tensor, s: Double) -> Tensor { Tensor(ct_ne_scalar(x.raw, s), #function, x) }
  public static func .< (x: Tensor, y: Tensor) -> Tensor { Tensor(ct_lt(x.raw, y.raw), #function, x, y) }
  public static func .< (x: Tensor, s: Double) -> Tensor { Tensor(ct_lt_scalar(x.raw, s), #function, x) }
  public static func .<= (x: Tensor, y: Tensor) -> Tensor { Tensor(ct_le(x.raw, y.raw), #function, x, y) }
  public static func .<= (x: Tensor, s: Double) -> Tensor { Tensor(ct_le_scalar(x.raw, s), #function, x) }
  public static func .> (x: Tensor, y: Tensor) -> Tensor { Tensor(ct_gt(x.raw, y.raw), #function, x, y) }
  public static func .> (x: Tensor, s: Double) -> Tensor { Tensor(ct_gt_scalar(x.raw, s), #function, x) }
  public static func .>= (x: Tensor, y: Tensor) -> Tensor { Tensor(ct_ge(x.raw, y.raw), #function, x, y) }
  public static func .>= (x: Tensor, s: Double) -> Tensor { Tensor(ct_ge_scalar(x.raw, s), #function, x) }
}

// In place: the elements themselves change, for every tensor that shares them.
extension Tensor {
  @inline(__always)
  private func check(_ status: Int32, _ operation: StaticString, _ operands: Tensor...) {
    if status < 0 { TensorFailure.handle("\(operation)", operands) }
  }

  /// Copies the elements of `other`, broadcast and converted.
  public func assign(_ other: Tensor) { check(ct_copy_(raw, other.raw), #function, self, other) }
  public func fill(_ value: Double) { check(ct_fill_scalar_(raw, value), #function, self) }
  /// Adds `scale · other`.
  public func add(inPlace other: Tensor, scale: Double = 1) {
    check(ct_add_scaled_(raw, other.raw, scale), #function, self, other)
  }
  public func add(inPlace value: Double) { check(ct_add_scalar_(raw, value), #function, self) }
  public func multiply(inPlace other: Tensor) { check(ct_mul_(raw, other.raw), #function, self, other) }
  public func multiply(inPlace factor: Double) { check(ct_mul_scalar_(raw, factor), #function, self) }
  public func divide(inPlace other: Tensor) { check(ct_div_(raw, other.raw), #function, self, other) }
  /// Adds `scale · a · b`.
  public func addProduct(inPlace a: Tensor, _ b: Tensor, scale: Double = 1) {
    check(ct_addcmul_(raw, a.raw, b.raw, scale), #function, self, a, b)
  }
  /// Adds `scale · a / b`.
  public func addQuotient(inPlace a: Tensor, _ b: Tensor, scale: Double = 1) {
    check(ct_addcdiv_(raw, a.raw, b.raw, scale), #function, self, a, b)
  }
  public func clamp(inPlaceAtLeast low: Double) { check(ct_clamp_min_scalar_(raw, low), #function, self) }
  public func clamp(inPlaceAtMost high: Double) { check(ct_clamp_max_scalar_(raw, high), #function, self) }
}
