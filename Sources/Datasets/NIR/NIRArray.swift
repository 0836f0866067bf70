import Support
import Tensors

/// The numbers of a parameter: one a neuron, or the weights of a connection.
public struct NIRArray: Sendable, Equatable {
  public enum Precision: Sendable { case single, double }

  /// Extents, outermost first; empty for a single number that holds for all neurons.
  public let shape: [Int]
  /// Row-major; single precision in a file is kept exactly.
  public let values: [Double]
  /// How the numbers are written.
  public let precision: Precision

  public init(_ values: [Double], shape: [Int]? = nil, precision: Precision = .single) {
    let shape = shape ?? [values.count]
    precondition(shape.reduce(1, *) == values.count, "\(values.count) numbers for shape \(shape)")
    (self.values, self.shape, self.precision) = (values, shape, precision)
  }

  /// The same number for all of `shape`.
  public init(repeating value: Double, shape: [Int], precision: Precision = .single) {
    self.init(
      [Double](repeating: value, count: shape.reduce(1, *)), shape: shape, precision: precision)
  }

  public init(_ tensor: Tensor) {
    self.init(
      tensor.doubles, shape: tensor.shape, precision: tensor.elementType == .float64 ? .double : .single)
  }

  public func tensor(_ type: ElementType = .float32) -> Tensor { Tensor(values, shape: shape, as: type) }

  /// The number that all elements have; nil if they differ or there are none.
  public var uniform: Double? { values.allSatisfy { $0 == values[0] } ? values.first : nil }
}

/// What a field of a node holds.
public enum NIRValue: Sendable, Equatable {
  case numbers(NIRArray)
  /// Whole numbers with their extents; none for a single one.
  case integers([Int], shape: [Int])
  case text(String)
}
