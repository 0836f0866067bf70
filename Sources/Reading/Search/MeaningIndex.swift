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

  /// Opens the encoder; papers that have no vector yet get theirs, which takes some 50 ms each, once.
  ///
  /// - Throws: `CajalError` that says how to fetch the encoder when it is not here.
  public init(_ catalogue: Catalogue, home: URL = CajalHome.folder) throws {
    self.catalogue = catalogue
    let store = try PaperVectors(home: home)
    encoder = try store.encoder()
    vectors = store.all(catalogue, encoder)
    words = try WordIndex(catalogue, folder: home.appendingPathComponent("reading"))
  }

  public func search(_ query: String, limit: Int) throws -> [PaperMatch] {
    guard !SearchWords.of(query).isEmpty else { return [] }
    let byWords = try words.scores(query)
    let best = byWords.values.max() ?? 1
    return Self.ranked(catalogue, limit) { [vector = encoder.embedding(of: query)] paper in
      self.cosine(vector, paper) + Self.wordWeight * (byWords[paper.slug] ?? 0) / best
    }
  }

  /// By vectors alone.
  public func nearest(_ query: String, limit: Int) -> [PaperMatch] {
    let vector = encoder.embedding(of: query)
    return Self.ranked(catalogue, limit) { self.cosine(vector, $0) }
  }

  private func cosine(_ vector: [Float], _ paper: Catalogue.Entry) -> Double {
    Double(zip(vector, vectors[paper.slug] ?? []).reduce(0) { $0 + $1.0 * $1.1 })
  }

  public func similar(to paper: Catalogue.Entry, limit: Int) throws -> [PaperMatch] {
    Self.similar(to: paper, catalogue, vectors, limit)
  }

  /// Papers whose vectors lie nearest to a paper's own, for which no encoder is needed.
  static func similar(
    to paper: Catalogue.Entry, _ catalogue: Catalogue, _ vectors: [String: [Float]], _ limit: Int
  ) -> [PaperMatch] {
    guard let own = vectors[paper.slug] else { return [] }
    let others = Catalogue(
      entries: catalogue.entries.filter { $0.slug != paper.slug && vectors[$0.slug] != nil })
    return ranked(others, limit) { other in
      Double(zip(own, vectors[other.slug] ?? []).reduce(0) { $0 + $1.0 * $1.1 })
    }
  }

  /// Best first; ties in the order of the catalogue.
  private static func ranked(
    _ catalogue: Catalogue, _ limit: Int, by score: (Catalogue.Entry) -> Double
  ) -> [PaperMatch] {
    let scored = catalogue.entries.map { PaperMatch(paper: $0, score: score($0)) }.enumerated()
    return scored.sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }
      .prefix(limit).map(\.element)
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
