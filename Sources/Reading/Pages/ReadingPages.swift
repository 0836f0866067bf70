import Foundation
import StudyCore
import Support

/// The reading room as files: a front page, and beside it a folder with a page for each paper. No server is needed.
public struct ReadingPages {
  let catalogue: Catalogue
  let studies: [String: AnyStudy]
  let runs: [String: RunRecord]
  private let vectors: [String: [Float]]
  private let words: WordSpace?
  /// Where `make docs` is served, for links to the API documentation.
  public var documentation = "http://localhost:8000"
  /// Guides of studies, by slug.
  public var studyGuides: [String: Guide] = [:]
  /// Guides to the workbench, which the front page names.
  public var guides: [Guide] = []

  /// - Parameters:
  ///   - runs: The run that speaks for each study that has one.
  ///   - vectors: By slug, as ``PaperVectors`` gives them, for related papers and search by meaning; by words alone without.
  public init(
    _ catalogue: Catalogue, studies: [AnyStudy], runs: [RunRecord], vectors: [String: [Float]] = [:],
    words: WordSpace? = nil
  ) {
    self.catalogue = catalogue
    self.studies = Dictionary(studies.map { ($0.paper.slug, $0) }, uniquingKeysWith: { $1 })
    self.runs = Dictionary(runs.map { ($0.study, $0) }, uniquingKeysWith: { first, _ in first })
    (self.vectors, self.words) = (vectors, words)
  }

  /// Writes the front page to `url`, the papers' pages into `papers` beside it and the guides' into `guides`, each whole or
  /// not at all.
  ///
  /// - Throws: `CajalError` naming the path that cannot be written.
  public func write(to url: URL) throws {
    let folder = url.deletingLastPathComponent().appendingPathComponent("papers")
    let related = RelatedPapers(catalogue, vectors: vectors, words: try WordIndex(catalogue))
    let front = FrontPage(self, meaning: try words?.pageData(vectors))
    let guidePages = guidePages(beside: url)
    var thumbnails: [String: String] = [:]
    for paper in catalogue.entries {
      let page = folder.appendingPathComponent(Self.file(paper.slug))
      thumbnails[paper.slug] = try thumbnail(of: paper.slug, in: folder)
      let others = try related.of(paper, limit: 5).map(\.paper)
      try AtomicFile.write(
        PaperPage(
          self, paper, related: others, guide: studyGuides[paper.slug].flatMap { guidePages[$0.source.path] },
          front: url,
          page: page
        ).text, to: page)
    }
    try writeGuides(guidePages, front: url, papers: folder)
    try AtomicFile.write(try front.text(thumbnails), to: url)
  }

  /// Where the pages of the guides lie, by the paths of their sources.
  private func guidePages(beside front: URL) -> [String: URL] {
    let folder = front.deletingLastPathComponent().appendingPathComponent("guides")
    let all = guides + studyGuides.values
    return Dictionary(
      all.map { ($0.source.path, folder.appendingPathComponent($0.file)) }, uniquingKeysWith: { $1 })
  }

  private func writeGuides(_ pages: [String: URL], front: URL, papers: URL) throws {
    func write(_ guide: Guide, _ trail: [(URL, String)]) throws {
      guard let page = pages[guide.source.path] else { return }
      let links = trail.map { "<a href=\"\(html(Self.link($0, from: page)))\">\($1)</a>" } + ["guide"]
      try AtomicFile.write(
        guide.text(at: page, trail: links.joined(separator: " · "), pages: pages), to: page)
    }
    let room = (front, "Reading room")
    for guide in guides { try write(guide, [room]) }
    for (slug, guide) in studyGuides {
      try write(
        guide, [room, (papers.appendingPathComponent(Self.file(slug)), "<code>\(html(slug))</code>")])
    }
  }

  func state(of slug: String) -> String { studies[slug] == nil ? "not yet" : "runs" }

  /// The file of a paper's page: its slug, with what could not stand in a file's name replaced.
  static func file(_ slug: String) -> String {
    let plain = slug.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) ? $0 : "_" }
    return String(plain) + ".html"
  }

  /// The first figure of the last run, copied beside the pages, so that they can be moved together; its place seen from the
  /// front page.
  private func thumbnail(of slug: String, in folder: URL) throws -> String? {
    guard let run = runs[slug], let figure = run.findings.figures.first else { return nil }
    let source = URL(fileURLWithPath: run.folder).appendingPathComponent(figure.file)
    guard let data = try? Data(contentsOf: source) else { return nil }
    let name = Self.file(slug).replacing(/\.html$/, with: "." + source.pathExtension)
    try AtomicFile.write(data, to: folder.appendingPathComponent(name))
    return "papers/" + name
  }

  /// A link that survives moving the folder of records as a whole: relative below `page`'s folder or its parent, else absolute.
  static func link(_ target: URL, from page: URL) -> String {
    let path = target.standardizedFileURL.path
    var folder = page.deletingLastPathComponent().standardizedFileURL
    var steps = ""
    for _ in 0..<2 {
      let base = folder.path.hasSuffix("/") ? folder.path : folder.path + "/"
      if path.hasPrefix(base) { return escaped(steps + path.dropFirst(base.count)) }
      folder.deleteLastPathComponent()
      steps += "../"
    }
    return "file://" + escaped(path)
  }

  private static func escaped(_ path: some StringProtocol) -> String {
    path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? String(path)
  }
}
