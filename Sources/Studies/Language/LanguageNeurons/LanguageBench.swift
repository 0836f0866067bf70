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
    var lambda: Double
    var neurons: SelectiveNeurons
    /// The same rule without lambda.
    var plain: SelectiveNeurons
  }

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
    let sweep = rule.sweep(
      probabilities, in: 0...options.sweepEnd, ignoresUpperEnd: options.ignoresUpperEnd)
    var own = rule
    own.lambda = options.lambda >= 0 ? options.lambda : sweep.lambda ?? 0
    return Found(
      probabilities: probabilities, halves: halves, sweep: sweep, lambda: own.lambda,
      neurons: own.identify(probabilities), plain: rule.identify(probabilities))
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
}

/// What silencing each language's neurons does, with the baselines.
struct LanguageDamage: Sendable {
  var matrix: PerplexityMatrix
  /// The sets that were silenced.
  var sets: [NeuronSet]
  /// Increases for the set's own language, nats per token.
  var random: [Double]
  var plain: [Double]
  var plainCounts: [Int]
  var specific: [Double]
  var specificCounts: [Int]

  init(
    _ bench: LanguageBench, _ found: LanguageBench.Found, using generator: inout RandomGenerator,
    progress: (Int, Int) throws -> Void = { _, _ in }
  ) throws {
    let count = bench.languages.count
    let total = 2 * count
    let base = bench.losses(bench.evaluation)
    sets = bench.sets(found.neurons)
    matrix = try bench.matrix(sets, base) { try progress($0, total) }
    (random, plain, plainCounts, specific, specificCounts) = ([], [], [], [], [])
    for (label, set) in sets.enumerated() {
      try progress(count + label, total)
      let neurons = bench.decoder.configuration.neurons
      random.append(
        Spread(
          (0..<bench.options.controls).map { _ in
            bench.ownDamage(label, set.matched(neurons: neurons, using: &generator), base)
          }
        ).mean)
      let lape = found.plain.neurons(of: label, LanguageBench.languageKinds)
      plain.append(bench.ownDamage(label, lape, base))
      plainCounts.append(lape.count)
      let own = found.neurons.neurons(of: label, [.specific])
      specific.append(own == set ? matrix.diagonal[label] : bench.ownDamage(label, own, base))
      specificCounts.append(own.count)
    }
  }
}
