import Datasets
import Foundation
import Models
import Probing
import StudyCore
import Support

/// The passages of a run, by language, halved: the first to find neurons with, the second to measure damage with.
struct LanguageTexts {
  let languages: [String]
  let passages: [[LabelledPassages.Passage]]
  /// For captions: "texts of our own".
  let description: String

  /// - Throws: `CajalError` when there are fewer than two languages, or one has fewer than four passages.
  init(_ options: LanguageNeurons.Options, _ lab: Lab) throws {
    let known = Array(AdditionTask.languages.prefix(options.languages))
    let read: LabelledPassages
    if let path = lab.dataPath {
      read = try LabelledPassages(contentsOf: URL(fileURLWithPath: path))
      languages = read.labels
      description = (path as NSString).lastPathComponent
    } else if let book = TranslatedBook(rawValue: options.texts) {
      read = try book.passages(known)
      languages = known
      description = book.rawValue
    } else {
      read = try Self.own()
      languages = known
      description = "texts of our own"
    }
    lab.usesData(description, fingerprint: read.fingerprint)
    passages = languages.map(read.passages(of:))
    try check()
  }

  private func check() throws {
    guard languages.count > 1 else {
      throw CajalError("\(description): one language, at least two are needed")
    }
    for (language, own) in zip(languages, passages) where own.count < 4 {
      throw CajalError("\(description): \(own.count) passages in '\(language)', at least 4 are needed")
    }
  }

  private init(languages: [String], passages: [[LabelledPassages.Passage]], description: String) {
    self.languages = languages
    self.passages = passages
    self.description = description
  }

  /// Our own texts in the languages in which numbers have words here.
  static func ofTheTask(_ count: Int, _ lab: Lab) throws -> LanguageTexts {
    let languages = Array(AdditionTask.languages.prefix(count))
    let read = try own()
    lab.usesData("texts of our own", fingerprint: read.fingerprint)
    return LanguageTexts(
      languages: languages, passages: languages.map(read.passages(of:)), description: "texts of our own")
  }

  /// Our own passages, aligned across languages.
  private static func own() throws -> LabelledPassages {
    try LabelledPassages(contentsOf: StudyTexts.url("languages"))
  }

  /// Passages as tokens, cut to `length`; those with nothing to predict are left out.
  private func tokens(
    _ label: Int, _ passages: some Sequence<LabelledPassages.Passage>, _ tokenizer: any Tokenizer,
    _ length: Int
  ) -> [LabelledTokens] {
    passages.compactMap { passage in
      let prompt = passage.prompt.isEmpty ? [] : tokenizer.encode(passage.prompt)
      let all = Array((prompt + tokenizer.encode(passage.answer)).prefix(prompt.count + length))
      guard all.count > max(prompt.count, 1) else { return nil }
      return LabelledTokens(label: label, tokens: all, prompt: prompt.count)
    }
  }

  /// The first half of each language's passages, as many as fit `tokens` tokens.
  func identification(_ tokenizer: any Tokenizer, tokens limit: Int, passage: Int) -> [LabelledTokens] {
    passages.enumerated().flatMap { label, own in
      var left = limit
      let texts = tokens(label, own.prefix(own.count / 2), tokenizer, passage)
      // At least two, for halves.
      return texts.enumerated().prefix { index, text in
        defer { left -= text.counted }
        return index < 2 || left > 0
      }.map(\.element)
    }
  }

  /// Equally many of each language's second half, aligned where the languages are, of about `tokens` tokens.
  func evaluation(_ tokenizer: any Tokenizer, tokens limit: Int, passage: Int) -> [LabelledTokens] {
    let all = passages.enumerated().map { label, own in
      tokens(label, own.suffix(own.count - own.count / 2), tokenizer, passage)
    }
    let mean = Double(all.joined().reduce(0) { $0 + $1.counted }) / Double(max(1, all.joined().count))
    let count = max(2, Int((Double(limit) / mean).rounded()))
    return all.flatMap { $0.prefix(count) }
  }
}
