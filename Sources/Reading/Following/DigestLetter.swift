import Foundation
import StudyCore

/// What a digest says, as text and as HTML.
struct DigestLetter {
  private let digest: Digest

  init(_ digest: Digest) { self.digest = digest }

  private var count: String { digest.items.count == 1 ? "1 new paper" : "\(digest.items.count) new papers" }

  var subject: String {
    let title = digest.items[0].entry.title
    let short = title.count > 70 ? title.prefix(69).trimmingCharacters(in: .whitespaces) + "…" : title
    let others = digest.items.count - 1
    return others == 0 ? "New paper: \(short)" : "\(count): \(short) and \(others) more"
  }

  private var topics: String {
    let topics = digest.subscriber.topics
    return topics.isEmpty ? "all papers" : topics.joined(separator: ", ")
  }

  private var more: String? {
    digest.left == 0 ? nil : "\(digest.left) more came since the last letter; they stand in the next."
  }

  private var why: String {
    "You get this \(digest.subscriber.frequency.rawValue) (\(topics)), at \(digest.subscriber.address)."
  }

  private var stop: String { "cajal papers unsubscribe \(digest.subscriber.address)" }

  private func details(_ item: Digest.Item) -> String {
    [
      item.entry.authors.isEmpty ? nil : item.entry.authorLine, item.entry.published,
      item.entry.family == OwnPaper.family ? nil : item.entry.family,
    ].compactMap { $0 }.joined(separator: ", ")
  }

  private func measured(_ item: Digest.Item) -> String? {
    if item.verdicts.isEmpty { return nil }
    let counts = item.verdicts.map {
      "\($0.count) \($0.count == 1 ? $0.verdict.rawValue : $0.verdict.plural)"
    }
    return "Measured here: of its claims \(counts.joined(separator: ", "))."
  }

  // MARK: Text

  var text: String {
    let parts = digest.items.map { item -> String in
      let lines: [String?] = [
        item.entry.title, details(item), item.entry.question, item.entry.summary, measured(item), item.link,
        "cajal show \(item.entry.slug)",
      ]
      return lines.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "\n")
    }
    let head = "\(count) on the reading list"
    let foot = [more, "-- \n\(why)\nTo stop: answer with 'unsubscribe', or run\n\(stop)"].compactMap { $0 }
    return ([head] + parts + foot).joined(separator: "\n\n")
  }

  // MARK: HTML

  /// Plain elements with styles of their own, since programs for mail drop what stands in the head; those that keep it turn
  /// dark where the reader wants that.
  var html: String {
    let items = digest.items.map(block).joined(separator: "\n")
    let left = more.map { "<p class=\"soft\" style=\"\(Self.soft)\">\(StudyCore.html($0))</p>" } ?? ""
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
      <meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
      <title>\(StudyCore.html(subject))</title>
      <style>
      @media (prefers-color-scheme: dark) {
      body { background: #171613 !important; color: #ece9e2 !important }
      .soft { color: #aaa598 !important } a { color: #7cc4f0 !important } .item { border-color: #3a3832 !important }
      code { background: #2c2a25 !important; color: #ece9e2 !important }
      }
      </style></head>
      <body style="margin:0;background:#fbfaf7;color:#1c1b19;font:16px/1.5 -apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif">
      <div style="max-width:640px;margin:0 auto;padding:24px 16px">
      <p class="soft" style="\(Self.soft);margin:0">Cajal · the reading list</p>
      <h1 style="font:600 24px/1.25 Georgia,serif;margin:4px 0 20px">\(count)</h1>
      \(items)
      \(left)
      <p class="soft" style="\(Self.soft);margin-top:28px">\(StudyCore.html(why))
      To stop, answer with “unsubscribe”, or run <code style="\(Self.code)">\(StudyCore.html(stop))</code></p>
      </div></body></html>
      """
  }

  private static let soft = "color:#5c5952;font-size:14px"
  private static let code =
    "background:#eeece6;color:#1c1b19;padding:1px 5px;border-radius:4px;font-size:13px;word-break:break-all"

  private func block(_ item: Digest.Item) -> String {
    func paragraph(_ text: String?, soft: Bool = false) -> String {
      guard let text, !text.isEmpty else { return "" }
      let style = soft ? "\(Self.soft);margin:0 0 8px" : "margin:0 0 8px"
      return "<p\(soft ? " class=\"soft\"" : "") style=\"\(style)\">\(StudyCore.html(text))</p>\n"
    }
    let title = StudyCore.html(item.entry.title)
    let linked =
      item.link.map { "<a href=\"\(StudyCore.html($0))\" style=\"color:#0b5c8f\">\(title)</a>" } ?? title
    return """
      <div class="item" style="border-top:1px solid #dcd8cf;padding:16px 0 8px">
      <h2 style="font-size:17px;line-height:1.35;margin:0 0 4px;font-weight:600;overflow-wrap:anywhere">\(linked)</h2>
      \(paragraph(details(item), soft: true))\(paragraph(item.entry.question))\(paragraph(item.entry.summary))\
      \(paragraph(measured(item)))<p style="margin:0 0 8px"><code style="\(Self.code)">cajal show \(StudyCore.html(item.entry.slug))</code></p>
      </div>
      """
  }
}
