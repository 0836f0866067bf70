import Figures
import Foundation
import Support

/// A page of figures and tables that belongs to no study: whatever was done, and how to do it again.
public struct FigurePage {
  public var title: String
  /// One or two sentences below the title.
  public var lead: String
  /// Pictures beside their captions.
  public var figures: [(url: URL, caption: String)] = []
  public var tables: [Table] = []
  /// Names and values, in the order in which they are shown.
  public var facts: [(name: String, value: String)] = []
  /// The line by which it is done again.
  public var command: String?

  public init(title: String, lead: String) { (self.title, self.lead) = (title, lead) }

  /// - Throws: `CajalError` naming the path.
  public func write(to url: URL) throws { try AtomicFile.write(page, to: url) }

  public var page: String {
    let facts = facts.map { "<dt>\(html($0.name))</dt><dd>\(html($0.value))</dd>" }.joined()
    let command = command.map { "<pre><code>\(html($0))</code></pre>" } ?? ""
    return Page.make(
      title: "\(title) · Cajal",
      """
      <header>
      <p class="kicker">Cajal</p>
      <h1>\(html(title))</h1>
      <p class="lead">\(html(lead))</p>
      </header>
      <main id="main">
      \(PageParts.figures(figures))
      \(PageParts.tables(tables))
      <section aria-labelledby="repeat"><h2 id="repeat">Repeat this</h2>\(command)<dl>\(facts)</dl></section>
      </main>
      <footer>Made by Cajal \(html(cajalVersion)).</footer>
      """)
  }
}
