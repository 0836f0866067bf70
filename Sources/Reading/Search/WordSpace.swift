import Foundation
import StudyCore
import Support

/// Vectors of single words in a space of few dimensions, in which a page ranks papers without an encoder.
///
/// The words were encoded one by one by all-MiniLM-L6-v2, as papers are; both are taken from their means, turned to the directions
/// in which they vary most, cut off there, and words rounded to a byte a number.
public struct WordSpace: Sendable {
  /// What lies in the resource, numbers as little-endian bytes in base64.
  struct Stored: Codable {
    var dimensions: Int
    /// Joined by spaces.
    var words: String
    /// `[W, K]`, signed bytes.
    var wordVectors: String
    /// `[K, D]`, 32-bit floats.
    var directions: String
    /// `[D]`, 32-bit floats: the mean of the papers.
    var paperMean: String
  }

  private let stored: Stored
  private let directions, paperMean: [Float]

  /// The words that come with Cajal.
  ///
  /// - Throws: `CajalError` when they are missing or damaged.
  public static func packaged() throws -> WordSpace {
    guard
      let url = Bundle.module.url(forResource: "words", withExtension: "json", subdirectory: "Meaning"),
      let data = try? Data(contentsOf: url)
    else { throw CajalError("the words' vectors are missing beside the program: build the package again") }
    do { return try WordSpace(JSONDecoder().decode(Stored.self, from: data), path: url.path) } catch {
      throw CajalError("\(url.path) holds no vectors of words: \(error)")
    }
  }

  init(_ stored: Stored, path: String) throws {
    guard let directions = Self.floats(stored.directions), let mean = Self.floats(stored.paperMean),
      directions.count == stored.dimensions * mean.count, !mean.isEmpty,
      let bytes = Data(base64Encoded: stored.wordVectors),
      bytes.count == stored.dimensions * stored.words.split(separator: " ").count
    else { throw CajalError("\(path): the numbers of words, dimensions and bytes do not fit together") }
    self.stored = stored
    (self.directions, paperMean) = (directions, mean)
  }

  /// The words that have a vector.
  public var words: [String] { stored.words.split(separator: " ").map(String.init) }

  /// A paper's vector in the space, `[K]`.
  func projected(_ vector: [Float]) -> [Float] {
    let centred = zip(vector, paperMean).map { $0 - $1 }
    return (0..<stored.dimensions).map { direction in
      let row = directions[direction * centred.count..<(direction + 1) * centred.count]
      return zip(row, centred).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }

  private struct PageData: Encodable {
    let dimensions: Int
    let words, wordVectors, papers, paperVectors: String
  }

  /// What a page needs to rank papers, as JSON.
  ///
  /// - Parameter vectors: Of papers that have one, by slug, as ``PaperVectors`` gives them.
  func pageData(_ vectors: [String: [Float]]) throws -> String {
    let papers = vectors.filter { $0.value.count == paperMean.count && !$0.key.contains(" ") }
      .sorted { $0.key < $1.key }
    let bytes = papers.flatMap { Self.bytes(projected($0.value)) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(
      PageData(
        dimensions: stored.dimensions, words: stored.words, wordVectors: stored.wordVectors,
        papers: papers.map(\.key).joined(separator: " "),
        paperVectors: Data(bytes.map { UInt8(bitPattern: $0) }).base64EncodedString()))
    return String(decoding: data, as: UTF8.self)
  }

  /// A vector's direction as signed bytes, its largest number 127 or -127.
  static func bytes(_ vector: [Float]) -> [Int8] {
    let largest = vector.reduce(0) { max($0, abs($1)) }
    return vector.map { largest > 0 ? Int8(($0 / largest * 127).rounded()) : 0 }
  }

  private static func floats(_ text: String) -> [Float]? {
    guard let data = Data(base64Encoded: text), data.count % 4 == 0 else { return nil }
    return data.withUnsafeBytes { bytes in
      (0..<data.count / 4).map {
        Float(bitPattern: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self).littleEndian)
      }
    }
  }

  static func base64(_ values: [Float]) -> String {
    var data = Data()
    for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) } }
    return data.base64EncodedString()
  }
}
