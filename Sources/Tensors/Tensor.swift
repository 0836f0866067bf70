import CTorch
import Support

/// Owns one reference to a libtorch tensor.
final class TensorHandle: @unchecked Sendable {
  let pointer: ct_tensor
  init(_ pointer: ct_tensor) { self.pointer = pointer }
  deinit { ct_free(pointer) }
}

/// An n-dimensional array with gradients; libtorch underneath.
///
/// A value over an owned handle: copying a `Tensor` shares its elements, and they are freed with the last
/// copy. Operations give new tensors; those whose name says so (`add(inPlace:)`, `x[…] = y`) write.
/// Shapes that do not fit end the program with both shapes; see ``withTensorErrors(_:)`` for user input.
///
/// ```swift
/// let x = Tensor([1, 2, 3, 4], shape: [2, 2], as: .float32)
/// let y = (x.matmul(x) * 2).tanh().sum(axis: 1)   // [2]
/// ```
public struct Tensor: @unchecked Sendable {
  let handle: TensorHandle

  /// Takes ownership of `pointer`; a failure goes through the one funnel.
  @inline(__always)
  init(_ pointer: ct_tensor?, _ operation: StaticString = #function, _ operands: Tensor...) {
    if let pointer {
      handle = TensorHandle(pointer)
    } else {
      TensorFailure.handle("\(operation)", operands)
      handle = TensorFailure.nothing.handle
    }
  }

  /// The borrowed handle of the C interface.
  @inline(__always)
  var raw: ct_tensor { handle.pointer }

  public var rank: Int { Int(ct_rank(raw)) }

  /// How many elements there are.
  public var count: Int { Int(ct_count(raw)) }

  public var shape: [Int] {
    [Int](unsafeUninitializedCapacity: rank) { buffer, initialized in
      initialized = buffer.count == 0 ? 0 : rank
      guard initialized > 0 else { return }
      buffer.withMemoryRebound(to: Int64.self) { _ = ct_shape(raw, $0.baseAddress!) }
    }
  }

  public var strides: [Int] {
    var values = [Int64](repeating: 0, count: rank)
    _ = ct_strides(raw, &values)
    return values.map(Int.init)
  }

  public var elementType: ElementType { ElementType(torchCode: ct_type(raw)) }
  public var device: Device { Device(code: ct_device(raw)) }
  public var isContiguous: Bool { ct_is_contiguous(raw) != 0 }

  /// The extent of one axis; negative axes count from the end.
  public func size(_ axis: Int) -> Int {
    let shape = shape
    let index = axis < 0 ? axis + shape.count : axis
    precondition(shape.indices.contains(index), "axis \(axis) of a tensor of shape \(shape)")
    return shape[index]
  }
}

extension Tensor: CustomStringConvertible {
  /// Element type, shape and the first elements.
  public var description: String {
    let shown = flattened()[..<Swift.min(count, 8)].to(.float64).doubles.map { "\(Float($0))" }
    let more = count > 8 ? ", …" : ""
    return "Tensor(\(elementType) \(shape): \(shown.joined(separator: ", "))\(more))"
  }
}

extension ElementType {
  /// The code of the C interface: the order of `ct_type`.
  var torchCode: Int32 {
    switch self {
    case .float64: 0
    case .float32: 1
    case .float16: 2
    case .bfloat16: 3
    case .int64: 4
    case .int32: 5
    case .int16: 6
    case .int8: 7
    case .uint8: 8
    case .bool: 9
    case .complex64: 10
    case .complex128: 11
    default: preconditionFailure("libtorch has no elements of type \(self)")
    }
  }

  init(torchCode: Int32) {
    let all: [ElementType] = [
      .float64, .float32, .float16, .bfloat16, .int64, .int32, .int16, .int8, .uint8, .bool, .complex64,
      .complex128,
    ]
    self = all[Int(torchCode)]
  }
}
