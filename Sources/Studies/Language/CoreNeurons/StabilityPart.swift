import Figures
import Foundation
import Probing
import StudyCore
import Support

/// Claim 3: how much of the core of a prompt is there after its first tokens.
struct StabilityPart: Sendable {
  /// What one prompt tells.
  struct Measured: Sendable {
    /// By score and prefix the overlap with the core of the whole prompt.
    var overlaps: [CoreSelection.Score: [Double]]
    /// Named shares of sampled neurons of the reference block after each prefix; of the text that is drawn.
    var frequencies: [[Double]]
  }

  private let bench: CoreBench
  private let prefixes: [Int]
  private static let scores: [CoreSelection.Score] = [.signed, .meanAbsolute]

  init(_ bench: CoreBench) {
    self.bench = bench
    let whole = bench.options.promptTokens
    prefixes = Set([8, 16, 32, 64, 96, 128, 160, max(1, whole - 64), whole - 8, whole]).filter {
      $0 > 0 && $0 <= whole
    }
    .sorted()
  }

  /// - Parameter drawing: Whether frequencies of single neurons are wanted.
  func overlaps(_ prompt: CoreActivity, drawing: Bool) -> Measured {
    let overlaps = Self.scores.map { score in
      let selection = bench.options.selection(score)
      let whole = prompt.core(selection)
      return prefixes.map { prefix in
        let early = prompt.tokens(0..<prefix).core(selection)
        return Spread(bench.blocks.map { CoreOverlap.kept(early.blocks[$0], of: whole.blocks[$0]) }).mean
      }
    }
    return Measured(
      overlaps: Dictionary(uniqueKeysWithValues: zip(Self.scores, overlaps)),
      frequencies: drawing ? frequencies(prompt) : [])
  }

  private func frequencies(_ prompt: CoreActivity) -> [[Double]] {
    var generator = bench.lab.generator("sampled neurons")
    let sampled = generator.subset(min(256, prompt.neurons), of: prompt.neurons)
    let block = bench.block(ofThirtyTwo: 25)
    let selection = bench.options.selection(.signed)
    let rows = prefixes.map { prefix in
      let counts = selection.core(prompt.tokens(0..<prefix).blocks[block], neurons: prompt.neurons).scores
      return sampled.map { counts[$0] / Double(prefix) }
    }
    // From neurons that the whole prompt names often to those that it names seldom.
    let order = sampled.indices.sorted { rows.last![$0] > rows.last![$1] }
    return rows.map { row in order.map { row[$0] } }
  }

  func report(_ texts: [Measured]) throws {
    let overlaps = Dictionary(
      uniqueKeysWithValues: Self.scores.map { score in
        (score, prefixes.indices.map { place in texts.map { $0.overlaps[score]![place] } })
      })
    var table = Table(
      name: "stability",
      caption:
        "Share of the core of \(bench.options.promptTokens) tokens that is in the core of their first tokens; mean and standard deviation over texts.",
      columns: ["score", "first tokens", "share", "deviation"])
    for score in Self.scores {
      for (prefix, values) in zip(prefixes, overlaps[score]!) {
        let spread = Spread(values)
        bench.lab.measure("stability.\(score).tokens\(prefix)", spread.mean)
        table.append([
          .text(score.rawValue), .integer(prefix), .number(spread.mean), .number(spread.deviation),
        ])
      }
    }
    try bench.lab.add(table)
    try draw(overlaps)
    try draw(texts[0].frequencies)
    decide(overlaps)
  }

  /// By score and prefix, text by text.
  private typealias Overlaps = [CoreSelection.Score: [[Double]]]

  private func draw(_ overlaps: Overlaps) throws {
    var plot = Plot(
      name: "stability", title: "How much of the core is there early",
      caption:
        "Share of the core of the whole prompt that the core of its first tokens already has; bars are one standard deviation over texts.",
      x: .init("first tokens of the prompt"),
      y: .init("share of the later core", range: 0.3...1.02))
    for score in Self.scores {
      let spreads = overlaps[score]!.map(Spread.init)
      plot.add(
        .linePoints, score == .signed ? "signed counts (published)" : "mean size",
        x: prefixes.map(Double.init),
        y: spreads.map(\.mean), error: spreads.map(\.deviation))
    }
    plot.marks = [.horizontal(bench.options.beta, label: "random sets")]
    try bench.lab.add(plot)
  }

  private func draw(_ frequencies: [[Double]]) throws {
    let count = frequencies[0].count
    var map = Plot(
      name: "neuron-frequency", title: "Who is named as the text grows",
      caption:
        "How often each of \(count) neurons of block \(bench.block(ofThirtyTwo: 25)) is among a token's strongest, after the first tokens of one text; neurons in the order of the last row.",
      x: .init("neuron, by frequency in the whole text"),
      y: .init(
        "first tokens",
        ticks: prefixes.enumerated().map { (Double($0) + 0.5, String($1)) }))
    map.heatMap = .init(
      rows: frequencies, x: 0...Double(count), y: 0...Double(prefixes.count),
      label: "share of tokens", range: 0...1)
    try bench.lab.add(map)
  }

  private func decide(_ overlaps: Overlaps) {
    func overlap(_ prefix: Int) -> Spread { Spread(overlaps[.signed]![prefixes.firstIndex(of: prefix)!]) }
    let whole = bench.options.promptTokens
    let (eight, sixtyFour, sixteen) = (overlap(whole - 8), overlap(max(1, whole - 64)), overlap(16))
    let means = overlaps[.signed]!.map { Spread($0).mean }
    let rises = zip(means, means.dropFirst()).allSatisfy { $0 <= $1 }
    bench.lab.add(
      .decided(
        "3", "Core neurons are unstable in short texts and settle in longer ones",
        paper: "256 tokens and 8 more: 3 % change; 64 more: 6 %; below about 100 tokens cores change",
        test:
          "\(overlaps[.signed]![0].count) prompts of \(whole) tokens, signed counts, alpha \(short(bench.options.alpha)), beta \(short(bench.options.beta)); overlap of the core of the first tokens with that of all",
        criterion:
          "the overlap rises with the number of tokens; the last 8 change less than the last 64 and less than 5 %; 16 tokens give less than 0.75",
        measured:
          "16 tokens \(sixteen.text(3)); the last 64 change \(((1 - sixtyFour.mean) * 100).oneDigit) %, the last 8 change \(((1 - eight.mean) * 100).oneDigit) %; rising: \(rises ? "yes" : "no")",
        holds: rises && eight.mean > sixtyFour.mean && eight.mean > 0.95 && sixteen.mean < 0.75,
        reason: "the overlaps are \(means.map(short).joined(separator: ", "))",
        unless: whole < 96
          ? "prompts of \(whole) tokens; 96 are needed before their last 64 mean something" : nil))
  }
}

extension Double {
  /// "2.8".
  var oneDigit: String { String(format: "%.1f", self) }
}
