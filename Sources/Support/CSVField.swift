/// One field of comma-separated values (RFC 4180).
package enum CSVField {
  /// The field as it stands in a line: in quotation marks where it holds a comma, a mark or an end of line.
  ///
  /// Told by bytes: as characters a comma with an accent behind it would be no comma, and a lone line feed not the one of `\r\n`.
  package static func quoted(_ text: String) -> String {
    guard text.utf8.contains(where: { [0x2C, 0x22, 0x0D, 0x0A].contains($0) }) else { return text }
    var bytes: [UInt8] = [0x22]
    for byte in text.utf8 { bytes += byte == 0x22 ? [0x22, 0x22] : [byte] }
    return String(decoding: bytes + [0x22], as: UTF8.self)
  }
}
