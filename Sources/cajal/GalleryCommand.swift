import Foundation
import Reading
import StudyCore
import Support

/// `cajal gallery`
enum GalleryCommand {
  static let syntax = CommandSyntax(
    name: "gallery", operands: "",
    summary: "Write the reading room: a page to browse and search all papers, and one for each.",
    flags: [
      .init(
        name: "out", value: "FILE", help: "where to write it; the papers' pages go into 'papers' beside it"),
      .init(
        name: "docs", value: "URL",
        help: "where the API documentation of 'make docs' is served (http://localhost:8000)"),
    ],
    examples: [("cajal gallery", "writes it beside the record of runs and says where")])

  static func run(_ arguments: Arguments) throws -> Int32 {
    let store = try RunStore()
    let page =
      arguments.value("out").map { URL(fileURLWithPath: $0) }
      ?? store.home.appendingPathComponent("gallery.html")
    let catalogue = try PapersCommand.catalogue()
    let runs = try Studies.all.compactMap { try store.representative(of: $0.paper.slug) }
    var pages = ReadingPages(
      catalogue, studies: Studies.all, runs: runs, vectors: try PaperVectors().available(catalogue),
      words: try WordSpace.packaged())
    addGuides(to: &pages)
    if let address = arguments.value("docs") { pages.documentation = address }
    try pages.write(to: page)
    print("Gallery: \(page.path)")
    return 0
  }

  /// The guides that lie beside the program's source; the pages do without them elsewhere.
  private static func addGuides(to pages: inout ReadingPages) {
    guard let folder = Source.file("docs") else { return }
    do {
      for slug in Studies.all.map(\.paper.slug) {
        let file = folder.appendingPathComponent("studies/\(slug).md")
        guard FileManager.default.fileExists(atPath: file.path) else { continue }
        pages.studyGuides[slug] = try Guide(contentsOf: file)
      }
      pages.guides = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        .filter { $0.pathExtension == "md" }.map(Guide.init(contentsOf:)).sorted { $0.title < $1.title }
    } catch { say("the guides are left out: \(error)") }
  }
}
