/// GPT-2's way to write bytes as printable characters: vocabularies and merges are stored in it.
///
/// Bytes 33…126, 161…172 and 174…255 stand for themselves as code points; the other 68, in increasing order, for U+0100,
/// U+0101 and so on: a space is U+0120 `Ġ`, a line feed U+010A `Ċ`.
enum ByteAlphabet {
  /// The byte of each code point below 324, or -1.
  static let byteOfScalar: [Int16] = {
    var table = [Int16](repeating: -1, count: 0x100 + 68)
    var next = 0x100
    for byte in 0..<256 {
      if isPrinted(byte) {
        table[byte] = Int16(byte)
      } else {
        table[next] = Int16(byte)
        next += 1
      }
    }
    return table
  }()

  private static func isPrinted(_ byte: Int) -> Bool {
    (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte)
  }

  /// How the alphabet writes bytes.
  static func written(_ bytes: some Sequence<UInt8>) -> String {
    var scalarOfByte = [Unicode.Scalar](repeating: " ", count: 256)
    for (scalar, byte) in byteOfScalar.enumerated() where byte >= 0 {
      scalarOfByte[Int(byte)] = Unicode.Scalar(UInt32(scalar))!
    }
    var text = String.UnicodeScalarView()
    for byte in bytes { text.append(scalarOfByte[Int(byte)]) }
    return String(text)
  }

  /// Appends the bytes that a written string stands for.
  ///
  /// - Returns: Whether all of it was in the alphabet; nothing is appended otherwise.
  static func appendBytes(
    of written: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8], table: UnsafePointer<Int16>
  ) -> Bool {
    let start = bytes.count
    var index = 0
    while index < written.count {
      var scalar = Int(written[index])
      index += 1
      if scalar >= 0x80 {
        // All of the alphabet takes two bytes of UTF-8 at most.
        guard scalar & 0xE0 == 0xC0, index < written.count else { return reject(&bytes, start) }
        scalar = (scalar & 0x1F) << 6 | Int(written[index]) & 0x3F
        index += 1
      }
      guard scalar < 0x100 + 68, table[scalar] >= 0 else { return reject(&bytes, start) }
      bytes.append(UInt8(table[scalar]))
    }
    return true
  }

  private static func reject(_ bytes: inout [UInt8], _ start: Int) -> Bool {
    bytes.removeSubrange(start...)
    return false
  }
}
