import CTorch
import Foundation
import Support

/// A file mapped into memory; pages are read when they are touched, and writes stay private.
final class MappedFile: @unchecked Sendable {
  let path: String
  /// All bytes of the file.
  let bytes: UnsafeMutableRawBufferPointer

  /// - Throws: `CajalError` naming the file when it is missing, a folder, or cannot be mapped.
  init(_ url: URL) throws {
    path = url.path
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else {
      throw CajalError("cannot read \(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw CajalError("\(path) is no file")
    }
    let count = Int(status.st_size)
    guard count > 0 else {
      bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor, 0),
      start != MAP_FAILED
    else { throw CajalError("cannot map \(path): \(String(cString: strerror(errno)))") }
    bytes = UnsafeMutableRawBufferPointer(start: start, count: count)
  }

  deinit { if let start = bytes.baseAddress { munmap(start, bytes.count) } }

  /// A tensor over `range` without a copy, or with one where the bytes are not aligned to their elements.
  func tensor(_ range: Range<Int>, _ type: ElementType, _ shape: [Int]) -> Tensor {
    guard !range.isEmpty else { return Tensor.zeros(shape, type) }
    let start = bytes.baseAddress! + range.lowerBound
    if type.isNative, Int(bitPattern: start) % type.width == 0 {
      return Tensor(sharing: start, shape: shape, type: type, owner: self)
    }
    return Tensor(copying: UnsafeRawBufferPointer(rebasing: bytes[range]), shape: shape, type: type)
  }
}

extension ElementType {
  /// Bytes an element.
  public var width: Int {
    switch self {
    case .float64, .int64, .uint64, .complex64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .int8, .uint8, .bool: 1
    case .complex128: 16
    }
  }
}

extension ElementType {
  /// Whether libtorch has elements of this type.
  var isNative: Bool { ![.uint16, .uint32, .uint64].contains(self) }
}

extension Tensor {
  /// A tensor with a copy of little-endian elements. Unsigned types that libtorch lacks are widened.
  init(copying source: UnsafeRawBufferPointer, shape: [Int], type: ElementType) {
    switch type {
    case .uint16: self.init(source.elements(UInt16.self).map { Int32($0) }, shape: shape)
    case .uint32: self.init(source.elements(UInt32.self).map { Int64($0) }, shape: shape)
    case .uint64: self.init(source.elements(UInt64.self).map { Int64(clamping: $0) }, shape: shape)
    default:
      self = Tensor.uninitialized(shape, type)
      if source.count > 0 { withUnsafeBytes { $0.copyMemory(from: source) } }
    }
  }

  /// The bytes of a contiguous tensor on the CPU.
  func withUnsafeBytes<Result>(_ body: (UnsafeMutableRawBufferPointer) throws -> Result) rethrows -> Result {
    precondition(isContiguous && device == .cpu, "the bytes of a tensor of strides \(strides) on \(device)")
    return try withExtendedLifetime(handle) {
      try body(UnsafeMutableRawBufferPointer(start: ct_data(raw), count: count * elementType.width))
    }
  }
}

extension UnsafeRawBufferPointer {
  /// The elements, from memory of any alignment.
  fileprivate func elements<Element: FixedWidthInteger>(_: Element.Type) -> [Element] {
    stride(from: 0, to: count, by: MemoryLayout<Element>.size).map {
      loadUnaligned(fromByteOffset: $0, as: Element.self)
    }
  }
}
