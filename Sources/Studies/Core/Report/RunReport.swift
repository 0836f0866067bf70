import Figures
import Foundation
import Support

/// The page of one run: claims first, then figures, tables, and all that is needed to repeat it.
public struct RunReport {
  private let record: RunRecord
  private let study: AnyStudy

  public init(_ record: RunRecord, _ study: AnyStudy) {
    self.record = record
    self.study = study
  }

  /// - Throws: `CajalError` naming the path.
  public func write(to url: URL) throws { try AtomicFile.write(page, to: url) }

  public var page: String {
    let paper = study.paper
    return Page.make(
      title: "\(paper.title) · Cajal",
      """
      <header>
      <p class="kicker">Cajal · <code>\(html(paper.slug))</code></p>
      <h1>\(html(paper.title))</h1>
      <p class="soft">\(html(paper.authors.joined(separator: ", "))), \(paper.year)\(source)</p>
      <p class="lead">\(html(paper.abstract))</p>
      \(partialNotice)
      <p class="tally">\(PageParts.tally(record))</p>
      </header>
      <main id="main">
      \(PageParts.claims(record.findings.claims))
      \(figures)
      \(tables)
      \(notes)
      <section aria-labelledby="method"><h2 id="method">Method</h2>\(paragraphs(study.method))<h3>Data</h3>\(paragraphs(study.data))</section>
      \(repeating)
      </main>
      <footer>Made by Cajal \(html(record.version)) from the record of run \(record.id).</footer>
      """)
  }

  private var source: String { study.paper.arXiv.map { " · " + PageParts.arXiv($0) } ?? "" }

  private var partialNotice: String {
    record.state == .partial
      ? "<p role=\"status\"><strong>This run was interrupted.</strong> What was measured until then is shown.</p>"
      : ""
  }

  private func paragraphs(_ text: String) -> String {
    text.components(separatedBy: "\n\n").map { "<p>\(html($0))</p>" }.joined(separator: "\n")
  }

  private var figures: String {
    let folder = URL(fileURLWithPath: record.folder)
    return PageParts.figures(
      record.findings.figures.map { (folder.appendingPathComponent($0.file), $0.caption) })
  }

  private var tables: String { PageParts.tables(record.findings.tables) }

  private var notes: String {
    guard !record.findings.notes.isEmpty else { return "" }
    let items = record.findings.notes.map { "<li>\(html($0))</li>" }.joined()
    return "<section aria-labelledby=\"notes\"><h2 id=\"notes\">Notes</h2><ul>\(items)</ul></section>"
  }

  private var repeating: String {
    let options = record.options.map { "<dt>\(html($0.name))</dt><dd>\(html($0.value))</dd>" }.joined()
    let data = record.data.map {
      "<dt>Data: \(html($0.name))</dt><dd><code>\(html($0.fingerprint))</code></dd>"
    }.joined()
    let metrics = record.findings.metrics.map {
      "<tr><td><code>\(html($0.name))</code></td><td class=\"n\">\(NumberText.short($0.value))</td><td>\(html($0.unit ?? ""))</td></tr>"
    }
    return """
      <section aria-labelledby="repeat"><h2 id="repeat">Repeat this run</h2>
      <pre><code>\(html(record.command))</code></pre>
      <dl><dt>Size</dt><dd>\(record.size.rawValue)</dd><dt>Seed</dt><dd>\(record.seed)</dd>
      <dt>Duration</dt><dd>\(NumberText.duration(record.duration))</dd><dt>Peak memory</dt><dd>\(NumberText.bytes(record.peakMemory))</dd>
      <dt>Machine</dt><dd>\(html(record.machine))</dd><dt>Started</dt><dd>\(record.started.formatted(.iso8601))</dd>\(data)</dl>
      <details><summary>Options</summary><dl>\(options)</dl></details>
      <details><summary>All \(metrics.count) metrics</summary><div class="scroll"><table><thead><tr><th scope="col">Metric</th><th scope="col" class="n">Value</th><th scope="col">Unit</th></tr></thead><tbody>\(metrics.joined())</tbody></table></div></details>
      </section>
      """
  }
}
