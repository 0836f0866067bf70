import Foundation
import StudyCore

/// A paper that a user added to the reading list.
public struct OwnPaper: Sendable, Codable {
  public var entry: Catalogue.Entry
  public var doi: String?
  /// Where it can be read, if not on arXiv.
  public var link: String?
  public var added: Date

  /// As the reading list shows it.
  var listed: Catalogue.Entry {
    var entry = entry
    (entry.doi, entry.link) = (doi, link)
    return entry
  }

  /// What tells it from others, whatever its slug; the first is the surest.
  var keys: [String] { PaperIdentity.keys(listed) }

  /// The family of papers for which the user names none.
  public static let family = "own"
}

/// What a user says of a paper, where it comes in or later; nil leaves as it is.
public struct PaperNotes: Sendable {
  public var summary: String?
  public var question: String?
  public var topics: [String]?
  public var family: String?

  public init(
    summary: String? = nil, question: String? = nil, topics: [String]? = nil, family: String? = nil
  ) {
    (self.summary, self.question, self.topics, self.family) = (summary, question, topics, family)
  }

  public var isEmpty: Bool { summary == nil && question == nil && topics == nil && family == nil }

  func apply(to entry: inout Catalogue.Entry) {
    if let summary { entry.summary = PaperText.line(summary) }
    if let question { entry.question = PaperText.line(question) }
    if let topics { entry.topics = topics.map(PaperText.line).filter { !$0.isEmpty } }
    if let family, case let line = PaperText.line(family), !line.isEmpty { entry.family = line }
  }
}
