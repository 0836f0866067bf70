import Figures
import Foundation
import Models
import Probing
import Recordings
import StudyCore
import Support
import Tensors

/// Claims 1 and 3: what the core of a prompt is worth for its continuation, and how soon it is stable.
struct QualityPart: Sendable {
  /// A way to choose neurons that is tried on every text.
  struct Variant: Sendable {
    var name: String
    var kept: Double
    var blocks: Range<Int>
    /// The core for the text at a position.
    var core: @Sendable (Int) -> NeuronSet
  }
  typealias Score = CoreSelection.Score

  let bench: CoreBench
  let windows: [(topic: Int, tokens: [Int])]
  private var options: CoreNeurons.Options { bench.options }
  private var lab: Lab { bench.lab }

  init(_ bench: CoreBench) throws {
    self.bench = bench
    let length = bench.options.promptTokens + bench.options.continuationTokens
    windows = bench.corpus.windows(length, atMost: bench.options.windows, encode: bench.encode)
    guard windows.count > 1, Set(windows.map(\.topic)).count > 1 else {
      throw CajalError(
        "the passages give \(windows.count) texts of \(length) tokens; two of different topics are needed")
    }
  }

  func run() throws {
    let (options, selections) = (options, options.runs(.quality) ? selections : [])
    let oracles = options.runs(.quality) ? [Score.signed, .meanAbsolute].map { options.selection($0) } : []
    let stability = StabilityPart(bench)
    let found = try bench.each(windows.count, "Reading prompts", unit: "texts") { [windows] reader, index in
      let activity = try reader.activity(windows[index].tokens)
      let prompt = activity.tokens(0..<options.promptTokens)
      let rest = activity.tokens(options.promptTokens..<activity.tokens)
      return (
        scores: selections.map { prompt.scores($0.1) }, oracles: oracles.map { rest.scores($0) },
        stability: options.runs(.stability) ? stability.overlaps(prompt, drawing: index == 0) : nil
      )
    }
    if options.runs(.stability) { try stability.report(found.map { $0.stability! }) }
    guard options.runs(.quality) else { return }
    var scores: [String: [[[Double]]]] = [:]
    for (place, (name, _)) in selections.enumerated() { scores[name] = found.map { $0.scores[place] } }
    for (place, selection) in oracles.enumerated() {
      scores["oracle \(selection.score)"] = found.map { $0.oracles[place] }
    }
    let variants = variants(scores)
    let ratios = try measure(variants)
    let oracle = try TokenOraclePart(bench, windows).run(scores["meanAbsolute"]!)
    try report(variants, ratios, oracle)
  }

  /// Scores that are taken of every prompt: what is kept follows from them.
  private var selections: [(String, CoreSelection)] {
    var list = Score.allCases.map { ($0.rawValue, options.selection($0)) }
    for alpha in options.alphas where alpha != options.alpha {
      for score in [Score.signed, .absolute] {
        list.append(("\(score) alpha \(alpha)", options.selection(score, alpha: alpha)))
      }
    }
    var paper = options.selection(.signed)
    paper.form = .paper
    return list + [("paper form", paper)]
  }

  private func variants(_ scores: [String: [[[Double]]]]) -> [Variant] {
    let (beta, blocks) = (options.beta, bench.blocks)
    @Sendable func set(_ scores: [[Double]], _ selection: CoreSelection) -> NeuronSet {
      NeuronSet(blocks: scores.map(selection.chosen(by:)))
    }
    func own(_ name: String, _ key: String, _ selection: CoreSelection, _ blocks: Range<Int>) -> Variant {
      Variant(name: name, kept: selection.beta, blocks: blocks) { set(scores[key]![$0], selection) }
    }
    var list: [Variant] = []
    for beta in Set(options.betas + [beta]).sorted() {
      for score in Score.allCases {
        list.append(own(score.rawValue, score.rawValue, options.selection(score, beta: beta), blocks))
      }
      let stream = lab.generator("random neurons")
      list.append(
        Variant(name: "random", kept: beta, blocks: blocks) { index in
          var stream = stream.split(index)
          return bench.random(beta, using: &stream)
        })
    }
    for (key, selection) in selections where key.contains(" ") {
      list.append(own(key, key, selection, blocks))
    }
    for score in [Score.signed, .meanAbsolute] {
      let selection = options.selection(score)
      list.append(
        Variant(name: "other topic, \(score)", kept: beta, blocks: blocks) {
          set(scores[score.rawValue]![otherTopic($0)], selection)
        })
      list.append(own("oracle, \(score)", "oracle \(score)", selection, blocks))
    }
    let mean = options.selection(.meanAbsolute)
    list.append(
      Variant(name: "one core for all", kept: beta, blocks: blocks) { left in
        set(Self.sum(scores["meanAbsolute"]!.enumerated().filter { $0.offset != left }.map(\.element)), mean)
      })
    list.append(own("all blocks", "meanAbsolute", mean, 0..<bench.blockCount))
    let middle = bench.block(ofThirtyTwo: 6)..<bench.block(ofThirtyTwo: 27)
    list.append(own("middle blocks", "meanAbsolute", mean, middle))
    return list
  }

  /// The next text of another topic.
  private func otherTopic(_ index: Int) -> Int {
    (1..<windows.count).map { (index + $0) % windows.count }
      .first { windows[$0].topic != windows[index].topic }!
  }

