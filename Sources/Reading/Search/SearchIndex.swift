import Foundation
import StudyCore

/// A paper that was found.
public struct PaperMatch: Sendable {
  public let paper: Catalogue.Entry
  /// How well it fits; larger is better, and only comparable within one search.
  public let score: Double
}

/// A way to find papers of a catalogue.
public protocol SearchIndex {
  /// The papers that fit a question or some words, best first.
  func search(_ query: String, limit: Int) throws -> [PaperMatch]
  /// Papers like one of them, best first, itself left out.
  func similar(to paper: Catalogue.Entry, limit: Int) throws -> [PaperMatch]
}

extension Catalogue.Entry {
  /// What a sentence encoder reads of a paper: what it is called, what it asks, what it gives. Parts that are missing are
  /// passed over.
  public var textForEncoder: String {
    [title, question, summary, topics.joined(separator: ", ")].filter { !$0.isEmpty }.joined(separator: ". ")
  }
}

/// Text cut into words as a reader sees them: letters and digits, in lower case, without accents.
enum SearchWords {
  static func of(_ text: String) -> [String] {
    cut(text.lowercased().decomposedStringWithCanonicalMapping)
  }

  /// The runs of letters and digits of a decomposed text, without its accents.
  static func cut(_ decomposed: String) -> [String] {
    decomposed.unicodeScalars.filter { $0.properties.generalCategory != .nonspacingMark }
      .split { !$0.properties.isAlphabetic && $0.properties.numericType == nil }
      .map { String(String.UnicodeScalarView($0)) }
  }
}
