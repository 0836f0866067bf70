/// Text as mail carries it, in lines of at most 76 letters of ASCII (RFC 2045, section 6.7).
enum QuotedPrintable {
  /// - Returns: Lines that end with CR LF, whatever ended them before.
  static func encoded(_ text: String) -> String {
    var out = ""
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      out += encodedLine(String(line)) + "\r\n"
    }
    return out
  }

  private static func encodedLine(_ line: String) -> String {
    var lines: [String] = [""]
    let bytes = Array(line.utf8)
    for (index, scalar) in line.unicodeScalars.enumerated() {
      let isLast = index == line.unicodeScalars.count - 1
      var piece = scalar.utf8Pieces(isPlain: isPlain(scalar, isLast: isLast))
      // A dot alone ends a message, "From " starts one in old mailboxes.
      if lines.last!.isEmpty, scalar == "." || (scalar == "F" && bytes.starts(with: Array("From ".utf8))) {
        piece = scalar == "." ? "=2E" : "=46"
      }
      // One place stays for the '=' of a soft end of line; the bytes of a letter stay together.
      if lines.last!.utf8.count + piece.utf8.count > 75 { lines.append("") }
      if lines.last!.isEmpty, piece == "." { piece = "=2E" }
      lines[lines.count - 1] += piece
    }
    return lines.joined(separator: "=\r\n")
  }

  private static func isPlain(_ scalar: Unicode.Scalar, isLast: Bool) -> Bool {
    if scalar == " " || scalar == "\t" { return !isLast }
    return (0x21...0x7E).contains(scalar.value) && scalar != "="
  }
}

extension Unicode.Scalar {
  /// The letter itself, or each of its bytes as `=C3`.
  fileprivate func utf8Pieces(isPlain: Bool) -> String {
    if isPlain { return String(self) }
    return String(self).utf8.map { "=" + ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
      .joined()
  }
}
