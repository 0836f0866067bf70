import Foundation

/// Text from outside whose bytes are known to be UTF-8.
package enum UTF8Text {
  /// The bytes in UTF-8, without a mark of their order; XML that says it is in Latin-1 is converted.
  ///
  /// - Parameter document: What messages call it.
  /// - Throws: `CajalError` naming the line of the first byte that is not UTF-8.
  package static func bytes(of data: Data, _ document: String) throws -> [UInt8] {
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

  /// An XML text that says it is in Latin-1: the one other encoding that is still met.
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
}
