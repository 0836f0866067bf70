import Figures
import Foundation
import Probing
import Statistics
import StudyCore
import Support

/// Claim 5: for a short prompt the core of its topic serves better than its own.
struct SimilarityPart: Sendable {
  private let bench: CoreBench
  private var options: CoreNeurons.Options { bench.options }
  private var lab: Lab { bench.lab }
  private static let scores: [CoreSelection.Score] = [.meanAbsolute, .absolute, .signed]

  /// Ways to a core, in the order of their columns.
  private enum Way: String, CaseIterable, Sendable {
    case own = "own prompt"
    case kMeans = "cluster (k-means)"
    case labels = "cluster (topics)"
    case everyText = "one core for all"
    case oracle = "continuation's own"
  }

  init(_ bench: CoreBench) { self.bench = bench }

  func run() throws {
    let topics = bench.corpus.tokens(atMost: options.passages, bench.encode)
    let held = topics.map { Array($0.suffix(options.heldOut)) }
    let kept = topics.map { Array($0.dropLast(options.heldOut)) }
    guard kept.allSatisfy({ !$0.isEmpty }), options.shortPrompt + options.shortContinuation <= 512 else {
      throw CajalError(
        "option heldOut=\(options.heldOut) leaves a topic without passages, or shortPrompt and shortContinuation are above 512 tokens"
      )
    }
    let corpus = try activity(of: kept)
    var ratios: [CoreSelection.Score: [Way: PerplexityRatio]] = [:]
    var table = Table(
      name: "short-prompts",
      caption:
        "Perplexity of \(options.shortContinuation) tokens behind prompts of \(options.shortPrompt), over the dense model's, \(short(options.beta * 100)) % kept.",
      columns: ["score", "core of", "ratio", "low", "high"])
    for score in Self.scores {
      let found = try measure(score, corpus[score]!, held)
      ratios[score] = found
      for way in Way.allCases {
        let ratio = found[way]!
        lab.measure("similarity.\(score).\(QualityPart.dotted(way.rawValue))", ratio.ratio)
        table.append([
          .text(score.rawValue), .text(way.rawValue), .number(ratio.ratio), .number(ratio.range.lowerBound),
          .number(ratio.range.upperBound),
        ])
      }
    }
    try lab.add(table)
    try draw(ratios)
    decide(ratios)
  }

  /// What neurons are ranked by in passages of the corpus, by score.
  private func activity(of topics: [[[Int]]]) throws -> [CoreSelection.Score: [CoreClusters.Text]] {
    let options = options
    let passages = topics.enumerated().flatMap { topic, passages in passages.map { (topic, $0) } }
    let scores = try bench.each(passages.count, "Reading the corpus", unit: "passages") { reader, index in
      let activity = try reader.activity(Array(passages[index].1.prefix(options.topicTokens)))
      return Self.scores.map { activity.scores(options.selection($0)) }
    }
    return Dictionary(
      uniqueKeysWithValues: Self.scores.enumerated().map { place, score in
        (
          score,
          passages.indices.map {
            CoreClusters.Text(scores: scores[$0][place], label: bench.corpus.topics[passages[$0].0])
          }
        )
      })
  }

