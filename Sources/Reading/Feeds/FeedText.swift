import Foundation
import Support

/// Bytes of text files.
enum FeedText {
  /// The bytes in UTF-8, of a file that is not too large.
  static func bytes(of data: Data, _ document: String) throws -> [UInt8] {
    guard data.count <= PaperFile.largest else {
      throw CajalError("\(document) has more than \(PaperFile.largest >> 20) MiB; split it")
    }
    return try UTF8Text.bytes(of: data, document)
  }

  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  static func isLetter(_ byte: UInt8) -> Bool { byte < 0x80 && (0x61...0x7A).contains(byte | 0x20) }

  static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// Whether an entry of BibTeX starts somewhere: an `@` at the start of a line, letters, a brace or parenthesis.
  static func hasEntry(_ bytes: [UInt8]) -> Bool {
    var atStart = true
    for (place, byte) in bytes.enumerated() {
      if byte == UInt8(ascii: "@"), atStart {
        var next = place + 1
        while next < bytes.count, isLetter(bytes[next]) { next += 1 }
        let named = next > place + 1
        while next < bytes.count, isSpace(bytes[next]) { next += 1 }
        if named, next < bytes.count, [UInt8(ascii: "{"), UInt8(ascii: "(")].contains(bytes[next]) {
          return true
        }
      }
      atStart = byte == 0x0A || (atStart && isSpace(byte))
    }
    return false
  }
}
