import Datasets
import Figures
import Foundation
import Models
import Probing
import StudyCore
import Support

/// Claim 7: induction heads of a real language model.
struct LanguageModelPart {
  let bench: FewShotBench
  private var lab: Lab { bench.lab }
  private var options: FewShotBench.Options { bench.options }

  init(_ bench: FewShotBench) { self.bench = bench }

  /// The surprise at the copy with heads silenced.
  private struct Damage {
    var whole, first: Double
    /// By how many of the strongest heads were silenced.
    var strongest: [(count: Int, loss: Double)]
    /// As many weak heads as the largest of these numbers, in several sets.
    var random: [Double]
    var largest: Double { strongest.last!.loss - whole }
    var control: Double { Spread(random).mean - whole }
  }

  func run() throws {
    guard let model = try model() else {
      return lab.add(claim(nil, nil, "the model is not here: 'cajal data fetch smollm2' brings it"))
    }
    try lab.progress("reading repeated tokens", 0, of: 1)
    model.decoder.freeze()
    var generator = lab.generator("series")
    let probe = try RepeatedTokens(
      model.decoder, count: options.series, length: options.seriesLength,
      tokens: 0..<model.tokenizer.vocabularySize, using: &generator)
    let scores = probe.headScores()
    let damage = try damage(probe, scores, &generator)
    lab.add(claim(scores, damage, options.silenced.max()! < 8 ? "fewer than eight heads were silenced" : nil))
    try lab.add(table(scores))
    for plot in figures(scores, damage) { try lab.add(plot) }
  }

  private func model() throws -> LanguageModel? {
    if !options.model.isEmpty {
      let url = URL(fileURLWithPath: options.model)
      let model = try LanguageModel(contentsOf: url)
      lab.usesData(url.lastPathComponent, fingerprint: try StudyTexts.fingerprint(url))
      return model
    }
    guard PackagedData.smolLM2.isPresent() else { return nil }
    return try bench.model.opened()
  }

  private func damage(
    _ probe: RepeatedTokens, _ scores: RepeatedTokens.HeadScores, _ generator: inout RandomGenerator
  ) throws -> Damage {
    let ranked = scores.ranked(by: scores.induction)
    let counts = options.silenced.sorted().map { min($0, ranked.count) }
    let weak = ranked.filter {
      scores.induction[$0.block][$0.head] < 0.1 && scores.previousToken[$0.block][$0.head] < 0.3
    }
    guard weak.count >= counts.last! else {
      throw CajalError("the model has \(weak.count) weak heads, too few to silence \(counts.last!) of them")
    }
    let (stage, total) = ("silencing heads", counts.count + options.randomSets)
    var done = 0
    func loss(_ heads: [AttentionHead]) throws -> Double {
      try lab.progress(stage, done, of: total, unit: "sets of heads")
      done += 1
      return probe.copyLoss(without: heads)
    }
    return Damage(
      whole: probe.copyLoss(), first: probe.firstLoss(),
      strongest: try counts.map { (count: $0, loss: try loss(Array(ranked.prefix($0)))) },
      random: try (0..<options.randomSets).map { _ in
        try loss(generator.subset(counts.last!, of: weak.count).map { weak[$0] })
      })
  }

  private func list(_ scores: [[Double]], _ heads: ArraySlice<AttentionHead>) -> String {
    heads.map { "\($0) (\(String(format: "%.2f", scores[$0.block][$0.head])))" }.joined(separator: ", ")
  }

