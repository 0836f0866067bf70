import Foundation
import StudyCore
import Support

extension ReadingList {
  /// Adds a subscriber, or changes one who is there: what was sent is remembered.
  ///
  /// - Parameters:
  ///   - topics: Families or words; empty for all papers.
  ///   - since: Papers that came from then on; for one who is there, nil leaves it as it is, for a new one it is `now`.
  /// - Returns: The subscriber, and whether they are new.
  public func subscribe(
    _ address: MailAddress, topics: [String], frequency: Subscriber.Frequency, since: Date? = nil,
    now: Date = Date()
  ) throws -> (subscriber: Subscriber, isNew: Bool) {
    let topics = topics.map(PaperText.line).filter { !$0.isEmpty }
    if let empty = topics.first(where: { PaperText.words($0).isEmpty || $0.count > 100 }) {
      throw CajalError("'\(empty.prefix(40))' is no topic; expected words, such as 'spiking' or 'worm'")
    }
    return try database.transaction {
      let isNew = try subscriber(address) == nil
      let text = String(decoding: try JSONEncoder().encode(topics), as: UTF8.self)
      let since = since?.timeIntervalSince1970
      try database.execute(
        """
        INSERT INTO subscriber (address, frequency, topics, since) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (address) DO UPDATE SET frequency=?2, topics=?3, since=ifnull(?5, since), failures=0, refusals=0,
          problem=NULL, problem_date=NULL
        """,
        [
          .text(address.description), .text(frequency.rawValue), .text(text),
          .real(since ?? now.timeIntervalSince1970), since.map { .real($0) } ?? .null,
        ])
      return (try subscriber(address)!, isNew)
    }
  }

  /// Takes a subscriber off the list, with what waits for them.
  ///
  /// - Returns: Whether there was one.
  public func unsubscribe(_ address: MailAddress) throws -> Bool {
    let wasThere = try database.transaction {
      guard let subscriber = try subscriber(address) else { return false }
      for table in ["delivered", "outbox"] {
        try database.execute("DELETE FROM \(table) WHERE subscriber=?", [.integer(subscriber.id)])
      }
      try database.execute("DELETE FROM subscriber WHERE id=?", [.integer(subscriber.id)])
      return true
    }
    // Nor does it stay in the log of changes.
    if wasThere { try database.execute("PRAGMA wal_checkpoint(TRUNCATE)") }
    return wasThere
  }

  /// Everyone, by address.
  public func subscribers() throws -> [Subscriber] { try subscribers(where: "TRUE", []) }

  func subscriber(_ address: MailAddress) throws -> Subscriber? {
    try subscribers(where: "address=?", [.text(address.description)]).first
  }

  private func subscribers(where condition: String, _ values: [Database.Value]) throws -> [Subscriber] {
    let rows = try database.execute(
      """
      SELECT id, address, frequency, topics, since, last_sent, failures, refusals, problem, problem_date,
        papers,
        (SELECT count(*) FROM outbox WHERE outbox.subscriber=id)
      FROM subscriber WHERE \(condition) ORDER BY address
      """, values)
    return try rows.map { row in
      guard let frequency = Subscriber.Frequency(rawValue: row[2].string ?? ""),
        let topics = try? JSONDecoder().decode([String].self, from: Data((row[3].string ?? "").utf8))
      else { throw CajalError("\(database.path) holds a subscriber that cannot be read") }
      func date(_ value: Database.Value) -> Date? { value.double.map { Date(timeIntervalSince1970: $0) } }
      return Subscriber(
        id: row[0].int ?? 0, address: row[1].string ?? "", frequency: frequency, topics: topics,
        since: date(row[4]) ?? .distantPast, lastSent: date(row[5]), delivered: row[10].int ?? 0,
        waits: row[11].int != 0, failures: row[6].int ?? 0, refusals: row[7].int ?? 0, problem: row[8].string,
        problemDate: date(row[9]))
    }
  }
}
