import CHDF5
import Support

/// A Swift number that HDF5 files are read into and written from.
public protocol HDF5Number: Sendable, BitwiseCopyable {
  /// The library's identifier of the type in memory; only for HDF5's own use.
  static var hdf5Native: Int64 { get }
  /// Whether infinity and NaN exist.
  static var isFloatingPoint: Bool { get }
  static var zero: Self { get }
  /// The number if it fits; only for HDF5's own use.
  static func hdf5Exactly(_ value: Int64) -> Self?
  /// The number, rounded if it is no whole one; only for HDF5's own use.
  static func hdf5Exactly(_ value: Double) -> Self?
}

extension HDF5Number where Self: FixedWidthInteger {
  public static var isFloatingPoint: Bool { false }
  public static func hdf5Exactly(_ value: Int64) -> Self? { Self(exactly: value) }
  public static func hdf5Exactly(_ value: Double) -> Self? { Self(exactly: value) }
  public static var hdf5Native: Int64 {
    switch (Self.bitWidth, Self.isSigned) {
    case (8, true): hdf5.int8
    case (16, true): hdf5.int16
    case (32, true): hdf5.int32
    case (64, true): hdf5.int64
    case (8, false): hdf5.uint8
    case (16, false): hdf5.uint16
    case (32, false): hdf5.uint32
    default: hdf5.uint64
    }
  }
}
extension Int: HDF5Number {}
extension Int8: HDF5Number {}
extension Int16: HDF5Number {}
extension Int32: HDF5Number {}
extension Int64: HDF5Number {}
extension UInt8: HDF5Number {}
extension UInt16: HDF5Number {}
extension UInt32: HDF5Number {}
extension UInt64: HDF5Number {}

extension HDF5Number where Self: BinaryFloatingPoint {
  public static var isFloatingPoint: Bool { true }
  public static func hdf5Exactly(_ value: Int64) -> Self? { Self(value) }
  public static func hdf5Exactly(_ value: Double) -> Self? { Self(value) }
}
extension Float: HDF5Number {
  public static var hdf5Native: Int64 { hdf5.binary32 }
}
extension Double: HDF5Number {
  public static var hdf5Native: Int64 { hdf5.binary64 }
}
extension Float16: HDF5Number {
  /// Made once and kept.
  private static let half = HDF5Library.alone { ch5_half() }
  public static var hdf5Native: Int64 { half }
}

/// What the elements of a dataset or attribute are.
public indirect enum HDF5Element: Equatable, Sendable {
  case integer(bytes: Int, signed: Bool)
  case float(bytes: Int)
  /// Text of a fixed number of bytes, or of any length if nil.
  case text(length: Int?)
  /// Rows of different lengths.
  case rows(of: HDF5Element)
  /// A whole number with names for its values; h5py's truth values are one of one byte.
  case enumeration(bytes: Int)
  /// Named fields, in the order of the file.
  case record([String])
  /// Other objects of the file.
  case reference
  /// Anything else: references to parts of arrays, opaque bytes, bit fields, arrays, times.
  case other(String)

  /// Whether numbers can be read from it.
  public var isNumeric: Bool {
    switch self {
    case .integer, .float, .enumeration: true
    default: false
    }
  }

  /// Reads a type of the library.
  init(_ handle: HDF5Handle) throws {
    let type = handle.id
    defer { withExtendedLifetime(handle) {} }
    let what = "the type of an HDF5 object"
    let size = HDF5Library.alone { Int(hdf5.H5Tget_size(type)) }
    let kind = HDF5Library.alone { hdf5.H5Tget_class(type) }
    guard kind != H5T_INTEGER && kind != H5T_FLOAT || Self.hasPossibleBits(type, kind, size) else {
      throw CajalError("\(what) is damaged: its numbers have more bits than bytes hold")
    }
    switch kind {
    case H5T_INTEGER:
      self = .integer(bytes: size, signed: HDF5Library.alone { hdf5.H5Tget_sign(type) } == H5T_SGN_2)
    case H5T_FLOAT: self = .float(bytes: size)
    case H5T_ENUM:
      _ = try HDF5Element(HDF5Handle(what) { hdf5.H5Tget_super(type) })
      self = .enumeration(bytes: size)
    case H5T_STRING:
      self = .text(length: try HDF5Library.check(what) { hdf5.H5Tis_variable_str(type) } > 0 ? nil : size)
    case H5T_VLEN:
      self = .rows(of: try HDF5Element(HDF5Handle(what) { hdf5.H5Tget_super(type) }))
    case H5T_COMPOUND: self = .record(try Self.fields(type))
    case H5T_REFERENCE:
      let isObject = try HDF5Library.check(what) { hdf5.H5Tequal(type, hdf5.reference) } > 0
      self = isObject ? .reference : .other("references to parts")
    case H5T_OPAQUE: self = .other("opaque bytes")
    case H5T_BITFIELD: self = .other("bit fields")
    case H5T_ARRAY: self = .other("arrays")
    default: self = .other("an unknown kind")
    }
  }

  /// Whether the parts of a number lie within its bytes, which the library does not ask before it converts.
  private static func hasPossibleBits(_ type: hid_t, _ kind: H5T_class_t, _ size: Int) -> Bool {
    HDF5Library.alone {
      let bits = Int(hdf5.H5Tget_precision(type))
      guard bits > 0, size <= 16, Int(hdf5.H5Tget_offset(type)) + bits <= 8 * size else { return false }
      guard kind == H5T_FLOAT else { return true }
      var (sign, exponent, exponentSize, mantissa, mantissaSize) = (0, 0, 0, 0, 0)
      _ = hdf5.H5Tget_fields(type, &sign, &exponent, &exponentSize, &mantissa, &mantissaSize)
      return sign < bits && exponentSize > 0 && exponentSize < 32 && exponent + exponentSize <= bits
        && mantissaSize > 0
        && mantissa + mantissaSize <= bits
    }
  }

  private static func fields(_ type: hid_t) throws -> [String] {
    let count = try HDF5Library.check("the fields of an HDF5 record") { hdf5.H5Tget_nmembers(type) }
    let size = HDF5Library.alone { Int(hdf5.H5Tget_size(type)) }
    return try (0..<UInt32(count)).map { index in
      let member = try HDF5Handle("a field of an HDF5 record") { hdf5.H5Tget_member_type(type, index) }
      _ = try HDF5Element(member)
      let (offset, width) = HDF5Library.alone {
        (Int(hdf5.H5Tget_member_offset(type, index)), Int(hdf5.H5Tget_size(member.id)))
      }
      guard offset >= 0, width <= size, offset <= size - width else {
        throw CajalError("field \(index) of an HDF5 record lies outside of it")
      }
      return HDF5Library.alone {
        guard let name = hdf5.H5Tget_member_name(type, index) else { return "" }
        defer { _ = hdf5.H5free_memory(name) }
        return String(cString: name)
      }
    }
  }
}

extension HDF5Element: CustomStringConvertible {
  public var description: String {
    switch self {
    case .integer(let bytes, let signed): "\(signed ? "int" : "uint")\(8 * bytes)"
    case .float(let bytes): "float\(8 * bytes)"
    case .text(let length): length.map { "text of \($0) bytes" } ?? "text"
    case .rows(let element): "rows of \(element)"
    case .enumeration(let bytes): "enumeration of \(bytes) bytes"
    case .record(let fields): "records (\(fields.joined(separator: ", ")))"
    case .reference: "references"
    case .other(let what): what
    }
  }
}
