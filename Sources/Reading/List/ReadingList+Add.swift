import Foundation
import StudyCore
import Support

/// What became of papers that were to be added.
public struct AddReport: Sendable, Codable {
  public struct Line: Sendable, Codable {
    public let slug: String
    public let title: String
    public let line: Int?
  }

  public var added: [Line] = []
  /// Already on the list, as which slug.
  public var known: [Line] = []
  public var refused: [Refusal] = []

  public init() {}
}

extension ReadingList {
  /// The slug under which the list has a paper: the same name on arXiv, the same DOI, or the same title in the same year.
  ///
  /// A title alone does not count where both have names on arXiv and these differ.
  public func known(_ reference: PaperReference) throws -> String? {
    try PaperIndex(self).slug(of: reference)
  }

  /// Adds papers that the list does not have; all that can be, or none where the list cannot be written.
  ///
  /// - Parameters:
  ///   - notes: What the user says of all of them.
  ///   - isDryRun: Only says what would be.
  public func add(
    _ references: [PaperReference], notes: PaperNotes = PaperNotes(), now: Date = Date(),
    isDryRun: Bool = false
  ) throws -> AddReport {
    try database.transaction {
      var index = try PaperIndex(self)
      var report = AddReport()
      for reference in references {
        if let slug = index.slug(of: reference) {
          report.known.append(.init(slug: slug, title: reference.name, line: reference.line))
          continue
        }
        switch Self.checked(reference) {
        case .failure(let problem): report.refused.append(problem.refusal)
        case .success(let paper):
          var paper = OwnPaper(
            entry: paper, doi: reference.doi, link: reference.link, added: now)
          paper.entry.slug = index.newSlug(for: paper.entry)
          notes.apply(to: &paper.entry)
          index.insert(paper.listed)
          report.added.append(.init(slug: paper.entry.slug, title: paper.entry.title, line: reference.line))
          if isDryRun { continue }
          try save(paper)
          try Self.arrive(paper.keys.first, now, database)
        }
      }
      return report
    }
  }

  private struct Problem: Error { let refusal: Refusal }

  /// An entry without a slug, or why the reference gives none.
  private static func checked(_ reference: PaperReference) -> Result<Catalogue.Entry, Problem> {
    func refused(_ reason: String) -> Result<Catalogue.Entry, Problem> {
      let name = [reference.label, reference.title, reference.arXiv?.description].compactMap { $0 }.first
      return .failure(
        Problem(
          refusal: Refusal(line: reference.line, name: String((name ?? "a paper").prefix(80)), reason: reason)
        ))
    }
    guard let title = reference.title.map(PaperText.line), !title.isEmpty else {
      return refused(
        reference.arXiv == nil
          ? "has no title"
          : "nothing but a name on arXiv is known, and arXiv was not asked or does not have it")
    }
    guard title.count <= 1000 else { return refused("its title has more than 1000 letters") }
    guard let published = reference.published ?? reference.arXiv?.month else {
      return refused("has no year, nor a name on arXiv that tells it")
    }
    // Collaborations of thousands are told by their number.
    let authors = reference.authors.map(PaperText.line).filter { !$0.isEmpty && $0.count <= 300 }
    let count = max(reference.authorCount ?? 0, authors.count)
    return .success(
      Catalogue.Entry(
        slug: "", title: title, authors: Array(authors.prefix(50)), authorCount: count, published: published,
        arXiv: reference.arXiv?.description, family: OwnPaper.family,
        topics: Array(reference.topics.filter { $0.count <= 100 }.prefix(30)), question: "", summary: ""))
  }
}
