import Foundation
import Support

/// The IDX format of the MNIST family: a big-endian header, then the elements; gzipped or not.
///
/// Header: two zero bytes, element type, rank, then one 32-bit extent an axis (LeCun, Cortes and Burges, 1998).
public struct IDXFile: Sendable, Equatable {
  public enum Element: UInt8, Sendable {
    case uint8 = 0x08
    case int8 = 0x09
    case int16 = 0x0B
    case int32 = 0x0C
    case float32 = 0x0D
    case float64 = 0x0E

    /// Bytes an element.
    var width: Int {
      switch self {
      case .uint8, .int8: 1
      case .int16: 2
      case .int32, .float32: 4
      case .float64: 8
      }
    }
  }

  public let element: Element
  /// Extents, outermost first.
  public let shape: [Int]
  /// The elements row-major, as in the file (big-endian).
  public let bytes: [UInt8]

  public init(shape: [Int], bytes: [UInt8]) {
    precondition(shape.reduce(1, *) == bytes.count, "\(bytes.count) bytes for shape \(shape)")
    element = .uint8
    self.shape = shape
    self.bytes = bytes
  }

  /// - Throws: `CajalError` naming file and offset when the file is missing, no IDX file, cut off or too long.
  public init(contentsOf url: URL) throws {
    let file = try GzipFile(url)
    let head = try file.read(exactly: 4, "the header")
    guard head[0] == 0, head[1] == 0, let element = Element(rawValue: head[2]), (1...8).contains(head[3])
    else {
      let found = head.map { String(format: "%02x", $0) }.joined(separator: " ")
      throw CajalError(
        "\(file.path) is no IDX file: byte 0 starts with \(found), expected 00 00, a type and a rank")
    }
    let extents = try file.read(exactly: 4 * Int(head[3]), "the extents")
    shape = (0..<Int(head[3])).map { axis in
      extents[4 * axis..<4 * axis + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    let size = try Self.size(shape, element, file.path)
    bytes = try file.read(exactly: size, "the elements \(shape)")
    guard try file.read(upTo: 1).isEmpty else {
      throw CajalError(
        "\(file.path) goes on after byte \(file.offset - 1), where its elements \(shape) should end")
    }
    self.element = element
  }

  /// The bytes that the header promises, in whole numbers that cannot overflow.
  private static func size(_ shape: [Int], _ element: Element, _ path: String) throws -> Int {
    var size = element.width
    for extent in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard !overflow, product < 1 << 40 else {
        throw CajalError("\(path): a header of shape \(shape) cannot be right")
      }
      size = product
    }
    return size
  }

  /// Writes the file, unpacked.
  ///
  /// - Throws: `CajalError` naming the path.
  public func write(to url: URL) throws {
    var data = Data([0, 0, element.rawValue, UInt8(shape.count)])
    for extent in shape { withUnsafeBytes(of: UInt32(extent).bigEndian) { data.append(contentsOf: $0) } }
    data.append(contentsOf: bytes)
    try AtomicFile.write(data, to: url)
  }
}
