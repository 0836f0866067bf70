import Foundation
import Support

/// Passages of text, each with a label: the languages of a corpus, its authors, its subjects.
public struct LabelledPassages: Sendable, Equatable {
  public struct Passage: Sendable, Equatable {
    public var label: String
    /// What comes before the answer; empty for plain text.
    public var prompt: String
    public var answer: String

    public init(label: String, prompt: String = "", answer: String) {
      self.label = label
      self.prompt = prompt
      self.answer = answer
    }
  }

  public var passages: [Passage]
  /// SHA-256 of what was read.
  public var fingerprint: String

  public init(_ passages: [Passage], fingerprint: String) {
    self.passages = passages
    self.fingerprint = fingerprint
  }

  /// The labels that occur, in alphabetical order.
  public var labels: [String] { Set(passages.map(\.label)).sorted() }

  /// The passages of a label in their order.
  public func passages(of label: String) -> [Passage] { passages.filter { $0.label == label } }

  /// Reads a folder of `<label>.txt`, paragraphs parted by empty lines, one such file, or a file of JSON lines
  /// `{"lang": "fr", "prompt": "…", "answer": "…"}` (`label` instead of `lang`, and no prompt, are fine).
  ///
  /// - Throws: `CajalError` naming the path, and the line.
  public init(contentsOf url: URL) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw CajalError("there is no file or folder \(url.path)")
    }
    if isFolder.boolValue {
      self = try Self.folder(url)
    } else {
      self = try url.pathExtension.lowercased() == "txt" ? Self.paragraphs(of: url) : Self.lines(url)
    }
    guard !passages.isEmpty else { throw CajalError("\(url.path) holds no passage") }
  }

  private static func folder(_ url: URL) throws -> LabelledPassages {
    let names = try FileManager.default.contentsOfDirectory(atPath: url.path)
      .filter { $0.hasSuffix(".txt") && !$0.hasPrefix(".") }.sorted()
    guard !names.isEmpty else { throw CajalError("\(url.path) holds no file <label>.txt") }
    let files = names.map { url.appendingPathComponent($0) }
    let passages = try zip(names, files).flatMap { name, file in
      paragraphs(try text(file)).map { Passage(label: String(name.dropLast(4)), answer: $0) }
    }
    return LabelledPassages(passages, fingerprint: try Fingerprint.ofFiles(files))
  }

  private static func paragraphs(of url: URL) throws -> LabelledPassages {
    let label = url.deletingPathExtension().lastPathComponent
    return LabelledPassages(
      try paragraphs(text(url)).map { Passage(label: label, answer: $0) },
      fingerprint: try Fingerprint.ofFile(url))
  }

  private static func lines(_ url: URL) throws -> LabelledPassages {
    struct Line: Decodable {
      var lang: String?
      var label: String?
      var prompt: String?
      var answer: String
    }
    var passages: [Passage] = []
    for (number, line) in try text(url).split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    where !line.allSatisfy(\.isWhitespace) {
      guard let read = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)),
        let label = read.lang ?? read.label,
        !label.isEmpty, !read.answer.isEmpty
      else {
        throw CajalError(
          "\(url.path), line \(number + 1): expected {\"lang\": …, \"prompt\": …, \"answer\": …} with texts")
      }
      passages.append(Passage(label: label, prompt: read.prompt ?? "", answer: read.answer))
    }
    return LabelledPassages(passages, fingerprint: try Fingerprint.ofFile(url))
  }

  private static func text(_ url: URL) throws -> String {
    guard let data = try? Data(contentsOf: url) else { throw CajalError("cannot read \(url.path)") }
    guard let text = String(data: data, encoding: .utf8) else {
      throw CajalError("\(url.path) is no UTF-8 text")
    }
    return text
  }

  /// Texts parted by empty lines, each on one line.
  static func paragraphs(_ text: String) -> [String] {
    var paragraphs: [[Substring]] = [[]]
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      let words = line.split(whereSeparator: \.isWhitespace)
      if words.isEmpty { paragraphs.append([]) } else { paragraphs[paragraphs.count - 1] += words }
    }
    return paragraphs.filter { !$0.isEmpty }.map { $0.joined(separator: " ") }
  }
}
