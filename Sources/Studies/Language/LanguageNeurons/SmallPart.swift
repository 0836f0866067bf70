import Figures
import Foundation
import Probing
import StudyCore
import Support
import Tensors

/// The models that are trained here: alignment, and the rule where the truth is known.
struct SmallPart {
  let lab: Lab
  let options: LanguageNeurons.Options

  /// Trains the seeds, each on a thread of its own.
  func run() throws -> [SmallModel.Outcome] {
    let texts = try LanguageTexts.ofTheTask(options.languages, lab)
    let model = SmallModel(texts, options)
    let generator = lab.generator("small models")
    let outcomes = try parallelMap(
      options.seeds,
      throwing: { seed in
        try Torch.onOneThread {
          try model.run(generator.split(seed)) { stage, done, total in
            try lab.progress("small model \(seed + 1) of \(options.seeds): \(stage)", done, of: total)
          }
        }
      })
    measure(outcomes, texts.languages)
    try lab.add(table(outcomes, texts.languages))
    try lab.add(typesFigure(outcomes))
    lab.add(sharingClaim(outcomes))
    lab.add(accuracyClaim(outcomes, texts.languages))
    return outcomes
  }

  private func measure(_ outcomes: [SmallModel.Outcome], _ languages: [String]) {
    for (seed, outcome) in outcomes.enumerated() {
      lab.measure("small.seed\(seed).trainingLoss", outcome.losses[0], unit: "nats/byte")
      lab.measure("small.seed\(seed).lambda", outcome.found.wide.lambda)
      lab.measure("small.seed\(seed).specific.before", Double(outcome.before.wide.neurons.count(.specific)))
      lab.measure("small.seed\(seed).specific.after", Double(outcome.after.wide.neurons.count(.specific)))
      lab.measure("small.seed\(seed).related.before", Double(outcome.before.wide.neurons.count(.related)))
      lab.measure("small.seed\(seed).related.after", Double(outcome.after.wide.neurons.count(.related)))
      lab.measure(
        "small.seed\(seed).diagonal", Spread(outcome.damage.matrix.diagonal).mean, unit: "nats/byte")
    }
    for (label, language) in languages.enumerated() {
      lab.measure("small.accuracy.before.\(language)", Spread(outcomes.map { $0.accuracyBefore[label] }).mean)
      lab.measure("small.accuracy.after.\(language)", Spread(outcomes.map { $0.accuracyAfter[label] }).mean)
    }
  }

  private func table(_ outcomes: [SmallModel.Outcome], _ languages: [String]) -> Table {
    var table = Table(
      name: "small-models",
      caption:
        "Models trained here, by seed: neurons of each kind by the answers to the additions before and after alignment on \(languages.prefix(SmallModel.aligned).joined(separator: ", ")), share of additions answered exactly, and mean increase of the loss when language neurons (found in running text) are silent.",
      columns: [
        "seed", "training loss (nats/byte)", "lambda", "specific before", "specific after", "related before",
        "related after", "damage to own language (nats/byte)", "to others",
      ] + languages.map { "accuracy before, \($0)" } + languages.map { "accuracy after, \($0)" })
    for (seed, outcome) in outcomes.enumerated() {
      let counts: [Table.Cell] = [
        .integer(outcome.before.wide.neurons.count(.specific)),
        .integer(outcome.after.wide.neurons.count(.specific)),
        .integer(outcome.before.wide.neurons.count(.related)),
        .integer(outcome.after.wide.neurons.count(.related)),
      ]
      let matrix = outcome.damage.matrix
      table.append(
        [.integer(seed), .number(outcome.losses[0]), .number(outcome.found.wide.lambda)] + counts
          + [.number(Spread(matrix.diagonal).mean), .number(Spread(matrix.meanOffDiagonal).mean)]
          + outcome.accuracyBefore.map { .number($0) } + outcome.accuracyAfter.map { .number($0) })
    }
    return table
  }

  /// How many languages selected neurons serve, before and after.
  private func typesFigure(_ outcomes: [SmallModel.Outcome]) -> Plot {
    let labels = outcomes[0].before.wide.neurons.labels
    var plot = Plot(
      name: "alignment-sharing", title: "Alignment: how many languages a selected neuron serves",
      caption:
        "Selected neurons of the small models by the number of languages for whose answers they are active, before and after alignment on three languages; mean and standard deviation over \(outcomes.count) seeds.",
      x: .init("languages served", ticks: (0...labels).map { (Double($0), "\($0)") }), y: .init("neurons"))
    for (name, found) in [("before", \SmallModel.Outcome.before), ("after", \.after)] {
      let spreads = (0...labels).map { served in
        Spread(outcomes.map { Double($0[keyPath: found].wide.neurons.servedCounts[served]) })
      }
      plot.add(
        .linePoints, name, x: (0...labels).map(Double.init), y: spreads.map(\.mean),
        error: spreads.map(\.deviation))
    }
    return plot
  }

