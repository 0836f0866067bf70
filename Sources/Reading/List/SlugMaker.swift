/// Short names for papers: `spieler-2023-expressive`.
struct SlugMaker {
  private var taken: Set<String>

  init(taken: Set<String>) { self.taken = taken }

  /// A name that nothing has yet: first author, year, first word of the title that says something.
  mutating func slug(title: String, authors: [String], published: String) -> String {
    let author = authors.first.map { PaperText.words($0).filter { word in word.count > 1 } }?.last
    let words = PaperText.words(title)
    let telling = words.first { $0.count > 3 && !Self.empty.contains($0) } ?? words.first
    let parts = [author, String(published.prefix(4)), telling].compactMap { $0.map(Self.ascii) }.filter {
      !$0.isEmpty
    }
    return unused(String(parts.joined(separator: "-").prefix(60)))
  }

  /// `start`, or with the first number that makes it new.
  mutating func unused(_ start: String) -> String {
    let base = start.isEmpty ? "paper" : start
    var slug = base
    var number = 2
    while !taken.insert(slug).inserted {
      slug = "\(base)-\(number)"
      number += 1
    }
    return slug
  }

  private static func ascii(_ text: String) -> String {
    String(
      text.unicodeScalars.filter { ("a"..."z").contains($0) || ("0"..."9").contains($0) }.map(Character.init))
  }

  private static let empty: Set<String> = [
    "about", "after", "among", "analysis", "approach", "between", "does", "from", "into", "learning", "model",
    "models",
    "neural", "network", "networks", "neuron", "neurons", "novel", "over", "study", "than", "that", "their",
    "there",
    "these", "this", "through", "toward", "towards", "under", "using", "what", "when", "where", "which",
    "with",
    "without", "your",
  ]
}
