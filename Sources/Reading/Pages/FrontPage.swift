import Foundation
import StudyCore
import Support

/// The reading list with its search, filters and order.
struct FrontPage {
  private let pages: ReadingPages
  /// Vectors for the search, as JSON.
  private let meaning: String?

  /// What the page's script knows of a paper.
  private struct Item: Encodable {
    struct Verdicts: Encodable { let holds, fails, open: Int }
    let slug, title, authors, date, family, question, summary, state, page: String
    /// All authors, for the search.
    let everyone, topics: [String]
    let organization: String?
    let verdicts: Verdicts?
    /// When it ran last, in seconds since 1970.
    let run: Int?
    let thumbnail, caption: String?
  }

  init(_ pages: ReadingPages, meaning: String?) { (self.pages, self.meaning) = (pages, meaning) }

  /// - Parameter thumbnails: Pictures by slug, as the page names them.
  func text(_ thumbnails: [String: String]) throws -> String {
    let entries = pages.catalogue.entries
    let items = entries.map { item($0, thumbnails[$0.slug]) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = String(decoding: try encoder.encode(items), as: UTF8.self)
    let running = entries.filter { pages.studies[$0.slug] != nil }.count
    let vectors = meaning.map { Self.embedded($0, "meaning-data") } ?? ""
    return Page.make(
      title: "Cajal · reading room", style: ReadingStyle.css,
      script: try ReadingScript.text("search") + ReadingScript.text("reading"),
      """
      <header>
      <p class="kicker">Cajal · a workbench for neurons</p>
      <h1>The reading room</h1>
      <p class="lead">\(Self.count(entries.count, "paper")) on neurons, natural and artificial. \(running) of them \(running == 1 ? "runs" : "run") with one command and \(running == 1 ? "answers" : "answer") claim by claim.</p>
      \(guides)
      </header>
      <main id="main">
      \(controls)
      <ul class="papers" id="papers" aria-label="Papers"></ul>
      <button type="button" id="more" class="plain" hidden>Show more papers</button>
      <noscript><ul class="papers">\(entries.map(plain).joined(separator: "\n"))</ul></noscript>
      </main>
      <footer><p class="keys"><kbd>/</kbd> searches · <kbd>j</kbd> <kbd>k</kbd> or arrows move · <kbd>Enter</kbd> opens · <kbd>s</kbd> stars · <kbd>Esc</kbd> clears the search</p>
      Made by Cajal \(cajalVersion) from the reading list and the record of runs. Stars stay in this browser.</footer>
      \(Self.embedded(data, "papers-data"))
      \(vectors)
      """)
  }

  private var guides: String {
    let links = pages.guides.map { "<a href=\"guides/\($0.file)\">\(html($0.title))</a>" }
    return links.isEmpty
      ? "" : "<nav aria-label=\"Guides\"><p>Guides: \(links.joined(separator: " · "))</p></nav>"
  }

  private static func count(_ count: Int, _ name: String) -> String {
    "\(count) \(name)\(count == 1 ? "" : "s")"
  }

  /// JSON that cannot end its element.
  private static func embedded(_ json: String, _ id: String) -> String {
    "<script type=\"application/json\" id=\"\(id)\">\(json.replacingOccurrences(of: "<", with: "\\u003c"))</script>"
  }

  private func item(_ paper: Catalogue.Entry, _ thumbnail: String?) -> Item {
    let run = pages.runs[paper.slug]
    return Item(
      slug: paper.slug, title: paper.title, authors: paper.authorLine, date: paper.published,
      family: paper.family, question: paper.question, summary: paper.summary,
      state: pages.state(of: paper.slug), page: "papers/" + ReadingPages.file(paper.slug),
      everyone: paper.authors, topics: paper.topics, organization: paper.organization,
      verdicts: run.map {
        .init(holds: $0.count(.holds), fails: $0.count(.doesNotHold), open: $0.count(.notTestable))
      },
      run: run.map { Int($0.started.timeIntervalSince1970) }, thumbnail: thumbnail,
      caption: thumbnail == nil ? nil : run?.findings.figures.first?.caption)
  }

  /// A paper for readers without JavaScript.
  private func plain(_ paper: Catalogue.Entry) -> String {
    """
    <li class="paper"><div class="body"><p class="state">\(html(paper.published)) · \(html(paper.family)) · \(pages.state(of: paper.slug))</p>
    <h3><a href="papers/\(ReadingPages.file(paper.slug))">\(html(paper.title))</a></h3><p class="soft">\(html(paper.authorLine))</p><p>\(html(paper.question))</p></div></li>
    """
  }

  private var controls: String {
    let entries = pages.catalogue.entries
    let states = entries.map { pages.state(of: $0.slug) }
    return """
      <form class="controls" role="search" aria-label="Papers" onsubmit="return false">
      <div class="search"><label for="search">Search</label>
      <input id="search" type="search" placeholder="which neurons store facts, dendrites, Hawkins …" autocomplete="off" spellcheck="false"></div>
      <div class="filters">
      \(select("family", "Family", counted(entries.map(\.family))))
      \(select("topic", "Topic", counted(entries.flatMap(\.topics))))
      \(select("year", "Year", counted(entries.map { String($0.published.prefix(4)) }).reversed()))
      \(select("state", "State", counted(states)))
      \(select("verdict", "Claims", [("holds", "some hold"), ("fails", "some do not hold"), ("open", "some left open"), ("none", "not run yet")]))
      \(select("sort", "Sort by", [("date", "date"), ("title", "title"), ("holds", "most claims held"), ("run", "most recently run")], any: "date"))
      <button type="button" id="starred" class="plain" aria-pressed="false">★ starred</button>
      </div>
      <div class="found"><span id="found" class="soft" role="status"></span><span id="chips"></span><button type="button" id="clear" class="plain" hidden>Clear all</button></div>
      </form>
      """
  }

  /// Values with the number of papers that have them, in the order of the alphabet.
  private func counted(_ values: [String]) -> [(value: String, label: String)] {
    Dictionary(grouping: values.filter { !$0.isEmpty }, by: { $0 })
      .map { ($0.key, "\($0.key) (\($0.value.count))") }
      .sorted { $0.0.localizedCaseInsensitiveCompare($1.0) == .orderedAscending }
  }

  private func select(
    _ id: String, _ label: String, _ values: [(value: String, label: String)], any: String = "all"
  ) -> String {
    let options = values.map { "<option value=\"\(html($0.value))\">\(html($0.label))</option>" }
    return
      "<label>\(label) <select id=\"\(id)\"><option value=\"\">\(any)</option>\(options.joined())</select></label>"
  }
}

/// Scripts that come with the room.
enum ReadingScript {
  static func text(_ name: String) throws -> String {
    guard let url = Bundle.module.url(forResource: name, withExtension: "js"),
      let text = try? String(contentsOf: url, encoding: .utf8)
    else { throw CajalError("\(name).js is missing beside the program: build the package again") }
    return text
  }
}
