import Foundation
import Support

/// Walks through the elements of a MAT file: each a type, a length and bytes, padded to eight.
struct MATReader {
  static let matrix = 14
  static let compressed = 15

  private let bytes: ArraySlice<UInt8>
  private var position: Int
  private let isSwapped: Bool
  private let path: String
  /// Cells and records within each other deeper than this are no honest file.
  private let depth: Int

  init(_ bytes: ArraySlice<UInt8>, isSwapped: Bool, path: String, depth: Int = 0) {
    (self.bytes, self.isSwapped, self.path, self.depth) = (bytes, isSwapped, path, depth)
    position = bytes.startIndex
  }

  var isAtEnd: Bool { position >= bytes.endIndex }

  /// The next element.
  mutating func element() throws -> (type: Int, bytes: ArraySlice<UInt8>) {
    let start = position
    let first = try whole(at: position)
    // A small element has its length in the upper half of the first word, and up to four bytes behind it.
    if first >> 16 != 0 {
      let length = Int(first >> 16)
      guard length <= 4, position + 8 <= bytes.endIndex else {
        throw damage("a small element of \(length) bytes", start)
      }
      position += 8
      return (Int(first & 0xFFFF), bytes[start + 4..<start + 4 + length])
    }
    let length = Int(try whole(at: position + 4))
    let from = position + 8
    guard length <= bytes.endIndex - from else {
      throw damage("an element of \(length) bytes where \(bytes.endIndex - from) are left", start)
    }
    // Packed variables are not padded.
    let padded = first == UInt32(Self.compressed) ? length : (length + 7) / 8 * 8
    position = min(from + padded, bytes.endIndex)
    return (Int(first), bytes[from..<from + length])
  }

  private func whole(at place: Int) throws -> UInt32 {
    guard place >= bytes.startIndex, place + 4 <= bytes.endIndex else { throw damage("the end", place) }
    let value = UInt32(bytes[place]) | UInt32(bytes[place + 1]) << 8 | UInt32(bytes[place + 2]) << 16
      | UInt32(bytes[place + 3]) << 24
    return isSwapped ? value.byteSwapped : value
  }

  private func damage(_ what: String, _ place: Int) -> CajalError {
    CajalError("\(path) is damaged: \(what) at byte \(place)")
  }

  /// The content of a matrix element: name and value.
  func variable(_ content: ArraySlice<UInt8>) throws -> (name: String, value: MATValue) {
    guard depth < 64 else { throw CajalError("\(path): cells within cells, 64 deep") }
    guard !content.isEmpty else { return ("", .numbers([], shape: [0, 0], imaginary: [])) }
    var parts = MATReader(content, isSwapped: isSwapped, path: path, depth: depth + 1)
    let flags = try parts.numbers()
    guard let word = flags.first, word >= 0, word < 4_294_967_296 else { throw damage("no array flags", content.startIndex) }
    let (kind, isComplex, isLogical) = (Int(word) & 0xFF, Int(word) & 0x800 != 0, Int(word) & 0x200 != 0)
    // Functions and objects have no extents.
    guard kind <= 15 && kind != 3 else { return (try parts.opaqueName(kind), .other("an object of MATLAB")) }
    let shape = try parts.numbers().map { Int($0) }
    guard shape.count >= 2, shape.allSatisfy({ $0 >= 0 && $0 < 1 << 40 }) else {
      throw damage("extents \(shape)", content.startIndex)
    }
    let name = String(decoding: try parts.element().bytes, as: UTF8.self)
    let value = try parts.value(kind, shape, isComplex: isComplex, isLogical: isLogical, name)
    return (name, value)
  }

  private mutating func opaqueName(_ kind: Int) throws -> String {
    let first = try element()
    return first.type == 1 ? String(decoding: first.bytes, as: UTF8.self) : ""
  }

  private mutating func value(
    _ kind: Int, _ shape: [Int], isComplex: Bool, isLogical: Bool, _ name: String
  ) throws -> MATValue {
    let (count, overflow) = shape.reduce((1, false)) { product, extent in
      let (next, over) = product.0.multipliedReportingOverflow(by: extent)
      return (next, product.1 || over)
    }
    guard !overflow else { throw CajalError("\(path), variable '\(name)': a shape of \(shape) cannot be right") }
    switch kind {
    case 1:
      let cells = try members(count, name)
      return .cell(Self.rowMajor(cells, shape), shape: shape)
    case 2: return try structure(count, shape, name)
    case 4: return .text(Self.rows(try characters(), shape))
    case 5: return try sparse(shape, name)
    default:
      let real = try numbers()
      let imaginary = isComplex ? try numbers() : []
      guard real.count == count, imaginary.isEmpty || imaginary.count == count else {
        throw CajalError("\(path), variable '\(name)': \(real.count) numbers for a shape of \(shape)")
      }
      return .numbers(
        Self.rowMajor(real, shape), shape: shape,
        imaginary: imaginary.isEmpty ? [] : Self.rowMajor(imaginary, shape))
    }
  }

  private mutating func members(_ count: Int, _ name: String) throws -> [MATValue] {
    // Each member takes eight bytes at least.
    guard count <= (bytes.endIndex - position) / 8 else {
      throw CajalError("\(path), variable '\(name)': \(count) members where \(bytes.endIndex - position) bytes are left")
    }
    return try (0..<count).map { index in
      let member = try element()
      guard member.type == Self.matrix else {
        throw CajalError("\(path), variable '\(name)': member \(index) has type \(member.type)")
      }
      return try variable(member.bytes).value
    }
  }

