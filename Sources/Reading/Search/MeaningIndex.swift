import Foundation
import Models
import StudyCore
import Support

/// Search by meaning: the question and the papers as vectors of one sentence encoder, the nearest first. Words that are
/// found count beside it, because a vector of a text knows little of names.
public final class MeaningIndex: SearchIndex {
  /// What the best match by words adds to its cosine; others add their share of that.
  private static let wordWeight = 0.5
  private let catalogue: Catalogue
  private let vectors: [String: [Float]]
  private let words: WordIndex
  private let encoder: FastSentenceEncoder

  /// Opens the encoder; papers that have no vector yet get theirs, which takes some 70 ms of a core each, once.
  ///
  /// - Throws: `CajalError` that says how to fetch the encoder when it is not here.
  public init(_ catalogue: Catalogue, home: URL = CajalHome.folder) throws {
    self.catalogue = catalogue
    let store = try PaperVectors(home: home)
    encoder = try store.encoder()
    vectors = store.all(catalogue, encoder)
    words = try WordIndex(catalogue, folder: ReadingFolder.url(home: home))
  }

  public func search(_ query: String, limit: Int) throws -> [PaperMatch] {
    guard !SearchWords.of(query).isEmpty else { return [] }
    let byWords = try words.scores(query)
    let best = byWords.values.max() ?? 1
    let vector = encoder.embedding(of: query)
    return Self.ranked(catalogue.entries, limit) { paper in
      Self.cosine(vector, vectors[paper.slug]) + Self.wordWeight * (byWords[paper.slug] ?? 0) / best
    }
  }

  /// By vectors alone.
  public func nearest(_ query: String, limit: Int) -> [PaperMatch] {
    let vector = encoder.embedding(of: query)
    return Self.ranked(catalogue.entries, limit) { Self.cosine(vector, vectors[$0.slug]) }
  }

  public func similar(to paper: Catalogue.Entry, limit: Int) throws -> [PaperMatch] {
    Self.similar(to: paper, catalogue, vectors, limit)
  }

  /// Papers whose vectors lie nearest to a paper's own, for which no encoder is needed.
  static func similar(
    to paper: Catalogue.Entry, _ catalogue: Catalogue, _ vectors: [String: [Float]], _ limit: Int
  ) -> [PaperMatch] {
    guard let own = vectors[paper.slug] else { return [] }
    let others = catalogue.entries.filter { $0.slug != paper.slug && vectors[$0.slug] != nil }
    return ranked(others, limit) { cosine(own, vectors[$0.slug]) }
  }

  private static func cosine(_ a: [Float], _ b: [Float]?) -> Double {
    guard let b, a.count == b.count else { return 0 }
    var sum: Float = 0
    for place in a.indices { sum += a[place] * b[place] }
    return Double(sum)
  }

  /// Best first; ties in the order given.
  private static func ranked(
    _ papers: [Catalogue.Entry], _ limit: Int, by score: (Catalogue.Entry) -> Double
  ) -> [PaperMatch] {
    let scores = papers.map(score)
    let order = papers.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
    return order.prefix(limit).map { PaperMatch(paper: papers[$0], score: scores[$0]) }
  }
}

/// More like this: by vectors where all the papers' are known, else by words.
public struct RelatedPapers {
  private let catalogue: Catalogue
  private let vectors: [String: [Float]]
  private let words: WordIndex

  /// - Parameter vectors: By slug; ``PaperVectors`` has them.
  public init(_ catalogue: Catalogue, vectors: [String: [Float]], words: WordIndex) {
    (self.catalogue, self.vectors, self.words) = (catalogue, vectors, words)
  }

  /// Papers like this one, best first.
  public func of(_ paper: Catalogue.Entry, limit: Int) throws -> [PaperMatch] {
    guard vectors[paper.slug] != nil else { return try words.similar(to: paper, limit: limit) }
    return MeaningIndex.similar(to: paper, catalogue, vectors, limit)
  }
}
