import Foundation
import Models
import Probing
import Statistics
import StudyCore
import Support

/// SmolLM2: claims 1, 3, 4 and 6.
struct RealPart {
  let lab: Lab
  let options: LanguageNeurons.Options

  struct Outcome {
    var languages: [String]
    var found: LanguageBench.Found
    /// Without the neurons of the swept lambda, as far as the option goes.
    var wide: LanguageDamage
    /// Without those of the paper's sweep.
    var narrow: LanguageDamage
    /// Damage to each language without its neurons of lambda 0.
    var plain: [Double]
  }

  /// The least increase that counts, nats per token: pilots saw random neurons below it.
  static let floor = 0.01
  /// Tokens a language below which a share of active tokens is too coarse to be stable.
  static let stableTokens = 500
  /// How many times larger the damage must be.
  static let factor = 3.0

  func run() throws -> Outcome {
    try lab.progress("opening SmolLM2", 0, of: 1)
    let model = try LanguageModel.smolLM2()
    let texts = try LanguageTexts(options, lab)
    let bench = LanguageBench(
      decoder: model.decoder, languages: texts.languages,
      identification: texts.identification(
        model.tokenizer, tokens: options.identificationTokens, passage: options.passageTokens),
      evaluation: texts.evaluation(
        model.tokenizer, tokens: options.evaluationTokens, passage: options.passageTokens), options: options,
      topRate: options.topRate)
    let found = try bench.identify { try lab.progress("counting active tokens", $0, of: $1, unit: "tokens") }
    let figures = RealFigures(lab: lab, languages: texts.languages)
    try figures.report(found, rule: bench.rule, end: options.sweepEnd)
    lab.add(stability(bench, found))
    lab.add(depth(found))
    let outcome = try silence(bench, found)
    try figures.report(outcome, bench, texts.description)
    lab.add(
      causality("1a", "the paper's sweep, up to \(LanguageBench.paperEnd)", outcome.narrow, outcome.languages)
    )
    lab.add(causality("1b", "the sweep up to \(short(options.sweepEnd))", outcome.wide, outcome.languages))
    lab.add(related(outcome))
    try compareLambdas(bench, outcome)
    return outcome
  }

  private func silence(_ bench: LanguageBench, _ found: LanguageBench.Found) throws -> Outcome {
    var generator = lab.generator("random neurons")
    let base = bench.losses(bench.evaluation)
    func damage(_ selection: LanguageBench.Selection) throws -> LanguageDamage {
      try LanguageDamage(bench, selection, base, using: &generator) {
        try lab.progress("silencing neurons of lambda \(short(selection.lambda))", $0, of: $1, unit: "sets")
      }
    }
    let narrow = try damage(found.narrow)
    let wide = found.wide.lambda == found.narrow.lambda ? narrow : try damage(found.wide)
    return Outcome(
      languages: bench.languages, found: found, wide: wide, narrow: narrow,
      plain: bench.ownDamages(bench.sets(found.plain.neurons), base))
  }

  /// The matrix at other lambdas: how damage and its aim change with the size of the sets.
  private func compareLambdas(_ bench: LanguageBench, _ outcome: Outcome) throws {
    var rows = [LambdaRow(outcome.narrow)]
    if outcome.wide.lambda != outcome.narrow.lambda { rows.append(LambdaRow(outcome.wide)) }
    for lambda in options.otherLambdas where !rows.contains(where: { $0.lambda == lambda }) {
      let sets = bench.sets(bench.select(outcome.found.probabilities, lambda).neurons)
      let matrix = try bench.matrix(sets, outcome.wide.matrix.base) {
        try lab.progress("silencing neurons of lambda \(short(lambda))", $0, of: sets.count, unit: "sets")
      }
      rows.append(LambdaRow(lambda: lambda, sets: sets, matrix: matrix))
    }
    try RealFigures(lab: lab, languages: outcome.languages).report(rows.sorted { $0.lambda < $1.lambda })
  }

