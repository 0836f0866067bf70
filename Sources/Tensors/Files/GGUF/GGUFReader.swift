import Foundation
import Support

/// Reads the head of a GGUF file, front to back.
struct GGUFReader {
  private let file: MappedFile
  private var position = 0

  init(_ file: MappedFile) { self.file = file }

  private func failure(_ what: String) -> CajalError { CajalError("\(file.path): byte \(position): \(what)") }

  private var left: Int { file.bytes.count - position }

  private mutating func number<Value: FixedWidthInteger>(_: Value.Type = Value.self) throws -> Value {
    let width = MemoryLayout<Value>.size
    guard left >= width else { throw failure("the file ends inside a number") }
    defer { position += width }
    return Value(littleEndian: file.bytes.loadUnaligned(fromByteOffset: position, as: Value.self))
  }

  /// A length that something of at least `size` bytes a piece follows.
  private mutating func length(_ what: String, size: Int) throws -> Int {
    let value: UInt64 = try number()
    guard value <= UInt64(left / size) else {
      position -= 8
      throw failure("\(value) \(what), but only \(left - 8) bytes follow")
    }
    return Int(value)
  }

  private mutating func place() throws -> Range<Int> {
    let count = try length("bytes of text", size: 1)
    defer { position += count }
    return position..<position + count
  }

  private mutating func string() throws -> String {
    String(decoding: UnsafeRawBufferPointer(rebasing: file.bytes[try place()]), as: UTF8.self)
  }

  mutating func header() throws -> (tensors: Int, values: Int) {
    guard left >= 24, file.bytes.prefix(4).elementsEqual("GGUF".utf8) else {
      throw CajalError("\(file.path) is no GGUF file")
    }
    position = 4
    let version: UInt32 = try number()
    guard version == 2 || version == 3 else {
      let swapped = version.byteSwapped == 3 ? " (a big-endian file)" : ""
      throw CajalError("\(file.path) is GGUF of version \(version)\(swapped), expected 2 or 3, little-endian")
    }
    // A tensor's entry takes at least 24 bytes, a value's 13.
    let tensors = try length("tensors", size: 24)
    return (tensors, try length("metadata values", size: 13))
  }

  mutating func metadata(_ count: Int) throws -> [String: GGUFFile.Value] {
    var values: [String: GGUFFile.Value] = [:]
    for _ in 0..<count {
      let key = try string()
      guard values[key] == nil else { throw failure("the key '\(key.prefix(80))' stands twice") }
      values[key] = try value(type: number(), of: key)
    }
    return values
  }

  private mutating func value(type: UInt32, of key: String) throws -> GGUFFile.Value {
    switch type {
    case 8: return .text(try string())
    case 9: return try list(of: key)
    case 7:
      let value: UInt8 = try number()
      return .flag(value != 0)
    case 6, 12: return .number(try real(type))
    default: return .integer(try whole(type, of: key))
    }
  }

  private mutating func real(_ type: UInt32) throws -> Double {
    type == 6 ? Double(Float(bitPattern: try number())) : Double(bitPattern: try number())
  }

  private mutating func whole(_ type: UInt32, of key: String) throws -> Int {
    switch type {
    case 0: return Int(try number(UInt8.self))
    case 1: return Int(try number(Int8.self))
    case 2: return Int(try number(UInt16.self))
    case 3: return Int(try number(Int16.self))
    case 4: return Int(try number(UInt32.self))
    case 5: return Int(try number(Int32.self))
    case 7: return Int(try number(UInt8.self))
    case 10: return Int(clamping: try number(UInt64.self))
    case 11: return Int(try number(Int64.self))
    default: throw failure("'\(key.prefix(80))' has values of type \(type), which the format does not know")
    }
  }

  private mutating func list(of key: String) throws -> GGUFFile.Value {
    let type: UInt32 = try number()
    let sizes: [UInt32: Int] = [
      0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 8: 8, 10: 8, 11: 8, 12: 8,
    ]
    guard let size = sizes[type] else {
      throw failure("'\(key.prefix(80))' is a list of type \(type), which is not supported")
    }
    let count = try length("elements of '\(key.prefix(80))'", size: size)
    switch type {
    case 8:
      let start = position
      for _ in 0..<count { _ = try place() }
      return .texts(at: start, count: count)
    case 6, 12:
      var values: [Double] = []
      for _ in 0..<count { values.append(try real(type)) }
      return .numbers(values)
    default:
      var values: [Int] = []
      values.reserveCapacity(count)
      for _ in 0..<count { values.append(try whole(type, of: key)) }
      return .integers(values)
    }
  }

  mutating func entries(_ count: Int, alignment: Int) throws -> [GGUFFile.Entry] {
    var found: [(name: String, shape: [Int], format: BlockFormat, offset: UInt64)] = []
    var names = Set<String>()
    for _ in 0..<count {
      let name = try string()
      guard names.insert(name).inserted else { throw failure("two tensors are called '\(name.prefix(80))'") }
      let rank: UInt32 = try number()
      guard rank <= 4 else {
        throw failure("tensor '\(name.prefix(80))' has \(rank) axes, at most 4 are allowed")
      }
      var shape: [Int] = []
      for _ in 0..<rank { shape.append(Int(clamping: try number(UInt64.self))) }
      let code: UInt32 = try number()
      guard let format = BlockFormat(rawValue: code) else {
        throw failure(
          "tensor '\(name.prefix(80))' is stored as type \(code) (\(BlockFormat.name(of: code))), which is not supported; supported are "
            + BlockFormat.allCases.map(\.description).joined(separator: ", "))
      }
      found.append((name, shape.reversed(), format, try number()))
    }
    let start = (position + alignment - 1) / alignment * alignment
    return try found.map { entry in
      let size = try size(entry.shape, entry.format, entry.name)
      let space = max(0, file.bytes.count - start)
      guard entry.offset % UInt64(alignment) == 0, entry.offset <= UInt64(space),
        size <= space - Int(entry.offset)
      else {
        throw CajalError(
          "\(file.path): tensor '\(entry.name.prefix(80))' of \(size) bytes lies at \(entry.offset), the data have \(space) bytes"
        )
      }
      let lower = start + Int(entry.offset)
      return .init(name: entry.name, shape: entry.shape, format: entry.format, range: lower..<lower + size)
    }
  }

  private func size(_ shape: [Int], _ format: BlockFormat, _ name: String) throws -> Int {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent > 0, !overflow, product < 1 << 48 else {
        throw CajalError("\(file.path): tensor '\(name.prefix(80))' has shape \(shape)")
      }
      count = product
    }
    let row = shape.last ?? 1
    guard row % format.elements == 0 else {
      throw CajalError(
        "\(file.path): tensor '\(name.prefix(80))' has rows of \(row), \(format) needs multiples of \(format.elements)"
      )
    }
    return count / format.elements * format.width
  }
}
