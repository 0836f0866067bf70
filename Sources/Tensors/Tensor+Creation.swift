import CTorch
import Support

/// A Swift number that libtorch has elements of.
public protocol TensorElement: Sendable {
  static var elementType: ElementType { get }
}

extension Double: TensorElement { public static var elementType: ElementType { .float64 } }
extension Float: TensorElement { public static var elementType: ElementType { .float32 } }
extension Int: TensorElement { public static var elementType: ElementType { .int64 } }
extension Int64: TensorElement { public static var elementType: ElementType { .int64 } }
extension Int32: TensorElement { public static var elementType: ElementType { .int32 } }
extension Int16: TensorElement { public static var elementType: ElementType { .int16 } }
extension Int8: TensorElement { public static var elementType: ElementType { .int8 } }
extension UInt8: TensorElement { public static var elementType: ElementType { .uint8 } }
extension Bool: TensorElement { public static var elementType: ElementType { .bool } }

extension Tensor {
  /// The elements in row-major order, copied once; a vector unless `shape` is given, converted if `type` is.
  public init<Element: TensorElement>(_ values: [Element], shape: [Int]? = nil, as type: ElementType? = nil) {
    let shape = shape ?? [values.count]
    precondition(
      shape.reduce(1, *) == values.count, "\(values.count) elements for a tensor of shape \(shape)")
    let plain = Tensor.uninitialized(shape, Element.elementType)
    values.withUnsafeBytes { source in
      guard source.count > 0 else { return }
      ct_data(plain.raw).copyMemory(from: source.baseAddress!, byteCount: source.count)
    }
    self = plain.to(type ?? Element.elementType)
  }

  /// A number without axes.
  public init(_ value: Double, _ type: ElementType = .float32) {
    self = Tensor.full([], value, type)
  }

  /// A tensor over memory that the caller keeps alive and writes to; nothing is copied.
  ///
  /// `owner` is held until the last tensor over the memory is gone.
  public init(
    sharing memory: UnsafeMutableRawPointer, shape: [Int], type: ElementType, owner: AnyObject
  ) {
    Torch.need()
    let context = Unmanaged.passRetained(owner).toOpaque()
    self.init(
      ct_from_blob(
        memory, shape.int64, Int32(shape.count), type.torchCode,
        { Unmanaged<AnyObject>.fromOpaque($0!).release() }, context))
  }

  public static func uninitialized(
    _ shape: [Int], _ type: ElementType = .float32, on device: Device = .cpu
  ) -> Tensor {
    Torch.need()
    return Tensor(ct_empty(shape.int64, Int32(shape.count), type.torchCode, device.code))
  }

  public static func full(
    _ shape: [Int], _ value: Double, _ type: ElementType = .float32, on device: Device = .cpu
  ) -> Tensor {
    Torch.need()
    return Tensor(ct_full(shape.int64, Int32(shape.count), value, type.torchCode, device.code))
  }

  public static func zeros(_ shape: [Int], _ type: ElementType = .float32, on device: Device = .cpu) -> Tensor
  {
    full(shape, 0, type, on: device)
  }

  public static func ones(_ shape: [Int], _ type: ElementType = .float32, on device: Device = .cpu) -> Tensor
  {
    full(shape, 1, type, on: device)
  }

