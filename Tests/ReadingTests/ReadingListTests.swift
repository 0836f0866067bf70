import CSQLite
import Foundation
import Reading
import StudyCore
import Support
import TestSupport
import Testing

@Suite struct ReadingListTests {
  let scratch = Scratch()

  private func list(_ catalogue: Catalogue = packaged(), now: Date = day(1)) throws -> ReadingList {
    try ReadingList(home: scratch.url, packaged: catalogue, now: now)
  }

  private func found(_ words: String, _ catalogue: Catalogue) throws -> [String] {
    try WordIndex(catalogue).search(words, limit: 10).map(\.paper.slug)
  }

  @Test func papersAreAddedOnceAndStayInSearch() throws {
    let report = try list().add(
      [
        reference("Spiking networks that écoutent", arXiv: "2401.00001"),
        reference("Spiking networks that ECOUTENT!", arXiv: nil), reference("Another", year: "2023-05"),
      ], notes: PaperNotes(topics: ["hearing"]))
    #expect(report.added.map(\.slug) == ["hopper-2024-spiking", "hopper-2023-another"])
    #expect(report.known.map(\.slug) == ["hopper-2024-spiking"] && report.refused.isEmpty)
    let catalogue = try list().catalogue()
    #expect(catalogue.entries.count == 4 && catalogue.entries[0].slug == "worm-recordings")
    #expect(try found("écoutent hearing", catalogue).first == "hopper-2024-spiking")
    let entry = try #require(catalogue.entries.first { $0.slug == "hopper-2024-spiking" })
    #expect(entry.summary.isEmpty && entry.family == "own" && entry.authorLine == "Grace Hopper, Alan Turing")
  }