  /// Why few seeds or languages decide nothing.
  private var obstacle: String? {
    if options.seeds < 4 { return "seeds=\(options.seeds); four are asked for" }
    if options.languages <= SmallModel.aligned { return "no language is left that was not aligned" }
    return nil
  }

  private func change(_ outcomes: [SmallModel.Outcome], _ kind: SelectiveNeurons.Kind) -> [Double] {
    outcomes.map { Double($0.after.wide.neurons.count(kind) - $0.before.wide.neurons.count(kind)) }
  }

  private func sharingClaim(_ outcomes: [SmallModel.Outcome]) -> Claim {
    let (specific, related) = (change(outcomes, .specific), change(outcomes, .related))
    let falls = specific.filter { $0 < 0 }.count
    let rises = related.filter { $0 > 0 }.count
    func before(_ kind: SelectiveNeurons.Kind) -> Spread {
      Spread(outcomes.map { Double($0.before.wide.neurons.count(kind)) })
    }
    return .decided(
      "5a", "Alignment makes languages share neurons: specific ones become fewer, related ones more.",
      paper:
        "After alignment the language-specific neurons are fewer and the language-related ones more (models of 7 billion parameters, MGSM).",
      test:
        "Byte-level models of \(options.blocks) blocks trained here on \(options.languages) languages and additions in words; fine-tuned on the additions in \(SmallModel.aligned) of them; the rule applied to the answers before and after, lambda swept each time.",
      criterion: "the number of specific neurons falls in at least three of four seeds",
      measured: String(
        format:
          "specific %.1f ± %.1f before, %+.1f ± %.1f by alignment (falls in %d of %d seeds); related %.1f before, %+.1f ± %.1f (rises in %d).",
        before(.specific).mean, before(.specific).deviation, Spread(specific).mean,
        Spread(specific).deviation, falls,
        outcomes.count, before(.related).mean, Spread(related).mean, Spread(related).deviation, rises),
      holds: 4 * falls >= 3 * outcomes.count,
      reason: "specific neurons do not become fewer in most seeds", unless: obstacle)
  }

  private func accuracyClaim(_ outcomes: [SmallModel.Outcome], _ languages: [String]) -> Claim {
    func accuracy(_ values: [Double], _ range: Range<Int>) -> Double {
      range.isEmpty ? .nan : Spread(range.map { values[$0] }).mean
    }
    let aligned = 0..<min(SmallModel.aligned, languages.count)
    let held = aligned.upperBound..<languages.count
    let gains = outcomes.map { accuracy($0.accuracyAfter, held) - accuracy($0.accuracyBefore, held) }
    let better = gains.filter { $0 > 0 }.count
    func mean(_ path: KeyPath<SmallModel.Outcome, [Double]>, _ range: Range<Int>) -> Double {
      Spread(outcomes.map { accuracy($0[keyPath: path], range) }).mean * 100
    }
    return .decided(
      "5b", "Languages that were not aligned improve too.",
      paper: "Alignment in some languages helps others (\"spontaneous multilingual alignment\").",
      test:
        "Additions answered exactly in the languages without alignment (\(held.map { languages[$0] }.joined(separator: ", "))).",
      criterion: "their mean accuracy rises in at least three of four seeds",
      measured: String(
        format:
          "languages without alignment %.1f %% to %.1f %% (gain %+.1f ± %.1f points, in %d of %d seeds); aligned ones %.1f %% to %.1f %%.",
        mean(\.accuracyBefore, held), mean(\.accuracyAfter, held), 100 * Spread(gains).mean,
        100 * Spread(gains).standardError, better, outcomes.count, mean(\.accuracyBefore, aligned),
        mean(\.accuracyAfter, aligned)),
      holds: 4 * better >= 3 * outcomes.count,
      reason: Spread(gains).mean < 0
        ? "trained on the answers of three languages alone, the model forgets those of the others"
        : "their accuracy does not rise in most seeds",
      unless: obstacle)
  }
}
