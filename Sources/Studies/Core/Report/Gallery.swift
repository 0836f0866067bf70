import Foundation
import Support

/// The page of all papers: what runs, what was found, what is still to come.
public struct Gallery {
  private let catalogue: Catalogue
  private let studies: [String: AnyStudy]
  private let runs: [String: RunRecord]

  /// - Parameter runs: The last run of each study that has one.
  public init(_ catalogue: Catalogue, studies: [AnyStudy], runs: [RunRecord]) {
    self.catalogue = catalogue
    self.studies = Dictionary(studies.map { ($0.paper.slug, $0) }, uniquingKeysWith: { $1 })
    self.runs = Dictionary(runs.map { ($0.study, $0) }, uniquingKeysWith: { first, _ in first })
  }

  public func write(to url: URL) throws { try AtomicFile.write(page(relativeTo: url), to: url) }

  private func page(relativeTo url: URL) -> String {
    let ordered =
      catalogue.entries.filter { studies[$0.slug] != nil }
      + catalogue.entries.filter { studies[$0.slug] == nil }
    let items = ordered.map { item($0, url) }.joined(separator: "\n")
    return Page.make(
      title: "Cajal · gallery", script: Self.script,
      """
      <header>
      <p class="kicker">Cajal · a workbench for neurons</p>
      <h1>Published systems, run claim by claim</h1>
      <p class="lead">\(studies.count) of \(catalogue.entries.count) papers run with one command; the others are on their way.</p>
      </header>
      <main id="main">
      <div class="search" role="search"><label for="search">Search</label>
      <input id="search" type="search" placeholder="dendrites, learning rate, worm …" autocomplete="off">
      <span id="found" class="soft" role="status">\(ordered.count) papers</span></div>
      <ul class="papers" id="papers">
      \(items)
      </ul>
      </main>
      <footer>Made by Cajal \(cajalVersion) from the record of runs.</footer>
      """)
  }

  private func item(_ entry: Catalogue.Entry, _ page: URL) -> String {
    let words =
      ([entry.slug, entry.title, entry.question, entry.summary, entry.family] + entry.topics + entry.authors)
      .joined(separator: " ").lowercased()
    let run = runs[entry.slug]
    let thumbnail = run.flatMap(thumbnail) ?? ""
    return """
      <li class="paper\(thumbnail.isEmpty ? "" : " runs")" data-words="\(html(words))"><div>
      <p class="state">\(html(entry.family)) · \(entry.published) · \(studies[entry.slug] == nil ? "not yet" : "runs")</p>
      <h3>\(title(entry, run, page))</h3>
      <p class="soft">\(html(entry.authorLine))</p>
      <p>\(html(entry.question))</p>
      \(verdicts(entry, run))
      </div>\(thumbnail)</li>
      """
  }

  private func title(_ entry: Catalogue.Entry, _ run: RunRecord?, _ page: URL) -> String {
    guard let run else { return html(entry.title) }
    let report = URL(fileURLWithPath: run.folder).appendingPathComponent("report.html")
    return "<a href=\"\(html(Self.relative(report, to: page)))\">\(html(entry.title))</a>"
  }

  private func verdicts(_ entry: Catalogue.Entry, _ run: RunRecord?) -> String {
    guard let run else {
      return studies[entry.slug] == nil ? "" : "<p><code>cajal run \(html(entry.slug))</code></p>"
    }
    let badges = [Claim.Verdict.holds, .doesNotHold, .notTestable].filter { run.count($0) > 0 }
      .map { Page.badge($0, count: run.count($0)) }
    return "<p class=\"tally\">\(badges.joined(separator: " "))</p>"
  }

  private func thumbnail(_ run: RunRecord) -> String? {
    guard let figure = run.findings.figures.first else { return nil }
    let url = URL(fileURLWithPath: run.folder).appendingPathComponent(figure.file)
    return PageParts.picture(url, figure.caption).map { "<div>\($0)</div>" }
  }

  /// A link that survives moving the folder of records as a whole.
  static func relative(_ target: URL, to page: URL) -> String {
    let base = page.deletingLastPathComponent().standardizedFileURL.path + "/"
    let path = target.standardizedFileURL.path
    let chosen = path.hasPrefix(base) ? String(path.dropFirst(base.count)) : "file://" + path
    return chosen.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed.union(["/", ":"])) ?? chosen
  }

  private static let script = """
    const box=document.getElementById('search'),items=[...document.querySelectorAll('.paper')],found=document.getElementById('found');
    function filter(){const words=box.value.toLowerCase().split(/\\s+/).filter(Boolean);let n=0;
    for(const item of items){const show=words.every(w=>item.dataset.words.includes(w));item.hidden=!show;item.style.display=show?'':'none';if(show)n++}
    found.textContent=n+(n===1?' paper':' papers')}
    box.addEventListener('input',filter);filter();
    """
}
