import Foundation
import StudyCore
import Support

/// One paper: what it asks and gives, what its claims came to, how to run it, and what is like it.
struct PaperPage {
  private let pages: ReadingPages
  private let paper: Catalogue.Entry
  private let related: [Catalogue.Entry]
  private let front, page: URL
  /// The page of its study's guide.
  private let guide: URL?
  private var study: AnyStudy? { pages.studies[paper.slug] }
  private var run: RunRecord? { pages.runs[paper.slug] }

  init(
    _ pages: ReadingPages, _ paper: Catalogue.Entry, related: [Catalogue.Entry], guide: URL?, front: URL,
    page: URL
  ) {
    (self.pages, self.paper, self.related, self.guide) = (pages, paper, related, guide)
    (self.front, self.page) = (front, page)
  }

  var text: String {
    let organization = paper.organization.map { " · \(html($0))" } ?? ""
    let everyone = paper.authors.joined(separator: ", ")
    let unlisted = (paper.authorCount ?? 0) - paper.authors.count
    let authors = unlisted > 0 ? "\(everyone) and \(unlisted) others" : everyone
    return Page.make(
      title: "\(paper.title) · Cajal", style: ReadingStyle.css,
      """
      <header>
      <p class="kicker"><a href="\(frontLink)">Reading room</a> · <code>\(html(paper.slug))</code></p>
      <h1>\(html(paper.title))</h1>
      <p class="soft">\([html(authors) + organization, html(paper.published)].filter { !$0.isEmpty }.joined(separator: " · "))</p>
      \(paper.question.isEmpty ? "" : "<p class=\"lead\">\(html(paper.question))</p>")
      \(links)
      \(topics)
      \(tally)
      </header>
      <main id="main">
      \(section("summary", "Summary", paper.summary.isEmpty ? "" : "<p>\(html(paper.summary))</p>"))
      \(section("run", "Run it", running))
      \(claims)
      \(figures)
      \(section("options", "Options", options))
      \(section("library", "From the library", library))
      \(section("related", "Related papers", relatedList))
      </main>
      <footer>Made by Cajal \(cajalVersion).</footer>
      """)
  }

  private func section(_ id: String, _ title: String, _ body: String) -> String {
    body.isEmpty ? "" : "<section aria-labelledby=\"\(id)\"><h2 id=\"\(id)\">\(title)</h2>\(body)</section>"
  }

  private var frontLink: String { html(ReadingPages.link(front, from: page)) }

  private var links: String {
    var links: [String] = []
    if let arXiv = paper.arXiv { links.append(PageParts.arXiv(arXiv)) }
    if let doi = paper.doi {
      links.append("<a href=\"\(html(PaperAddress.doi(doi)))\">DOI \(html(doi))</a>")
    }
    if let link = paper.link, paper.arXiv == nil {
      links.append("<a href=\"\(html(link))\">\(html(URL(string: link)?.host ?? link))</a>")
    }
    links += paper.code.map { place in
      let address = place.contains("://") ? place : "https://github.com/\(place)"
      return address.hasPrefix("http") ? "<a href=\"\(html(address))\">\(html(place))</a>" : html(place)
    }
    return links.isEmpty ? "" : "<p>\(links.joined(separator: " · "))</p>"
  }

  private var topics: String {
    let family = paper.family.isEmpty ? [] : [("family", paper.family)]
    let items = (family + paper.topics.map { ("topic", $0) }).map { name, value in
      // As the front page's script writes its address.
      let allowed = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "*-._"))
      let query = value.addingPercentEncoding(withAllowedCharacters: allowed) ?? value
      return "<a class=\"topic\" href=\"\(frontLink)#\(name)=\(html(query))\">\(html(value))</a>"
    }
    return items.isEmpty ? "" : "<p class=\"topics\">\(items.joined(separator: " "))</p>"
  }

  private var tally: String {
    let badges = run.map(PageParts.tally) ?? ""
    return badges.isEmpty ? "" : "<p class=\"tally\">\(badges)</p>"
  }

  private var running: String {
    guard study != nil else { return "<p class=\"soft\">This paper does not run yet.</p>" }
    let guide = guide.map {
      "<p><a href=\"\(html(ReadingPages.link($0, from: page)))\">The guide</a> tells how to use it on your own data, what was measured, and what differs from the paper.</p>"
    }
    return """
      <pre><code>cajal run \(html(paper.slug))                 # one to five minutes
      cajal run \(html(paper.slug)) --size quick    # a first look
      cajal run \(html(paper.slug)) --data PATH     # your own data
      cajal verify \(html(paper.slug))              # its kernels against reference vectors</code></pre>
      \(guide ?? "")
      """
  }

  private var claims: String {
    guard let run else {
      return study == nil
        ? ""
        : section("claims", "Claims", "<p class=\"soft\">Not run here yet: its claims stand here then.</p>")
    }
    let report = URL(fileURLWithPath: run.folder).appendingPathComponent("report.html")
    let date = run.started.formatted(.iso8601.year().month().day())
    return """
      \(PageParts.claims(run.findings.claims))
      <p>Measured on \(date), size \(run.size.rawValue), seed \(run.seed). <a href="\(html(ReadingPages.link(report, from: page)))">The report of the run</a> has tables, method and machine.</p>
      """
  }

  private var figures: String {
    guard let run else { return "" }
    let folder = URL(fileURLWithPath: run.folder)
    return PageParts.figures(
      run.findings.figures.map { (folder.appendingPathComponent($0.file), $0.caption) })
  }

  private var options: String {
    guard let study, !study.options.isEmpty,
      let values = try? StudySize.allCases.map({ try study.values($0, []) })
    else { return "" }
    let rows = study.options.enumerated().map { index, option in
      let cells = values.map { "<td>\(html($0[index].value))</td>" }.joined()
      return
        "<tr><th scope=\"row\"><code>\(html(option.name))</code></th><td>\(html(option.help)); \(html(option.expected))</td>\(cells)</tr>"
    }
    return """
      <p>Each is set with <code>--set NAME=VALUE</code>.</p>
      <div class="scroll"><table><thead><tr><th scope="col">Option</th><th scope="col">What it does</th><th scope="col">Quick</th><th scope="col">Standard</th><th scope="col">Full</th></tr></thead>
      <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
      """
  }

  private var library: String {
    guard let study, !study.library.isEmpty else { return "" }
    let rows = study.library.map { part in
      "<dt><a href=\"\(html(pages.documentation))/\(part.documentationPath)\"><code>\(html(part.name))</code></a></dt><dd>\(html(part.role)) <span class=\"soft\">(<code>import \(html(part.room))</code>)</span></dd>"
    }
    return """
      <p>The types that do the work, for use without the study. Links lead to the API documentation, which <code>make docs</code> writes and \
      <code>python3 -m http.server -d docs/api</code> serves.</p><dl>\(rows.joined(separator: "\n"))</dl>
      """
  }

  private var relatedList: String {
    guard !related.isEmpty else { return "" }
    let items = related.map {
      "<li><a href=\"\(html(ReadingPages.file($0.slug)))\">\(html($0.title))</a> <span class=\"soft\">\(html($0.published.prefix(4).description))\($0.question.isEmpty ? "" : " · \(html($0.question))")</span></li>"
    }
    return "<ul class=\"related\">\(items.joined(separator: "\n"))</ul>"
  }
}
