import Figures
import Foundation
import Probing
import Statistics
import StudyCore
import Support

/// Tables and figures of SmolLM2's language neurons.
struct RealFigures {
  let lab: Lab
  let languages: [String]

  private var ticks: [(position: Double, label: String)] {
    languages.enumerated().map { (Double($0.offset) + 0.5, $0.element) }
  }

  /// What was found, before anything is silenced.
  func report(_ found: LanguageBench.Found, rule: LabelSelectivity, end: Double) throws {
    lab.measure("lambda", found.wide.lambda)
    lab.measure("lambda.paper", found.narrow.lambda)
    lab.measure("threshold", found.wide.neurons.threshold)
    for (served, count) in found.wide.neurons.servedCounts.enumerated() {
      lab.measure("served.\(served)", Double(count), unit: "neurons")
    }
    for (served, count) in found.plain.neurons.servedCounts.enumerated() {
      lab.measure("lambdaZero.served.\(served)", Double(count), unit: "neurons")
    }
    for kind in SelectiveNeurons.Kind.allCases {
      lab.measure("count.\(kind)", Double(found.wide.neurons.count(kind)), unit: "neurons")
    }
    let overlaps = found.wide.neurons.overlaps
    for a in languages.indices {
      for b in a + 1..<languages.count {
        lab.measure("overlap.\(languages[a]).\(languages[b])", overlaps[a][b])
      }
    }
    try lab.add(layerTable(found.wide.neurons))
    try lab.add(layerFigure(found.wide.neurons))
    try lab.add(sweepFigure(found, rule, end))
    try lab.add(overlapFigure(found.wide.neurons))
    noteSweep(found, end)
  }

  private func noteSweep(_ found: LanguageBench.Found, _ end: Double) {
    guard let edge = found.sweep.lambda else {
      return lab.note(
        "At every lambda tried some selected neuron belongs to all languages; lambda 0 is used.")
    }
    lab.note(
      edge == end
        ? "Up to lambda \(short(end)), the end of the sweep, no selected neuron belongs to all languages: the end is used."
        : "The paper's sweep ends at lambda 0.2; here it goes to \(short(end)) and finds \(short(edge))."
    )
  }

  private func layerTable(_ neurons: SelectiveNeurons) -> Table {
    var table = Table(
      name: "layers", caption: "Neurons of each kind by layer of SmolLM2.",
      columns: ["layer"] + SelectiveNeurons.Kind.allCases.map { "\($0)" })
    let counts = SelectiveNeurons.Kind.allCases.map(neurons.countByLayer)
    for layer in 0..<neurons.layers {
      table.append([.integer(layer)] + counts.map { .integer($0[layer]) })
    }
    return table
  }

  private func layerFigure(_ neurons: SelectiveNeurons) -> Plot {
    let (specific, related) = (neurons.countByLayer(.specific), neurons.countByLayer(.related))
    let all = zip(specific, related).map { Double($0 + $1) }
    let x = all.indices.map(Double.init)
    var plot = Plot(
      name: "layers", title: "Language neurons by layer",
      caption:
        "Specific neurons (one language) and, on top of them, related ones (several languages) in each layer of SmolLM2; the line is their sum smoothed over three layers. The other neurons of each layer's \(neurons.neurons) are agnostic.",
      x: .init("layer", range: -1...Double(all.count)), y: .init("neurons"))
    plot.add(.bars, "related", x: x, y: all)
    plot.add(.bars, "specific", x: x, y: specific.map(Double.init))
    plot.add(.line, "sum, smoothed", x: x, y: DepthProfile(all.map { Int($0) }).smoothed)
    return plot
  }