  private static func sum(_ scores: [[[Double]]]) -> [[Double]] {
    scores.dropFirst().reduce(scores[0]) { sum, next in
      zip(sum, next).map { zip($0, $1).map { $0 + $1 } }
    }
  }

  /// Differences of surprise to the dense model, by variant.
  private func measure(_ variants: [Variant]) throws -> [PerplexityRatio] {
    let start = options.promptTokens
    let surprises = try bench.each(windows.count, "Foretelling with core neurons", unit: "texts") {
      [windows] reader, index in
      let (prompt, rest) = (Array(windows[index].tokens[..<start]), Array(windows[index].tokens[start...]))
      try reader.prefill(prompt)
      let dense = try reader.surprise(rest, after: start, nil)
      return (
        dense,
        try variants.map { variant in
          try reader.surprise(rest, after: start, variant.core(index), blocks: variant.blocks) - dense
        }
      )
    }
    lab.measure("quality.dense.perplexity", exp(Spread(surprises.map(\.0)).mean))
    return variants.indices.map { place in PerplexityRatio(differences: surprises.map { $0.1[place] }) }
  }

  // MARK: - What comes of it

  private func report(
    _ variants: [Variant], _ ratios: [PerplexityRatio], _ oracle: (token: PerplexityRatio, engine: Double)?
  ) throws {
    var table = Table(
      name: "perplexity",
      caption:
        "Perplexity of the true continuation over that of the dense model, \(windows.count) texts of \(options.promptTokens) + \(options.continuationTokens) tokens; geometric mean, one standard error down and up.",
      columns: ["neurons", "kept", "first sparse block", "last", "ratio", "low", "high"])
    for (variant, ratio) in zip(variants, ratios) {
      lab.measure("quality.\(Self.dotted(variant.name)).kept\(Int(variant.kept * 100))", ratio.ratio)
      table.append([
        .text(variant.name), .number(variant.kept), .integer(variant.blocks.lowerBound),
        .integer(variant.blocks.upperBound - 1), .number(ratio.ratio), .number(ratio.range.lowerBound),
        .number(ratio.range.upperBound),
      ])
    }
    if let oracle {
      lab.measure("quality.tokenOracle.kept\(Int(options.beta * 100))", oracle.token.ratio)
      lab.measure("quality.engineOverLaboratory", oracle.engine)
      table.append([
        "largest of every token (32 bits)", .number(options.beta), .integer(bench.blocks.lowerBound),
        .integer(bench.blocks.upperBound - 1), .number(oracle.token.ratio),
        .number(oracle.token.range.lowerBound), .number(oracle.token.range.upperBound),
      ])
    }
    try lab.add(table)
    try QualityFigures(lab, options).draw(variants, ratios)
    decide(variants, ratios)
  }

  static func dotted(_ name: String) -> String {
    let words = name.split { !$0.isLetter && !$0.isNumber && $0 != "." }
    return words.enumerated().map { $0 == 0 ? String($1) : $1.prefix(1).uppercased() + $1.dropFirst() }
      .joined()
      .replacingOccurrences(of: ".", with: "")
  }

  private func decide(_ variants: [Variant], _ ratios: [PerplexityRatio]) {
    func of(_ name: String) -> PerplexityRatio {
      ratios[variants.firstIndex { $0.name == name && $0.kept == options.beta }!]
    }
    func claim(_ id: String, _ score: Score, _ statement: String, _ reason: (Double) -> String) {
      let (own, other, random) = (of(score.rawValue), of("other topic, \(score)"), of("random"))
      let gap = other.over(own)
      lab.measure("quality.\(score).otherOverOwn", gap.ratio)
      lab.add(
        .decided(
          id, statement,
          paper: "perplexity +2 to +3 % at beta 0.25 to 0.4 (OPT-6.7B, ReLU)",
          test:
            "\(windows.count) texts of \(options.promptTokens) + \(options.continuationTokens) tokens; kept \(short(options.beta)) in blocks \(bench.blocks.lowerBound) to \(bench.blocks.upperBound - 1); perplexity over that of the dense model",
          criterion:
            "core < core of another topic < random, and the second is more than 10 % above the first",
          measured:
            "core \(own.text), another topic's \(other.text), random \(random.text); another topic's over own \(gap.text); own over dense \(short((own.ratio - 1) * 100)) %",
          holds: own.ratio < other.ratio && other.ratio < random.ratio && gap.ratio > 1.1,
          reason: reason(gap.ratio), unless: nil))
    }
    claim(
      "1a", .signed,
      "A text's own core beats another text's and random neurons of the same number (as published: signed)"
    ) {
      "another topic's core gives \(short($0)) times the perplexity of the own one: signed counts leave out what is large and negative"
    }
    claim(
      "1b", .meanAbsolute, "The same, ranked by mean size of activity"
    ) { "another topic's core gives \(short($0)) times the perplexity of the own one" }
    let own = min(of("signed").ratio, of("meanAbsolute").ratio)
    lab.add(
      .decided(
        "1c", "Foretelling with core neurons loses little",
        paper: "perplexity +2 to +3 % (OPT-6.7B, ReLU)",
        test: "as claim 1a and 1b, the better of the two scores",
        criterion: "ratio of perplexities below 1.10",
        measured: "signed \(of("signed").text), mean size \(of("meanAbsolute").text)", holds: own < 1.1,
        reason:
          "gated neurons are not sparse: half of them are positive and most carry something, so that what is left out is missed; even the largest of the continuation itself lose (oracle \(short(of("oracle, meanAbsolute").ratio)))",
        unless: nil))
  }
}
