import Foundation
import Support

/// NumPy's format for one array (NEP 1): a header with element type, order and shape, then the elements.
public enum NPY {
  /// - Throws: `CajalError` naming the file and what is wrong with it.
  public static func read(_ url: URL) throws -> Tensor {
    let file = try MappedFile(url)
    return try decode(UnsafeRawBufferPointer(file.bytes), file.path)
  }

  /// Reads an array without loading it: elements are read when they are touched, and changes stay in memory.
  ///
  /// An array in another order of bytes or axes is loaded as by ``read(_:)``.
  /// - Throws: `CajalError` naming the file and what is wrong with it.
  public static func map(_ url: URL) throws -> Tensor {
    let file = try MappedFile(url)
    let bytes = UnsafeRawBufferPointer(file.bytes)
    let (header, start) = try header(bytes, file.path)
    guard let type = codes.first(where: { $0.code == header.code })?.type, !header.isFortran,
      header.order != ">", type.isNative
    else { return try decode(bytes, file.path) }
    try check(header, type, bytes.count - start, file.path)
    return file.tensor(start..<bytes.count, type, header.shape)
  }

  /// Writes an array that NumPy can load and map.
  ///
  /// - Throws: `CajalError` naming the path, or for an element type that NumPy lacks.
  public static func write(_ tensor: Tensor, to url: URL) throws {
    try AtomicFile.write(Data(encode(tensor, url.path)), to: url)
  }

  /// The bytes of the file for `tensor`.
  static func encode(_ tensor: Tensor, _ what: String) throws -> [UInt8] {
    guard let code = codes.first(where: { $0.type == tensor.elementType })?.code else {
      throw CajalError(
        "\(what): NumPy has no elements of type \(tensor.elementType); convert to float32 first")
    }
    let shape = tensor.shape.map(String.init).joined(separator: ", ") + (tensor.rank == 1 ? "," : "")
    let order = code.hasSuffix("1") ? "|" : "<"
    var header = "{'descr': '\(order)\(code)', 'fortran_order': False, 'shape': (\(shape)), }"
    // Magic, version and length take ten bytes; the elements begin at a multiple of 64.
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    let magic: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    let length = [UInt8(header.utf8.count & 0xFF), UInt8(header.utf8.count >> 8)]
    return tensor.detached().to(.cpu).contiguous().withUnsafeBytes {
      magic + length + Array(header.utf8) + $0
    }
  }

  /// Reads an array from the bytes of a file; `what` names it in errors.
  static func decode(_ bytes: UnsafeRawBufferPointer, _ what: String) throws -> Tensor {
    let (header, start) = try header(bytes, what)
    return try decode(header, UnsafeRawBufferPointer(rebasing: bytes[start...]), what)
  }

