import Datasets
import Foundation
import StudyCore

/// The papers that one subscriber has not had yet.
public struct Digest: Sendable {
  /// A paper with all that the letter says of it.
  public struct Item: Sendable {
    public let entry: Catalogue.Entry
    /// Where it can be read.
    public let link: String?
    /// How its claims came out in the run that speaks for it; empty where none ran.
    public let verdicts: [(verdict: Claim.Verdict, count: Int)]
    /// What tells the paper from others, the surest first.
    let keys: [String]

    /// The keys to remember it by: a title alone would also stand for another paper of that title.
    var remembered: [String] {
      keys.first?.hasPrefix("arxiv:") ?? false ? keys.filter { !$0.hasPrefix("title:") } : keys
    }
  }

  /// Papers in one letter at most; the others come with the next.
  public static let most = 100

  public let subscriber: Subscriber
  /// What came last stands first.
  public let items: [Item]
  /// Papers that did not fit in.
  public let left: Int
  public let date: Date

  /// The letter, from `sender`.
  func message(from sender: MailAddress) throws -> MailMessage {
    let recipient = try MailAddress(subscriber.address)
    // Nothing is sent twice, so that a subscriber with the same papers is the same letter.
    let content = ([subscriber.address.lowercased()] + items.compactMap(\.keys.first)).joined(separator: "\n")
    let letter = DigestLetter(self)
    return MailMessage(
      sender: sender, recipient: recipient, subject: letter.subject, date: date,
      identifier: "cajal.\(Fingerprint.of(Data(content.utf8)).prefix(32))@\(sender.domain)",
      text: letter.text,
      html: letter.html)
  }
}

/// Finds what is new for whom.
struct DigestMaker {
  private let list: ReadingList
  private let entries: [Catalogue.Entry]
  private let arrivals: [String: Date]
  private let runs: RunStore?

  /// - Parameter runs: Where verdicts are looked up; nil for none.
  init(_ list: ReadingList, runs: RunStore?) throws {
    (self.list, self.runs) = (list, runs)
    entries = try list.catalogue().entries
    arrivals = try list.arrivals()
  }

  /// What a subscriber has not had yet; nil where that is nothing.
  func digest(for subscriber: Subscriber, now: Date) throws -> Digest? {
    let had = Set(
      try list.database.execute("SELECT key FROM delivered WHERE subscriber=?", [.integer(subscriber.id)])
        .compactMap { $0[0].string })
    var new: [(entry: Catalogue.Entry, keys: [String], came: Date)] = []
    for entry in entries {
      let keys = PaperIdentity.keys(entry)
      guard let key = keys.first, had.isDisjoint(with: keys), let came = arrivals[key],
        came >= subscriber.since,
        subscriber.wants(entry)
      else { continue }
      new.append((entry, keys, came))
    }
    guard !new.isEmpty else { return nil }
    new.sort { ($0.came, $0.entry.published, $0.entry.slug) > ($1.came, $1.entry.published, $1.entry.slug) }
    let items = try new.prefix(Digest.most).map { try item($0.entry, $0.keys) }
    return Digest(subscriber: subscriber, items: items, left: new.count - items.count, date: now)
  }

  private func item(_ entry: Catalogue.Entry, _ keys: [String]) throws -> Digest.Item {
    let verdicts = try runs?.representative(of: entry.slug)?.tally ?? []
    return Digest.Item(entry: entry, link: entry.address, verdicts: verdicts, keys: keys)
  }
}
