import Foundation
import Support

/// What a safetensors file holds and where it lies, checked and mapped, but not yet tensors: weights can be read so without
/// libtorch.
package struct SafetensorsIndex: Sendable {
  /// One tensor's type, shape and place in the file.
  package struct Entry: Sendable {
    package let name: String
    package let type: ElementType
    package let shape: [Int]
    /// Bytes of the file.
    let range: Range<Int>
  }

  let file: MappedFile
  /// In the order in which their elements lie in the file.
  package let entries: [Entry]
  /// Free text that the writer has left.
  let metadata: [String: String]

  /// - Throws: `CajalError` naming the file, and the tensor whose entry is wrong.
  package init(_ url: URL) throws {
    let file = try MappedFile(url)
    let (header, start) = try Self.header(file)
    var found: [(name: String, type: String, shape: [Int], offsets: [Int])] = []
    var metadata: [String: String] = [:]
    for (name, value) in header {
      let fields = value as? [String: Any]
      if name == "__metadata__", let text = fields as? [String: String] {
        metadata = text
      } else if name != "__metadata__", let type = fields?["dtype"] as? String,
        let shape = fields?["shape"] as? [Int], let offsets = fields?["data_offsets"] as? [Int]
      {
        found.append((name, type, shape, offsets))
      } else {
        throw CajalError("\(file.path): the header's entry '\(name)' is not as the format says")
      }
    }
    found.sort { ($0.offsets.first ?? 0, $0.name) < ($1.offsets.first ?? 0, $1.name) }
    var next = 0
    entries = try found.map { entry in
      let place = try Self.place(entry, after: next, in: file.bytes.count - start, file.path)
      next = place.range.upperBound
      return Entry(
        name: entry.name, type: place.type, shape: entry.shape,
        range: place.range.lowerBound + start..<place.range.upperBound + start)
    }
    guard start + next == file.bytes.count else {
      throw CajalError("\(file.path): \(file.bytes.count - start - next) bytes after the last tensor")
    }
    (self.file, self.metadata) = (file, metadata)
  }

  package var path: String { file.path }

  /// The elements of a tensor of 32-bit floats as they lie in the mapped file; they last as long as this value.
  ///
  /// - Throws: `CajalError` naming file and tensor where there is none of this name, or of another type or alignment.
  package func floats(_ name: String) throws -> (start: UnsafePointer<Float>, shape: [Int]) {
    guard let entry = entries.first(where: { $0.name == name }) else {
      throw CajalError("\(path) has no weight '\(name)'")
    }
    let start = file.bytes.baseAddress.map { UnsafeRawPointer($0 + entry.range.lowerBound) }
    guard entry.type == .float32, let start, Int(bitPattern: start) % 4 == 0 else {
      throw CajalError("\(path): weight '\(name)' does not lie there as aligned 32-bit floats")
    }
    return (start.assumingMemoryBound(to: Float.self), entry.shape)
  }

  /// The header as JSON, and where the elements begin.
  private static func header(_ file: MappedFile) throws -> ([String: Any], Int) {
    guard file.bytes.count >= 8 else {
      throw CajalError("\(file.path) is no safetensors file: it has only \(file.bytes.count) bytes")
    }
    let length = file.bytes.loadUnaligned(as: UInt64.self).littleEndian
    guard length <= 100_000_000, Int(length) + 8 <= file.bytes.count else {
      throw CajalError(
        "\(file.path): byte 0 promises a header of \(length) bytes, the file has \(file.bytes.count)")
    }
    let start = 8 + Int(length)
    let json = try? JSONSerialization.jsonObject(with: Data(file.bytes[8..<start]))
    guard let header = json as? [String: Any] else {
      throw CajalError("\(file.path): the header is no JSON object")
    }
    return (header, start)
  }

  /// Checks one entry: known type, elements that lie behind those before and inside the file.
  private static func place(
    _ entry: (name: String, type: String, shape: [Int], offsets: [Int]), after next: Int, in size: Int,
    _ path: String
  ) throws -> (range: Range<Int>, type: ElementType) {
    let name = entry.name
    guard let type = types.first(where: { $0.name == entry.type })?.type else {
      throw CajalError(
        "\(path): tensor '\(name)' has elements of type '\(entry.type)', which is not supported")
    }
    var bytes = type.width
    for extent in entry.shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow else {
        throw CajalError("\(path): tensor '\(name)' has shape \(entry.shape)")
      }
      bytes = product
    }
    guard entry.offsets.count == 2, entry.offsets[0] == next, entry.offsets[1] - next == bytes,
      entry.offsets[1] <= size
    else {
      throw CajalError(
        "\(path): tensor '\(name)' of shape \(entry.shape) lies at \(entry.offsets), expected [\(next), \(next + bytes)] of \(size) bytes"
      )
    }
    return (next..<next + bytes, type)
  }

  static let types: [(name: String, type: ElementType)] = [
    ("F64", .float64), ("F32", .float32), ("F16", .float16), ("BF16", .bfloat16), ("I64", .int64),
    ("I32", .int32),
    ("I16", .int16), ("I8", .int8), ("U8", .uint8), ("BOOL", .bool), ("C64", .complex64), ("U16", .uint16),
    ("U32", .uint32), ("U64", .uint64),
  ]
}
