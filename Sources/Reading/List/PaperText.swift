import Foundation

/// Text from files of others, made fit for lines of a terminal, pages and letters.
enum PaperText {
  /// One line: controls and runs of space become single spaces, marks of direction go, letters are composed.
  static func line(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    var space = false
    for scalar in text.precomposedStringWithCanonicalMapping.unicodeScalars {
      if isHidden(scalar) { continue }
      if isSpace(scalar) {
        space = !scalars.isEmpty
        continue
      }
      if space { scalars.append(" ") }
      space = false
      scalars.append(scalar)
    }
    return String(scalars)
  }

  /// Marks that turn the direction of text would let a title rewrite the line that shows it, as controls would.
  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .format && scalar.value != 0x200C && scalar.value != 0x200D
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace
      || [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
  }

  /// Letters and digits alone, without accents and case: what titles are compared by.
  static func folded(_ text: String) -> String {
    words(text).joined()
  }

  /// The words of a text without accents and case.
  static func words(_ text: String) -> [String] {
    // Letters that are not a plain one with an accent.
    let letters: [Unicode.Scalar: String] = [
      "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
    ]
    return SearchWords.cut(text.lowercased().decomposedStringWithCompatibilityMapping).map { word in
      word.unicodeScalars.map { letters[$0] ?? String($0) }.joined()
    }
  }
}
