/// Lanes that carry a derivative along: forward differentiation in one direction.
///
/// No tangent means that the value does not depend on the direction; where that is known when the kernel is compiled,
/// nothing is computed for it.
struct Dual: NeuronArithmetic {
  var value: Lanes
  var tangent: Lanes?

  @inline(__always) init(_ value: Lanes, _ tangent: Lanes? = nil) {
    self.value = value
    self.tangent = tangent
  }

  @inline(__always) private static func sum(_ a: Lanes?, _ b: Lanes?) -> Lanes? {
    guard let a else { return b }
    guard let b else { return a }
    return a + b
  }

  @inline(__always) private static func negated(_ a: Lanes?) -> Lanes? { a.map { 0 - $0 } }

  @inline(__always) private func scaled(_ value: Lanes, by slope: @autoclosure () -> Lanes) -> Dual {
    Dual(value, tangent.map { $0 * slope() })
  }

  @inline(__always) static func + (a: Dual, b: Dual) -> Dual {
    Dual(a.value + b.value, sum(a.tangent, b.tangent))
  }
  @inline(__always) static func - (a: Dual, b: Dual) -> Dual {
    Dual(a.value - b.value, sum(a.tangent, negated(b.tangent)))
  }
  @inline(__always) static func * (a: Dual, b: Dual) -> Dual {
    Dual(a.value * b.value, sum(a.tangent.map { $0 * b.value }, b.tangent.map { $0 * a.value }))
  }
  @inline(__always) static func / (a: Dual, b: Dual) -> Dual {
    let quotient = a.value / b.value
    return Dual(
      quotient, sum(a.tangent.map { $0 / b.value }, negated(b.tangent.map { $0 * quotient / b.value })))
  }
  @inline(__always) func adding(_ constant: Double) -> Dual { Dual(value + constant, tangent) }
  @inline(__always) func scaled(by constant: Double) -> Dual {
    Dual(value * constant, tangent.map { $0 * constant })
  }

  @inline(__always) func exp() -> Dual {
    let result = value.exp()
    return scaled(result, by: result)
  }
  @inline(__always) func sigmoid() -> Dual {
    let result = value.sigmoid()
    return scaled(result, by: result * (1 - result))
  }
  @inline(__always) func relu() -> Dual {
    Dual(
      value.relu(),
      tangent.map { Lanes($0.values.replacing(with: 0, where: value.values .<= 0)) })
  }
  @inline(__always) func detached() -> Dual { Dual(value) }
  @inline(__always) func spikes(_ surrogate: SurrogateGradient) -> Dual {
    scaled(value.step(), by: surrogate.derivative(value))
  }
  @inline(__always) func graded(upTo top: Double) -> Dual {
    Dual(
      value.graded(upTo: top),
      tangent.map {
        Lanes(
          $0.values.replacing(
            with: 0, where: (value.values .< 0) .| (value.values .> Lanes.Vector(repeating: Float(top)))))
      })
  }
  @inline(__always) static func select(_ u: Dual, _ a: Dual, otherwise b: Dual) -> Dual {
    let value = Lanes.select(u.value, a.value, otherwise: b.value)
    guard a.tangent != nil || b.tangent != nil else { return Dual(value) }
    let zero = Lanes(repeating: 0)
    return Dual(value, .select(u.value, a.tangent ?? zero, otherwise: b.tangent ?? zero))
  }
}

extension Optional where Wrapped == Lanes {
  @inline(__always) fileprivate static func select(_ u: Lanes, _ a: Lanes, otherwise b: Lanes) -> Lanes? {
    Lanes.select(u, a, otherwise: b)
  }
}
