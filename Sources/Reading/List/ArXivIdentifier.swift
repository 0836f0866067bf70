/// The name of a paper on arXiv, without its version: `2306.16922`, `cs/0112017`.
public struct ArXivIdentifier: Sendable, Hashable, Codable, CustomStringConvertible {
  public let description: String

  /// Reads a name as people write it: bare, behind `arXiv:`, with a version, as an address of arxiv.org, as an OAI name, or
  /// as a DOI of arXiv's own.
  ///
  /// Subject classes of names from before April 2007 are dropped, as arXiv does: `math.GT/0309136` is `math/0309136`.
  public init?(_ text: String) {
    var rest = Substring(text.filter { !$0.isWhitespace })
    rest = Self.withoutAddress(rest)
    for end in [".pdf", ".PDF"] where rest.hasSuffix(end) { rest = rest.dropLast(4) }
    if let cut = rest.lastIndex(of: "v"), cut != rest.startIndex,
      case let digits = rest[rest.index(after: cut)...], Self.areDigits(digits, 1...3)
    {
      rest = rest[..<cut]
    }
    guard let name = Self.recent(rest) ?? Self.old(rest) else { return nil }
    description = name
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let name = Self(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is no name of a paper on arXiv")
    }
    self = name
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Year and month in which the paper came, which its name tells: `2023-06`.
  public var month: String {
    let digits = description.drop { $0 != "/" }.dropFirst()
    guard !digits.isEmpty else { return "20\(description.prefix(2))-\(description.dropFirst(2).prefix(2))" }
    let century = digits.prefix(1) == "9" ? "19" : "20"
    return "\(century)\(digits.prefix(2))-\(digits.dropFirst(2).prefix(2))"
  }

  private static func withoutAddress(_ text: Substring) -> Substring {
    let lower = text.lowercased()
    if let cut = ["10.48550/arxiv.", "oai:arxiv.org:", "arxiv:"].compactMap({ prefix in
      lower.hasPrefix(prefix) ? prefix.count : nil
    }).first {
      return text.dropFirst(cut)
    }
    for host in ["arxiv.org/", "doi.org/10.48550/arxiv."] {
      guard let range = lower.range(of: host) else { continue }
      // The host alone may stand before: notarxiv.org is another.
      let before = lower[..<range.lowerBound]
      guard
        ["", "http://", "https://"].contains(
          before.replacing("www.", with: "").replacing("export.", with: ""))
      else { continue }
      var rest = text.dropFirst(lower.distance(from: lower.startIndex, to: range.upperBound))
      for part in ["abs/", "pdf/", "html/", "format/"] where rest.hasPrefix(part) {
        rest = rest.dropFirst(part.count)
      }
      return rest.prefix { $0 != "?" && $0 != "#" }
    }
    return text
  }

  /// `YYMM.NNNN`, since 2015 with five digits.
  private static func recent(_ text: Substring) -> String? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, areDigits(parts[0], 4...4), isMonth(parts[0].suffix(2)),
      let year = Int(parts[0]), year >= 704, areDigits(parts[1], year >= 1501 ? 5...5 : 4...4)
    else { return nil }
    return String(text)
  }

  /// `archive/YYMMNNN`, until March 2007.
  private static func old(_ text: Substring) -> String? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, areDigits(parts[1], 7...7), isMonth(parts[1].dropFirst(2).prefix(2)),
      let month = Int(parts[1].prefix(4)), month >= 9107 || month <= 703
    else { return nil }
    let archive = parts[0].lowercased().prefix { $0 != "." }
    guard !archive.isEmpty, archive.allSatisfy({ ("a"..."z").contains($0) || $0 == "-" }) else { return nil }
    return "\(archive)/\(parts[1])"
  }

  private static func areDigits(_ text: Substring, _ count: ClosedRange<Int>) -> Bool {
    count.contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  private static func isMonth(_ text: Substring) -> Bool { Int(text).map { (1...12).contains($0) } ?? false }
}
