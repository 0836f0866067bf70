import Foundation

/// Text that is safe inside HTML, elements and attributes alike.
package func html(_ text: String) -> String {
  var out = ""
  out.reserveCapacity(text.count)
  for character in text {
    switch character {
    case "&": out += "&amp;"
    case "<": out += "&lt;"
    case ">": out += "&gt;"
    case "\"": out += "&quot;"
    case "'": out += "&#39;"
    default: out.append(character)
    }
  }
  return out
}

/// Numbers as a reader wants them.
public enum NumberText {
  /// Four significant digits, powers of ten where they are shorter.
  public static func short(_ value: Double) -> String {
    if value == 0 { return "0" }
    if !value.isFinite { return value.isNaN ? "not a number" : value > 0 ? "∞" : "−∞" }
    if value == value.rounded(), abs(value) < 1e7 { return String(Int(value)) }
    if abs(value) >= 1e-3, abs(value) < 1e6 {
      let digits = max(0, 3 - Int(floor(log10(abs(value)))))
      return String(format: "%.\(digits)f", value)
    }
    return String(format: "%.3e", value)
  }

  public static func duration(_ seconds: Double) -> String {
    if seconds < 60 { return String(format: "%.1f s", seconds) }
    let whole = Int(seconds.rounded())
    return whole < 3600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
  }

  public static func bytes(_ count: Int) -> String {
    count < 1 << 30 ? "\(count >> 20) MiB" : String(format: "%.1f GiB", Double(count) / Double(1 << 30))
  }
}

/// A whole page: nothing is loaded from elsewhere.
package enum Page {
  package static func make(
    title: String, style: String = "", script: String = "", _ body: String
  ) -> String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(html(title))</title>
    <link rel="icon" href="data:,">
    <style>\(PageStyle.css)\(style)</style>
    </head>
    <body>
    <a class="skip" href="#main">Skip to the content</a>
    \(body)
    \(script.isEmpty ? "" : "<script>\(script)</script>")
    </body>
    </html>

    """
  }

  /// A verdict as sign and word: never by colour alone.
  package static func badge(_ verdict: Claim.Verdict, count: Int? = nil) -> String {
    let (sign, name) =
      switch verdict {
      case .holds: ("✓", "holds")
      case .doesNotHold: ("✗", "fails")
      case .notTestable: ("–", "open")
      }
    let words = count.map { "\($0) \($0 == 1 ? verdict.rawValue : verdict.plural)" } ?? verdict.rawValue
    return
      "<span class=\"verdict \(name)\"><span aria-hidden=\"true\">\(sign)</span> \(words)</span>"
  }
}
