import CZlib
import Support

/// Unpacks zlib streams of unknown length.
enum Inflate {
  /// - Throws: `CajalError` with `what` when the stream is damaged or promises more than packing allows.
  static func zlib(_ packed: ArraySlice<UInt8>, _ what: String) throws -> [UInt8] {
    var stream = z_stream()
    guard inflateInit_(&stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw CajalError("\(what): zlib cannot begin")
    }
    defer { inflateEnd(&stream) }
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    var input = [UInt8](packed)
    var status = Z_OK
    try input.withUnsafeMutableBufferPointer { source in
      stream.next_in = source.baseAddress
      stream.avail_in = UInt32(clamping: source.count)
      while status == Z_OK {
        try chunk.withUnsafeMutableBufferPointer { target in
          stream.next_out = target.baseAddress
          stream.avail_out = UInt32(target.count)
          status = inflate(&stream, Z_NO_FLUSH)
          guard status == Z_OK || status == Z_STREAM_END else {
            throw CajalError("\(what) is damaged: zlib says \(status) at unpacked byte \(output.count)")
          }
          output.append(contentsOf: target.prefix(target.count - Int(stream.avail_out)))
        }
      }
    }
    guard status == Z_STREAM_END else { throw CajalError("\(what) is cut off") }
    return output
  }
}