  @Test func duplicatesAreRecognisedBySeveralNames() throws {
    var byDOI = reference("A title", arXiv: "2402.00001")
    byDOI.doi = "10.1000/abc"
    _ = try list().add([byDOI])
    var other = reference("The title as printed, rather different", year: "2025")
    other.doi = "10.1000/abc"
    let known: [(PaperReference, String)] = [
      (reference("whatever", arXiv: "2402.00001v7"), "hopper-2024-title"), (other, "hopper-2024-title"),
      (reference("a TITLE."), "hopper-2024-title"), (reference("x", arXiv: "1601.00720v2"), "sdr-dendrites"),
      (reference("How do neurons operate on sparse codes", year: "2016-11"), "sdr-dendrites"),
      (PaperReference(ArXivIdentifier("2411.12091")!), "worm-recordings"),
    ]
    for (reference, slug) in known { #expect(try list().known(reference) == slug, "\(reference.name)") }
    // The same title is another paper where the names on arXiv differ, or the year.
    #expect(try list().known(reference("A title", arXiv: "2402.00002")) == nil)
    #expect(try list().known(reference("A title", year: "2020")) == nil)
  }

  @Test func whatLacksTooMuchIsRefusedAndTheRestIsAdded() throws {
    var nameless = PaperReference()
    (nameless.line, nameless.label) = (7, "key")
    var yearless = reference("No year")
    yearless.published = nil
    let long = reference(String(repeating: "x", count: 1001))
    let report = try list().add([
      nameless, yearless, long, reference("Good"), PaperReference(ArXivIdentifier("2306.16922")!),
    ])
    #expect(report.added.count == 1 && report.refused.count == 4)
    #expect(
      report.refused[0].line == 7 && report.refused[0].name == "key"
        && report.refused[0].reason == "has no title")
    #expect(
      report.refused[1].reason.contains("has no year") && report.refused[2].reason.contains("1000 letters"))
    #expect(report.refused[3].reason.contains("arXiv was not asked"))
  }

  @Test func dryRunsChangeNothing() throws {
    let report = try list().add([reference("A paper")], isDryRun: true)
    #expect(report.added.count == 1)
    #expect(try list().ownPapers().isEmpty)
  }

  @Test func ownPapersAreChangedAndRemovedPackagedOnesAreNot() throws {
    _ = try list().add([reference("A paper")])
    let notes = PaperNotes(
      summary: "Good.\nVery.", question: "Is it?", topics: ["a", " ", "b"], family: "vision")
    let changed = try list().edit("hopper-2024-paper", notes).entry
    #expect(changed.summary == "Good. Very." && changed.topics == ["a", "b"] && changed.family == "vision")
    #expect(try found("very good", list().catalogue()) == ["hopper-2024-paper"])
    #expect(message { _ = try list().edit("sdr-dendrites", notes) }.contains("comes with Cajal"))
    #expect(message { _ = try list().remove("worm-recordings") }.contains("comes with Cajal"))
    #expect(message { _ = try list().remove("hopper-2024-papr") }.contains("did you mean hopper-2024-paper?"))
    _ = try list().remove("hopper-2024-paper")
    #expect(try list().catalogue().entries.count == 2)
  }

  @Test func slugsAreNewReadableAndPlain() throws {
    var turkish = reference("Zur Theorie der Gehirne")
    turkish.authors = ["Ömer Faruk Şahin-Ğ"]
    var chinese = reference("神经元")
    chinese.authors = ["王小明"]
    var anonymous = reference("!!")
    anonymous.authors = []
    let report = try list().add([
      turkish, chinese, anonymous, reference("Same words here"), reference("Same words there"),
    ])
    #expect(
      report.added.map(\.slug) == [
        "sahin-2024-theorie", "2024", "2024-2", "hopper-2024-same", "hopper-2024-same-2",
      ])
  }

  @Test func aNewerCajalMakesRoomAndIsNoDuplicate() throws {
    _ = try list().add([reference("A paper", arXiv: "2403.00001"), reference("Other")])
    let newer = packaged([
      entry("hopper-2024-other", "Unlike", "2024-01-01", arXiv: "2403.00009"),
      entry("a-paper", "A paper", "2024-03-01", arXiv: "2403.00001"),
    ])
    let list = try list(newer)
    #expect(
      Set(try list.catalogue().entries.map(\.slug)) == [
        "sdr-dendrites", "worm-recordings", "hopper-2024-other", "a-paper", "hopper-2024-other-2",
      ])
  }

  @Test func withoutAFileNothingIsMade() throws {
    #expect(try ReadingList.catalogue(home: scratch.url).entries.count == Catalogue.load().entries.count)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.url.path).isEmpty)
  }

  @Test func theFileIsPrivateAndForeignOnesAreLeftAlone() throws {
    _ = try list()
    let place = scratch.url.appendingPathComponent("papers.sqlite").path
    let mode = try FileManager.default.attributesOfItem(atPath: place)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    var handle: OpaquePointer?
    sqlite3_open(place, &handle)
    sqlite3_exec(handle, "PRAGMA user_version=99", nil, nil, nil)
    sqlite3_close(handle)
    #expect(message { _ = try list() }.contains("format 99, expected 1"))
    let other = Scratch()
    let notes = Data("these are my notes, not a database at all; please keep them".utf8)
    try notes.write(to: other.url.appendingPathComponent("papers.sqlite"))
    #expect(message { _ = try ReadingList(home: other.url) }.contains("damaged or no SQLite database"))
    #expect(try Data(contentsOf: other.url.appendingPathComponent("papers.sqlite")) == notes)
  }

  @Test func programsSideBySideAddEachPaperOnce() throws {
    let home = scratch.url
    let added = parallelMap(8) { _ -> Int in
      let references = (0..<20).map { reference("Paper number \($0)") }
      return
        (try? ReadingList(home: home, packaged: packaged()).add(references).added.count) ?? -1000
    }
    #expect(added.reduce(0, +) == 20)
    #expect(try list().ownPapers().count == 20)
  }

  @Test func onlyWhatIsMissingIsAskedFor() throws {
    let names = ["2306.16922", "1601.00720", "2306.16922", "2401.99999"].map {
      PaperReference(ArXivIdentifier($0)!, line: 3)
    }
    var asked: [[String]] = []
    let (references, refusals) = try list().completed(names + [reference("Has a title")]) { names in
      asked.append(names.map(\.description))
      return [names[0]: reference("Found", arXiv: names[0].description)]
    }
    #expect(asked == [["2306.16922", "2401.99999"]])
    #expect(
      references.map(\.name) == ["Found", "1601.00720", "Found", "Has a title"] && references[0].line == 3)
    #expect(refusals.map(\.name) == ["2401.99999"] && refusals[0].reason == "arXiv has no paper of this name")
    let offline = try list().completed(names) { _ in throw CajalError("no network") }
    #expect(offline.refusals.map(\.reason) == ["no network", "no network", "no network"])
  }
}