  private func sweepFigure(_ found: LanguageBench.Found, _ rule: LabelSelectivity, _ end: Double) -> Plot {
    let lambdas = (0...40).map { end * Double($0) / 40 }
    let served = lambdas.map { lambda in
      var changed = rule
      changed.lambda = lambda
      return changed.identify(found.probabilities).servedCounts
    }
    var plot = Plot(
      name: "lambda", title: "How many languages a selected neuron serves, by lambda",
      caption:
        "Selected neurons of SmolLM2 by the number of languages in which they exceed the threshold, for lambda from 0 to \(short(end)). Without lambda, most are selective but hardly ever active; with too much, they serve all.",
      x: .init("lambda"), y: .init("neurons"))
    for count in 0...languages.count {
      plot.add(
        .line, count == languages.count ? "all \(count)" : "\(count)", x: lambdas,
        y: served.map { Double($0[count]) })
    }
    plot.marks = [.vertical(found.wide.lambda, label: "chosen")]
    return plot
  }

  private func overlapFigure(_ neurons: SelectiveNeurons) -> Plot {
    let count = Double(languages.count)
    var plot = Plot(
      name: "overlap", title: "Neurons that languages share",
      caption:
        "Jaccard index of the neurons of two languages in SmolLM2: shared ones over all of both. The diagonal is 1 by definition.",
      x: .init("language", ticks: ticks), y: .init("language", ticks: ticks))
    plot.heatMap = .init(
      rows: neurons.overlaps, x: 0...count, y: 0...count, label: "Jaccard index", range: 0...1)
    return plot
  }

  // Damage.

  func report(_ outcome: RealPart.Outcome, _ bench: LanguageBench, _ texts: String) throws {
    for (name, damage) in [("paper", outcome.narrow), ("wide", outcome.wide)] {
      for (label, language) in languages.enumerated() {
        lab.measure("damage.\(name).own.\(language)", damage.matrix.diagonal[label], unit: "nats/token")
        lab.measure(
          "damage.\(name).others.\(language)", damage.matrix.meanOffDiagonal[label], unit: "nats/token")
        lab.measure("damage.\(name).random.\(language)", damage.random[label], unit: "nats/token")
        lab.measure("damage.\(name).specific.\(language)", damage.specific[label], unit: "nats/token")
      }
      try lab.add(damageTable(name, damage))
      try lab.add(matrixFigure(name, damage, texts))
    }
    for (label, language) in languages.enumerated() {
      lab.measure("damage.lambdaZero.\(language)", outcome.plain[label], unit: "nats/token")
    }
    try lab.add(baselineFigure(outcome))
  }

  private func damageTable(_ name: String, _ damage: LanguageDamage) throws -> Table {
    var table = Table(
      name: "damage-\(name)",
      caption:
        "What SmolLM2 loses without a language's neurons of lambda \(short(damage.lambda)): increase of the mean loss (nats per token) of each language's held-out passages; then the 95 % interval of the own language's over passages, and baselines.",
      columns: ["silenced", "neurons", "perplexity before"] + languages.map { "on \($0)" } + [
        "own, low", "own, high", "random", "specific alone", "specific neurons",
      ])
    var generator = lab.generator("bootstrap \(name)")
    for (label, language) in languages.enumerated() {
      let increases = damage.matrix.rows[label].increases(over: damage.matrix.base, of: label)
      let interval = Bootstrap(kind: .percentile).interval(increases, using: &generator)
      table.append(
        [
          .text(language), .integer(damage.sets[label].count),
          .number(exp(damage.matrix.base.mean(of: label))),
        ]
          + damage.matrix.logIncreases[label].map { .number($0) } + [
            .number(interval.low), .number(interval.high), .number(damage.random[label]),
            .number(damage.specific[label]), .integer(damage.specificCounts[label]),
          ])
    }
    return table
  }

  private func matrixFigure(_ name: String, _ damage: LanguageDamage, _ texts: String) -> Plot {
    let count = Double(languages.count)
    var plot = Plot(
      name: "perplexity-\(name)", title: "Silencing a language's neurons, lambda \(short(damage.lambda))",
      caption:
        "Increase of the loss, in nats per token, of each language's held-out passages (columns; \(texts)) when the neurons of one language (rows; \(zip(languages, damage.sets).map { "\($0) \($1.count)" }.joined(separator: ", "))) of SmolLM2 are silent. Red: worse. The diagonal is the language's own damage.",
      x: .init("language measured", ticks: ticks), y: .init("language silenced", ticks: ticks))
    plot.heatMap = .init(
      rows: damage.matrix.logIncreases, x: 0...count, y: 0...count,
      label: "increase of the loss (nats per token)", isDiverging: true)
    return plot
  }

