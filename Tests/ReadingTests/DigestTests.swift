import Foundation
import Reading
import StudyCore
import Support
import TestSupport
import Testing

/// A server that remembers, and fails as it is told.
final class FakeServer: MailServer, @unchecked Sendable {
  private let lock = NSLock()
  private var letters: [(to: String, message: Data)] = []
  var failing: (String) -> MailFailure? = { _ in nil }

  var sent: [(to: String, message: Data)] { lock.withLock { letters } }
  func texts(to address: String) -> [String] {
    sent.filter { $0.to == address }.map { String(decoding: $0.message, as: UTF8.self) }
  }

  func send(_ message: Data, from sender: MailAddress, to recipient: MailAddress) throws {
    if let failure = failing(recipient.description) { throw failure }
    lock.withLock { letters.append((recipient.description, message)) }
  }
}

@Suite struct DigestTests {
  let scratch = Scratch()
  let server = FakeServer()

  private func list(_ catalogue: Catalogue = packaged(), now: Date = day(1)) throws -> ReadingList {
    try ReadingList(home: scratch.url, packaged: catalogue, now: now)
  }

  private func subscribe(
    _ address: String, _ topics: [String] = [], _ frequency: Subscriber.Frequency = .daily, since: Date? = nil
  ) throws {
    _ = try list().subscribe(
      MailAddress(address), topics: topics, frequency: frequency, since: since, now: day(1))
  }

  private func add(_ title: String, _ now: Date = day(2)) throws {
    _ = try list().add([reference(title)], now: now)
  }

  @discardableResult
  private func send(_ now: Date) throws -> [Delivery] {
    try DigestPost(list(), sender: MailAddress("list@example.org")).send(through: server, now: now)
  }

  private func subscriber(_ address: String) throws -> Subscriber {
    try #require(try list().subscribers().first { $0.address == address })
  }

  @Test func whatIsNewIsSentOnce() throws {
    try subscribe("ada@example.org")
    #expect(try send(day(2)).isEmpty)
    try add("First paper")
    #expect(try send(day(2, hours: 1)).map(\.state) == [.sent])
    #expect(try send(day(2, hours: 2)).isEmpty && send(day(3)).isEmpty)
    try add("Second paper", day(3))
    #expect(try send(day(3, hours: 1)).map(\.papers) == [1])
    let texts = server.texts(to: "ada@example.org")
    #expect(texts.count == 2 && texts[0].contains("First paper") && !texts[0].contains("Second paper"))
    #expect(!texts[1].contains("First paper") && !texts[0].contains("sdr-dendrites"))
    let ada = try subscriber("ada@example.org")
    #expect(ada.delivered == 2 && ada.lastSent == day(3, hours: 1) && !ada.waits && ada.failures == 0)
  }

