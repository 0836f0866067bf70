/// What a file says of one paper, before it is known whether the reading list has it.
public struct PaperReference: Sendable, Equatable {
  /// Nil where only an identifier was given.
  public var title: String?
  public var authors: [String] = []
  /// Where the file says that there are more than it lists.
  public var authorCount: Int?
  /// `2016`, `2016-01` or `2016-01-04`.
  public var published: String?
  public var arXiv: ArXivIdentifier?
  /// In small letters, without `https://doi.org/`.
  public var doi: String?
  public var link: String?
  public var topics: [String] = []
  /// Line of the file, from 1 on; nil for what came from elsewhere.
  public var line: Int?
  /// What the file calls it: a key of BibTeX.
  public var label: String?

  public init() {}

  /// A paper of which nothing but its name on arXiv is known.
  public init(_ arXiv: ArXivIdentifier, line: Int? = nil) {
    self.arXiv = arXiv
    self.line = line
  }

  /// How messages call it.
  public var name: String { title ?? arXiv?.description ?? label ?? "a paper without a name" }
}

/// Something that could not be taken, where it stands and why.
public struct Refusal: Sendable, Equatable, Codable {
  /// Line of the file, from 1 on.
  public var line: Int?
  public var name: String
  public var reason: String

  public init(line: Int? = nil, name: String, reason: String) {
    (self.line, self.name, self.reason) = (line, name, reason)
  }

  /// Beyond so many mistakes the rest of a file is not read: it is none of papers.
  static let most = 1000

  /// What is said of the rest.
  static func rest(from line: Int) -> Refusal {
    Refusal(
      line: line, name: "the rest of the file", reason: "not read, after more than \(most) mistakes")
  }
}
