import CLZ4
import CZstd
import Support

/// How packets of AEDAT 4 are packed; the numbers are those of the format.
enum EventPacking: Int32 {
  case none = 0
  case lz4 = 1
  case lz4High = 2
  case zstandard = 3
  case zstandardHigh = 4

  /// More than any packet has; a damaged one must not fill the memory.
  private static let largest = 1 << 28

  /// - Throws: `CajalError` with `what` when the bytes are damaged, cut off or become too many.
  func unpack(_ packed: ArraySlice<UInt8>, _ what: String) throws -> [UInt8] {
    switch self {
    case .none: Array(packed)
    case .lz4, .lz4High: try Self.unpackLZ4(packed, what)
    case .zstandard, .zstandardHigh: try Self.unpackZstandard(packed, what)
    }
  }

  private static func unpackLZ4(_ packed: ArraySlice<UInt8>, _ what: String) throws -> [UInt8] {
    var context: OpaquePointer?
    guard LZ4F_isError(LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))) == 0 else {
      throw CajalError("\(what): LZ4 does not start")
    }
    defer { LZ4F_freeDecompressionContext(context) }
    return try stream(packed, what) { target, targetCount, source, sourceCount in
      let hint = LZ4F_decompress(context, target, &targetCount, source, &sourceCount, nil)
      guard LZ4F_isError(hint) == 0 else {
        throw CajalError("\(what) is damaged: \(String(cString: LZ4F_getErrorName(hint)))")
      }
      return hint == 0
    }
  }

  private static func unpackZstandard(_ packed: ArraySlice<UInt8>, _ what: String) throws -> [UInt8] {
    guard let context = ZSTD_createDStream() else { throw CajalError("\(what): Zstandard does not start") }
    defer { ZSTD_freeDStream(context) }
    return try stream(packed, what) { target, targetCount, source, sourceCount in
      var output = ZSTD_outBuffer(dst: target, size: targetCount, pos: 0)
      var input = ZSTD_inBuffer(src: source, size: sourceCount, pos: 0)
      let hint = ZSTD_decompressStream(context, &output, &input)
      guard ZSTD_isError(hint) == 0 else {
        throw CajalError("\(what) is damaged: \(String(cString: ZSTD_getErrorName(hint)))")
      }
      (targetCount, sourceCount) = (output.pos, input.pos)
      return hint == 0
    }
  }

  /// Unpacks piece by piece; `step` is given room and bytes, says how much of both it used and whether the
  /// frame is complete.
  private static func stream(
    _ packed: ArraySlice<UInt8>, _ what: String,
    _ step: (UnsafeMutableRawPointer, inout Int, UnsafeRawPointer, inout Int) throws -> Bool
  ) throws -> [UInt8] {
    guard !packed.isEmpty else { throw CajalError("\(what) is empty") }
    var unpacked: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    var (position, isComplete) = (packed.startIndex, false)
    while !isComplete {
      var (room, left) = (piece.count, packed.endIndex - position)
      isComplete = try piece.withUnsafeMutableBytes { target in
        try packed.withUnsafeBytes { source in
          try step(
            target.baseAddress!, &room, source.baseAddress! + (position - packed.startIndex), &left)
        }
      }
      position += left
      unpacked += piece.prefix(room)
      guard isComplete || room > 0 || left > 0 else { throw CajalError("\(what) is cut off") }
      guard unpacked.count <= largest else {
        throw CajalError("\(what) becomes larger than \(largest) bytes")
      }
    }
    return unpacked
  }
}
