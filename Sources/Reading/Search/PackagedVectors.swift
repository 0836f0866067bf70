import Datasets
import Decomposition
import Foundation
import Models
import Recordings
import StudyCore
import Support
import Tensors

/// Makes the vectors that come with Cajal: `cajal papers encode` calls it whenever the list of papers has changed.
public struct PackagedVectors: Sendable {
  /// How many dimensions a word keeps.
  public var dimensions = 96
  /// How many frequent English words are taken beside those of the papers.
  public var commonWords = 4000

  public init() {}

  /// Writes `papers.vectors` and `words.json` into a folder.
  ///
  /// - Parameter report: Called with what is being done.
  /// - Throws: `CajalError` that says how to fetch the encoder, or names the file that cannot be written.
  public func write(_ catalogue: Catalogue, to folder: URL, report: (String) -> Void = { _ in }) throws {
    let encoder = try FastSentenceEncoder.miniLM()
    let texts = catalogue.entries.map(\.textForEncoder)
    report("\(texts.count) papers")
    let papers = encoder.embeddings(of: texts)
    let keyed = zip(texts.map(VectorFile.key), papers)
    try VectorFile.write(
      Dictionary(keyed, uniquingKeysWith: { first, _ in first }), width: encoder.width, model: .init(),
      to: folder.appendingPathComponent("papers.vectors"))
    let words = try words(of: catalogue)
    report("\(words.count) words")
    let vectors = Self.centred(encoder.embeddings(of: words)).rows
    let (rows, mean) = Self.centred(papers)
    let directions = try directions(vectors + rows)
    let stored = WordSpace.Stored(
      dimensions: dimensions, words: words.joined(separator: " "), wordVectors: bytes(vectors, directions),
      directions: WordSpace.base64(directions), paperMean: WordSpace.base64(mean))
    let json = JSONEncoder()
    json.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(json.encode(stored), to: folder.appendingPathComponent("words.json"))
  }

  /// The papers' own words, then the most frequent whole words of the encoder's vocabulary, which is roughly in order of
  /// frequency.
  private func words(of catalogue: Catalogue) throws -> [String] {
    let own = Set(catalogue.entries.flatMap { SearchWords.of($0.textForEncoder) }).filter { $0.count > 1 }
    let file = try PackagedData.miniLM.url("vocab.txt")
    let vocabulary = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
    let common = vocabulary.filter {
      $0.count > 2 && $0.allSatisfy { $0.isASCII && $0.isLetter } && !own.contains($0)
    }
    return own.sorted() + common.prefix(commonWords)
  }

  private static func centred(_ rows: [[Float]]) -> (rows: [[Float]], mean: [Float]) {
    var mean = [Float](repeating: 0, count: rows[0].count)
    for row in rows { for (column, value) in row.enumerated() { mean[column] += value / Float(rows.count) } }
    return (rows.map { zip($0, mean).map { $0 - $1 } }, mean)
  }

  /// `[K, D]`, in which the rows vary most.
  private func directions(_ rows: [[Float]]) throws -> [Float] {
    let activity = Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count])
    let components = try PrincipalComponents(Recording(activity: activity), count: dimensions)
    return components.directions.doubles.map(Float.init)
  }

  private func bytes(_ rows: [[Float]], _ directions: [Float]) -> String {
    let all = parallelMap(rows.count) { row in
      WordSpace.bytes(
        (0..<dimensions).map { direction in
          (0..<rows[row].count).reduce(0) {
            $0 + rows[row][$1] * directions[direction * rows[row].count + $1]
          }
        })
    }
    return Data(all.joined().map { UInt8(bitPattern: $0) }).base64EncodedString()
  }
}
