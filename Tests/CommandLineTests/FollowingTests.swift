import Foundation
import Testing

/// Papers of the user's own, and letters about new ones.
@Suite struct FollowingTests {
  let cajal = Program()

  private func write(_ name: String, _ text: String) throws -> String {
    try FileManager.default.createDirectory(at: cajal.home, withIntermediateDirectories: true)
    let url = cajal.home.appendingPathComponent(name)
    try Data(text.utf8).write(to: url)
    return url.path
  }

  private func library() throws -> String {
    try write(
      "library.bib",
      """
      @article{new, title = {A Zebrafish Bicycle}, author = {M{\\"u}ller, Ada}, year = 2024, eprint = {2401.00001}}
      @article{known, title = {Whatever}, year = 2016, url = {https://arxiv.org/abs/1601.00720v3}}
      @article{dateless, title = {No Year}}
      """)
  }

  @Test func papersAreAddedShownChangedAndRemoved() throws {
    let file = try library()
    let dry = try cajal("papers add \(file) --dry-run")
    #expect(
      dry.code == 1 && dry.output.contains("added    muller-2024-zebrafish")
        && dry.errors.contains("1 would be added"))
    let added = try cajal("papers add \(file)")
    #expect(added.code == 1 && added.output.contains("known    sdr-dendrites"), "\(added)")
    #expect(added.output.contains("refused  line 3, dateless: has no year"))
    #expect(added.errors.hasPrefix("1 added, 1 known, 1 refused"))
    #expect(
      try cajal("papers search zebrafish bicycle").output.contains(
        "muller-2024-zebrafish  A Zebrafish Bicycle"))
    #expect(try cajal("papers").errors.contains("60 papers"))
    let shown = try cajal("show muller-2024-zebrafish")
    #expect(shown.code == 0 && shown.output.contains("Ada Müller, 2024\nhttps://arxiv.org/abs/2401.00001"))
    #expect(shown.output.contains("No summary yet: cajal papers edit muller-2024-zebrafish"))
    #expect(try cajal(["papers", "edit", "muller-2024-zebrafish", "--summary", "Fish that ride."]).code == 0)
    #expect(try cajal("show muller-2024-zebrafish").output.contains("Fish that ride."))
    #expect(try cajal("gallery").code == 0)
    let page = try String(contentsOf: cajal.home.appendingPathComponent("gallery.html"), encoding: .utf8)
    #expect(page.contains("A Zebrafish Bicycle"))
    let again = try #require(try cajal("papers add \(file) --json").json as? [[String: Any]])
    #expect((again[0]["known"] as? [Any])?.count == 2 && (again[0]["added"] as? [Any])?.isEmpty == true)
    #expect(
      try cajal("papers remove muller-2024-zebrafish").output.hasPrefix("removed  muller-2024-zebrafish"))
    #expect(try cajal("papers").errors.contains("59 papers"))
  }

  @Test func whatThePapersCommandPrintsCanBeAdded() throws {
    let list = try cajal("papers --json").output
    let added = try cajal("papers add \(try write("papers.json", list))")
    #expect(added.code == 0 && added.errors.hasPrefix("0 added, 59 known, 0 refused"), "\(added.errors)")
  }

  @Test func withoutANetworkAnIdentifierIsAnsweredWithWhatToDo() throws {
    let outcome = try cajal(
      "papers add 2306.16922 2401.00001", environment: ["CAJAL_ARXIV_URL": "http://127.0.0.1:1/api/query"])
    // The first is on the list, and needs no asking.
    #expect(outcome.code == 1 && outcome.output.contains("known    expressive-leaky-memory"))
    #expect(
      outcome.output.contains("refused  2401.00001: arXiv could not be asked")
        && outcome.output.contains("curl -o"))
  }

  @Test func lettersAreWrittenForThoseWhoAreDue() throws {
    let subscribed = try cajal("papers subscribe ada@example.org --topics zebrafish,worm --daily")
    #expect(subscribed.output == "subscribed  ada@example.org  daily  zebrafish, worm\n", "\(subscribed)")
    #expect(
      try cajal("papers subscribe Ada@Example.org --topics zebrafish").output.hasPrefix(
        "changed  ada@example.org"))
    #expect(try cajal("papers digest").errors.contains("nothing is due for 1 subscriber"))
    _ = try cajal("papers add \(try library())")
    #expect(try cajal("papers digest --dry-run").output == "due        ada@example.org  1 paper\n")
    let folder = cajal.home.appendingPathComponent("letters")
    let written = try #require(
      try cajal("papers digest --out \(folder.path) --json").json as? [[String: Any]])
    let file = try #require(written.first?["file"] as? String)
    let letter = try String(contentsOfFile: file, encoding: .utf8)
    #expect(
      letter.contains("Subject: New paper: A Zebrafish Bicycle\r\n")
        && letter.contains("To: <ada@example.org>\r\n"))
    #expect(try cajal("papers digest --mark-sent").code == 0)
    #expect(try cajal("papers digest").output.isEmpty)
    let subscribers = try cajal("papers subscribers")
    #expect(subscribers.output.contains("weekly  zebrafish  1 papers sent, last letter 20"), "\(subscribers)")
    #expect(try cajal("papers unsubscribe ada@example.org").output == "unsubscribed  ada@example.org\n")
    let absent = try cajal("papers unsubscribe ada@example.org")
    #expect(absent.code == 1 && absent.errors.contains("nobody subscribed as ada@example.org"))
  }

  @Test func aServerThatIsNotThereLosesNobodyAndShowsNoPassword() throws {
    _ = try cajal("papers subscribe ada@example.org --since 2026-01-01")
    _ = try cajal("papers add \(try library())")
    let environment = [
      "CAJAL_SMTP_URL": "smtp://127.0.0.1:1", "CAJAL_SMTP_FROM": "list@example.org", "CAJAL_SMTP_USER": "ada",
      "CAJAL_SMTP_PASSWORD": "correct-horse",
    ]
    let failed = try cajal("papers digest --send", environment: environment)
    #expect(
      failed.code == 1
        && failed.output.contains("failed     ada@example.org  1 paper  127.0.0.1:1 cannot be reached"))
    #expect(failed.errors.contains("what was not sent waits for the next time"))
    let subscribers = try cajal("papers subscribers")
    #expect(subscribers.output.contains("1 failed since: 127.0.0.1:1 cannot be reached"), "\(subscribers)")
    #expect(try cajal("papers digest --dry-run").output.hasPrefix("waits"))
    for file in ["papers.sqlite", "papers.sqlite-wal"] {
      let bytes = (try? Data(contentsOf: cajal.home.appendingPathComponent(file))) ?? Data()
      #expect(bytes.range(of: Data("correct-horse".utf8)) == nil)
    }
    #expect(!(failed.output + failed.errors + subscribers.output).contains("correct-horse"))
  }

  @Test(arguments: [
    ("papers add", "which papers?"),
    ("papers add no-such-file.bib", "neither a file nor an identifier of arXiv"),
    ("papers add x --sumary y", "'cajal papers add' has no option --sumary; did you mean --summary?"),
    ("papers edit x", "expected 'cajal papers edit SLUG' with --summary"), ("papers remove", "which paper?"),
    ("papers subscribe", "whose address?"), ("papers subscribe nobody", "'nobody' is no address of e-mail"),
    ("papers subscribe a@b.c --daily --weekly", "exclude each other"),
    ("papers subscribe a@b.c --since yesterday", "expected a date such as 2026-01-31"),
    ("papers digest a@b.c", "takes no names"),
    ("papers digest --send --out x", "--send and --out exclude each other"),
    ("papers subscribers x", "takes no names"), ("papers unsubscribe", "whose address?"),
  ])
  func wrongCalls(_ line: String, _ expected: String) throws {
    let outcome = try cajal(line)
    #expect(outcome.code == 2 && outcome.output.isEmpty && outcome.errors.contains(expected), "\(outcome)")
  }

  @Test func commandsOfTwoWordsHaveHelpAndCompletion() throws {
    for name in ["add", "edit", "remove", "subscribe", "unsubscribe", "subscribers", "digest"] {
      for line in ["help papers \(name)", "papers \(name) --help"] {
        let help = try cajal(line)
        #expect(
          help.code == 0 && help.output.contains("Usage: cajal papers \(name)")
            && help.output.contains("Examples:"))
      }
      #expect(try cajal("help papers").output.contains("  cajal papers \(name) "))
    }
    let complete = """
      source <(cajal completion bash)
      for words in 'cajal papers subscribe' 'cajal papers add --dry'; do
        COMP_WORDS=($words); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=(); _cajal; echo "${COMPREPLY[*]}"
      done
      """
    #expect(try cajal.shell(complete).output == "subscribe subscribers\n--dry-run\n")
  }

  @Test func theServerIsAskedForByName() throws {
    let outcome = try cajal("papers digest --send")
    #expect(
      outcome.code == 1 && outcome.errors.contains("no mail server is set: CAJAL_SMTP_URL=smtp://HOST:PORT"))
  }
}
