import Foundation
import StudyCore
import Support

/// A letter that is ready: a new one, or one that could not be sent the last time.
public struct Draft: Sendable {
  public let subscriber: Subscriber
  public let message: Data
  /// How many papers it holds.
  public var papers: Int { keys.count }
  /// Whether it was tried before; it is the same then, byte for byte.
  public let isRetry: Bool
  let identifier: String
  /// What each paper is remembered by.
  let keys: [[String]]
}

/// What became of one letter.
public struct Delivery: Sendable, Codable {
  public enum State: String, Sendable, Codable {
    case sent
    /// It waits for the next time.
    case failed
    /// Nothing was tried, since what failed before would fail again; it is due the next time.
    case notTried = "not tried"
  }

  public let address: String
  public let papers: Int
  public let state: State
  public let reason: String?
  /// Whether the server called the refusal final.
  public let isFinal: Bool
}

/// Writes digests and brings them to the post.
///
/// Before a letter is sent it is in the outbox with its Message-ID; after the server has accepted it, one transaction takes it
/// out and writes down what was delivered. What ends in between, whatever ends it, is sent again, with the same Message-ID.
public struct DigestPost {
  private let list: ReadingList
  private let sender: MailAddress
  private let runs: RunStore?

  /// - Parameters:
  ///   - sender: From whom letters come; nil where nothing is sent.
  ///   - runs: Where verdicts are looked up; nil for none.
  public init(_ list: ReadingList, sender: MailAddress? = nil, runs: RunStore? = nil) throws {
    self.list = list
    self.sender = try sender ?? MailAddress("cajal@localhost")
    self.runs = runs
  }

  /// Letters for those who are due and have something new, and those that wait from before. Changes nothing.
  public func drafts(now: Date = Date()) throws -> [Draft] {
    let maker = try DigestMaker(list, runs: runs)
    return try list.subscribers().compactMap { subscriber in
      if let waiting = try waiting(subscriber) { return waiting }
      guard subscriber.isDue(now), let digest = try maker.digest(for: subscriber, now: now) else {
        return nil
      }
      let message = try digest.message(from: sender)
      return Draft(
        subscriber: subscriber, message: message.data, isRetry: false, identifier: message.identifier,
        keys: digest.items.map(\.remembered))
    }
  }

  /// Writes each letter to an `.eml` file in `folder`.
  ///
  /// - Parameter marksSent: Whether the files are the delivery, for a mailer of the user's own: they count as sent then.
  public func write(_ folder: URL, marksSent: Bool, now: Date = Date()) throws -> [(draft: Draft, file: URL)]
  {
    let lock = try lock()
    defer { lock.release() }
    return try drafts(now: now).map { draft in
      let file = folder.appendingPathComponent("\(draft.identifier.prefix { $0 != "@" }).eml")
      try AtomicFile.write(draft.message, to: file)
      if marksSent { try finish(draft, now) }
      return (draft, file)
    }
  }

  /// Sends each letter; a failure keeps the letter for the next time, and the others go on.
  ///
  /// - Throws: `CajalError` when another digest is under way, or the list cannot be written.
  public func send(
    through server: some MailServer, now: Date = Date()
  ) throws -> [Delivery] {
    let lock = try lock()
    defer { lock.release() }
    var deliveries: [Delivery] = []
    var general: MailFailure?
    for draft in try drafts(now: now) {
      guard let delivery = try deliver(draft, server, now, &general) else { continue }
      deliveries.append(delivery)
    }
    return deliveries
  }