  // Claims.

  /// Why a language's neurons are not causal and its own; nil if they are.
  private func weakness(_ damage: LanguageDamage, _ label: Int) -> String? {
    let own = damage.matrix.diagonal[label]
    if own < Self.floor { return "hardly any damage" }
    if own <= Self.factor * damage.random[label] { return "random neurons do as much" }
    return own <= Self.factor * damage.matrix.meanOffDiagonal[label] ? "others suffer with it" : nil
  }

  private func causality(_ id: String, _ sweep: String, _ damage: LanguageDamage, _ languages: [String])
    -> Claim
  {
    let weak = languages.indices.compactMap { label in
      weakness(damage, label).map { "\(languages[label]): \($0)" }
    }
    let rows = languages.indices.map { label in
      String(
        format: "%@ (%d neurons) own %+.3f, others %+.3f, random %+.3f", languages[label],
        damage.sets[label].count, damage.matrix.diagonal[label], damage.matrix.meanOffDiagonal[label],
        damage.random[label])
    }
    return .decided(
      id,
      "Language neurons exist and are causal: silencing those of a language spoils this language (\(sweep)).",
      paper: "The diagonal of the matrix of perplexity changes stands out (Mistral-7B, 10 languages).",
      test:
        "The top \(short(100 * options.topRate)) % of the neurons of SmolLM2 by score, lambda from \(sweep); specific and related ones of a language silent; increase of the mean loss of held-out passages, nats per token; \(options.controls) random sets of the same layers.",
      criterion:
        "the increase for the own language is at least \(Self.floor) and more than \(short(Self.factor)) times both the mean increase for the others and that by random neurons, in at least two thirds of the languages (4 of 6)",
      measured: "lambda \(short(damage.lambda)): " + rows.joined(separator: "; ") + ".",
      holds: 3 * (languages.count - weak.count) >= 2 * languages.count, reason: weak.joined(separator: "; "),
      unless: nil)
  }

  private func related(_ outcome: Outcome) -> Claim {
    let damage = outcome.wide
    let differences = zip(damage.matrix.diagonal, damage.specific).map { $0 - $1 }
    let test = SignTest(differences)
    let rows = outcome.languages.indices.map { label in
      String(
        format: "%@ %+.3f (%d and %d neurons)", outcome.languages[label], differences[label],
        damage.sets[label].count, damage.specificCounts[label])
    }
    let failing = zip(outcome.languages, differences).filter { $1 <= 0 }.map(\.0)
    return .decided(
      "3",
      "Related neurons matter too: without them a language suffers more than without its specific ones alone.",
      paper: "Silencing specific and related neurons does more damage than specific ones alone.",
      test:
        "Increase of the loss of a language with both kinds silent less that with its specific neurons silent, paired over languages.",
      criterion: "the difference is positive in every language (sign test beside it)",
      measured: rows.joined(separator: "; ") + String(format: "; sign test p = %.3f.", test.greater),
      holds: test.positive == outcome.languages.count,
      reason: "not so in \(failing.joined(separator: ", "))",
      unless: nil)
  }

