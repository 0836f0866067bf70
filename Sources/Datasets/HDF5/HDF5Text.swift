import CHDF5
import Foundation
import Support

/// Texts of datasets and attributes: fixed or variable, both in UTF-8.
enum HDF5Text {
  /// A type of the library, of `length` bytes or variable.
  static func type(_ length: Int?, _ what: String) throws -> HDF5Handle {
    let type = try HDF5Handle(what) { hdf5.H5Tcopy(hdf5.string) }
    try HDF5Library.check(what) { hdf5.H5Tset_size(type.id, length ?? ch5_variable()) }
    try HDF5Library.check(what) { hdf5.H5Tset_cset(type.id, H5T_CSET_UTF8) }
    try HDF5Library.check(what) {
      hdf5.H5Tset_strpad(type.id, length == nil ? H5T_STR_NULLTERM : H5T_STR_NULLPAD)
    }
    return type
  }

  /// Reads `count` texts through `body`, which is given type and place.
  static func read(
    _ length: Int?, count: Int, space: hid_t, _ source: HDF5Source, _ what: String,
    _ body: (hid_t, UnsafeMutableRawPointer) -> herr_t
  ) throws -> [String] {
    guard count > 0 else { return [] }
    if let length { return try readFixed(length, count, source, what, body) }
    return try readVariable(count, space, source, what, body)
  }

  private static func readFixed(
    _ length: Int, _ count: Int, _ source: HDF5Source, _ what: String,
    _ body: (hid_t, UnsafeMutableRawPointer) -> herr_t
  ) throws -> [String] {
    var bytes = [UInt8](repeating: 0, count: try source.bytes(count, of: length, what))
    // ASCII is UTF-8 too, but the library converts between neither: the type must be that of the file.
    let utf8 = try type(length, what)
    let ascii = try type(length, what)
    try HDF5Library.check(what) { hdf5.H5Tset_cset(ascii.id, H5T_CSET_ASCII) }
    try HDF5Library.check("\(what): texts cannot be read") {
      let first = bytes.withUnsafeMutableBytes { body(utf8.id, $0.baseAddress!) }
      return first >= 0 ? first : bytes.withUnsafeMutableBytes { body(ascii.id, $0.baseAddress!) }
    }
    return try (0..<count).map { index in
      let field = bytes[index * length..<(index + 1) * length]
      return try decode(field.prefix { $0 != 0 }, index, what)
    }
  }

  private static func readVariable(
    _ count: Int, _ space: hid_t, _ source: HDF5Source, _ what: String,
    _ body: (hid_t, UnsafeMutableRawPointer) -> herr_t
  ) throws -> [String] {
    _ = try source.bytes(count, of: 16, what)
    var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
    let utf8 = try type(nil, what)
    let ascii = try type(nil, what)
    try HDF5Library.check(what) { hdf5.H5Tset_cset(ascii.id, H5T_CSET_ASCII) }
    defer { _ = HDF5Library.alone { hdf5.H5Dvlen_reclaim(utf8.id, space, ch5_default(), &pointers) } }
    try HDF5Library.check("\(what): texts cannot be read") {
      let first = pointers.withUnsafeMutableBytes { body(utf8.id, $0.baseAddress!) }
      return first >= 0 ? first : pointers.withUnsafeMutableBytes { body(ascii.id, $0.baseAddress!) }
    }
    return try pointers.enumerated().map { index, pointer in
      guard let pointer else { return "" }
      return try decode(UnsafeRawBufferPointer(start: pointer, count: strlen(pointer)), index, what)
    }
  }

  private static func decode(_ bytes: some Collection<UInt8>, _ index: Int, _ what: String) throws -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw CajalError("\(what): text \(index) is not UTF-8")
    }
    return text
  }
}
