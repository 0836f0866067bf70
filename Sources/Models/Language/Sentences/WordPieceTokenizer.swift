import Foundation
import Support

/// BERT's tokenizer: words in lower case without accents, cut into the longest pieces that the vocabulary has; pieces inside
/// a word begin with `##` (Devlin et al., 2019).
public struct WordPieceTokenizer: Sendable {
  private let places: [String: Int]
  private let unknown, first, last: Int
  /// How many pieces there are; all numbers of pieces lie below.
  let count: Int

  /// - Parameter file: `vocab.txt`, a piece a line.
  /// - Throws: `CajalError` naming the file when it cannot be read or lacks a special piece.
  public init(vocabulary file: URL) throws {
    guard let text = try? String(contentsOf: file, encoding: .utf8) else {
      throw CajalError("cannot read \(file.path) as text in UTF-8")
    }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let places = Dictionary(
      lines.enumerated().map { (String($1), $0) }, uniquingKeysWith: { first, _ in first })
    self.places = places
    // The last line may have an end.
    count = lines.last?.isEmpty == true ? lines.count - 1 : lines.count
    func special(_ piece: String) throws -> Int {
      guard let found = places[piece] else { throw CajalError("\(file.path) has no piece '\(piece)'") }
      return found
    }
    (unknown, first, last) = (try special("[UNK]"), try special("[CLS]"), try special("[SEP]"))
  }

  /// The pieces of a text between the marks of its beginning and its end, `limit` in all at most.
  public func encode(_ text: String, limit: Int = 256) -> [Int] {
    let pieces = words(text).flatMap(pieces)
    return [first] + pieces.prefix(limit - 2) + [last]
  }

  /// Runs of letters and digits, and signs by themselves.
  private func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    func finish() {
      if !word.isEmpty { words.append(word) }
      word = ""
    }
    for scalar in text.lowercased().decomposedStringWithCanonicalMapping.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .format: continue
      case _ where scalar.properties.isWhitespace: finish()
      case .control: continue
      case _ where Self.isSign(scalar):
        finish()
        words.append(String(scalar))
      default: word.unicodeScalars.append(scalar)
      }
    }
    finish()
    return words
  }

  /// Punctuation, all signs of ASCII, and ideographs, which BERT takes one by one.
  private static func isSign(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return !scalar.properties.isAlphabetic && !(48...57).contains(scalar.value) }
    switch scalar.properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      return true
    default: return scalar.properties.isIdeographic
    }
  }

  private func pieces(_ word: String) -> [Int] {
    let letters = Array(word.unicodeScalars)
    guard letters.count <= 100 else { return [unknown] }
    var pieces: [Int] = []
    var start = 0
    while start < letters.count {
      let found = (start + 1...letters.count).reversed().lazy.compactMap { end -> (Int, Int)? in
        var piece = start > 0 ? "##" : ""
        piece.unicodeScalars.append(contentsOf: letters[start..<end])
        return self.places[piece].map { ($0, end) }
      }.first
      guard let (piece, end) = found else { return [unknown] }
      pieces.append(piece)
      start = end
    }
    return pieces
  }
}