  public static func zeros(like other: Tensor) -> Tensor {
    Tensor(ct_zeros_like(other.raw), #function, other)
  }
  public static func ones(like other: Tensor) -> Tensor { Tensor(ct_ones_like(other.raw), #function, other) }

  /// The numbers from 0 up to, not including, `count`.
  public static func arange(_ count: Int, _ type: ElementType = .int64) -> Tensor {
    arange(from: 0, to: Double(count), type)
  }

  /// Numbers from `lower` up to, not including, `upper`.
  public static func arange(
    from lower: Double, to upper: Double, step: Double = 1, _ type: ElementType = .float32
  ) -> Tensor {
    Torch.need()
    return Tensor(ct_arange(lower, upper, step, type.torchCode))
  }

  /// `count` numbers from `lower` to `upper`, both included, equally spaced.
  public static func linspace(_ lower: Double, _ upper: Double, count: Int, _ type: ElementType = .float32)
    -> Tensor
  {
    Torch.need()
    return Tensor(ct_linspace(lower, upper, Int64(count), type.torchCode))
  }

  /// The identity matrix `[rows, columns]`.
  public static func eye(_ rows: Int, _ columns: Int? = nil, _ type: ElementType = .float32) -> Tensor {
    Torch.need()
    return Tensor(ct_eye(Int64(rows), Int64(columns ?? rows), type.torchCode))
  }
}

// Reading elements back.
extension Tensor {
  /// The elements in row-major order, converted to `Element`'s type if needed.
  public func array<Element: TensorElement>(of _: Element.Type = Element.self) -> [Element] {
    let source = detached().to(Element.elementType).to(.cpu).contiguous()
    return withExtendedLifetime(source) {
      let pointer = ct_data(source.raw)?.assumingMemoryBound(to: Element.self)
      return Array(UnsafeBufferPointer(start: pointer, count: source.count))
    }
  }

  public var floats: [Float] { array(of: Float.self) }
  public var doubles: [Double] { array(of: Double.self) }
  public var integers: [Int] { array(of: Int.self) }

  /// The only element as a number.
  public var item: Double {
    precondition(count == 1, "item of a tensor of shape \(shape)")
    return ct_item(raw)
  }

  /// The elements as a raw buffer, for reading, without a copy; the tensor must be contiguous and on the CPU.
  public func withUnsafeElements<Element: TensorElement, Result>(
    of _: Element.Type = Element.self, _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) rethrows -> Result {
    try withUnsafeMutableElements(of: Element.self) { try body(UnsafeBufferPointer($0)) }
  }

  /// The elements as a raw buffer, for writing behind autograd's back.
  public func withUnsafeMutableElements<Element: TensorElement, Result>(
    of _: Element.Type = Element.self, _ body: (UnsafeMutableBufferPointer<Element>) throws -> Result
  ) rethrows -> Result {
    precondition(
      elementType == Element.elementType && isContiguous && device == .cpu,
      "the buffer of a contiguous \(Element.elementType) tensor was asked of \(elementType) \(shape), strides \(strides), on \(device)"
    )
    return try withExtendedLifetime(handle) {
      let pointer = ct_data(raw)?.assumingMemoryBound(to: Element.self)
      return try body(UnsafeMutableBufferPointer(start: pointer, count: count))
    }
  }
}

// Conversions.
extension Tensor {
  public func to(_ type: ElementType) -> Tensor {
    elementType == type ? self : Tensor(ct_to_type(raw, type.torchCode), #function, self)
  }

  public func to(_ device: Device) -> Tensor {
    self.device == device ? self : Tensor(ct_to_device(raw, device.code), #function, self)
  }

  /// Row-major elements; copies only where they are not so already.
  public func contiguous() -> Tensor { isContiguous ? self : Tensor(ct_contiguous(raw, 0), #function, self) }

  /// The elements of an image batch `[B, C, H, W]` in channels-last order, the shape unchanged.
  public func channelsLast() -> Tensor { Tensor(ct_contiguous(raw, 1), #function, self) }

  /// A copy with elements of its own.
  public func cloned() -> Tensor { Tensor(ct_clone(raw), #function, self) }

  /// The same bytes seen as another element type of equal width.
  public func reinterpreted(as type: ElementType) -> Tensor {
    Tensor(ct_view_type(raw, type.torchCode), #function, self)
  }
}

extension [Int] {
  /// The numbers as the C interface takes them; on 64-bit machines only the type changes.
  @inline(__always)
  var int64: [Int64] { unsafeBitCast(self, to: [Int64].self) }
}