  private func deliver(_ draft: Draft, _ server: some MailServer, _ now: Date, _ general: inout MailFailure?)
    throws
    -> Delivery?
  {
    func delivery(_ state: Delivery.State, _ failure: MailFailure? = nil) -> Delivery {
      Delivery(
        address: draft.subscriber.address, papers: draft.papers, state: state, reason: failure?.message,
        isFinal: failure?.isFinal ?? false)
    }
    if let general { return delivery(.notTried, general) }
    let recipient = try MailAddress(draft.subscriber.address)
    // Someone may have unsubscribed in the meantime.
    guard try begin(draft, now) else { return nil }
    do { try server.send(draft.message, from: sender, to: recipient) } catch let failure as MailFailure {
      try fail(draft, failure, now)
      if failure.concernsAll { general = failure }
      return delivery(.failed, failure)
    }
    do { try finish(draft, now) } catch {
      throw CajalError(
        "the letter to \(recipient) was accepted, which could not be written down (\(error)); it will be sent again with the same Message-ID"
      )
    }
    return delivery(.sent)
  }

  /// One digest at a time: the others would send the same.
  private func lock() throws -> FolderLock {
    let folder = list.home.appendingPathComponent("digests")
    guard let lock = try FolderLock(trying: folder) else {
      throw CajalError(
        "another digest is being written (\(folder.path) is locked); try again when it is done")
    }
    return lock
  }

  // MARK: Outbox

  private func waiting(_ subscriber: Subscriber) throws -> Draft? {
    let rows = try list.database.execute(
      "SELECT message_id, keys, message FROM outbox WHERE subscriber=?", [.integer(subscriber.id)])
    guard let row = rows.first else { return nil }
    guard let identifier = row[0].string, let message = row[2].string,
      let keys = try? JSONDecoder().decode([[String]].self, from: Data((row[1].string ?? "").utf8))
    else { throw CajalError("\(list.database.path) holds a message that cannot be read") }
    return Draft(
      subscriber: subscriber, message: Data(message.utf8), isRetry: true, identifier: identifier, keys: keys)
  }

  /// Puts the letter into the outbox, or counts one more attempt; false where the subscriber is gone.
  private func begin(_ draft: Draft, _ now: Date) throws -> Bool {
    let keys = String(decoding: try JSONEncoder().encode(draft.keys), as: UTF8.self)
    return try list.database.transaction {
      let row = Database.Value.integer(draft.subscriber.id)
      guard try isSubscribed(row) else { return false }
      try list.database.execute(
        """
        INSERT INTO outbox (subscriber, message_id, created, attempts, keys, message) VALUES (?,?,?,1,?,?)
        ON CONFLICT (subscriber) DO UPDATE SET attempts=attempts+1
        """,
        [
          row, .text(draft.identifier), .real(now.timeIntervalSince1970), .text(keys),
          .text(String(decoding: draft.message, as: UTF8.self)),
        ])
      return true
    }
  }

  private func isSubscribed(_ identifier: Database.Value) throws -> Bool {
    try !list.database.execute("SELECT 1 FROM subscriber WHERE id=?", [identifier]).isEmpty
  }

  private func finish(_ draft: Draft, _ now: Date) throws {
    let row = Database.Value.integer(draft.subscriber.id)
    try list.database.transaction {
      // Nothing is kept of someone who has just left.
      guard try isSubscribed(row) else { return }
      for key in draft.keys.joined() {
        try list.database.execute("INSERT OR IGNORE INTO delivered VALUES (?,?)", [row, .text(key)])
      }
      try list.database.execute("DELETE FROM outbox WHERE subscriber=?", [row])
      try list.database.execute(
        "UPDATE subscriber SET last_sent=?, papers=papers+?, failures=0, refusals=0, problem=NULL, problem_date=NULL WHERE id=?",
        [.real(now.timeIntervalSince1970), .integer(draft.papers), row])
    }
  }

  private func fail(_ draft: Draft, _ failure: MailFailure, _ now: Date) throws {
    try list.database.execute(
      "UPDATE subscriber SET failures=failures+1, refusals=refusals+?, problem=?, problem_date=? WHERE id=?",
      [
        .integer(failure.isFinal ? 1 : 0), .text(failure.message), .real(now.timeIntervalSince1970),
        .integer(draft.subscriber.id),
      ])
  }
}
