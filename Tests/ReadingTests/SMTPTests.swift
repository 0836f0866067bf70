import Foundation
import Reading
import Support
import TestSupport
import Testing

/// Letters through a real server, aiosmtpd, with its refusals and broken connections.
@Suite(
  .enabled(
    if: MailServerProcess.shared != nil, "aiosmtpd is not here: 'make setup' installs python3-aiosmtpd"))
struct SMTPTests {
  let scratch = Scratch()
  let server: MailServerProcess

  init() throws {
    server = try #require(MailServerProcess.shared)
  }

  private func settings(_ kind: String, _ more: [String: String] = [:]) throws -> SMTPSettings {
    let scheme = kind == "smtps" ? "smtps" : "smtp"
    let host = kind == "plain" ? "127.0.0.1" : "localhost"
    var environment = [
      "CAJAL_SMTP_URL": "\(scheme)://\(host):\(try #require(server.ports[kind]))",
      "CAJAL_SMTP_FROM": "list@example.org", "CAJAL_SMTP_TIMEOUT": "2",
    ]
    environment.merge(more) { $1 }
    return try SMTPSettings(environment)
  }

  private var trusted: [String: String] {
    ["CAJAL_SMTP_TLS": "required", "CAJAL_SMTP_CA": server.certificate]
  }
  private let login = ["CAJAL_SMTP_USER": "ada", "CAJAL_SMTP_PASSWORD": "correct horse"]

  /// A list with one paper that is new for each address.
  private func list(_ addresses: [String]) throws -> ReadingList {
    let list = try ReadingList(home: scratch.url, packaged: packaged(), now: day(1))
    for address in addresses {
      _ = try list.subscribe(MailAddress(address), topics: [], frequency: .daily, now: day(1))
    }
    _ = try list.add([reference("Über Spikes\n.\nund mehr")], now: day(2))
    return list
  }

  private func send(_ list: ReadingList, _ settings: SMTPSettings, _ now: Date = day(2)) throws -> [Delivery]
  {
    try DigestPost(list, sender: settings.sender).send(through: SMTPServer(settings), now: now)
  }

  @Test func lettersArriveByteForByte() throws {
    let list = try list(["plain@example.org"])
    let draft = try DigestPost(list, sender: MailAddress("list@example.org")).drafts(now: day(2))[0]
    #expect(try send(list, settings("plain")).map(\.state) == [.sent])
    #expect(try send(list, settings("plain"), day(4)).isEmpty)
    let letters = server.letters(to: "plain@example.org")
    #expect(letters.count == 1 && letters[0].from == "list@example.org" && !letters[0].tls)
    #expect(try Data(contentsOf: URL(fileURLWithPath: letters[0].file)) == draft.message)
  }

