import Foundation

/// A line of a message's head, folded and encoded as RFC 5322 and RFC 2047 ask.
struct HeaderField {
  let name: String
  let value: String
  /// Whether the value is made of addresses and other marks that must not be encoded; it is ASCII then.
  var isStructured = false

  /// The field with its CR LF. No value can start a second field: ends of lines become spaces.
  var encoded: String {
    let line = PaperText.line(value)
    let isPlain =
      line.unicodeScalars.allSatisfy { (0x20...0x7E).contains($0.value) } && !line.contains("=?")
      && line.split(separator: " ").allSatisfy { $0.utf8.count <= 60 }
    return (isStructured || isPlain ? folded(line) : words(line)) + "\r\n"
  }

  /// Folded at spaces where it grows beyond 76.
  private func folded(_ line: String) -> String {
    var lines = ["\(name):"]
    for word in line.split(separator: " ") {
      if lines.last!.utf8.count + 1 + word.utf8.count > 76, lines.last! != "\(name):" {
        lines.append(" \(word)")
      } else {
        lines[lines.count - 1] += " \(word)"
      }
    }
    return lines.joined(separator: "\r\n")
  }

  /// Encoded words of base 64, each of whole letters.
  private func words(_ line: String) -> String {
    var words: [[UInt8]] = [[]]
    // 39 bytes become 52 letters; with the frame that fits behind a name of the longest that are used here.
    for character in line.unicodeScalars {
      let bytes = Array(String(character).utf8)
      if words.last!.count + bytes.count > 39 { words.append([]) }
      words[words.count - 1] += bytes
    }
    return "\(name): "
      + words.map { "=?UTF-8?B?\(Data($0).base64EncodedString())?=" }.joined(separator: "\r\n ")
  }
}
