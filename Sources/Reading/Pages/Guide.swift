import Foundation
import StudyCore
import Support

/// A text of the documentation, Markdown on disk, as a page of the reading room.
public struct Guide: Sendable {
  /// The Markdown file.
  public let source: URL
  /// Its first heading, else the file's name.
  public let title: String
  /// HTML, with links as they stand in the source.
  private let body: String

  /// Reads a guide and makes it HTML with `cmark-gfm`.
  ///
  /// - Throws: `CajalError` when the file cannot be read, or `cmark-gfm` is missing or fails.
  public init(contentsOf source: URL) throws {
    self.source = source.standardizedFileURL
    guard let text = try? String(contentsOf: source, encoding: .utf8) else {
      throw CajalError("\(source.path) cannot be read as text")
    }
    let heading = text.split(separator: "\n").first { $0.hasPrefix("# ") }
    title =
      heading.map { $0.dropFirst(2).trimmingCharacters(in: .whitespaces) }
      ?? source.deletingPathExtension().lastPathComponent
    let result = try Program.run(
      "cmark-gfm", ["--to", "html", "--extension", "table", "--extension", "autolink"], input: Data(text.utf8)
    )
    guard !result.isMissing else {
      throw CajalError("cmark-gfm is missing: install it with 'apt-get install cmark-gfm'")
    }
    guard result.status == 0 else {
      throw CajalError("cmark-gfm cannot read \(source.path): \(result.complaint)")
    }
    body = String(decoding: result.output, as: UTF8.self)
      .replacing("<table>", with: "<div class=\"scroll\"><table>").replacing(
        "</table>", with: "</table></div>")
  }

  /// The name of its page.
  var file: String { ReadingPages.file(source.deletingPathExtension().lastPathComponent) }

  /// The whole page.
  ///
  /// - Parameters:
  ///   - trail: HTML of the way back.
  ///   - pages: Pages of other guides by the path of their source, to which links lead.
  func text(at page: URL, trail: String, pages: [String: URL]) -> String {
    let folder = source.deletingLastPathComponent()
    let linked = body.replacing(/(href|src)="([^"#:]+)(#[^"]*)?"/) { match in
      let path = String(match.2).removingPercentEncoding ?? String(match.2)
      let target = URL(fileURLWithPath: path, relativeTo: folder).standardizedFileURL
      let link = ReadingPages.link(pages[target.path] ?? target, from: page)
      return "\(match.1)=\"\(html(link))\(match.3 ?? "")\""
    }
    return Page.make(
      title: "\(title) · Cajal", style: ReadingStyle.css,
      """
      <header><p class="kicker">\(trail)</p></header>
      <main id="main" class="guide">
      \(linked)
      </main>
      <footer>Made by Cajal \(cajalVersion) from <code>\(html(source.lastPathComponent))</code>.</footer>
      """)
  }
}
