import Foundation
import Support

/// The reading list: every published system that Cajal knows of.
public struct Catalogue: Sendable {
  public struct Entry: Sendable, Codable {
    public var slug: String
    public var title: String
    public var authors: [String]
    public var authorCount: Int?
    public var organization: String?
    /// Year, month, day: "2016-01-04".
    public var published: String
    public var arXiv: String?
    /// In small letters, without the address of a resolver: "10.1109/5.771073".
    public var doi: String?
    /// Where else it can be read.
    public var link: String?
    public var code: [String]
    public var family: String
    public var topics: [String]
    public var question: String
    public var summary: String

    public init(
      slug: String, title: String, authors: [String], authorCount: Int? = nil, organization: String? = nil,
      published: String, arXiv: String? = nil, doi: String? = nil, link: String? = nil, code: [String] = [],
      family: String, topics: [String] = [],
      question: String, summary: String
    ) {
      self.slug = slug
      self.title = title
      self.authors = authors
      self.authorCount = authorCount
      self.organization = organization
      self.published = published
      self.arXiv = arXiv
      self.doi = doi
      self.link = link
      self.code = code
      self.family = family
      self.topics = topics
      self.question = question
      self.summary = summary
    }

    /// Where it can be read, on arXiv if it is there.
    public var address: String? {
      arXiv.map(PaperAddress.arXiv) ?? doi.map(PaperAddress.doi) ?? link
    }

    /// "Ahmad, Hawkins" or "Spieler and 4 others".
    public var authorLine: String {
      let total = authorCount ?? authors.count
      if total <= authors.count, total <= 3 { return authors.joined(separator: ", ") }
      return "\(authors.first ?? "") and \(total - 1) others"
    }
  }

  public let entries: [Entry]

  /// A list of these, newest first.
  public init(entries: [Entry]) {
    self.entries = entries.sorted { ($0.published, $0.slug) > ($1.published, $1.slug) }
  }

  /// The list that comes with Cajal, newest first.
  public static func load() throws -> Catalogue {
    guard let url = Bundle.module.url(forResource: "catalog", withExtension: "json") else {
      throw CajalError("the catalogue is missing beside the program: build the package again")
    }
    return try Catalogue(contentsOf: url)
  }

  public init(contentsOf url: URL) throws {
    do {
      self.init(entries: try JSONDecoder().decode([Entry].self, from: Data(contentsOf: url)))
    } catch { throw CajalError("\(url.path) is no catalogue of papers: \(error)") }
  }
}
