import Foundation
import Models
import Probing
import StudyCore
import Support

/// A model with texts in several languages: finds its language neurons and measures what happens without them.
struct LanguageBench: Sendable {
  let decoder: Decoder
  let languages: [String]
  let identification: [LabelledTokens]
  let evaluation: [LabelledTokens]
  let options: LanguageNeurons.Options
  let topRate: Double

  /// What the rule found.
  struct Found: Sendable {
    var probabilities: ActivationProbabilities
    /// Of every second text, and of the others.
    var halves: [ActivationProbabilities]
    var sweep: LabelSelectivity.Sweep
    /// With lambda swept as far as the option goes.
    var wide: Selection
    /// With lambda swept as far as the paper goes.
    var narrow: Selection
    /// With lambda 0: entropy alone.
    var plain: Selection
  }

  /// The neurons selected with a lambda.
  struct Selection: Sendable {
    var lambda: Double
    var neurons: SelectiveNeurons
  }

  /// The end of the paper's sweep.
  static let paperEnd = 0.2

  /// The neurons that a language's row silences.
  static let languageKinds: Set<SelectiveNeurons.Kind> = [.specific, .related]

  var rule: LabelSelectivity { options.rule(topRate: topRate) }

  func identify(progress: (Int, Int) throws -> Void = { _, _ in }) throws -> Found {
    let total = identification.reduce(0) { $0 + $1.tokens.count }
    var done = 0
    let counters = try (0..<2).map { half in
      let shape = decoder.configuration
      let counter = ActivationCounter(
        labels: languages.count, blocks: shape.blocks, neurons: shape.neurons, at: options.countedSite,
        threshold: Float(options.threshold))
      let texts = identification.enumerated().filter { $0.offset % 2 == half }.map(\.element)
      try counter.read(texts, with: decoder) { try progress(done + $0, total) }
      done += texts.reduce(0) { $0 + $1.tokens.count }
      return counter
    }
    let halves = counters.map(\.probabilities)
    counters[0].merge(counters[1])
    return found(counters[0].probabilities, halves)
  }

  func found(_ probabilities: ActivationProbabilities, _ halves: [ActivationProbabilities] = []) -> Found {
    func sweep(_ end: Double) -> LabelSelectivity.Sweep {
      rule.sweep(probabilities, in: 0...end, ignoresUpperEnd: options.ignoresUpperEnd)
    }
    let wide = sweep(options.sweepEnd)
    return Found(
      probabilities: probabilities, halves: halves, sweep: wide,
      wide: select(probabilities, options.lambda >= 0 ? options.lambda : wide.lambda ?? 0),
      narrow: select(probabilities, sweep(Self.paperEnd).lambda ?? 0), plain: select(probabilities, 0))
  }

  func select(_ probabilities: ActivationProbabilities, _ lambda: Double) -> Selection {
    var rule = rule
    rule.lambda = lambda
    return Selection(lambda: lambda, neurons: rule.identify(probabilities))
  }

  func losses(_ texts: [LabelledTokens], silent: NeuronSet? = nil) -> TextLosses {
    decoder.losses(texts, silent: silent, at: options.silencedSite)
  }

  /// The specific and related neurons of each language.
  func sets(_ neurons: SelectiveNeurons) -> [NeuronSet] {
    languages.indices.map { neurons.neurons(of: $0, Self.languageKinds) }
  }

  /// What happens to all languages when one set after the other is silent.
  func matrix(_ sets: [NeuronSet], _ base: TextLosses, progress: (Int) throws -> Void) rethrows
    -> PerplexityMatrix
  {
    var rows: [TextLosses] = []
    for (label, set) in sets.enumerated() {
      try progress(label)
      rows.append(set.count == 0 ? base : losses(evaluation, silent: set))
    }
    return PerplexityMatrix(base: base, rows: rows, labels: languages.count)
  }

  /// The texts of a language to measure with.
  func texts(of label: Int) -> [LabelledTokens] { evaluation.filter { $0.label == label } }

  /// What happens to a language's own texts without neurons, nats per token; 0 for an empty set.
  func ownDamage(_ label: Int, _ silent: NeuronSet, _ base: TextLosses) -> Double {
    guard silent.count > 0 else { return 0 }
    return losses(texts(of: label), silent: silent).mean(of: label) - base.mean(of: label)
  }

  /// The same for one set after the other.
  func ownDamages(_ sets: [NeuronSet], _ base: TextLosses) -> [Double] {
    sets.enumerated().map { ownDamage($0, $1, base) }
  }
}

/// What silencing each language's neurons of a selection does, with the baselines.
struct LanguageDamage: Sendable {
  let lambda: Double
  let matrix: PerplexityMatrix
  /// The sets that were silenced: specific and related neurons.
  let sets: [NeuronSet]
  /// Increases for the set's own language, nats per token: by random neurons of the same layers, by specific ones alone.
  private(set) var random: [Double] = []
  private(set) var specific: [Double] = []
  private(set) var specificCounts: [Int] = []

  init(
    _ bench: LanguageBench, _ selection: LanguageBench.Selection, _ base: TextLosses,
    using generator: inout RandomGenerator, progress: (Int, Int) throws -> Void
  ) rethrows {
    let count = bench.languages.count
    lambda = selection.lambda
    sets = bench.sets(selection.neurons)
    matrix = try bench.matrix(sets, base) { try progress($0, 2 * count) }
    for (label, set) in sets.enumerated() {
      try progress(count + label, 2 * count)
      let drawn = (0..<bench.options.controls).map { _ in
        bench.ownDamage(
          label, set.matched(neurons: bench.decoder.configuration.neurons, using: &generator), base)
      }
      random.append(Spread(drawn).mean)
      let own = selection.neurons.neurons(of: label, [.specific])
      specific.append(own == set ? matrix.diagonal[label] : bench.ownDamage(label, own, base))
      specificCounts.append(own.count)
    }
  }
}
