/// One identifier a line, or several with spaces or commas between; `#` and `%` start remarks.
enum IdentifierList {
  static func read(_ bytes: [UInt8]) -> PaperFile {
    var references: [PaperReference] = []
    var refusals: [Refusal] = []
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      let text = String(
        decoding: line.prefix { $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: "%") }, as: UTF8.self)
      for word in text.split(whereSeparator: { $0.isWhitespace || $0 == "," || $0 == ";" }) {
        guard let identifier = ArXivIdentifier(String(word)) else {
          guard refusals.count < Refusal.most else {
            return PaperFile(.identifiers, references, refusals + [.rest(from: index + 1)])
          }
          refusals.append(
            Refusal(
              line: index + 1, name: String(PaperText.line(String(word)).prefix(80)),
              reason: "no identifier of arXiv, such as 2306.16922 or cs/0112017"))
          continue
        }
        references.append(PaperReference(identifier, line: index + 1))
      }
    }
    return PaperFile(.identifiers, references, refusals)
  }
}
