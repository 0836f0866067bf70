/// Names of sites with wild cards: `blocks.*.mlp` (one step), `**.mlp` (any steps), `layer?` (one letter).
public struct SitePattern: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
  public let description: String
  private let steps: [[Character]]

  public init(_ pattern: String) {
    description = pattern
    steps = pattern.split(separator: ".", omittingEmptySubsequences: false).map(Array.init)
  }

  public init(stringLiteral value: String) { self.init(value) }

  /// Whether the whole name fits.
  public func matches(_ site: String) -> Bool {
    let names = site.split(separator: ".", omittingEmptySubsequences: false).map(Array.init)
    return Self.match(steps[...], names[...])
  }

  private static func match(_ pattern: ArraySlice<[Character]>, _ names: ArraySlice<[Character]>) -> Bool {
    guard let first = pattern.first else { return names.isEmpty }
    if first == ["*", "*"] {
      return (names.startIndex...names.endIndex).contains { match(pattern.dropFirst(), names[$0...]) }
    }
    guard let name = names.first else { return false }
    return matchStep(first[...], name[...]) && match(pattern.dropFirst(), names.dropFirst())
  }

  private static func matchStep(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>) -> Bool {
    guard let first = pattern.first else { return name.isEmpty }
    if first == "*" {
      return (name.startIndex...name.endIndex).contains { matchStep(pattern.dropFirst(), name[$0...]) }
    }
    guard let letter = name.first, first == "?" || first == letter else { return false }
    return matchStep(pattern.dropFirst(), name.dropFirst())
  }
}
