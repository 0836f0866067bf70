import Foundation
import Reading
import StudyCore
import Support
import TestSupport
import Testing

@Suite struct MailMessageTests {
  let scratch = Scratch()

  private struct Letter: Decodable {
    let defects, kinds, addresses: [String]
    let headers: [[String]]
    let text, html: String
    func header(_ name: String) -> String? { headers.first { $0[0] == name }?[1] }
  }

  /// The letter on papers of these titles.
  private func letter(
    _ titles: [String], notes: PaperNotes = PaperNotes(), to address: String = "ada+list@example.org"
  )
    throws -> Data
  {
    let list = try ReadingList(home: scratch.url, packaged: packaged(), now: day(1))
    _ = try list.subscribe(MailAddress(address), topics: ["a", "z", "ß"], frequency: .weekly, now: day(1))
    _ = try list.subscribe(MailAddress(address), topics: [], frequency: .weekly)
    for (index, title) in titles.enumerated() {
      _ = try list.add(
        [reference(title, arXiv: "2401.\(10000 + index)")], notes: notes, now: day(2, hours: -Double(index)))
    }
    return try #require(
      try DigestPost(list, sender: MailAddress("cajal@lab.example.org")).drafts(now: day(2)).first?.message)
  }

  /// As Python's parser reads it.
  private func read(_ message: Data) throws -> Letter {
    let place = scratch.url.appendingPathComponent("letter.eml")
    try message.write(to: place)
    let output = try #require(
      MailServerProcess.output(
        MailServerProcess.python, [MailServerProcess.script("read_letter.py"), place.path]))
    return try JSONDecoder().decode(Letter.self, from: output)
  }

  @Test(.enabled(if: MailServerProcess.hasPython)) func lettersAreWellFormedForAnotherParser() throws {
    let notes = PaperNotes(
      summary: "Ein Satz über Größe = 100 %, very long: " + String(repeating: "lang und länger ", count: 30))
    let data = try letter(["Spikes & “quotes” <b>über</b> 神经元 🧠", "A second paper"], notes: notes)
    let letter = try read(data)
    #expect(letter.defects.isEmpty, "\(letter.defects)")
    #expect(letter.kinds == ["multipart/alternative", "text/plain", "text/html"])
    #expect(letter.header("Subject") == "2 new papers: Spikes & “quotes” <b>über</b> 神经元 🧠 and 1 more")
    #expect(
      letter.header("From") == "Cajal <cajal@lab.example.org>" && letter.addresses == ["ada+list@example.org"]
    )
    #expect(letter.header("Date") == "Mon, 02 Nov 2026 12:00:00 +0000")
    #expect(
      letter.header("List-Unsubscribe")
        == "<mailto:cajal@lab.example.org?subject=unsubscribe%20ada%2Blist%40example.org>")
    let id = try #require(letter.header("Message-ID"))
    #expect(id.hasPrefix("<cajal.") && id.hasSuffix("@lab.example.org>"))
    #expect(
      letter.text.contains("Spikes & “quotes” <b>über</b> 神经元 🧠\nGrace Hopper, Alan Turing, 2024\n"))
    #expect(letter.text.contains(notes.summary!.trimmingCharacters(in: .whitespaces)))
    #expect(letter.text.contains("https://arxiv.org/abs/2401.10000\ncajal show hopper-2024-spikes"))
    #expect(letter.text.contains("cajal papers unsubscribe ada+list@example.org"))
    #expect(
      letter.html.contains("Spikes &amp; “quotes” &lt;b&gt;über&lt;/b&gt; 神经元 🧠")
        && !letter.html.contains("<b>"))
    #expect(letter.html.contains("href=\"https://arxiv.org/abs/2401.10000\""))
  }

  @Test(.enabled(if: MailServerProcess.hasPython)) func linesAreShortPlainAndEndAsTheyMust() throws {
    let text = String(repeating: "ein langer Titel mit Ümläuten . ", count: 20)
    let data = try letter([text, "From here.\n.\n=?UTF-8?Q?no?=", String(repeating: "x", count: 900)])
    #expect(data.allSatisfy { $0 < 0x80 })
    let lines = data.split(separator: 0x0A, omittingEmptySubsequences: false)
    for line in lines.dropLast() {
      #expect(line.last == 0x0D && !line.dropLast().contains(0x0D))
      let isAddress = line.starts(with: Array("List-Unsubscribe:".utf8))
      #expect(line.count <= (isAddress ? 998 : 78), "\(String(decoding: line, as: UTF8.self))")
      #expect(!line.starts(with: Array(".".utf8)) && !line.starts(with: Array("From ".utf8)))
    }
    #expect(lines.last?.isEmpty == true)
    #expect(try read(data).defects.isEmpty)
  }

  /// Whatever a title holds, no header comes of it.
  @Test(
    .enabled(if: MailServerProcess.hasPython),
    arguments: [
      "Bcc\r\nBcc: everyone@example.org\r\n\r\nbody", "x\nTo: eve@example.org",
      "x\u{2028}Cc: eve@example.org",
      "x\u{0}y\u{85}Cc: eve@example.org", "=?UTF-8?Q?x=0D=0ABcc:_eve@example.org?=", "--=_cajal_000000",
    ])
  func titlesMakeNoHeaders(_ title: String) throws {
    let letter = try read(try letter([title]))
    #expect(letter.defects.isEmpty && letter.kinds.count == 3)
    #expect(
      letter.headers.map { $0[0] } == [
        "From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "Auto-Submitted", "MIME-Version",
        "Content-Type",
      ])
    #expect(letter.addresses == ["ada+list@example.org"])
    let subject = try #require(letter.header("Subject"))
    #expect(!subject.contains("\n") && subject.hasPrefix("New paper: "))
    // A title that looks encoded is shown as it is.
    if title.hasPrefix("=?") { #expect(subject == "New paper: \(title)") }
  }

  @Test(arguments: [
    "ada@example.org", "a.b+c@x-y.example", "o'neil@localhost", "x@1.example.org", "!#$%&'*+-/=?^_`{|}~@a.bc",
  ])
  func addressesAreTaken(_ text: String) throws { #expect(try MailAddress(text).description == text) }

  @Test(arguments: [
    "", "ada", "@example.org", "ada@", "a@b@c.org", "a b@c.org", "a..b@c.org", ".a@c.org", "a.@c.org",
    "a@-c.org",
    "a@c-.org", "a@c..org", "a@127.0.0.1", "a@[127.0.0.1]", "\"a\"@c.org", "a@c.org\r\nBcc: x@y.z",
    "<a@c.org>", "ä@c.org",
    "a@ä.org", "a@c.org>", "a,b@c.org", String(repeating: "a", count: 65) + "@c.org",
    "a@" + String(repeating: "b.", count: 126) + "org",
  ])
  func othersAreRefused(_ text: String) {
    #expect(message { _ = try MailAddress(text) }.contains("is no address of e-mail"))
  }

  @Test(.enabled(if: MailServerProcess.hasPython)) func verdictsOfRunsStandInTheLetter() throws {
    let runs = try RunStore(home: scratch.url)
    var record = try runs.begin(try Self.record)
    record.state = .finished
    record.findings.claims = [
      Claim("1", "a", paper: "", test: "", criterion: "", measured: "", holds: true),
      Claim("2", "b", paper: "", test: "", criterion: "", measured: "", holds: true),
      Claim("3", "c", paper: "", test: "", criterion: "", measured: "", holds: false, reason: "r"),
    ]
    try runs.update(record)
    let list = try ReadingList(home: scratch.url, packaged: packaged(), now: day(1))
    _ = try list.subscribe(
      MailAddress("a@b.c"), topics: ["sparse"], frequency: .daily, since: ReadingList.day("2000"))
    let message = try #require(try DigestPost(list, runs: runs).drafts(now: day(2)).first?.message)
    let letter = try read(message)
    #expect(letter.text.contains("Measured here: of its claims 2 hold, 1 does not hold."))
    #expect(letter.html.contains("2 hold, 1 does not hold"))
  }

  /// A run of a packaged paper, as the runner writes it.
  private static var record: RunRecord {
    get throws {
      let json = """
        {"id": 0, "study": "sdr-dendrites", "state": "running", "size": "quick", "seed": 1, "options": [], "version": "0",
         "machine": "", "started": 0, "duration": 0, "peakMemory": 0, "folder": "", "data": [],
         "findings": {"metrics": [], "claims": [], "figures": [], "tables": [], "notes": []}}
        """
      return try JSONDecoder().decode(RunRecord.self, from: Data(json.utf8))
    }
  }
}
