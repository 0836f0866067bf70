import Foundation
import Support

/// Bytes of text files.
enum FeedText {
  /// The bytes in UTF-8, without a mark of their order.
  ///
  /// - Throws: `CajalError` naming the line of the first byte that is not UTF-8.
  static func bytes(of data: Data, _ document: String) throws -> [UInt8] {
    guard data.count <= PaperFile.largest else {
      throw CajalError("\(document) has more than \(PaperFile.largest >> 20) MiB; split it")
    }
    var bytes = [UInt8](data)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    guard !bytes.starts(with: [0xFE, 0xFF]), !bytes.starts(with: [0xFF, 0xFE]), !bytes.contains(0) else {
      throw CajalError(
        "\(document) is no text in UTF-8 (it holds UTF-16 or bytes of zero); convert it with iconv")
    }
    if declaresLatin1(bytes) {
      return Array(String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) })).utf8)
    }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw CajalError(
        "\(document), line \(line(ofFirstWrong: bytes)): not in UTF-8; convert it, say with iconv -f latin1 -t utf-8"
      )
    }
    return bytes
  }

  /// An XML text that says it is in Latin-1: the one other encoding that feeds still have.
  private static func declaresLatin1(_ bytes: [UInt8]) -> Bool {
    guard bytes.starts(with: Array("<?xml".utf8)) else { return false }
    let head = String(decoding: bytes.prefix { $0 != UInt8(ascii: ">") }.prefix(200), as: UTF8.self)
      .lowercased()
    return head.contains("\"iso-8859-1\"") || head.contains("'iso-8859-1'")
  }

  private static func line(ofFirstWrong bytes: [UInt8]) -> Int {
    var line = 1
    for part in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      if String(validating: part, as: UTF8.self) == nil { return line }
      line += 1
    }
    return line
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
