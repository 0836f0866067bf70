import Datasets
import Foundation
import Support

/// Texts of a folder, and which words are in which of them.
struct DocumentWords: Sendable {
  /// Licences that every Debian system has.
  static let defaultFolder = "/usr/share/common-licenses"

  let documents: [String]
  let words: [String]
  /// By document, ascending numbers of words.
  let contents: [[Int]]
  let fingerprint: String

  /// Reads the plain text files of a folder; links to others are left out. Words have four letters or more and are in at most
  /// half of the texts; those that come most often are taken.
  ///
  /// - Throws: `CajalError` naming the folder when it is missing or has fewer than two texts with words.
  init(folder: String, vocabulary: Int) throws {
    let url = URL(fileURLWithPath: folder)
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw CajalError("there is no folder \(folder)")
    }
    var (texts, files): ([(name: String, counts: [String: Int])], [URL]) = ([], [])
    for name in names.sorted() where !name.hasPrefix(".") {
      let file = url.appendingPathComponent(name)
      let kind = try? FileManager.default.attributesOfItem(atPath: file.path)[.type] as? FileAttributeType
      guard kind == .typeRegular, let data = try? Data(contentsOf: file),
        let text = String(data: data, encoding: .utf8), !text.contains("\0")
      else { continue }
      texts.append((name, Self.counts(text)))
      files.append(file)
    }
    guard texts.count >= 2 else {
      throw CajalError("\(folder) has \(texts.count) readable texts; an index needs two at least")
    }
    var (total, present): ([String: Int], [String: Int]) = ([:], [:])
    for text in texts {
      for (word, count) in text.counts {
        total[word, default: 0] += count
        present[word, default: 0] += 1
      }
    }
    let telling = total.filter { 2 * present[$0.key]! <= texts.count }
    let chosen = telling.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(vocabulary).map(\.key)
    let words = chosen.sorted()
    let contents = texts.map { text in words.indices.filter { text.counts[words[$0]] != nil } }
    let kept = contents.indices.filter { !contents[$0].isEmpty }
    guard kept.count >= 2 else {
      throw CajalError("the texts of \(folder) have no words that tell them apart")
    }
    (self.words, documents) = (words, kept.map { texts[$0].name })
    self.contents = kept.map { contents[$0] }
    fingerprint = try Fingerprint.ofFiles(files)
  }

  private static func counts(_ text: String) -> [String: Int] {
    text.lowercased().split { !$0.isLetter }.reduce(into: [:]) { counts, word in
      if word.count >= 4 { counts[String(word), default: 0] += 1 }
    }
  }
}
