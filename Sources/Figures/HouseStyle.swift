import Foundation

/// How every figure looks.
enum HouseStyle {
  /// Distinguishable with any kind of colour vision, on light and on dark (after Okabe and Ito, 2008).
  static let colours = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#a05195",
  ]

  static func preamble(label: String, height: Int = 440) -> [String] {
    [
      "set terminal svg size 720,\(height) dynamic enhanced font 'Helvetica,13'",
      "set border 3 lw 1 lc rgb '#010101'",
      "set tics nomirror out scale 0.6",
      "set grid lc rgb '#c9c9c9' lw 0.6 dt 1",
      "set key outside right top vertical spacing 1.15 samplen 2 font ',12'",
      "set title font ',15' offset 0,-0.3",
      "set boxwidth 0.8 relative",
      "set errorbars small",
    ]
  }

  /// Makes gnuplot's picture follow the page: black becomes the text colour, names and descriptions are added.
  static func finish(_ svg: String, title: String, caption: String) -> String {
    var text = svg
    // gnuplot writes its own version and title; neither belongs to the figure.
    text = text.replacing(/<desc>[^<]*<\/desc>/, with: "").replacing(/<title>Gnuplot<\/title>/, with: "")
      .replacing(/<!--[^>]*-->/, with: "")
      // gnuplot puts a white disc behind every point with an error bar, which hides the line and short bars.
      .replacing(/<use [^>]*color='white'\/>/, with: "")
    text = text.replacing(/rgb\(\s*[01],\s*[01],\s*[01]\)/, with: "currentColor")
      .replacing(/"black"|'black'/, with: "\"currentColor\"")
    // gnuplot writes an escaped "&" as it stands, which no reader of XML takes.
    text = text.replacing(/&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)/, with: "&amp;")
    let head =
      "<title>\(escaped(title))</title><desc>\(escaped(caption))</desc>"
      + "<style>svg{color:#1a1a1a}@media(prefers-color-scheme:dark){svg{color:#e6e6e6}}</style>"
    guard let start = text.range(of: "<svg"),
      let end = text.range(of: ">", range: start.upperBound..<text.endIndex)
    else { return text }
    text.insert(contentsOf: " role=\"img\"", at: end.lowerBound)
    let after = text.range(of: ">", range: start.upperBound..<text.endIndex)!.upperBound
    text.insert(contentsOf: head, at: after)
    return text
  }

  /// Text for XML.
  static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: ">", with: "&gt;")
  }
}