  private func claim(_ scores: RepeatedTokens.HeadScores?, _ damage: Damage?, _ obstacle: String?) -> Claim {
    var measured = ""
    if let scores, let damage {
      let random = Spread(damage.random)
      let silenced = damage.strongest.map { "\($0.count): \(short($0.loss))" }.joined(separator: ", ")
      measured =
        "induction heads \(list(scores.induction, scores.ranked(by: scores.induction).prefix(6))); previous-token heads \(list(scores.previousToken, scores.ranked(by: scores.previousToken).prefix(4))). Nats a token at the copy: \(short(damage.whole)) whole (\(short(damage.first)) at the first occurrence); with the strongest heads silenced, \(silenced); with \(damage.strongest.last!.count) weak ones \(short(random.mean))\(random.count > 1 ? " ± \(short(random.deviation))" : "")"
      lab.measure("model.copy", damage.whole, unit: "nats")
      for (count, loss) in damage.strongest { lab.measure("model.silenced\(count)", loss, unit: "nats") }
      lab.measure("model.random", random.mean, unit: "nats")
      lab.measure("model.ratio", damage.largest / damage.control)
      lab.measure("model.best", scores.induction.joined().max()!)
    }
    return .decided(
      "7", "A language model has induction heads, and needs them to copy (ours, with the paper's measures)",
      paper:
        "none: the paper's networks are small; induction heads are known of all sizes of language models",
      test:
        "\(options.model.isEmpty ? "SmolLM2-135M-Instruct" : options.model), \(options.series) series of \(options.seriesLength) random tokens, each said twice; attention from the copy to the successor of the first occurrence; the strongest heads silenced, and as many random ones of those below 0.1 (and below 0.3 for the token before)",
      criterion:
        "silencing the eight strongest costs more than three times as many nats a token as silencing as many weak ones",
      measured: measured, holds: damage.map { $0.largest > 3 * $0.control } ?? false,
      reason: "weak heads matter nearly as much", unless: obstacle)
  }

  private func table(_ scores: RepeatedTokens.HeadScores) throws -> Table {
    var table = Table(
      name: "model-heads", caption: "The twenty strongest induction heads of the language model.",
      columns: ["head", "induction score", "to the token before"])
    for head in scores.ranked(by: scores.induction).prefix(20) {
      table.append([
        .text("\(head)"), .number(scores.induction[head.block][head.head]),
        .number(scores.previousToken[head.block][head.head]),
      ])
    }
    return table
  }

  private func figures(_ scores: RepeatedTokens.HeadScores, _ damage: Damage) -> [Plot] {
    func map(_ name: String, _ title: String, _ caption: String, _ values: [[Double]]) -> Plot {
      let (blocks, heads) = (values.count, values[0].count)
      var plot = Plot(
        name: name, title: title, caption: caption, x: .init("block"),
        y: .init("head", ticks: (0..<heads).map { (Double($0) + 0.5, "\($0)") }))
      plot.heatMap = .init(
        rows: (0..<heads).map { head in values.map { $0[head] } }, x: 0...Double(blocks),
        y: 0...Double(heads), label: "attention", range: 0...1)
      plot.x.ticks = stride(from: 0, to: blocks, by: max(1, blocks / 10)).map { (Double($0) + 0.5, "\($0)") }
      plot.height = 360
      return plot
    }
    var bars = Plot(
      name: "model-damage", title: "What copying needs",
      caption: "Nats a token at the copy of random series, with heads of the language model silenced.",
      x: .init(
        "silenced",
        ticks: (["none"] + damage.strongest.map { "\($0.count) strongest" } + [
          "\(damage.strongest.last!.count) weak"
        ])
        .enumerated().map { (Double($0), $1) }), y: .init("surprise", unit: "nats"))
    let random = Spread(damage.random)
    let values = [damage.whole] + damage.strongest.map(\.loss) + [random.mean]
    bars.add(
      .bars, "", x: values.indices.map(Double.init), y: values,
      error: values.indices.map { $0 == values.count - 1 ? random.deviation : 0 })
    bars.x.range = -0.6...Double(values.count) - 0.4
    bars.y.range = 0...1.1 * values.max()!
    return [
      map(
        "model-induction", "Induction heads of the language model",
        "Attention from the tokens of a copy to what followed them the first time, by block and head.",
        scores.induction),
      map(
        "model-previous", "Previous-token heads of the language model",
        "Attention from each token to the one before, by block and head.", scores.previousToken), bars,
    ]
  }
}
