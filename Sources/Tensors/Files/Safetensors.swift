import Foundation
import Support

/// The safetensors format: a JSON header of names, types and places, then the plain elements.
///
/// Reading maps the file: a tensor's elements are loaded when they are touched, and changes stay in memory.
public struct Safetensors {
  /// In the order in which their elements lie in the file.
  public let tensors: NamedTensors
  /// Free text that the writer has left.
  public let metadata: [String: String]

  private struct Entry: Codable {
    let dtype: String
    let shape: [Int]
    let offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }
  }

  /// - Throws: `CajalError` naming the file, and the tensor whose entry is wrong.
  public init(_ url: URL) throws {
    let file = try MappedFile(url)
    let (header, start) = try Self.header(file)
    var entries: [(name: String, entry: Entry)] = []
    var metadata: [String: String] = [:]
    for (name, value) in header {
      do {
        let data = try JSONSerialization.data(withJSONObject: value, options: .fragmentsAllowed)
        if name == "__metadata__" {
          metadata = try JSONDecoder().decode([String: String].self, from: data)
        } else {
          entries.append((name, try JSONDecoder().decode(Entry.self, from: data)))
        }
      } catch { throw CajalError("\(file.path): the header's entry '\(name)' is not as the format says") }
    }
    entries.sort { ($0.entry.offsets.first ?? 0, $0.name) < ($1.entry.offsets.first ?? 0, $1.name) }
    var next = 0
    tensors = try entries.map { name, entry in
      let place = try Self.place(entry, name, after: next, in: file.bytes.count - start, file.path)
      next = place.range.upperBound
      return (name, file.tensor(place.range.shifted(by: start), place.type, entry.shape))
    }
    guard start + next == file.bytes.count else {
      throw CajalError("\(file.path): \(file.bytes.count - start - next) bytes after the last tensor")
    }
    self.metadata = metadata
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
  private static func place(_ entry: Entry, _ name: String, after next: Int, in size: Int, _ path: String)
    throws
    -> (range: Range<Int>, type: ElementType)
  {
    guard let type = types.first(where: { $0.name == entry.dtype })?.type else {
      throw CajalError(
        "\(path): tensor '\(name)' has elements of type '\(entry.dtype)', which is not supported")
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

  /// Writes the tensors, each contiguous, in the order given.
  ///
  /// - Throws: `CajalError` naming the path, or a name that stands twice.
  public static func write(_ tensors: NamedTensors, metadata: [String: String] = [:], to url: URL) throws {
    var header: [String: Any] = metadata.isEmpty ? [:] : ["__metadata__": metadata]
    var offset = 0
    let plain = try tensors.map { name, tensor in
      guard header[name] == nil else { throw CajalError("\(url.path): two tensors are called '\(name)'") }
      guard let type = types.first(where: { $0.type == tensor.elementType })?.name else {
        throw CajalError(
          "\(url.path): tensor '\(name)' of type \(tensor.elementType) has no place in safetensors")
      }
      let size = tensor.count * tensor.elementType.width
      header[name] = ["dtype": type, "shape": tensor.shape, "data_offsets": [offset, offset + size]]
      offset += size
      return tensor.detached().to(.cpu).contiguous()
    }
    var json = try JSONSerialization.data(
      withJSONObject: header, options: [.sortedKeys, .withoutEscapingSlashes])
    // The elements begin at a multiple of eight bytes, so that they can be mapped.
    json.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - json.count % 8) % 8))
    try AtomicFile.stream(to: url) { handle in
      try handle.write(contentsOf: withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) } + json)
      for tensor in plain where tensor.count > 0 {
        try tensor.withUnsafeBytes {
          try handle.write(
            contentsOf: Data(bytesNoCopy: $0.baseAddress!, count: $0.count, deallocator: .none))
        }
      }
    }
  }

  private static let types: [(name: String, type: ElementType)] = [
    ("F64", .float64), ("F32", .float32), ("F16", .float16), ("BF16", .bfloat16), ("I64", .int64),
    ("I32", .int32),
    ("I16", .int16), ("I8", .int8), ("U8", .uint8), ("BOOL", .bool), ("C64", .complex64), ("U16", .uint16),
    ("U32", .uint32), ("U64", .uint64),
  ]
}

extension Range<Int> {
  fileprivate func shifted(by offset: Int) -> Range<Int> { lowerBound + offset..<upperBound + offset }
}