  @Test func tlsAndLoginAreUsed() throws {
    #expect(
      try send(list(["tls@example.org"]), settings("starttls", trusted.merging(login) { $1 })).map(\.state)
        == [.sent])
    let letter = try #require(server.letters(to: "tls@example.org").first)
    #expect(letter.tls && letter.user == "ada")
    let other = try ReadingList(home: scratch.url, packaged: packaged(), now: day(1))
    _ = try other.subscribe(MailAddress("smtps@example.org"), topics: [], frequency: .daily, now: day(1))
    #expect(try send(other, settings("smtps", trusted)).map(\.state) == [.sent])
    #expect(server.letters(to: "smtps@example.org").first?.tls == true)
    _ = try other.subscribe(MailAddress("login@example.org"), topics: [], frequency: .daily, now: day(1))
    #expect(try send(other, settings("login", login)).map(\.state) == [.sent])
  }

  @Test func aServerThatCannotBeTrustedGetsNothing() throws {
    let list = try list(["untrusted@example.org", "other@example.org"])
    for kind in ["starttls", "smtps"] {
      let deliveries = try send(list, settings(kind, login.merging(["CAJAL_SMTP_TLS": "required"]) { $1 }))
      #expect(deliveries.map(\.state) == [.failed, .notTried], "\(deliveries)")
      let reason = try #require(deliveries[0].reason)
      #expect(
        reason.contains("localhost:") && reason.contains("gives no TLS that can be trusted"), "\(reason)")
    }
    // One that has no TLS at all, where TLS is asked for.
    let reason = try #require(try send(list, settings("login", trusted.merging(login) { $1 }))[0].reason)
    #expect(reason.contains("gives no TLS that can be trusted"), "\(reason)")
    #expect(server.letters(to: "untrusted@example.org").isEmpty)
    #expect(try send(list, settings("plain")).map(\.state) == [.sent, .sent])
  }

  @Test func aWrongPasswordIsToldAndNotShown() throws {
    let list = try list(["password@example.org"])
    for kind in ["login", "starttls"] {
      let wrong = trusted.merging(["CAJAL_SMTP_USER": "ada", "CAJAL_SMTP_PASSWORD": "battery staple"]) { $1 }
      let more = kind == "login" ? wrong.merging(["CAJAL_SMTP_TLS": "none"]) { $1 } : wrong
      let delivery = try send(list, settings(kind, more))[0]
      let reason = try #require(delivery.reason)
      #expect(
        delivery.state == .failed && reason.contains("refuses user or password") && reason.contains("535"),
        "\(reason)")
      #expect(
        !reason.contains("battery") && !reason.contains(Data("battery staple".utf8).base64EncodedString()))
    }
    #expect(try list.subscribers()[0].problem?.contains("battery") == false)
  }

  @Test func refusalsAreToldWithTheirCodeAndTheOthersGoOn() throws {
    let names = ["ok1", "refuse", "later", "drop", "spam", "zz"].map { "\($0)@example.org" }
    let list = try list(names)
    let deliveries = Dictionary(
      uniqueKeysWithValues: try send(list, settings("login", login)).map {
        ($0.address.split(separator: "@")[0], $0)
      })
    #expect(deliveries["ok1"]?.state == .sent && deliveries["zz"]?.state == .sent)
    for name in ["refuse", "later", "drop", "spam"] { #expect(deliveries[Substring(name)]?.state == .failed) }
    let refused = try #require(deliveries["refuse"])
    #expect(refused.isFinal && refused.reason!.contains("550 5.1.1 no such mailbox"), "\(refused)")
    #expect(
      deliveries["later"]?.isFinal == false && deliveries["later"]!.reason!.contains("451 4.7.1 greylisted"))
    #expect(deliveries["drop"]!.reason!.contains("the connection to localhost:"), "\(deliveries["drop"]!)")
    // A server that repeats the password does not get it into our record.
    #expect(
      deliveries["spam"]!.isFinal && deliveries["spam"]!.reason!.contains("554 5.7.1 looks like spam, ada:…"))
    let problems = Dictionary(uniqueKeysWithValues: try list.subscribers().map { ($0.address, $0) })
    #expect(problems["refuse@example.org"]?.refusals == 1 && problems["later@example.org"]?.refusals == 0)
    #expect(try send(list, settings("login", login), day(2, hours: 1)).count == 4)
    #expect(server.letters(to: "ok1@example.org").count == 1)
  }

  @Test func whatWasPutOffIsSentTheNextTimeUnchanged() throws {
    let list = try list(["once@example.org"])
    #expect(try send(list, settings("plain")).map(\.state) == [.failed])
    let waiting = try DigestPost(list).drafts(now: day(2))[0].message
    #expect(try send(list, settings("plain"), day(2, hours: 1)).map(\.state) == [.sent])
    #expect(try send(list, settings("plain"), day(4)).isEmpty)
    let letters = server.letters(to: "once@example.org")
    #expect(letters.count == 1)
    #expect(try Data(contentsOf: URL(fileURLWithPath: letters[0].file)) == waiting)
  }

  /// The server accepts, the connection breaks before it says so: the one case in which a letter comes twice.
  @Test func anUnheardAcceptanceRepeatsTheMessageID() throws {
    let list = try list(["lost@example.org"])
    let first = try send(list, settings("plain"))[0]
    #expect(first.state == .failed && first.reason!.contains("may have arrived nevertheless"), "\(first)")
    #expect(try send(list, settings("plain"), day(2, hours: 1)).map(\.state) == [.sent])
    let letters = try server.letters(to: "lost@example.org").map {
      try Data(contentsOf: URL(fileURLWithPath: $0.file))
    }
    #expect(letters.count == 2 && letters[0] == letters[1])
  }

  @Test func aServerThatHangsOrIsNotThereIsGivenUp() throws {
    let list = try list(["hang@example.org"])
    let clock = ContinuousClock()
    let start = clock.now
    let hung = try send(list, settings("plain", ["CAJAL_SMTP_TIMEOUT": "1"]))[0]
    #expect(hung.state == .failed && hung.reason!.contains("did not answer within 1 s"), "\(hung)")
    // A port that nobody listens on: of a socket that is bound, and closed again.
    let absent = try send(
      list, SMTPSettings(["CAJAL_SMTP_URL": "smtp://127.0.0.1:1", "CAJAL_SMTP_FROM": "list@example.org"]))[0]
    #expect(absent.reason!.contains("127.0.0.1:1 cannot be reached"), "\(absent)")
    #expect(clock.now - start < .seconds(5))
  }
}