  private func baselineFigure(_ outcome: RealPart.Outcome) -> Plot {
    let x = languages.indices.map { Double($0) }
    var plot = Plot(
      name: "baselines", title: "Damage to a language by what is silenced",
      caption:
        "Increase of a language's loss without its neurons of lambda \(short(outcome.narrow.lambda)) (the paper's sweep) and of lambda \(short(outcome.wide.lambda)) (the longer one), without random neurons of the same layers as the latter, and without those of lambda 0; and the mean increase of the loss of the other languages.",
      x: .init(
        "language", range: -0.5...Double(languages.count) - 0.5, ticks: zip(x, languages).map { ($0, $1) }),
      y: .init("increase of the loss", unit: "nats per token"))
    let (narrow, wide) = (short(outcome.narrow.lambda), short(outcome.wide.lambda))
    for (name, values) in [
      ("own, \(narrow)", outcome.narrow.matrix.diagonal), ("own, \(wide)", outcome.wide.matrix.diagonal),
      ("own, random", outcome.wide.random), ("others, \(wide)", outcome.wide.matrix.meanOffDiagonal),
      ("others, \(narrow)", outcome.narrow.matrix.meanOffDiagonal), ("own, 0", outcome.plain),
    ] {
      plot.add(.points, name, x: x, y: values)
    }
    plot.marks = [.horizontal(0, label: "")]
    return plot
  }

  // Other lambdas.

  func report(_ rows: [LambdaRow]) throws {
    guard rows.count > 1 else { return }
    var table = Table(
      name: "lambda-damage",
      caption:
        "Damage by lambda: increase of the loss of each language without its neurons, and the mean increase of the others (nats per token).",
      columns: ["lambda", "language", "neurons", "own", "others", "own over others"])
    for row in rows {
      let (own, others) = (row.matrix.diagonal, row.matrix.meanOffDiagonal)
      for (label, language) in languages.enumerated() {
        table.append([
          .number(row.lambda), .text(language), .integer(row.sets[label].count), .number(own[label]),
          .number(others[label]), others[label] > 0 ? .number(own[label] / others[label]) : .missing,
        ])
      }
      lab.measure("lambda\(short(row.lambda)).own", Spread(own).mean, unit: "nats/token")
      lab.measure("lambda\(short(row.lambda)).others", Spread(others).mean, unit: "nats/token")
    }
    try lab.add(table)
    try lab.add(lambdaDamageFigure(rows))
  }

  private func lambdaDamageFigure(_ rows: [LambdaRow]) -> Plot {
    var plot = Plot(
      name: "lambda-damage", title: "Damage by lambda",
      caption:
        "Increase of the loss of a language without its own neurons, one point a language, and of the other languages (mean), by lambda: a larger lambda selects more active neurons, with more damage and less aim. Increases up to 0.001 are left out.",
      x: .init("lambda", range: 0...1.1 * max(0.1, rows.map(\.lambda).max()!)),
      y: .init("increase of the loss", unit: "nats per token", scale: .log))
    let parts: [(String, KeyPath<PerplexityMatrix, [Double]>)] = [
      ("own language", \.diagonal), ("other languages", \.meanOffDiagonal),
    ]
    for (shift, part) in parts.enumerated() {
      let values = rows.map { $0.matrix[keyPath: part.1].map { $0 > 0.001 ? $0 : .nan } }
      // Side by side, where both stand at one lambda.
      let x = rows.map { $0.lambda + 0.01 * Double(shift) }
      plot.add(
        .points, part.0, x: zip(x, values).flatMap { x, all in all.map { _ in x } }, y: values.flatMap { $0 })
    }
    return plot
  }
}

/// What the sets of one lambda do.
struct LambdaRow {
  var lambda: Double
  var sets: [NeuronSet]
  var matrix: PerplexityMatrix
}

extension LambdaRow {
  init(_ damage: LanguageDamage) {
    self.init(lambda: damage.lambda, sets: damage.sets, matrix: damage.matrix)
  }
}
