import Foundation
import Reading
import StudyCore
import Support

/// `cajal papers subscribe`, `unsubscribe`, `subscribers` and `digest`
extension PapersCommand {
  static let following = [
    CommandSyntax(
      name: "papers subscribe", operands: "ADDRESS",
      summary: "Get new papers in your inbox; again, to change what.",
      flags: [
        .init(name: "topics", value: "A,B", help: "families or words; all papers without"),
        .init(name: "daily", value: nil, help: "a letter a day at most"),
        .init(name: "weekly", value: nil, help: "a letter a week at most (the default)"),
        .init(
          name: "since", value: "DATE",
          help: "papers that came from that day on, 2026-01-31; from now on without"),
        Commands.json,
      ],
      examples: [
        (
          "cajal papers subscribe me@example.org --topics spiking,worm --daily",
          "a letter on days that bring some"
        ),
        ("cajal papers subscribe me@example.org --since 2025-01-01", "the first with all papers since then"),
      ]),
    CommandSyntax(
      name: "papers unsubscribe", operands: "ADDRESS…", summary: "Stop the letters to an address.", flags: [],
      examples: [("cajal papers unsubscribe me@example.org", "nothing of the address is kept")]),
    CommandSyntax(
      name: "papers subscribers", operands: "", summary: "Who gets letters, about what, and what went wrong.",
      flags: [Commands.json],
      examples: [("cajal papers subscribers", "one a line, with refusals of their mail servers")]),
    CommandSyntax(
      name: "papers digest", operands: "", summary: "Write the letters that are due, or send them.",
      flags: [
        .init(
          name: "send", value: nil, help: "through the mail server in CAJAL_SMTP_URL, from CAJAL_SMTP_FROM"),
        .init(name: "out", value: "DIR", help: "where .eml files go; Cajal's folder by default"),
        .init(
          name: "mark-sent", value: nil, help: "the files count as sent: a mailer of your own takes them"),
        .init(name: "dry-run", value: nil, help: "say who would get what, and write nothing"),
        Commands.json,
      ],
      examples: [
        ("cajal papers digest --out letters", "look at them; nothing counts as sent"),
        (
          "CAJAL_SMTP_URL=smtp://mail.example.org CAJAL_SMTP_FROM=me@example.org cajal papers digest --send",
          "send them, by a timer say; user and password from CAJAL_SMTP_USER and CAJAL_SMTP_PASSWORD"
        ),
      ]),
  ]

  // MARK: Subscribers

  static func subscribe(_ arguments: Arguments) throws -> Int32 {
    guard arguments.operands.count == 1 else {
      throw UsageError("whose address? expected 'cajal papers subscribe ADDRESS'")
    }
    if arguments.has("daily"), arguments.has("weekly") {
      throw UsageError("--daily and --weekly exclude each other")
    }
    let since = try arguments.value("since").map { text in
      guard let date = ReadingList.day(text) else {
        throw UsageError("--since is '\(text)', expected a date such as 2026-01-31")
      }
      return date
    }
    let address = try address(arguments.operands[0])
    let (subscriber, isNew) = try ReadingList().subscribe(
      address, topics: list(arguments.value("topics")) ?? [],
      frequency: arguments.has("daily") ? .daily : .weekly,
      since: since)
    if arguments.has("json") {
      try printJSON(subscriber)
    } else {
      print("\(isNew ? "subscribed" : "changed")  \(line(subscriber))")
    }
    return 0
  }

  private static func address(_ text: String) throws -> MailAddress {
    do { return try MailAddress(text) } catch let error as CajalError { throw UsageError(error.message) }
  }

  private static func line(_ subscriber: Subscriber) -> String {
    let topics = subscriber.topics.isEmpty ? "all papers" : subscriber.topics.joined(separator: ", ")
    return "\(subscriber.address)  \(subscriber.frequency.rawValue)  \(topics)"
  }

  static func unsubscribe(_ arguments: Arguments) throws -> Int32 {
    guard !arguments.operands.isEmpty else {
      throw UsageError("whose address? expected 'cajal papers unsubscribe ADDRESS'")
    }
    let list = try ReadingList()
    var code: Int32 = 0
    for address in try arguments.operands.map(address) {
      if try list.unsubscribe(address) {
        print("unsubscribed  \(address)")
      } else {
        say(
          "cajal: nobody subscribed as \(address)\(suggestion("\(address)", among: try list.subscribers().map(\.address)))"
        )
        code = 1
      }
    }
    return code
  }