  @Test func dailyAndWeeklyComeWhenTheyAreDue() throws {
    try subscribe("daily@example.org")
    try subscribe("weekly@example.org", [], .weekly)
    for number in 2...18 {
      try add("Paper of day \(number)", day(number))
      // A timer that comes a few minutes early and late in turns skips no day.
      try send(day(number, hours: number % 2 == 0 ? 1 : 0.9))
      try send(day(number, hours: 3))
    }
    #expect(server.texts(to: "daily@example.org").count == 17)
    #expect(server.texts(to: "weekly@example.org").count == 3)
    #expect(
      try subscriber("weekly@example.org").delivered == 15 && subscriber("daily@example.org").delivered == 17)
  }

  @Test func topicsAndSinceChoosePapers() throws {
    let list = try list()
    func number(_ topics: [String], since: String? = "2000-01-01") throws -> Int {
      _ = try list.unsubscribe(MailAddress("a@b.c"))
      _ = try list.subscribe(
        MailAddress("a@b.c"), topics: topics, frequency: .daily, since: since.flatMap(ReadingList.day),
        now: day(1))
      return try DigestPost(list).drafts(now: day(2)).first?.papers ?? 0
    }
    #expect(try number([]) == 2 && number([], since: nil) == 0 && number([], since: "2020") == 1)
    #expect(try number(["brains"]) == 1 && number(["Dendrit"]) == 2 && number(["worms"]) == 1)
    #expect(
      try number(["sparse code"]) == 1 && number(["sparse worms"]) == 0 && number(["sparse", "worm"]) == 2)
    #expect(message { _ = try number(["…"]) }.contains("is no topic"))
  }

  @Test func aFailedLetterWaitsAndLosesNobody() throws {
    for name in ["ada", "bob", "cyd"] { try subscribe("\(name)@example.org") }
    try add("First paper")
    server.failing = { $0.hasPrefix("bob") ? MailFailure("mail.test:25: the server said '451 later'") : nil }
    #expect(try send(day(2)).map(\.state) == [.sent, .failed, .sent])
    let first = try subscriber("bob@example.org")
    #expect(first.waits && first.failures == 1 && first.refusals == 0 && first.problem!.contains("451 later"))
    let waiting = try DigestPost(list()).drafts(now: day(2))
    #expect(waiting.count == 1 && waiting[0].isRetry)
    try add("Second paper", day(2, hours: 1))
    server.failing = {
      $0.hasPrefix("bob") ? MailFailure(isFinal: true, "mail.test:25: 550 no such mailbox") : nil
    }
    #expect(try send(day(2, hours: 2)).map(\.isFinal) == [true])
    #expect(try subscriber("bob@example.org").failures == 2 && subscriber("bob@example.org").refusals == 1)
    server.failing = { _ in nil }
    // The same letter, byte for byte, then what came since.
    #expect(try send(day(2, hours: 3)).map(\.address) == ["bob@example.org"])
    #expect(server.sent.last!.message == waiting[0].message)
    #expect(try send(day(3, hours: 4)).map(\.papers) == [1, 1, 1])
    let bob = try subscriber("bob@example.org")
    #expect(bob.delivered == 2 && bob.failures == 0 && bob.refusals == 0 && bob.problem == nil)
    #expect(server.texts(to: "bob@example.org").count == 2)
  }

  @Test func whatConcernsAllIsNotTriedForEveryone() throws {
    for name in ["ada", "bob", "cyd"] { try subscribe("\(name)@example.org") }
    try add("First paper")
    server.failing = { _ in MailFailure(concernsAll: true, "mail.test:25 cannot be reached") }
    #expect(try send(day(2)).map(\.state) == [.failed, .notTried, .notTried])
    server.failing = { _ in nil }
    #expect(try send(day(2, hours: 1)).map(\.state) == [.sent, .sent, .sent])
  }

  /// What ends between acceptance and its record is sent again, with the same Message-ID.
  @Test func anUnrecordedAcceptanceRepeatsTheSameLetter() throws {
    try subscribe("ada@example.org")
    try add("First paper")
    let post = try DigestPost(list(), sender: MailAddress("list@example.org"))
    struct Crash: Error {}
    struct Crashing: MailServer {
      let server: FakeServer
      func send(_ message: Data, from sender: MailAddress, to recipient: MailAddress) throws {
        try server.send(message, from: sender, to: recipient)
        throw Crash()
      }
    }
    #expect(throws: Crash.self) { try post.send(through: Crashing(server: server), now: day(2)) }
    try add("Second paper", day(2, hours: 1))
    try send(day(2, hours: 2))
    #expect(server.sent.count == 2 && server.sent[0].message == server.sent[1].message)
    #expect(try send(day(2, hours: 3)).isEmpty)
    #expect(try send(day(4)).map(\.papers) == [1])
  }

  @Test func twoDigestsAtOnceSendEachLetterOnce() throws {
    for index in 0..<20 { try subscribe("reader\(index)@example.org") }
    try add("First paper")
    let (home, server) = (scratch.url, server)
    let outcomes = parallelMap(6) { _ -> String in
      message {
        let list = try ReadingList(home: home, packaged: packaged())
        _ = try DigestPost(list).send(through: server, now: day(2))
      }
    }
    #expect(server.sent.count == 20 && Set(server.sent.map(\.to)).count == 20)
    #expect(
      outcomes.allSatisfy { $0 == "nothing was thrown" || $0.contains("another digest is being written") })
    #expect(outcomes.contains("nothing was thrown"))
  }

  @Test func someoneWhoLeavesGetsNothingAndIsForgotten() throws {
    try subscribe("ada@example.org")
    try add("First paper")
    server.failing = { _ in MailFailure("no") }
    try send(day(2))
    #expect(try list().unsubscribe(MailAddress("ADA@example.org")))
    #expect(try !list().unsubscribe(MailAddress("ada@example.org")))
    server.failing = { _ in nil }
    #expect(try send(day(3)).isEmpty && list().subscribers().isEmpty)
    // One who leaves while letters go out.
    try subscribe("bob@example.org", since: day(1))
    try subscribe("cyd@example.org", since: day(1))
    let home = scratch.url
    server.failing = { address in
      if address.hasPrefix("bob") {
        _ = try? ReadingList(home: home, packaged: packaged()).unsubscribe(MailAddress("cyd@example.org"))
      }
      return nil
    }
    #expect(try send(day(3)).map(\.address) == ["bob@example.org"])
    for name in ["papers.sqlite", "papers.sqlite-wal"] {
      let bytes = (try? Data(contentsOf: scratch.url.appendingPathComponent(name))) ?? Data()
      #expect(bytes.range(of: Data("ada@example.org".utf8)) == nil, "\(name)")
    }
  }

  @Test func subscribingAgainChangesTopicsAndRepeatsNothing() throws {
    try subscribe("ada@example.org", ["worm"])
    try add("A worm paper")
    try add("Another paper")
    #expect(try send(day(2)).map(\.papers) == [1])
    let (changed, isNew) = try list().subscribe(MailAddress("Ada@Example.org"), topics: [], frequency: .daily)
    #expect(!isNew && changed.topics.isEmpty && changed.since == day(1) && changed.delivered == 1)
    #expect(try send(day(3)).map(\.papers) == [1])
  }

  @Test func papersThatLeaveAndComeAgainAreNotRepeated() throws {
    try subscribe("ada@example.org")
    try add("First paper")
    try send(day(2))
    _ = try list().remove("hopper-2024-first")
    try add("First paper", day(3))
    #expect(try send(day(4)).isEmpty)
    // Under the slug of one that is gone, another paper is news.
    _ = try list().remove("hopper-2024-first")
    try add("First things of another kind", day(4))
    #expect(try send(day(5)).map(\.papers) == [1])
    // With a newer Cajal, what was sent before as the user's own is no news, another is.
    let newer = packaged([
      entry("first-paper", "First paper", "2024-01-01", arXiv: "2401.00001"),
      entry("brand-new", "Brand new", "2023-01-01", arXiv: "2301.00001"),
    ])
    let list = try list(newer, now: day(6))
    let sent = try DigestPost(list).send(through: server, now: day(6, hours: 1))
    #expect(
      sent.map(\.papers) == [1]
        && server.sent.last.map { String(decoding: $0.message, as: UTF8.self).contains("Brand new") } ?? false
    )
  }

  @Test func moreThanALetterHoldsComesWithTheNext() throws {
    try subscribe("ada@example.org")
    _ = try list().add((0..<130).map { reference("Paper number \($0)") }, now: day(2))
    #expect(try send(day(2)).map(\.papers) == [100])
    #expect(server.texts(to: "ada@example.org")[0].contains("30 more came since the last letter"))
    #expect(try send(day(3)).map(\.papers) == [30])
    #expect(try send(day(4)).isEmpty)
  }

  @Test func filesAreNoDeliveryUnlessTheUserSaysSo() throws {
    try subscribe("ada@example.org")
    try add("First paper")
    let post = try DigestPost(list())
    let folder = scratch.url.appendingPathComponent("letters")
    let first = try post.write(folder, marksSent: false, now: day(2))
    let second = try post.write(folder, marksSent: false, now: day(2))
    #expect(first.map(\.file) == second.map(\.file) && first[0].file.pathExtension == "eml")
    #expect(try Data(contentsOf: first[0].file) == first[0].draft.message)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
    #expect(try post.write(folder, marksSent: true, now: day(2)).count == 1)
    #expect(try post.write(folder, marksSent: true, now: day(3)).isEmpty && send(day(3)).isEmpty)
  }
}
