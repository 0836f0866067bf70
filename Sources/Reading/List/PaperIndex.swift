import StudyCore

/// Slugs of all papers by what they are known as.
struct PaperIndex {
  private var slugs: [String: String] = [:]
  private var names: [String: String] = [:]
  private var maker: SlugMaker

  init(_ list: ReadingList) throws {
    let own = try list.ownPapers()
    maker = SlugMaker(taken: Set(list.packaged.entries.map(\.slug) + own.map(\.entry.slug)))
    for entry in own.map(\.listed) + list.packaged.entries { insert(entry) }
  }

  mutating func insert(_ entry: Catalogue.Entry) {
    for key in PaperIdentity.keys(entry) { slugs[key] = entry.slug }
    names[entry.slug] = entry.arXiv
  }

  mutating func newSlug(for entry: Catalogue.Entry) -> String {
    maker.slug(title: entry.title, authors: entry.authors, published: entry.published)
  }

  func slug(of reference: PaperReference) -> String? {
    let keys = PaperIdentity.keys(
      title: reference.title, published: reference.published ?? reference.arXiv?.month,
      arXiv: reference.arXiv,
      doi: reference.doi)
    for key in keys {
      guard let slug = slugs[key] else { continue }
      let other = names[slug].flatMap { ArXivIdentifier($0) }
      if key.hasPrefix("title:"), let other, let mine = reference.arXiv, other != mine { continue }
      return slug
    }
    return nil
  }
}