  static func subscribers(_ arguments: Arguments) throws -> Int32 {
    guard arguments.operands.isEmpty else { throw UsageError("'cajal papers subscribers' takes no names") }
    let subscribers = try ReadingList().subscribers()
    if arguments.has("json") {
      try printJSON(subscribers)
      return 0
    }
    for subscriber in subscribers {
      let last = subscriber.lastSent.map { "last letter \($0.formatted(.iso8601))" } ?? "no letter yet"
      print("\(line(subscriber))  \(subscriber.delivered) papers sent, \(last)")
      guard let problem = subscriber.problem else { continue }
      let final = subscriber.refusals > 0 ? ", \(subscriber.refusals) of them final" : ""
      print("    \(subscriber.failures) failed since\(final): \(problem)")
    }
    say("\(subscribers.count) \(subscribers.count == 1 ? "subscriber" : "subscribers")")
    return 0
  }

  // MARK: Digests

  private struct Row: Encodable {
    let address: String
    let papers: Int
    let state: String
    var reason: String?
    var file: String?
  }

  static func digest(_ arguments: Arguments) throws -> Int32 {
    guard arguments.operands.isEmpty else {
      throw UsageError(
        "'cajal papers digest' takes no names; 'cajal papers subscribers' lists who gets letters")
    }
    let isSent = arguments.has("send")
    for other in ["out", "mark-sent"] where isSent && arguments.has(other) {
      throw UsageError("--send and --\(other) exclude each other: letters are sent, or written to files")
    }
    let list = try ReadingList()
    let runs = FileManager.default.fileExists(atPath: list.home.appendingPathComponent("runs.sqlite").path)
    let settings = isSent && !arguments.has("dry-run") ? try SMTPSettings() : nil
    let post = try DigestPost(
      list, sender: try settings?.sender ?? sender(), runs: runs ? RunStore(home: list.home) : nil)
    let rows: [Row]
    if arguments.has("dry-run") {
      rows = try post.drafts().map {
        Row(address: $0.subscriber.address, papers: $0.papers, state: $0.isRetry ? "waits" : "due")
      }
    } else if let settings {
      rows = try send(post, settings)
    } else {
      let folder =
        arguments.value("out").map { URL(fileURLWithPath: $0) } ?? list.home.appendingPathComponent("digests")
      rows = try post.write(folder, marksSent: arguments.has("mark-sent")).map {
        Row(
          address: $0.draft.subscriber.address, papers: $0.draft.papers, state: "written", file: $0.file.path)
      }
    }
    if arguments.has("json") { try printJSON(rows) } else { show(rows, try list.subscribers().count) }
    return rows.allSatisfy { $0.reason == nil } ? 0 : 1
  }

  private static func sender() throws -> MailAddress? {
    try ProcessInfo.processInfo.environment[SMTPSettings.Name.sender].flatMap {
      $0.isEmpty ? nil : try MailAddress($0)
    }
  }

  private static func send(_ post: DigestPost, _ settings: SMTPSettings) throws -> [Row] {
    try post.send(through: SMTPServer(settings)).map {
      Row(address: $0.address, papers: $0.papers, state: $0.state.rawValue, reason: $0.reason)
    }
  }

  private static func show(_ rows: [Row], _ subscribers: Int) {
    let width = rows.map(\.address.count).max() ?? 0
    for row in rows {
      let papers = "\(row.papers) \(row.papers == 1 ? "paper" : "papers")"
      let tail = [row.file, row.reason].compactMap { $0 }.map { "  \($0)" }.joined()
      print("\(pad(row.state, 9))  \(pad(row.address, width))  \(papers)\(tail)")
    }
    if rows.isEmpty {
      say("nothing is due for \(subscribers) \(subscribers == 1 ? "subscriber" : "subscribers")")
    }
    if rows.contains(where: { $0.reason != nil }) { say("what was not sent waits for the next time") }
  }
}
