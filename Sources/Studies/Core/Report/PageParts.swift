import Figures
import Foundation

/// Sections that pages of runs share.
package enum PageParts {
  /// A badge for each verdict that the claims of a run got.
  package static func tally(_ record: RunRecord) -> String {
    record.tally.map { Page.badge($0.verdict, count: $0.count) }.joined(separator: " ")
  }

  /// A link to a paper by its name on arXiv.
  package static func arXiv(_ name: String) -> String {
    "<a href=\"\(html(PaperAddress.arXiv(name)))\">arXiv \(html(name))</a>"
  }

  /// What the paper said, how it was tested, what was measured; nothing where there are no claims.
  package static func claims(_ claims: [Claim]) -> String {
    guard !claims.isEmpty else { return "" }
    let rows = claims.map { claim in
      """
      <tr><th scope="row">\(html(claim.id)). \(html(claim.statement))</th>
      <td data-label="Paper said">\(html(claim.paper))</td>
      <td data-label="How tested">\(html(claim.test)) <span class="reason">Holds if \(html(claim.criterion))</span></td>
      <td data-label="We measured">\(html(claim.measured))</td>
      <td data-label="Verdict">\(Page.badge(claim.verdict))\(claim.reason.map { "<span class=\"reason\">\(html($0))</span>" } ?? "")</td></tr>
      """
    }
    return """
      <section aria-labelledby="claims"><h2 id="claims">Claims</h2><div class="scroll"><table class="claims">
      <thead><tr><th scope="col">Claim</th><th scope="col">Paper said</th><th scope="col">How tested</th><th scope="col">We measured</th><th scope="col">Verdict</th></tr></thead>
      <tbody>\(rows.joined(separator: "\n"))</tbody></table></div></section>
      """
  }

  package static func figures(_ figures: [(url: URL, caption: String)]) -> String {
    let parts = figures.compactMap { figure -> String? in
      guard let picture = picture(figure.url, figure.caption) else { return nil }
      return "<figure>\(picture)<figcaption>\(html(figure.caption))</figcaption></figure>"
    }
    guard !parts.isEmpty else { return "" }
    return
      "<section aria-labelledby=\"figures\"><h2 id=\"figures\">Figures</h2><div class=\"figures\">\(parts.joined(separator: "\n"))</div></section>"
  }

  /// The picture itself, so that the page stands alone: SVG inline, others as data.
  package static func picture(_ url: URL, _ alternative: String) -> String? {
    guard let data = try? Data(contentsOf: url) else { return nil }
    guard url.pathExtension == "svg" else {
      return
        "<img src=\"data:image/\(url.pathExtension);base64,\(data.base64EncodedString())\" alt=\"\(html(alternative))\">"
    }
    let text = String(decoding: data, as: UTF8.self)
    guard let start = text.range(of: "<svg") else { return nil }
    // Names inside the picture are made its own: several pictures share a page.
    let prefix = url.deletingPathExtension().lastPathComponent
    return String(text[start.lowerBound...])
      .replacingOccurrences(of: "id='", with: "id='\(prefix)-").replacingOccurrences(
        of: "id=\"", with: "id=\"\(prefix)-"
      )
      .replacingOccurrences(of: "href='#", with: "href='#\(prefix)-").replacingOccurrences(
        of: "url(#", with: "url(#\(prefix)-")
  }

  static func tables(_ tables: [Table]) -> String {
    guard !tables.isEmpty else { return "" }
    let parts = tables.map { table in
      let open = table.rows.count <= 12 ? " open" : ""
      return
        "<details\(open)><summary>\(html(table.caption))</summary><div class=\"scroll\">\(Self.table(table))</div><p class=\"soft\"><code>\(html(table.name)).csv</code>, \(table.rows.count) rows</p></details>"
    }
    return
      "<section aria-labelledby=\"tables\"><h2 id=\"tables\">Tables</h2>\(parts.joined(separator: "\n"))</section>"
  }

  private static func table(_ table: Table) -> String {
    let head = table.columns.enumerated().map { index, name in
      "<th scope=\"col\"\(isNumeric(table, index) ? " class=\"n\"" : "")>\(html(name))</th>"
    }
    let rows = table.rows.map { row in "<tr>\(row.map(cell).joined())</tr>" }
    return
      "<table><thead><tr>\(head.joined())</tr></thead><tbody>\(rows.joined(separator: "\n"))</tbody></table>"
  }

  private static func isNumeric(_ table: Table, _ column: Int) -> Bool {
    table.rows.contains { if case .text = $0[column] { false } else { true } }
  }

  private static func cell(_ cell: Table.Cell) -> String {
    switch cell {
    case .text(let text): "<td>\(html(text))</td>"
    case .number(let value): "<td class=\"n\">\(NumberText.short(value))</td>"
    case .integer(let value): "<td class=\"n\">\(value)</td>"
    case .missing: "<td class=\"n\">–</td>"
    }
  }
}
