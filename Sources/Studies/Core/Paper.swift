/// The published system that a study runs.
public struct Paper: Sendable, Codable, Equatable {
  /// The name on the command line: lower case, words joined by hyphens.
  public var slug: String
  public var title: String
  public var authors: [String]
  public var year: Int
  /// The arXiv identifier, without a prefix.
  public var arXiv: String?
  /// What it is and who needs it, in our words.
  public var abstract: String

  public init(
    slug: String, title: String, authors: [String], year: Int, arXiv: String? = nil,
    abstract: String
  ) {
    self.slug = slug
    self.title = title
    self.authors = authors
    self.year = year
    self.arXiv = arXiv
    self.abstract = abstract
  }
}
