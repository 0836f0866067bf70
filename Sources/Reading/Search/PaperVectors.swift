import Datasets
import Foundation
import Models
import StudyCore
import Support

/// The vectors of papers' texts by all-MiniLM-L6-v2: those of the packaged papers come with Cajal, others are encoded once and kept in
/// `reading/vectors.bin` of Cajal's folder.
public struct PaperVectors {
  private static let width = 384
  private let packaged: VectorFile
  private let kept: VectorFile?
  private let file: URL
  private let home: URL

  /// - Throws: `CajalError` when the vectors that come with Cajal are missing or damaged.
  public init(home: URL = CajalHome.folder) throws {
    guard
      let url = Bundle.module.url(
        forResource: "papers", withExtension: "vectors", subdirectory: "Meaning")
    else { throw CajalError("the papers' vectors are missing beside the program: build the package again") }
    packaged = try VectorFile(url)
    self.home = home
    file = ReadingFolder.url(home: home).appendingPathComponent("vectors.bin")
    // A cache: what cannot be read is made again.
    kept = (try? VectorFile(file)).flatMap { $0.width == Self.width ? $0 : nil }
  }

  /// The unit vector of a text, `[384]`, where it has been encoded before.
  public func vector(of text: String) -> [Float]? {
    let key = VectorFile.key(text)
    return packaged[key] ?? kept?[key]
  }

  /// The vectors of all papers that have one, by slug.
  public func known(_ catalogue: Catalogue) -> [String: [Float]] {
    let pairs = catalogue.entries.compactMap { paper in
      vector(of: paper.textForEncoder).map { (paper.slug, $0) }
    }
    return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }

  /// Whether the encoder is here.
  public static func canEncode(home: URL = CajalHome.folder) -> Bool {
    PackagedData.miniLM.isPresent(home: home)
  }

  /// The encoder, checked by SHA-256 when its file has changed since it was last checked.
  ///
  /// - Throws: `CajalError` that says how to fetch it when it is not here.
  func encoder() throws -> FastSentenceEncoder {
    let folder = PackagedData.miniLM.folder(home: home)
    guard let stamp = modelStamp, stamp == kept?.model else { return try .miniLM(home: home) }
    return try FastSentenceEncoder(contentsOf: folder, heads: 12)
  }

  private var modelStamp: VectorFile.ModelStamp? {
    var status = stat()
    let path = PackagedData.miniLM.folder(home: home).appendingPathComponent("model.safetensors").path
    guard stat(path, &status) == 0 else { return nil }
    return VectorFile.ModelStamp(
      size: Int64(status.st_size), seconds: Int64(status.st_mtim.tv_sec),
      nanoseconds: Int64(status.st_mtim.tv_nsec))
  }

  /// The vectors of all papers by slug, those that are new encoded, and kept for the next time.
  ///
  /// - Throws: `CajalError` when papers are new and the encoder is not here.
  func all(_ catalogue: Catalogue, _ encoder: FastSentenceEncoder) -> [String: [Float]] {
    var vectors = known(catalogue)
    let new = catalogue.entries.filter { vectors[$0.slug] == nil }
    let made = encoder.embeddings(of: new.map(\.textForEncoder))
    for (paper, vector) in zip(new, made) { vectors[paper.slug] = vector }
    guard !new.isEmpty || kept?.model != modelStamp else { return vectors }
    var all = kept?.all ?? [:]
    for (paper, vector) in zip(new, made) { all[VectorFile.key(paper.textForEncoder)] = vector }
    // Kept where that is possible; the search itself does not depend on it.
    try? VectorFile.write(all, width: Self.width, model: modelStamp ?? .init(), to: file)
    return vectors
  }

  /// All vectors that can be had: of new papers, too, where the encoder is here.
  public func available(_ catalogue: Catalogue) throws -> [String: [Float]] {
    Self.canEncode(home: home) ? try complete(catalogue) : known(catalogue)
  }

  /// Encodes the new papers of a catalogue and keeps their vectors, so that searches and pages find them.
  ///
  /// - Throws: `CajalError` when the encoder is not here.
  public func complete(_ catalogue: Catalogue) throws -> [String: [Float]] {
    let known = known(catalogue)
    guard catalogue.entries.contains(where: { known[$0.slug] == nil }) else { return known }
    return all(catalogue, try encoder())
  }
}
