import Datasets
import Foundation
import Models
import Probing
import Recordings
import StudyCore
import Support
import Tensors

/// `cajal perturb`
enum PerturbCommand {
  /// What the model does in one condition.
  private struct Condition: Encodable {
    let name: String
    /// log P and rank of each continuation.
    let continuations: [Scored]
    let mostLikely: [Word]
    let text: String?
    /// Of the corpus, by label.
    let perplexity: [String: Double]
    struct Scored: Encodable { let text: String, logProbability: Double, rank: Int }
    struct Word: Encodable { let text: String, probability: Double }
  }

  static func run(_ arguments: Arguments) throws -> Int32 {
    guard !arguments.operands.isEmpty else { throw UsageError("which text shall the model read?") }
    guard let list = arguments.value("neurons") else {
      throw UsageError("which --neurons? 29/1113,29/44 say: BLOCK/NEURON joined by commas")
    }
    let kind = try kind(arguments.value("do") ?? "ablate")
    let model = try LanguageModel(contentsOf: ModelArguments.url(arguments))
    let shape = model.decoder.configuration
    let chosen = try ModelArguments.neurons(list, in: shape)
    let set = NeuronSet(
      flat: chosen.map { $0.block * shape.neurons + $0.neuron }, blocks: shape.blocks, neurons: shape.neurons)
    let site = arguments.value("site") ?? "mlp"
    let controls = try ModelArguments.whole(arguments, "controls", 5, in: 0...1_000)
    var generator = try ModelArguments.seed(arguments)
    let bench = try Bench(model, arguments)
    var conditions = [bench.condition("as it is", [])]
    conditions.append(bench.condition("perturbed", set.perturbations(kind, at: site)))
    let random = (0..<controls).map { index in
      bench.condition(
        "random \(index + 1)",
        set.matched(neurons: shape.neurons, using: &generator).perturbations(kind, at: site), writes: false)
    }
    if arguments.has("json") { try printJSON(conditions + random) } else { show(conditions, random) }
    return 0
  }

  private static func kind(_ text: String) throws -> Perturbation.Kind {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    let value = parts.count == 2 ? Double(parts[1]) : nil
    switch (parts.first, value) {
    case ("ablate", nil) where parts.count == 1: return .ablate
    case ("clamp", let value?): return .clamp(value)
    case ("scale", let value?): return .scale(value)
    default: throw UsageError("--do is '\(text)', expected ablate, clamp=VALUE or scale=FACTOR")
    }
  }

  /// The text, the continuations and the corpus that every condition is measured on.
  private struct Bench {
    let model: LanguageModel
    let prompt: [Int]
    let continuations: [String]
    let limit: Int
    let corpus: LabelledPassages?

    init(_ model: LanguageModel, _ arguments: Arguments) throws {
      self.model = model
      prompt = model.tokenizer.encode(arguments.operands.joined(separator: " "))
      continuations = arguments.all("continuation")
      limit = try ModelArguments.whole(arguments, "tokens", 24, in: 0...4_096)
      corpus = try arguments.value("texts").map { try LabelledPassages(contentsOf: URL(fileURLWithPath: $0)) }
      guard !prompt.isEmpty, prompt.count + limit <= model.decoder.configuration.contextLength else {
        throw CajalError("the text has \(prompt.count) tokens")
      }
      if let empty = continuations.first(where: { model.tokenizer.encode($0).isEmpty }) {
        throw UsageError("--continuation '\(empty)' has no tokens")
      }
    }

    func condition(_ name: String, _ instruments: [any Instrument], writes: Bool = true) -> Condition {
      withoutGradients {
        withInstruments(instruments) {
          let clozes = continuations.map { Cloze(prompt, model.tokenizer.encode($0)) }
          let scores = clozes.isEmpty ? [] : ContinuationScorer(model.decoder).scores(clozes) { _ in }
          let best = model.decoder.lastLogits([prompt])[0].softmax(axis: -1).topK(5)
          return Condition(
            name: name,
            continuations: zip(continuations, scores).map {
              .init(text: $0, logProbability: $1.logProbability, rank: $1.rank)
            },
            mostLikely: zip(best.indices.integers, best.values.doubles).map {
              .init(text: model.tokenizer.decode([$0]), probability: $1)
            },
            text: writes && limit > 0 ? written() : nil, perplexity: perplexities())
        }
      }
    }

    /// The greedy continuation. Instruments see every position, so the whole text is read anew for each token.
    private func written() -> String {
      var tokens = prompt
      for _ in 0..<limit {
        let next = model.decoder.lastLogits([tokens])[0].argmax(axis: 0).integers[0]
        if (model.tokenizer as? BytePairTokenizer)?.isControl(next) == true { break }
        tokens.append(next)
      }
      return model.tokenizer.decode(Array(tokens[prompt.count...]))
    }

    private func perplexities() -> [String: Double] {
      guard let corpus else { return [:] }
      let longest = model.decoder.configuration.contextLength
      return Dictionary(
        uniqueKeysWithValues: corpus.labels.map { label in
          let texts = corpus.passages(of: label).map {
            Array(model.tokenizer.encode($0.prompt + $0.answer).prefix(longest))
          }.filter { $0.count > 1 }
          let all = model.decoder.logLikelihoods(texts).flatMap { $0 }
          return (label, exp(-all.reduce(0, +) / Double(max(1, all.count))))
        })
    }
  }

  private static func show(_ conditions: [Condition], _ random: [Condition]) {
    for condition in conditions {
      print("\(condition.name):")
      let words = condition.mostLikely.map {
        "'\(ModelArguments.visible($0.text))' \(String(format: "%.3f", $0.probability))"
      }
      print("  next      \(words.joined(separator: "  "))")
      if let text = condition.text { print("  writes    \(ModelArguments.visible(text))") }
    }
    let (before, after) = (conditions[0], conditions[1])
    for (index, scored) in before.continuations.enumerated() {
      let now = after.continuations[index]
      let shift = now.logProbability - scored.logProbability
      print(
        "'\(scored.text)'  log P \(String(format: "%.2f -> %.2f (%+.2f)", scored.logProbability, now.logProbability, shift)), rank \(scored.rank) -> \(now.rank)"
          + control(random.map { $0.continuations[index].logProbability - scored.logProbability }))
    }
    for label in before.perplexity.keys.sorted() {
      let (old, new) = (before.perplexity[label]!, after.perplexity[label]!)
      print(
        "perplexity of \(label)  \(String(format: "%.2f -> %.2f", old, new))"
          + control(
            random.map { log($0.perplexity[label]! / old) },
            "log ratio \(String(format: "%+.3f", log(new / old)))"))
    }
  }

  /// The same change for as many random neurons of the same blocks.
  private static func control(_ shifts: [Double], _ own: String = "") -> String {
    guard !shifts.isEmpty else { return own.isEmpty ? "" : " (\(own))" }
    let spread = Spread(shifts)
    let text = String(format: "random neurons %+.3f ± %.3f", spread.mean, spread.deviation)
    return " (\(own.isEmpty ? "" : own + "; ")\(text))"
  }
}
