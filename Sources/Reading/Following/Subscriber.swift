import Foundation
import StudyCore

/// Who gets new papers, which, and how often.
public struct Subscriber: Sendable, Codable, Equatable {
  public enum Frequency: String, Sendable, Codable, CaseIterable {
    case daily, weekly

    /// Seconds after which the next letter is due: four hours less than the time it is named for, so that a timer that starts
    /// a little earlier than the last time does not skip a turn.
    var interval: Double { (self == .daily ? 24 : 7 * 24) * 3600 - 4 * 3600 }
  }

  /// In the list; never given twice.
  let id: Int
  public let address: String
  public let frequency: Frequency
  /// Empty for all papers.
  public let topics: [String]
  /// Papers that came before are not sent.
  public let since: Date
  public let lastSent: Date?
  /// Papers sent so far.
  public let delivered: Int
  /// Whether a message that could not be sent waits for the next time.
  public let waits: Bool
  /// Failed attempts since the last that succeeded, and how many of them the server called final.
  public let failures, refusals: Int
  /// Why the last attempt failed, and when; nil after one that succeeded.
  public let problem: String?
  public let problemDate: Date?

  /// Whether a letter may be written now.
  public func isDue(_ now: Date) -> Bool {
    lastSent.map { now.timeIntervalSince($0) >= frequency.interval } ?? true
  }

  /// Whether a paper is about one of the topics: of that family, or with all words of the topic at starts of its own.
  public func wants(_ entry: Catalogue.Entry) -> Bool {
    if topics.isEmpty { return true }
    let text = [entry.title, entry.question, entry.summary, entry.family] + entry.topics + entry.authors
    let words = Set(PaperText.words(text.joined(separator: " ")))
    return topics.contains { topic in
      let wanted = PaperText.words(topic)
      return !wanted.isEmpty && wanted.allSatisfy { start in words.contains { $0.hasPrefix(start) } }
    }
  }
}
