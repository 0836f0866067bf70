import Tensors

/// The numbers that a neuron model is written in.
///
/// A model states its equations once, over any of these: a `Tensor`, which records a graph for autograd; ``Lanes``,
/// sixteen neurons in a vector register; or a ``Dual`` of lanes, which carries a derivative along. So the fused
/// kernels and their gradients follow from the equations, and cannot differ from them.
public protocol NeuronArithmetic {
  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  static func / (a: Self, b: Self) -> Self
  func adding(_ constant: Double) -> Self
  func scaled(by constant: Double) -> Self
  func exp() -> Self
  func sigmoid() -> Self
  func relu() -> Self
  /// The same value, through which no gradient flows.
  func detached() -> Self
  /// 1 where this is at least zero, 0 elsewhere, with the surrogate's derivative.
  func spikes(_ surrogate: SurrogateGradient) -> Self
  /// The nearest integer (halves to even) of the value clipped to 0...`top`; the gradient passes inside the clip.
  func graded(upTo top: Double) -> Self
  /// `a` where `u` is at least zero, `b` elsewhere; the gradient flows to the one taken.
  static func select(_ u: Self, _ a: Self, otherwise b: Self) -> Self
}

extension NeuronArithmetic {
  // Not public: operators that take numbers slow the compiler down wherever they are seen.
  @inline(__always) static func + (a: Self, b: Double) -> Self { a.adding(b) }
  @inline(__always) static func + (a: Double, b: Self) -> Self { b.adding(a) }
  @inline(__always) static func - (a: Self, b: Double) -> Self { a.adding(-b) }
  @inline(__always) static func - (a: Double, b: Self) -> Self { b.scaled(by: -1).adding(a) }
  @inline(__always) static func * (a: Self, b: Double) -> Self { a.scaled(by: b) }
  @inline(__always) static func * (a: Double, b: Self) -> Self { b.scaled(by: a) }
  @inline(__always) static func / (a: Self, b: Double) -> Self { a.scaled(by: 1 / b) }
}

extension Tensor: NeuronArithmetic {
  public func adding(_ constant: Double) -> Tensor { self + constant }
  public func scaled(by constant: Double) -> Tensor { self * constant }
  public func spikes(_ surrogate: SurrogateGradient) -> Tensor { surrogate.spikes(self) }

  public func graded(upTo top: Double) -> Tensor {
    let clipped = clamped(to: 0...top)
    return clipped + (clipped.detached().round() - clipped.detached())
  }

  public static func select(_ u: Tensor, _ a: Tensor, otherwise b: Tensor) -> Tensor {
    a.chosen(where: u.detached() .>= 0, else: b)
  }
}

/// Up to eight values of one kind: the inputs of a neuron, what it remembers, or its parameters.
///
/// Places that a model does not use repeat the first value and cost nothing.
public struct Variables<Value> {
  @usableFromInline var v0, v1, v2, v3, v4, v5, v6, v7: Value

  @inlinable @inline(__always) public init(_ v0: Value) { self.init(v0, v0) }
  @inlinable @inline(__always) public init(_ v0: Value, _ v1: Value) { self.init(v0, v1, v0) }
  @inlinable @inline(__always) public init(_ v0: Value, _ v1: Value, _ v2: Value) {
    self.init(v0, v1, v2, v0)
  }
  @inlinable @inline(__always) public init(_ v0: Value, _ v1: Value, _ v2: Value, _ v3: Value) {
    self.init(v0, v1, v2, v3, v0, v0)
  }
  @inlinable @inline(__always) public init(
    _ v0: Value, _ v1: Value, _ v2: Value, _ v3: Value, _ v4: Value, _ v5: Value
  ) {
    self.init(v0, v1, v2, v3, v4, v5, v0, v0)
  }
  @inlinable @inline(__always) public init(
    _ v0: Value, _ v1: Value, _ v2: Value, _ v3: Value, _ v4: Value, _ v5: Value, _ v6: Value, _ v7: Value
  ) {
    (self.v0, self.v1, self.v2, self.v3) = (v0, v1, v2, v3)
    (self.v4, self.v5, self.v6, self.v7) = (v4, v5, v6, v7)
  }

  @inlinable public subscript(_ index: Int) -> Value {
    @inline(__always) get {
      switch index {
      case 0: v0
      case 1: v1
      case 2: v2
      case 3: v3
      case 4: v4
      case 5: v5
      case 6: v6
      default: v7
      }
    }
    @inline(__always) set {
      switch index {
      case 0: v0 = newValue
      case 1: v1 = newValue
      case 2: v2 = newValue
      case 3: v3 = newValue
      case 4: v4 = newValue
      case 5: v5 = newValue
      case 6: v6 = newValue
      default: v7 = newValue
      }
    }
  }

  /// The values of a list of at most eight; `filler` stands where there is none.
  public init(_ values: [Value], filler: Value) {
    precondition(values.count <= 8, "\(values.count) values; a neuron has at most eight of a kind")
    func at(_ index: Int) -> Value { index < values.count ? values[index] : filler }
    self.init(at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7))
  }

  /// The first `count` values.
  public func array(_ count: Int) -> [Value] { (0..<count).map { self[$0] } }
}