  private func measure(_ score: CoreSelection.Score, _ texts: [CoreClusters.Text], _ held: [[[Int]]]) throws
    -> [Way: PerplexityRatio]
  {
    let (options, selection) = (options, options.selection(score))
    var generator = lab.generator("clusters \(score)")
    let reference = bench.block(ofThirtyTwo: 25)
    func clusters(_ grouping: CoreClusters.Grouping) throws -> CoreClusters {
      try CoreClusters(
        fitting: texts, reference: reference, selection: selection, gamma: options.beta, by: grouping,
        using: &generator)
    }
    let (byMeans, byTopic, single) = (
      try clusters(.kMeans(nil)), try clusters(.labels), try clusters(.kMeans(1))
    )
    lab.measure("similarity.\(score).clusters", Double(byMeans.names.count))
    let length = options.shortPrompt + options.shortContinuation
    let prompts = held.enumerated().flatMap { topic, passages in passages.map { (topic, $0) } }
      .filter { $0.1.count >= length }
    guard !prompts.isEmpty else { throw CajalError("no held-out passage has \(length) tokens") }
    let found = try bench.each(prompts.count, "Going on from short prompts (\(score))", unit: "prompts") {
      reader, index in
      let tokens = prompts[index].1
      let rest = Array(tokens[options.shortPrompt..<length])
      let activity = try reader.activity(Array(tokens[..<length]))
      let scores = activity.tokens(0..<options.shortPrompt).scores(selection)
      let dense = try reader.surprise(rest, after: options.shortPrompt, nil)
      let topic = byTopic.predict(scores[reference])
      let losses = try Way.allCases.map { way in
        let core: NeuronSet =
          switch way {
          case .own: NeuronSet(blocks: scores.map(selection.chosen(by:)))
          case .kMeans: byMeans.cores[byMeans.predict(scores[reference])]
          case .labels: byTopic.cores[topic]
          case .everyText: single.cores[0]
          case .oracle: activity.tokens(options.shortPrompt..<length).core(selection)
          }
        return try reader.surprise(rest, after: options.shortPrompt, core) - dense
      }
      return (losses, byTopic.names[topic])
    }
    let right = zip(found, prompts).count { $0.1 == bench.corpus.topics[$1.0] }
    lab.measure("similarity.\(score).topicFound", Double(right) / Double(prompts.count))
    return Dictionary(
      uniqueKeysWithValues: Way.allCases.enumerated().map { place, way in
        (way, PerplexityRatio(differences: found.map { $0.0[place] }))
      })
  }

  private func draw(_ ratios: [CoreSelection.Score: [Way: PerplexityRatio]]) throws {
    var plot = Plot(
      name: "short-prompts", title: "Cores for short prompts",
      caption:
        "Perplexity over the dense model's behind prompts of \(options.shortPrompt) tokens with \(short(options.beta * 100)) % of the neurons, by where these come from: the prompt, its k-means cluster, its topic, all texts together (fixed), or the continuation itself (oracle); bars are one standard error over prompts.",
      x: .init(
        "core of", range: -0.5...Double(Way.allCases.count) - 0.5,
        ticks: ["own", "k-means", "topics", "fixed", "oracle"].enumerated().map { (Double($0), $1) }),
      y: .init("perplexity over dense", scale: .log))
    let labels: [CoreSelection.Score: String] = [
      .meanAbsolute: "mean size", .absolute: "counts of size", .signed: "signed counts (published)",
    ]
    for (place, score) in Self.scores.enumerated() {
      let found = Way.allCases.map { ratios[score]![$0]! }
      plot.add(
        .points, labels[score]!, x: found.indices.map { Double($0) + 0.12 * Double(place - 1) },
        y: found.map(\.ratio), intervals: found.map(\.range))
    }
    try lab.add(plot)
  }

  private func decide(_ ratios: [CoreSelection.Score: [Way: PerplexityRatio]]) {
    var generator = lab.generator("bootstrap of short prompts")
    let found = ratios[.absolute]!
    let gain = found[.own]!.over(found[.kMeans]!)
    let interval = Bootstrap().interval(gain.differences, using: &generator)
    let pooled = found[.own]!.over(found[.everyText]!)
    let signed = ratios[.signed]![.own]!.over(ratios[.signed]![.kMeans]!)
    let mean = ratios[.meanAbsolute]![.own]!.over(ratios[.meanAbsolute]![.kMeans]!)
    lab.add(
      .decided(
        "5", "For short prompts the core of similar texts serves better than the prompt's own",
        paper:
          "stability-guided on zero-shot tasks: TruthfulQA -21 %, TriviaQA -43 %, translation -57 to -85 %; similarity-guided close to dense",
        test:
          "\(gain.differences.count) prompts of \(options.shortPrompt) tokens from passages outside the corpus, counts of size, k-means with the elbow's number of clusters; perplexity with the own core over that with the cluster's",
        criterion: "above 1, with the 95 % interval of the mean difference (bootstrap over prompts) above 0",
        measured:
          "own core \(found[.own]!.text), cluster's \(found[.kMeans]!.text), topic's \(found[.labels]!.text); own over cluster's \(gain.text), 95 % interval \(short(exp(interval.low))) to \(short(exp(interval.high))); mean size \(mean.text), signed \(signed.text); one core for all gains \(pooled.text)",
        holds: interval.low > 0,
        reason: "the interval reaches down to \(short(exp(interval.low)))", unless: nil))
  }
}
