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

  /// - Throws: `CajalError` naming the file, and the tensor whose entry is wrong.
  public init(_ url: URL) throws {
    let index = try SafetensorsIndex(url)
    tensors = index.entries.map { ($0.name, index.file.tensor($0.range, $0.type, $0.shape)) }
    metadata = index.metadata
  }

  /// Writes the tensors, each contiguous, in the order given.
  ///
  /// - Throws: `CajalError` naming the path, or a name that stands twice.
  public static func write(_ tensors: NamedTensors, metadata: [String: String] = [:], to url: URL) throws {
    var header: [String: Any] = metadata.isEmpty ? [:] : ["__metadata__": metadata]
    var offset = 0
    let plain = try tensors.map { name, tensor in
      guard header[name] == nil else { throw CajalError("\(url.path): two tensors are called '\(name)'") }
      guard let type = SafetensorsIndex.types.first(where: { $0.type == tensor.elementType })?.name else {
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
}
