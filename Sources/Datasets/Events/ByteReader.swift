import Support

/// Reads little-endian numbers from bytes of a file, none of them beyond the end.
struct ByteReader {
  let bytes: ArraySlice<UInt8>
  /// What errors call the bytes.
  let what: String

  init(_ bytes: ArraySlice<UInt8>, _ what: String) {
    self.bytes = bytes
    self.what = what
  }

  var count: Int { bytes.count }

  /// The number at `offset` bytes from the start.
  ///
  /// - Throws: `CajalError` naming the file and the offset.
  func number<Number: FixedWidthInteger>(_ offset: Int, as type: Number.Type = Number.self) throws -> Number {
    try check(offset, MemoryLayout<Number>.size)
    let value = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Number.self) }
    return Number(littleEndian: value)
  }

  /// The bytes from `offset` on.
  func part(_ offset: Int, _ count: Int) throws -> ArraySlice<UInt8> {
    try check(offset, count)
    return bytes[bytes.startIndex + offset..<bytes.startIndex + offset + count]
  }

  private func check(_ offset: Int, _ count: Int) throws {
    guard offset >= 0, count >= 0, count <= bytes.count, offset <= bytes.count - count else {
      throw CajalError(
        "\(what) is damaged or cut off: \(count) bytes were expected at byte \(offset) of \(bytes.count)")
    }
  }
}
