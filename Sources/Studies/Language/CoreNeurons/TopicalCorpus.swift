import Datasets
import Foundation
import StudyCore
import Support

/// Passages with their topics.
struct TopicalCorpus: Sendable {
  struct Passage: Sendable {
    var topic: String
    var text: String
  }
  var passages: [Passage]

  /// The topics in alphabetical order.
  var topics: [String] { Set(passages.map(\.topic)).sorted() }

  /// The user's passages, or those written for the study.
  ///
  /// - Throws: `CajalError` naming a file that cannot be read, or a line that is not as expected.
  static func load(_ lab: Lab) throws -> TopicalCorpus {
    let own = Bundle.module.resourceURL!.appendingPathComponent("Texts/topics")
    let place = lab.dataPath.map { URL(fileURLWithPath: $0) } ?? own
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder) else {
      throw CajalError("there are no passages at \(place.path)")
    }
    let files = isFolder.boolValue ? try textFiles(place) : [place]
    let passages = try files.flatMap { try read($0, topic: isFolder.boolValue ? stem($0) : nil) }
    let corpus = TopicalCorpus(passages: passages)
    guard corpus.topics.count > 1 else {
      throw CajalError("\(place.path) has \(corpus.topics.count) topics; at least two are compared")
    }
    lab.usesData(lab.dataPath ?? "topical passages", fingerprint: try Fingerprint.ofFiles(files))
    return corpus
  }

  private static func stem(_ file: URL) -> String { file.deletingPathExtension().lastPathComponent }

  private static func textFiles(_ folder: URL) throws -> [URL] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    let files = names.filter { $0.hasSuffix(".txt") }.map(folder.appendingPathComponent)
    guard !files.isEmpty else { throw CajalError("the folder \(folder.path) holds no .txt file") }
    return files
  }

  private static func read(_ file: URL, topic: String?) throws -> [Passage] {
    guard let text = try? String(contentsOf: file, encoding: .utf8) else {
      throw CajalError("cannot read \(file.path) as text in UTF-8")
    }
    return try text.split(whereSeparator: \.isNewline).enumerated().map { index, line in
      if let topic { return Passage(topic: topic, text: String(line)) }
      let parts = line.split(separator: "\t", maxSplits: 1)
      guard parts.count == 2 else {
        throw CajalError("\(file.path), line \(index + 1): expected a topic, a tab and a passage")
      }
      return Passage(topic: String(parts[0]), text: String(parts[1]))
    }
  }

  /// Tokens of the first passages of each topic, in the order of ``topics``.
  func tokens(atMost count: Int, _ encode: (String) -> [Int]) -> [[[Int]]] {
    topics.map { topic in passages.filter { $0.topic == topic }.prefix(count).map { encode($0.text) } }
  }

  /// Stretches of `length` tokens of one topic each, the topics in turns, so that neighbours differ in topic.
  func windows(_ length: Int, atMost count: Int, encode: (String) -> [Int]) -> [(topic: Int, tokens: [Int])] {
    let joined = topics.map { topic in
      encode(passages.filter { $0.topic == topic }.map(\.text).joined(separator: "\n"))
    }
    var windows: [(topic: Int, tokens: [Int])] = []
    for start in stride(from: 0, to: joined.map(\.count).max() ?? 0, by: length) {
      for (topic, tokens) in joined.enumerated() where start + length <= tokens.count {
        windows.append((topic, Array(tokens[start..<start + length])))
      }
    }
    return Array(windows.prefix(count))
  }
}
