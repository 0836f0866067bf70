import Datasets
import Foundation
import Models
import Probing
import StudyCore
import Support

extension ProjectionDecoding {
  /// The model, what reads its weights, and the nouns.
  struct Bench {
    /// A noun and the single tokens that stand for it.
    struct Concept {
      let word: String
      /// The word with a space before it.
      let token: Int
      /// That, and the variants in case and space that are single tokens.
      let variants: [Int]
    }

    let options: Options
    let lab: Lab
    let model: LanguageModel
    let reader: NeuronDecoder
    let concepts: [Concept]

    static let words = [
      "dog", "cat", "horse", "bird", "fish", "water", "fire", "food", "bread", "music", "book", "money",
      "school",
      "river", "mountain", "king", "queen", "doctor", "car", "train", "house", "tree", "war", "love", "blue",
      "green", "France", "China", "Paris", "summer",
    ]
    static let texts = [
      "The thing I like most is the", "My favourite animal is the", "Yesterday we talked about",
      "This book is about",
    ]
    static let question = "What is your favourite animal?"

    init(_ options: Options, _ lab: Lab) throws {
      (self.options, self.lab) = (options, lab)
      try lab.progress("opening the model", 0, of: 1)
      let data = lab.dataPath.map { URL(fileURLWithPath: $0) }
      let isModel = data.map(Self.isModel) ?? false
      if let data, isModel {
        model = try LanguageModel(contentsOf: data)
        lab.usesData(data.lastPathComponent, fingerprint: try StudyTexts.fingerprint(data))
      } else {
        model = try LanguageModel.smolLM2()
        lab.usesData("smollm2", fingerprint: try Fingerprint.ofFile(try LanguageModel.smolLM2File()))
      }
      guard model.decoder.configuration.feedForward == .swiGLU else {
        throw CajalError("the model has neurons without gates; this study reads gated ones")
      }
      model.decoder.freeze()
      reader = NeuronDecoder(model.decoder, isNormAware: options.normAware)
      let words = try data.flatMap { isModel ? nil : $0 }.map(Self.words(in:)) ?? Self.words
      let tokenizer = model.tokenizer
      let known = words.prefix(options.concepts).compactMap { Self.concept($0, tokenizer) }
      guard known.count > 1 else { throw CajalError("fewer than two of the words are single tokens") }
      concepts = known
      let missing = Set(words.prefix(options.concepts)).subtracting(known.map(\.word)).sorted()
      if !missing.isEmpty {
        lab.note("Left out, for they are no single tokens: \(missing.joined(separator: ", ")).")
      }
    }

    private static func isModel(_ url: URL) -> Bool {
      url.pathExtension.lowercased() == "gguf"
        || FileManager.default.fileExists(atPath: url.appendingPathComponent("config.json").path)
    }

    /// The words of a file, one a line.
    private static func words(in url: URL) throws -> [String] {
      guard let text = try? String(contentsOf: url, encoding: .utf8) else {
        throw CajalError("cannot read words from \(url.path)")
      }
      return text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
        .filter { !$0.isEmpty }
    }

    private static func concept(_ word: String, _ tokenizer: any Tokenizer) -> Concept? {
      let capital = word.prefix(1).uppercased() + word.dropFirst()
      let written = [" " + word, word, " " + capital, String(capital)].map(tokenizer.encode)
      guard written[0].count == 1 else { return nil }
      let variants = Set(written.filter { $0.count == 1 }.map { $0[0] })
      return Concept(word: word, token: written[0][0], variants: variants.sorted())
    }

    /// The prompts of claims 2 and 3.
    var prompts: [[Int]] {
      Self.texts.map(model.tokenizer.encode) + (options.chat ? [chatPrompt] : [])
    }

    /// The question as a chat.
    var chatPrompt: [Int] {
      model.tokenizer.encode(ChatTemplate.smolLM2.text([ChatMessage(.user, Self.question)]))
    }

    /// Neurons of every block that are read, spread evenly: all if there are no more.
    func neurons(_ count: Int) -> [Int] {
      let all = model.decoder.configuration.neurons
      guard count < all else { return Array(0..<all) }
      return (0..<count).map { $0 * all / count }
    }

    /// A token as a reader sees it.
    func text(_ token: Int) -> String { "\"\(model.tokenizer.decode([token]))\"" }
  }
}
