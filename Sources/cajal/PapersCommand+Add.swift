import Foundation
import Reading
import StudyCore
import Support

/// `cajal papers add`, `edit` and `remove`
extension PapersCommand {
  private static let notes: [CommandSyntax.Flag] = [
    .init(name: "summary", value: "TEXT", help: "your summary of it"),
    .init(name: "question", value: "TEXT", help: "the question that it asks, as the list shows it"),
    .init(name: "topics", value: "A,B", help: "its topics, with commas between"),
    .init(
      name: "family", value: "NAME", help: "its family: brains, circuits, language, … ('own' by default)"),
  ]

  static let adding = [
    CommandSyntax(
      name: "papers add", operands: "FILE|ID…",
      summary: "Add papers from BibTeX, JSON, Atom, RSS, or by arXiv identifier.",
      flags: notes + [
        .init(name: "dry-run", value: nil, help: "say what would be added, and change nothing"),
        Commands.json,
      ],
      examples: [
        ("cajal papers add references.bib", "what the list has already is recognised"),
        (
          "cajal papers add feed.xml --topics spiking,vision",
          "an Atom or RSS file of arXiv, with topics of your own"
        ),
        ("cajal papers add 2306.16922 cs/0112017", "asks arXiv for titles and authors"),
      ]),
    CommandSyntax(
      name: "papers edit", operands: "SLUG", summary: "Say more about a paper that you added.",
      flags: notes + [Commands.json],
      examples: [
        ("cajal papers edit spieler-2023-expressive --summary 'One cell, many leaky units.'", "a summary")
      ]),
    CommandSyntax(
      name: "papers remove", operands: "SLUG…", summary: "Take papers that you added off the list.",
      flags: [],
      examples: [("cajal papers remove spieler-2023-expressive", "the paper is gone from list and search")]),
  ]

  /// Runs a command of two words.
  static func run(_ name: String, _ arguments: Arguments) throws -> Int32 {
    switch name {
    case "papers add": try add(arguments)
    case "papers edit": try edit(arguments)
    case "papers remove": try remove(arguments)
    case "papers subscribe": try subscribe(arguments)
    case "papers unsubscribe": try unsubscribe(arguments)
    case "papers subscribers": try subscribers(arguments)
    default: try digest(arguments)
    }
  }

  static func list(_ text: String?) -> [String]? {
    text.map {
      $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
  }

  private static func notes(_ arguments: Arguments) -> PaperNotes {
    PaperNotes(
      summary: arguments.value("summary"), question: arguments.value("question"),
      topics: list(arguments.value("topics")), family: arguments.value("family"))
  }

  // MARK: Adding

  /// What a file, or the identifiers of the call, gave.
  private struct Source {
    let name: String
    var references: [PaperReference]
    var refusals: [Refusal]
  }

  private struct Outcome: Encodable {
    let source: String
    let added, known: [AddReport.Line]
    let refused: [Refusal]
  }

  private static func add(_ arguments: Arguments) throws -> Int32 {
    guard !arguments.operands.isEmpty else {
      throw UsageError("which papers? expected 'cajal papers add FILE' or 'cajal papers add 2306.16922'")
    }
    // All files are read before the list changes.
    let sources = try sources(arguments.operands)
    let list = try ReadingList()
    let outcomes = try sources.map { source in
      let (references, missing) = try list.completed(source.references)
      let report = try list.add(references, notes: notes(arguments), isDryRun: arguments.has("dry-run"))
      let refused = source.refusals + missing + report.refused
      return Outcome(
        source: source.name, added: report.added, known: report.known,
        refused: refused.sorted { ($0.line ?? 0) < ($1.line ?? 0) })
    }
    if arguments.has("json") { try printJSON(outcomes) } else { show(outcomes, arguments.has("dry-run")) }
    return outcomes.allSatisfy(\.refused.isEmpty) ? 0 : 1
  }

  private static func sources(_ operands: [String]) throws -> [Source] {
    var sources: [Source] = []
    var named = Source(name: "identifiers", references: [], refusals: [])
    for operand in operands {
      if FileManager.default.fileExists(atPath: operand) {
        let file = try PaperFile(contentsOf: URL(fileURLWithPath: operand))
        sources.append(Source(name: operand, references: file.references, refusals: file.refusals))
      } else if let identifier = ArXivIdentifier(operand) {
        named.references.append(PaperReference(identifier))
      } else {
        throw UsageError(
          "'\(operand)' is neither a file nor an identifier of arXiv, such as 2306.16922 or cs/0112017")
      }
    }
    return named.references.isEmpty ? sources : sources + [named]
  }

  private static func show(_ outcomes: [Outcome], _ isDryRun: Bool) {
    for outcome in outcomes {
      if outcomes.count > 1 { print("\(outcome.source):") }
      let width = (outcome.added + outcome.known).map(\.slug.count).max() ?? 0
      for paper in outcome.added { print("added    \(pad(paper.slug, width))  \(paper.title)") }
      for paper in outcome.known { print("known    \(pad(paper.slug, width))  \(paper.title)") }
      for paper in outcome.refused {
        print("refused  \(paper.line.map { "line \($0), " } ?? "")\(paper.name): \(paper.reason)")
      }
    }
    func count(_ path: KeyPath<Outcome, Int>) -> Int { outcomes.map { $0[keyPath: path] }.reduce(0, +) }
    let added = count(\.added.count)
    say(
      "\(added) \(isDryRun ? "would be added" : "added"), \(count(\.known.count)) known, \(count(\.refused.count)) refused"
        + (added > 0 && !isDryRun
          ? "; 'cajal papers edit SLUG --summary TEXT' says what you think of them" : ""))
  }

  // MARK: Changing

  private static func edit(_ arguments: Arguments) throws -> Int32 {
    let notes = notes(arguments)
    guard arguments.operands.count == 1, !notes.isEmpty else {
      throw UsageError("expected 'cajal papers edit SLUG' with --summary, --question, --topics or --family")
    }
    let paper = try ReadingList().edit(arguments.operands[0], notes)
    if arguments.has("json") {
      try printJSON(paper)
    } else {
      print("changed  \(paper.entry.slug)  \(paper.entry.title)")
    }
    return 0
  }

  private static func remove(_ arguments: Arguments) throws -> Int32 {
    guard !arguments.operands.isEmpty else {
      throw UsageError("which paper? expected 'cajal papers remove SLUG'")
    }
    let list = try ReadingList()
    for slug in arguments.operands { print("removed  \(slug)  \(try list.remove(slug).entry.title)") }
    return 0
  }
}
