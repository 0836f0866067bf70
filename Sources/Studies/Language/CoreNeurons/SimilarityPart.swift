import Figures
import Foundation
import Probing
import StudyCore
import Support

/// Claim 5: for a short prompt the core of its topic serves better than its own.
struct SimilarityPart {
  private let bench: CoreBench
  private var options: CoreNeurons.Options { bench.options }
  private var lab: Lab { bench.lab }
  private static let scores: [CoreSelection.Score] = [.meanAbsolute, .absolute, .signed]

  /// Ways to a core, in the order of their columns.
  private enum Way: String, CaseIterable {
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
      let found = try measure(score, corpus, held)
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
    var texts: [CoreSelection.Score: [CoreClusters.Text]] = [:]
    let count = topics.reduce(0) { $0 + $1.count }
    var done = 0
    for (topic, passages) in topics.enumerated() {
      for passage in passages {
        try lab.progress("Reading the corpus", done, of: count, unit: "passages")
        done += 1
        let activity = try bench.activity(Array(passage.prefix(options.topicTokens)))
        for score in Self.scores {
          texts[score, default: []].append(
            .init(scores: activity.scores(options.selection(score)), label: bench.corpus.topics[topic]))
        }
      }
    }
    return texts
  }

  private func measure(
    _ score: CoreSelection.Score, _ corpus: [CoreSelection.Score: [CoreClusters.Text]], _ held: [[[Int]]]
  ) throws -> [Way: PerplexityRatio] {
    let selection = options.selection(score)
    var generator = lab.generator("clusters \(score)")
    let reference = bench.block(ofThirtyTwo: 25)
    func clusters(_ texts: [CoreClusters.Text], _ grouping: CoreClusters.Grouping) throws -> CoreClusters {
      try CoreClusters(
        fitting: texts, reference: reference, selection: selection, gamma: options.beta, by: grouping,
        using: &generator)
    }
    let texts = corpus[score]!
    let byMeans = try clusters(texts, .kMeans(nil))
    let byTopic = try clusters(texts, .labels)
    let single = try clusters(texts, .kMeans(1))
    lab.measure("similarity.\(score).clusters", Double(byMeans.names.count))
    var differences: [Way: [Double]] = [:]
    var right = 0
    let prompts = held.enumerated().flatMap { topic, passages in passages.map { (topic, $0) } }
      .filter { $0.1.count >= options.shortPrompt + options.shortContinuation }
    guard !prompts.isEmpty else {
      throw CajalError("no held-out passage has \(options.shortPrompt + options.shortContinuation) tokens")
    }
    for (index, (topic, passage)) in prompts.enumerated() {
      try lab.progress("Going on from short prompts (\(score))", index, of: prompts.count, unit: "prompts")
      let prompt = Array(passage[..<options.shortPrompt])
      let rest = Array(passage[options.shortPrompt..<options.shortPrompt + options.shortContinuation])
      let activity = try bench.activity(prompt + rest)
      let scores = activity.tokens(0..<prompt.count).scores(selection)
      let whole = try bench.surprise(rest, after: prompt.count, nil)
      let predicted = byTopic.predict(scores[reference])
      right += byTopic.names[predicted] == bench.corpus.topics[topic] ? 1 : 0
      for way in Way.allCases {
        let core: NeuronSet =
          switch way {
          case .own: NeuronSet(blocks: scores.map(selection.chosen(by:)))
          case .kMeans: byMeans.cores[byMeans.predict(scores[reference])]
          case .labels: byTopic.cores[predicted]
          case .everyText: single.cores[0]
          case .oracle: activity.tokens(prompt.count..<activity.tokens).core(selection)
          }
        differences[way, default: []].append(try bench.surprise(rest, after: prompt.count, core) - whole)
      }
    }
    lab.measure("similarity.\(score).topicFound", Double(right) / Double(prompts.count))
    return differences.mapValues(PerplexityRatio.init)
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