  /// The header, and where the elements begin.
  private static func header(_ bytes: UnsafeRawBufferPointer, _ what: String) throws -> (NPYHeader, Int) {
    guard bytes.count >= 12, bytes[0] == 0x93, bytes[1..<6].elementsEqual("NUMPY".utf8) else {
      throw CajalError("\(what) is no NPY file: it does not start with NumPy's mark")
    }
    let wide = bytes[6] > 1
    let length =
      wide ? Int(bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)) : Int(bytes[8]) | Int(bytes[9]) << 8
    let start = (wide ? 12 : 10) + length
    guard (1...3).contains(bytes[6]), start <= bytes.count else {
      throw CajalError(
        "\(what): byte 6 says version \(bytes[6]) with a header of \(length) bytes, of \(bytes.count) in all")
    }
    let header = NPYHeader(String(decoding: bytes[(wide ? 12 : 10)..<start], as: UTF8.self))
    guard let header else { throw CajalError("\(what): the header of the array cannot be read") }
    return (header, start)
  }

  /// The elements must be as many as the shape says.
  private static func check(_ header: NPYHeader, _ type: ElementType, _ bytes: Int, _ what: String) throws {
    let size = header.shape.reduce(type.width) { $0.multipliedReportingOverflow(by: $1).partialValue }
    guard header.shape.allSatisfy({ $0 >= 0 && $0 < 1 << 40 }), bytes == size else {
      throw CajalError(
        "\(what) has \(bytes) bytes of elements, shape \(header.shape) of \(type) needs \(size)")
    }
  }

  private static func decode(_ header: NPYHeader, _ elements: UnsafeRawBufferPointer, _ what: String) throws
    -> Tensor
  {
    guard let type = codes.first(where: { $0.code == header.code })?.type else {
      throw CajalError(
        "\(what) holds elements of type '\(header.order)\(header.code)'; numbers and truth values are read")
    }
    try check(header, type, elements.count, what)
    var swapped: [UInt8]?
    if header.order == ">", type.width > 1 {
      swapped = swap(elements, type.isComplex ? type.width / 2 : type.width)
    }
    let shape = header.isFortran ? header.shape.reversed() : header.shape
    let tensor =
      swapped.map { $0.withUnsafeBytes { Tensor(copying: $0, shape: shape, type: type) } }
      ?? Tensor(copying: elements, shape: shape, type: type)
    return header.isFortran ? tensor.permuted(Array(shape.indices.reversed())).contiguous() : tensor
  }

  private static func swap(_ elements: UnsafeRawBufferPointer, _ width: Int) -> [UInt8] {
    stride(from: 0, to: elements.count, by: width).flatMap { elements[$0..<$0 + width].reversed() }
  }

  /// The texts of an array of NumPy's `U` or `S`; nil for an array of numbers.
  static func texts(_ bytes: UnsafeRawBufferPointer, _ what: String) throws -> [String]? {
    let (header, start) = try header(bytes, what)
    guard let kind = header.code.first, kind == "U" || kind == "S" else { return nil }
    let width = (Int(header.code.dropFirst()) ?? 0) * (kind == "U" ? 4 : 1)
    let count = header.shape.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    guard width >= 0, count >= 0, count < 1 << 40, count * width == bytes.count - start else {
      throw CajalError("\(what): texts of shape \(header.shape) and \(width) bytes do not fill \(bytes.count - start)")
    }
    return (0..<count).map { index in
      let field = UnsafeRawBufferPointer(rebasing: bytes[start + index * width..<start + (index + 1) * width])
      guard kind == "U" else { return String(decoding: field.prefix { $0 != 0 }, as: UTF8.self) }
      let scalars = stride(from: 0, to: width, by: 4).map { field.loadUnaligned(fromByteOffset: $0, as: UInt32.self) }
        .map { header.order == ">" ? $0.byteSwapped : $0 }.prefix { $0 != 0 }
      return String(String.UnicodeScalarView(scalars.map { Unicode.Scalar($0) ?? "\u{FFFD}" }))
    }
  }

  /// The bytes of a file of texts, one axis.
  static func encode(_ texts: [String]) -> [UInt8] {
    let scalars = texts.map { Array($0.unicodeScalars) }
    let width = max(1, scalars.map(\.count).max() ?? 1)
    var header = "{'descr': '<U\(width)', 'fortran_order': False, 'shape': (\(texts.count),), }"
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count & 0xFF), UInt8(header.utf8.count >> 8)]
    bytes += Array(header.utf8)
    for text in scalars {
      for index in 0..<width {
        let value = index < text.count ? text[index].value : 0
        bytes += [UInt8(value & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value >> 16 & 0xFF), UInt8(value >> 24)]
      }
    }
    return bytes
  }

  private static let codes: [(code: String, type: ElementType)] = [
    ("f8", .float64), ("f4", .float32), ("f2", .float16), ("i8", .int64), ("i4", .int32), ("i2", .int16),
    ("i1", .int8), ("u1", .uint8), ("b1", .bool), ("c8", .complex64), ("c16", .complex128), ("u2", .uint16),
    ("u4", .uint32), ("u8", .uint64),
  ]
}

/// The literal that describes an array: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
private struct NPYHeader {
  let order: Character
  let code: String
  let isFortran: Bool
  let shape: [Int]

  init?(_ text: String) {
    guard let descr = text.firstMatch(of: /'descr'\s*:\s*'([<>|=])([a-zA-Z]\d+)'/),
      let fortran = text.firstMatch(of: /'fortran_order'\s*:\s*(True|False)/),
      let extents = text.firstMatch(of: /'shape'\s*:\s*\(([0-9,\sL]*)\)/)
    else { return nil }
    order = descr.1.first!
    code = String(descr.2)
    isFortran = fortran.1 == "True"
    let parts = extents.1.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter {
      !$0.isEmpty
    }
    shape = parts.compactMap { Int($0.hasSuffix("L") ? String($0.dropLast()) : $0) }
    guard shape.count == parts.count else { return nil }
  }
}

extension ElementType {
  var isComplex: Bool { self == .complex64 || self == .complex128 }
}
