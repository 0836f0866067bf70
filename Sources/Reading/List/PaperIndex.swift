import StudyCore

/// Slugs of all papers by what they are known as.
struct PaperIndex {
  private var slugs: [String: String] = [:]
  private var names: [String: String] = [:]
  private var maker: SlugMaker

  init(_ list: ReadingList) throws {
    let own = try list.ownPapers()
    maker = SlugMaker(taken: Set(list.packaged.entries.map(\.slug) + own.map(\.entry.slug)))
    for paper in own { insert(paper.entry, paper.doi) }
    for entry in list.packaged.entries { insert(entry, nil) }
  }

  mutating func insert(_ entry: Catalogue.Entry, _ doi: String?) {
    for key in PaperIdentity.keys(entry, doi: doi) { slugs[key] = entry.slug }
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
