import Foundation
import Support

/// A vector of records in NumPy's format for one array: what `np.save` writes of a structured array.
struct StructuredNPY {
  struct Field: Equatable {
    let name: String
    /// NumPy's code, for instance `<i8`.
    let code: String
    let offset: Int
    let width: Int
  }

  let fields: [Field]
  let count: Int
  private let width: Int
  private let records: ByteReader

  /// - Throws: `CajalError` naming the file when it is no such array, cut off or too long.
  init(contentsOf url: URL) throws {
    guard let data = try? Data(contentsOf: url) else { throw CajalError("cannot read \(url.path)") }
    let reader = ByteReader([UInt8](data)[...], url.path)
    guard reader.bytes.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      throw CajalError("\(url.path) is no NPY file: it does not start with NumPy's mark")
    }
    let isWide = try reader.number(6, as: UInt8.self) > 1
    let length = try isWide ? Int(reader.number(8, as: UInt32.self)) : Int(reader.number(8, as: UInt16.self))
    let start = isWide ? 12 : 10
    let header = String(decoding: try reader.part(start, length), as: UTF8.self)
    guard let description = header.firstMatch(of: /'descr'\s*:\s*\[(.*?)\]/)?.1,
      let extent = header.firstMatch(of: /'shape'\s*:\s*\((\d+),\s*\)/).flatMap({ Int($0.1) })
    else { throw CajalError("\(url.path) is no vector of records; its header is \(header.prefix(200))") }
    let fields = try Self.fields(String(description), url.path)
    let width = fields.last.map { $0.offset + $0.width } ?? 0
    let (size, overflow) = extent.multipliedReportingOverflow(by: width)
    guard !overflow, width > 0, size == reader.count - start - length else {
      throw CajalError(
        "\(url.path): \(extent) records of \(width) bytes, but \(reader.count - start - length) bytes follow the header"
      )
    }
    (self.fields, self.width, count) = (fields, width, extent)
    records = ByteReader(try reader.part(start + length, size), url.path)
  }

  private static func fields(_ description: String, _ path: String) throws -> [Field] {
    var offset = 0
    return try description.matches(of: /\('([^']*)',\s*'([<>|=]?)([a-zA-Z?])(\d*)'\)/).map { match in
      let width = match.3 == "?" ? 1 : Int(match.4) ?? 0
      guard match.2 != ">" || width == 1, (1...1024).contains(width) else {
        throw CajalError("\(path): field '\(match.1)' of type \(match.2)\(match.3)\(match.4) is not read")
      }
      defer { offset += width }
      return Field(name: String(match.1), code: "\(match.3)\(width)", offset: offset, width: width)
    }
  }

  /// A field of whole numbers or truth values.
  ///
  /// - Throws: `CajalError` naming file and field when it is something else.
  func wholeNumbers(_ name: String) throws -> [Int64] {
    guard let field = fields.first(where: { $0.name == name }) else {
      throw CajalError("\(records.what) has no field '\(name)'")
    }
    return try (0..<count).map { index in
      let place = index * width + field.offset
      switch field.code {
      case "i1": return Int64(try records.number(place, as: Int8.self))
      case "i2": return Int64(try records.number(place, as: Int16.self))
      case "i4": return Int64(try records.number(place, as: Int32.self))
      case "i8": return try records.number(place, as: Int64.self)
      case "u1", "?1", "b1": return Int64(try records.number(place, as: UInt8.self))
      case "u2": return Int64(try records.number(place, as: UInt16.self))
      case "u4": return Int64(try records.number(place, as: UInt32.self))
      case "u8": return Int64(clamping: try records.number(place, as: UInt64.self))
      default:
        throw CajalError(
          "\(records.what): field '\(name)' has type \(field.code), whole numbers were expected")
      }
    }
  }
}
