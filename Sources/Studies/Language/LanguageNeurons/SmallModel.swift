import Models
import Probing
import StudyCore
import Support
import Tensors

/// A byte-level decoder trained here on several languages and a task, then aligned on the task in three of them.
struct SmallModel {
  let texts: LanguageTexts
  let options: LanguageNeurons.Options
  private let tokenizer = ByteTokenizer()
  private let tasks: [AdditionTask]
  /// The share of each language in training: the first one prevails, as English does.
  private let shares: [Double]
  /// Bytes of a row of training.
  private static let length = 129
  /// How many languages, from the first on, the alignment is made in.
  static let aligned = 3

  init(_ texts: LanguageTexts, _ options: LanguageNeurons.Options) {
    self.texts = texts
    self.options = options
    tasks = texts.languages.map(AdditionTask.init)
    let rest = 0.6 / Double(texts.languages.count - 1)
    shares = texts.languages.indices.map { $0 == 0 ? 0.4 : rest }
  }

  /// What one seed gave.
  struct Outcome: Sendable {
    /// The last losses of training and of alignment, nats per byte.
    var losses: [Double]
    var found: LanguageBench.Found
    var damage: LanguageDamage
    /// Damage to each language without its neurons of lambda 0.
    var plain: [Double]
    /// Neurons by the answers to the task, before and after alignment.
    var before: LanguageBench.Found
    var after: LanguageBench.Found
    /// The share of additions answered exactly right, by language.
    var accuracyBefore: [Double]
    var accuracyAfter: [Double]
  }

  /// Trains, aligns and measures one seed.
  func run(_ generator: RandomGenerator, progress: (String, Int, Int) throws -> Void) throws -> Outcome {
    var weights = generator.split(1)
    let decoder = Decoder(configuration, using: &weights)
    let corpus = corpus()
    var stream = generator.split(2)
    let training = DecoderTraining(steps: options.steps)
    let trained = try training.run(decoder, using: &stream) { step, _ in
      try progress("training", step, options.steps)
    } batch: { random in
      (0..<options.rows).map { _ in row(corpus, &random) }
    }
    let bench = bench(decoder)
    let found = try bench.identify()
    var control = generator.split(3)
    let base = bench.losses(bench.evaluation)
    let damage = try LanguageDamage(bench, found.wide, base, using: &control) {
      try progress("damage", $0, $1)
    }
    let before = try taskNeurons(decoder)
    let accuracyBefore = accuracies(decoder)
    let aligned = try align(decoder, &stream, progress)
    try progress("aligned model", 0, 1)
    return Outcome(
      losses: [mean(trained), mean(aligned)], found: found, damage: damage,
      plain: bench.ownDamages(bench.sets(found.plain.neurons), base), before: before,
      after: try taskNeurons(decoder), accuracyBefore: accuracyBefore,
      accuracyAfter: accuracies(decoder))
  }

  private func mean(_ losses: [Double]) -> Double { Spread(losses.suffix(20)).mean }

  private var configuration: DecoderConfiguration {
    DecoderConfiguration(
      vocabulary: 256, width: options.width, blocks: options.blocks, heads: 4, neurons: options.neurons,
      contextLength: 512)
  }

  // Training data.

  /// The bytes of the passages to learn from, by language.
  private func corpus() -> [[Int]] {
    texts.passages.map { own in
      own.prefix(own.count / 2).flatMap { tokenizer.encode($0.prompt + " " + $0.answer + "\n") }
    }
  }

  private func language(_ random: inout RandomGenerator) -> Int {
    var left = random.uniform()
    for (language, share) in shares.enumerated() {
      left -= share
      if left < 0 { return language }
    }
    return shares.count - 1
  }

  /// Text or additions, equally often.
  private func row(_ corpus: [[Int]], _ random: inout RandomGenerator)
    -> DecoderTraining.Row
  {
    let language = language(&random)
    if random.integer(below: 2) == 0 { return .init(tokens: additions(language, &random)) }
    let bytes = corpus[language]
    let start = random.integer(below: max(1, bytes.count - Self.length))
    return .init(tokens: Array(bytes[start..<min(start + Self.length, bytes.count)]))
  }

  /// Additions in a language, one after the other.
  private func additions(_ language: Int, _ random: inout RandomGenerator) -> [Int] {
    var tokens = [Int](Array("\n".utf8).map(Int.init))
    while tokens.count < Self.length {
      let line = tasks[language].line(AdditionTask.pairs[random.integer(below: AdditionTask.pairs.count)])
      tokens += line.prompt + line.answer
    }
    return Array(tokens.prefix(Self.length))
  }

  /// Fine-tunes on all additions in the first languages; answers alone are learned.
  private func align(
    _ decoder: Decoder, _ stream: inout RandomGenerator, _ progress: (String, Int, Int) throws -> Void
  ) throws -> [Double] {
    let training = DecoderTraining(steps: options.alignmentSteps, learningRate: 1e-3)
    return try training.run(decoder, using: &stream) { step, _ in
      try progress("alignment", step, options.alignmentSteps)
    } batch: { random in
      (0..<options.rows * 4).map { _ in
        let pair = AdditionTask.pairs[random.integer(below: AdditionTask.pairs.count)]
        let line = tasks[random.integer(below: Self.aligned)].line(pair)
        return .init(tokens: newline + line.prompt + line.answer, learnsFrom: 1 + line.prompt.count)
      }
    }
  }

  private var newline: [Int] { [10] }

  // Measurements.

  /// The model with texts, their tokens being bytes.
  private func bench(_ decoder: Decoder) -> LanguageBench {
    LanguageBench(
      decoder: decoder, languages: texts.languages,
      identification: texts.identification(tokenizer, tokens: options.identificationTokens, passage: 128),
      evaluation: texts.evaluation(tokenizer, tokens: options.evaluationTokens, passage: 128),
      options: options,
      topRate: options.smallTopRate)
  }

  /// Every addition in every language.
  private func lines() -> [LabelledTokens] {
    tasks.enumerated().flatMap { language, task in
      AdditionTask.pairs.map { pair in
        let line = task.line(pair)
        return LabelledTokens(
          label: language, tokens: newline + line.prompt + line.answer, prompt: 1 + line.prompt.count)
      }
    }
  }

  /// The rule on the answers to the task.
  private func taskNeurons(_ decoder: Decoder) throws -> LanguageBench.Found {
    try LanguageBench(
      decoder: decoder, languages: texts.languages, identification: lines(), evaluation: [], options: options,
      topRate: options.smallTopRate
    ).identify()
  }

  /// The share of additions whose answer is likeliest at every byte, as greedy decoding would write it.
  private func accuracies(_ decoder: Decoder) -> [Double] {
    let lines = lines()
    var right = [Bool](repeating: false, count: lines.count)
    for group in Decoder.groups(lines.map(\.tokens.count), tokens: 4_096) {
      let tokens = group.map { lines[$0].tokens }
      let best = withoutGradients { decoder(Decoder.batch(tokens)).argmax(axis: 2) }.integers
      let length = tokens.map(\.count).max()!
      for (row, index) in group.enumerated() {
        let line = lines[index]
        right[index] = (line.prompt..<line.tokens.count).allSatisfy {
          best[row * length + $0 - 1] == line.tokens[$0]
        }
      }
    }
    let all = AdditionTask.pairs.count
    return tasks.indices.map { language in
      Double(right[language * all..<(language + 1) * all].filter { $0 }.count) / Double(all)
    }
  }
}