  private mutating func structure(_ count: Int, _ shape: [Int], _ name: String) throws -> MATValue {
    guard let width = try numbers().first.map({ Int($0) }), width > 0, width <= 1_024 else {
      throw CajalError("\(path), variable '\(name)': the names of its fields have no length")
    }
    let text = Array(try element().bytes)
    let fields = stride(from: 0, to: text.count, by: width).map { start in
      String(decoding: text[start..<min(start + width, text.count)].prefix { $0 != 0 }, as: UTF8.self)
    }
    guard count * max(1, fields.count) <= (bytes.endIndex - position) / 8 || fields.isEmpty else {
      throw CajalError("\(path), variable '\(name)': \(count) records of \(fields.count) fields do not fit")
    }
    let values = try members(count * fields.count, name)
    let records = (0..<(fields.isEmpty ? 0 : count)).map { record in
      Dictionary(
        zip(fields, values[record * fields.count..<(record + 1) * fields.count]), uniquingKeysWith: { first, _ in first })
    }
    return .structure(Self.rowMajor(records, fields.isEmpty ? [0, 0] : shape), shape: shape, fields: fields)
  }

  /// Row indices, where columns start, values: made dense.
  private mutating func sparse(_ shape: [Int], _ name: String) throws -> MATValue {
    let (rows, starts, values) = (try numbers(), try numbers(), try numbers())
    guard shape.count == 2, shape[0] * shape[1] <= 1 << 24, starts.count == shape[1] + 1,
      let last = starts.last, last >= 0, Int(last) <= min(rows.count, values.count),
      zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 && $0 >= 0 })
    else { throw CajalError("\(path), variable '\(name)': a sparse matrix of shape \(shape) is damaged") }
    var dense = [Double](repeating: 0, count: shape[0] * shape[1])
    for column in 0..<shape[1] {
      for entry in Int(starts[column])..<Int(starts[column + 1]) {
        guard rows[entry] >= 0, Int(rows[entry]) < shape[0] else {
          throw CajalError("\(path), variable '\(name)': row \(rows[entry]) of \(shape[0])")
        }
        dense[Int(rows[entry]) * shape[1] + column] = values[entry]
      }
    }
    return .numbers(dense, shape: shape, imaginary: [])
  }

  /// An element of numbers of any type.
  private mutating func numbers() throws -> [Double] {
    let start = position
    let part = try element()
    switch part.type {
    case 1: return part.bytes.map { Double(Int8(bitPattern: $0)) }
    case 2, 16: return part.bytes.map(Double.init)
    case 3: return convert(part.bytes, UInt16.self) { Double(Int16(bitPattern: $0)) }
    case 4, 17: return convert(part.bytes, UInt16.self) { Double($0) }
    case 5: return convert(part.bytes, UInt32.self) { Double(Int32(bitPattern: $0)) }
    case 6, 18: return convert(part.bytes, UInt32.self) { Double($0) }
    case 7: return convert(part.bytes, UInt32.self) { Double(Float(bitPattern: $0)) }
    case 9: return convert(part.bytes, UInt64.self) { Double(bitPattern: $0) }
    case 12: return convert(part.bytes, UInt64.self) { Double(Int64(bitPattern: $0)) }
    case 13: return convert(part.bytes, UInt64.self) { Double($0) }
    default: throw damage("an element of type \(part.type) where numbers were expected", start)
    }
  }

  private func convert<Word: FixedWidthInteger>(
    _ bytes: ArraySlice<UInt8>, _: Word.Type, _ body: (Word) -> Double
  ) -> [Double] {
    let width = MemoryLayout<Word>.size
    return bytes.withUnsafeBytes { raw in
      (0..<raw.count / width).map { index in
        let word = raw.loadUnaligned(fromByteOffset: index * width, as: Word.self)
        return body(isSwapped ? word.byteSwapped : word)
      }
    }
  }

  /// Characters, as UTF-16 numbers or UTF-8 bytes, in MATLAB's order.
  private mutating func characters() throws -> [UInt16] {
    let start = position
    let part = try element()
    switch part.type {
    case 1, 2: return part.bytes.map(UInt16.init)
    case 4, 17, 3: return convert(part.bytes, UInt16.self) { Double($0) }.map { UInt16($0) }
    case 16: return Array(String(decoding: part.bytes, as: UTF8.self).utf16)
    default: throw damage("characters of type \(part.type)", start)
    }
  }

  private static func rows(_ characters: [UInt16], _ shape: [Int]) -> [String] {
    let rows = shape[0]
    guard rows > 1 else { return characters.isEmpty && rows == 0 ? [] : [String(decoding: characters, as: UTF16.self)] }
    return (0..<rows).map { row in
      String(
        decoding: stride(from: row, to: characters.count, by: rows).map { characters[$0] }, as: UTF16.self)
    }
  }

  /// MATLAB's first axis runs fastest; here the last does.
  private static func rowMajor<Value>(_ values: [Value], _ shape: [Int]) -> [Value] {
    guard values.count > 1, shape.filter({ $0 > 1 }).count > 1 else { return values }
    var result: [Value] = []
    result.reserveCapacity(values.count)
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in 1..<shape.count { strides[axis] = strides[axis - 1] * shape[axis - 1] }
    var index = [Int](repeating: 0, count: shape.count)
    for _ in values.indices {
      result.append(values[zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }])
      var axis = shape.count - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
        axis -= 1
      }
    }
    return result
  }
}