  private func depth(_ found: LanguageBench.Found) -> Claim {
    let profile = Self.profile(found.wide)
    let narrow = Self.profile(found.narrow)
    let agnostic = DepthProfile(found.wide.neurons.countByLayer(.agnostic)).outerToMiddle
    lab.measure("depth.outerToMiddle", profile.outerToMiddle)
    let third = profile.counts.count / 3
    let (first, last) = (profile.counts.prefix(third).reduce(0, +), profile.counts.suffix(third).reduce(0, +))
    let middle = profile.counts.reduce(0, +) - first - last
    lab.note(
      "By layer, language neurons (specific and related) are fewest at layer \(profile.lowest), smoothed over three layers; the profile bends most at layers \(profile.boundaries.map(String.init).joined(separator: ", ")), where the paper's parts of understanding, shared reasoning, expression and vocabulary would begin. Any profile has such bends: they are reported, not tested."
    )
    return .decided(
      "4", "Language neurons are denser near both ends of the depth than in the middle.",
      paper: "Many in early layers, few in the middle, more again in later ones.",
      test: "Specific and related neurons of SmolLM2 by layer, \(profile.counts.count) layers in thirds.",
      criterion: "their density in the first and last thirds is at least 1.5 times that in the middle third",
      measured: String(
        format:
          "%d in the first third, %d in the middle, %d in the last: ratio %.2f (of agnostic neurons %.2f; of language neurons of the paper's sweep %.2f).",
        first, middle, last, profile.outerToMiddle, agnostic, narrow.outerToMiddle),
      holds: profile.outerToMiddle >= 1.5, reason: "the middle third has as many", unless: nil)
  }

  /// Specific and related neurons by layer.
  static func profile(_ selection: LanguageBench.Selection) -> DepthProfile {
    let neurons = selection.neurons
    return DepthProfile(
      zip(neurons.countByLayer(.specific), neurons.countByLayer(.related)).map { $0 + $1 })
  }

  private func stability(_ bench: LanguageBench, _ found: LanguageBench.Found) -> Claim {
    var rule = bench.rule
    rule.lambda = found.wide.lambda
    let halves = found.halves.map(rule.identify)
    let shares = bench.languages.indices.map { label in
      halves[0].neurons(of: label, LanguageBench.languageKinds)
        .jaccardIndex(with: halves[1].neurons(of: label, LanguageBench.languageKinds))
    }
    // Two empty sets do not agree about anything.
    let mean = Spread(shares.map { $0.isNaN ? 0 : $0 }).mean
    for (language, share) in zip(bench.languages, shares) { lab.measure("splitHalf.\(language)", share) }
    lab.measure("splitHalf.mean", mean)
    let tokens = bench.identification.reduce(0) { $0 + $1.counted } / bench.languages.count / 2
    return .decided(
      "6", "The statistic is stable: half of the texts finds the same neurons as the other half.",
      paper: "Not reported; a condition for using the neurons.",
      test:
        "The rule with the same lambda on every second passage and on the others, about \(tokens) tokens a language each; Jaccard index of a language's neurons.",
      criterion: "the mean over languages is at least 0.5",
      measured: zip(bench.languages, shares).map { String(format: "%@ %.2f", $0, $1) }.joined(separator: ", ")
        + String(format: "; mean %.2f.", mean),
      holds: mean >= 0.5, reason: "half of the texts does not settle which neurons are selected",
      unless: tokens < Self.stableTokens
        ? "\(tokens) tokens a language and half; \(Self.stableTokens) are asked for" : nil)
  }
}

extension RealPart {
  /// Claims of a run without SmolLM2.
  static func addUndecided(to lab: Lab) {
    for (id, statement) in [
      ("1a", "Language neurons exist and are causal (the paper's sweep)."),
      ("1b", "Language neurons exist and are causal (the longer sweep)."),
      ("3", "Related neurons matter too."),
      ("4", "Language neurons are denser near both ends of the depth."), ("6", "The statistic is stable."),
    ] {
      lab.add(
        Claim(
          notTestable: id, statement, paper: "See the whole run.", test: "SmolLM2.",
          criterion: "See the whole run.",
          reason: "part=small leaves SmolLM2 out"))
    }
  }
}

extension SmallPart {
  /// Claims of a run without small models.
  static func addUndecided(to lab: Lab) {
    for (id, statement) in [
      ("5a", "Alignment makes languages share neurons."),
      ("5b", "Languages that were not aligned improve too."),
    ] {
      lab.add(
        Claim(
          notTestable: id, statement, paper: "See the whole run.", test: "Small models.",
          criterion: "See the whole run.", reason: "part=real leaves the small models out"))
    }
  }
}
