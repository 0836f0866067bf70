import Datasets
import Figures
import Foundation
import Models
import Probing
import Statistics
import StudyCore
import Support
import Tensors

/// Claim 4: texts on the same topic share core neurons.
struct TopicPart {
  private let bench: CoreBench
  private let blocks: [Int]
  private var options: CoreNeurons.Options { bench.options }
  private var lab: Lab { bench.lab }

  init(_ bench: CoreBench) {
    self.bench = bench
    blocks = [6, 12, 18, 24, 28].map { min(bench.blockCount - 1, $0 * bench.blockCount / 30) }
      .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// A way to see how alike two texts are.
  private struct View {
    var score: CoreSelection.Score
    /// Whether what all texts have in common is taken off first.
    var withoutGeneric: Bool
    var name: String { "\(score)\(withoutGeneric ? ".withoutGeneric" : "")" }
  }
  private struct Outcome {
    var view: View
    var same: [Double]
    var different: [Double]
    var area: Double
    var pValue: Double
  }

  func run() throws {
    let topics = bench.corpus.tokens(atMost: options.passages, bench.encode)
    let labels = topics.enumerated().flatMap { topic, passages in passages.map { _ in topic } }
    let texts = topics.flatMap { $0 }.map { Array($0.prefix(options.topicTokens)) }
    guard texts.allSatisfy({ $0.count > 1 }) else { throw CajalError("a passage has less than two tokens") }
    let scores = try scores(texts, "Reading passages")
    var outcomes: [Outcome] = []
    for score in [CoreSelection.Score.signed, .meanAbsolute] {
      for withoutGeneric in [false, true] {
        let view = View(score: score, withoutGeneric: withoutGeneric)
        outcomes.append(try compare(cores(scores[score]!, view), labels, view))
      }
    }
    let purity = cluster(scores[.signed]!, labels)
    let correlation = try sentences()
    try report(outcomes, labels.count, purity, correlation)
    try drawMap(scores[.signed]!, labels)
  }

  /// What neurons of the chosen blocks are ranked by, by score, text and block.
  private func scores(_ texts: [[Int]], _ stage: String) throws -> [CoreSelection.Score: [[[Double]]]] {
    let (options, blocks, neurons) = (options, blocks, bench.neurons)
    let kinds = [CoreSelection.Score.signed, .meanAbsolute]
    let found = try bench.each(texts.count, stage, unit: "texts") { reader, index in
      let activity = try reader.activity(texts[index])
      let chosen = CoreActivity(blocks: blocks.map { activity.blocks[$0] }, neurons: neurons)
      return kinds.map { score in
        // As a share of the tokens, so that long and short texts compare.
        let tokens = score == .signed ? Double(activity.tokens) : 1
        return chosen.scores(options.selection(score)).map { $0.map { $0 / tokens } }
      }
    }
    return Dictionary(
      uniqueKeysWithValues: kinds.enumerated().map { place, score in (score, found.map { $0[place] }) })
  }

  /// The cores of texts in every chosen block.
  private func cores(_ scores: [[[Double]]], _ view: View) -> [[[Int]]] {
    let selection = options.selection(.meanAbsolute, beta: options.topicBeta)
    guard view.withoutGeneric else { return scores.map { $0.map(selection.chosen(by:)) } }
    let generic = blocks.indices.map { block in
      let sum = scores.dropFirst().reduce(scores[0][block]) { zip($0, $1[block]).map { $0 + $1 } }
      return sum.map { $0 / Double(scores.count) }
    }
    return scores.map { text in
      zip(text, generic).map { own, mean in selection.chosen(by: zip(own, mean).map { $0 - $1 }) }
    }
  }

  private static func similarity(_ a: [[Int]], _ b: [[Int]]) -> Double {
    Spread(zip(a, b).map { CoreOverlap.similarity($0, $1) }).mean
  }

  private func compare(_ cores: [[[Int]]], _ labels: [Int], _ view: View) throws -> Outcome {
    let count = cores.count
    let matrix = parallelMap(count) { i in
      (0..<count).map { j in j < i ? Self.similarity(cores[i], cores[j]) : 0 }
    }
    @Sendable func values(_ labels: [Int]) -> (same: [Double], different: [Double]) {
      var (same, different) = ([Double](), [Double]())
      for i in 0..<count {
        for j in 0..<i {
          if labels[i] == labels[j] { same.append(matrix[i][j]) } else { different.append(matrix[i][j]) }
        }
      }
      return (same, different)
    }
    let (same, different) = values(labels)
    let area = try areaUnderROC(
      scores: same + different, labels: same.map { _ in true } + different.map { _ in false })
    let observed = Spread(same).mean - Spread(different).mean
    let stream = lab.generator("permutations \(view.name)")
    let extreme = parallelMap(options.permutations) { index in
      var stream = stream.split(index)
      var shuffled = labels
      stream.shuffle(&shuffled)
      let (same, different) = values(shuffled)
      return Spread(same).mean - Spread(different).mean >= observed
    }.count { $0 }
    return Outcome(
      view: view, same: same, different: different, area: area,
      pValue: Double(1 + extreme) / Double(1 + options.permutations))
  }

  /// The purity of k-means clusters of the cores without generic neurons, and what shuffled topics give.
  private func cluster(_ scores: [[[Double]]], _ labels: [Int]) -> (
    purity: Double, chance: Double, pValue: Double
  ) {
    let cores = cores(scores, View(score: .signed, withoutGeneric: true))
    let hot = cores.map { text in
      text.flatMap { core in
        var vector = [Double](repeating: 0, count: bench.neurons)
        for neuron in core { vector[neuron] = 1 }
        return vector
      }
    }
    var generator = lab.generator("topic clusters")
    let groups = KMeans.fit(hot, count: Set(labels).count, using: &generator).labels
    let purity = KMeans.purity(groups, labels: labels)
    let chances = (0..<options.permutations).map { _ in
      var shuffled = labels
      generator.shuffle(&shuffled)
      return KMeans.purity(groups, labels: shuffled)
    }
    let extreme = chances.count { $0 >= purity }
    return (purity, Spread(chances).mean, Double(1 + extreme) / Double(1 + options.permutations))
  }

  // MARK: - Sentences and their meaning

  /// Spearman's correlation of core similarity and of embeddings' over pairs of sentences; nil if there are no embeddings.
  private func sentences() throws -> [(name: String, correlation: Correlation)]? {
    guard options.sentences > 1, PackagedData.miniLM.isPresent() else { return nil }
    let encoder = try SentenceEncoder.miniLM()
    var generator = lab.generator("sentences")
    let all = bench.corpus.passages.flatMap { Self.sentences(of: $0.text) }
    let chosen = generator.subset(min(options.sentences, all.count), of: all.count).map { all[$0] }
    let embeddings = encoder.embeddings(of: chosen)
    let scores = try scores(chosen.map(bench.encode), "Reading sentences")
    let meaning = embeddings.matmul(embeddings.transposed()).doubles
    return [CoreSelection.Score.signed, .meanAbsolute].flatMap { score in
      [false, true].map { withoutGeneric in
        let view = View(score: score, withoutGeneric: withoutGeneric)
        let cores = cores(scores[score]!, view)
        var (x, y) = ([Double](), [Double]())
        for i in cores.indices {
          for j in 0..<i {
            x.append(Self.similarity(cores[i], cores[j]))
            y.append(meaning[i * cores.count + j])
          }
        }
        return (view.name, Correlation.spearman(x, y))
      }
    }
  }

  private static func sentences(of text: String) -> [String] {
    text.split(separator: ". ").map { $0.hasSuffix(".") ? String($0) : $0 + "." }.filter { $0.count > 30 }
  }

  // MARK: - What comes of it

  private func report(
    _ outcomes: [Outcome], _ count: Int, _ purity: (purity: Double, chance: Double, pValue: Double),
    _ correlations: [(name: String, correlation: Correlation)]?
  ) throws {
    var table = Table(
      name: "topics",
      caption:
        "Similarity (identical over involved neurons) of the cores of passages, mean of blocks \(blocks.map(String.init).joined(separator: ", ")), beta \(short(options.topicBeta)).",
      columns: ["score", "generic neurons", "same topic", "different topic", "AUC", "p"])
    for outcome in outcomes {
      let (same, different) = (Spread(outcome.same), Spread(outcome.different))
      lab.measure("topics.\(outcome.view.name).area", outcome.area)
      lab.measure("topics.\(outcome.view.name).p", outcome.pValue)
      table.append([
        .text(outcome.view.score.rawValue), outcome.view.withoutGeneric ? "taken off" : "in",
        .number(same.mean), .number(different.mean), .number(outcome.area), .number(outcome.pValue),
      ])
    }
    lab.measure("topics.purity", purity.purity)
    lab.measure("topics.purity.chance", purity.chance)
    for (name, correlation) in correlations ?? [] {
      lab.measure("topics.spearman.\(name)", correlation.coefficient)
    }
    try lab.add(table)
    try draw(outcomes)
    decide(outcomes, count)
    decide(purity)
    decide(correlations)
  }

  private func draw(_ outcomes: [Outcome]) throws {
    for outcome in outcomes where outcome.view.score == .signed {
      let all = outcome.same + outcome.different
      let (low, high) = (all.min()!, all.max()!)
      let step = max(1e-6, (high - low) / 24)
      func shares(_ values: [Double]) -> [Double] {
        var counts = [Double](repeating: 0, count: 25)
        for value in values { counts[min(24, Int((value - low) / step))] += 1 / Double(values.count) }
        return counts
      }
      let centres = (0..<25).map { low + (Double($0) + 0.5) * step }
      var plot = Plot(
        name: outcome.view.withoutGeneric ? "topic-similarity-specific" : "topic-similarity",
        title: outcome.view.withoutGeneric
          ? "Shared neurons by topic, generic ones taken off" : "Shared neurons by topic",
        caption:
          "How alike the cores of two passages are, for pairs on the same and on different topics; area under the curve \(short(outcome.area)).",
        x: .init("core similarity"), y: .init("share of pairs"))
      plot.add(.steps, "same topic", x: centres, y: shares(outcome.same))
      plot.add(.steps, "different topics", x: centres, y: shares(outcome.different))
      try lab.add(plot)
    }
  }

  /// The first two principal components of the cores without generic neurons.
  private func drawMap(_ scores: [[[Double]]], _ labels: [Int]) throws {
    let specific = cores(scores, View(score: .signed, withoutGeneric: true))
    let rows = specific.map { text -> [Double] in
      var vector = [Double](repeating: 0, count: bench.neurons * blocks.count)
      for (place, core) in text.enumerated() {
        for neuron in core { vector[place * bench.neurons + neuron] = 1 }
      }
      return vector
    }
    let matrix = Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count], as: .float64)
    let centred = matrix - matrix.mean(axis: 0, keep: true)
    let (u, s, _) = centred.svd()
    let points = (u * s)[0..., 0..<2].contiguous().doubles
    var plot = Plot(
      name: "topic-map", title: "Passages by their core neurons",
      caption:
        "The first two principal components of the core sets of passages, generic neurons taken off; a point is a passage, a colour its topic.",
      x: .init("first component"), y: .init("second component"))
    for (topic, name) in bench.corpus.topics.enumerated() {
      let members = labels.indices.filter { labels[$0] == topic }
      plot.add(.points, name, x: members.map { points[2 * $0] }, y: members.map { points[2 * $0 + 1] })
    }
    try lab.add(plot)
  }

  private func decide(_ outcomes: [Outcome], _ count: Int) {
    func claim(_ id: String, _ withoutGeneric: Bool, _ statement: String) {
      let found = outcomes.filter { $0.view.withoutGeneric == withoutGeneric }
      let signed = found.first { $0.view.score == .signed }!
      let size = found.first { $0.view.score == .meanAbsolute }!
      let (same, different) = (Spread(signed.same).mean, Spread(signed.different).mean)
      lab.add(
        .decided(
          id, statement, paper: "correlation of core and semantic similarity 0.41 to 0.66 (STS-B, SICK)",
          test:
            "\(count) passages on \(bench.corpus.topics.count) topics, signed counts, beta \(short(options.topicBeta)); similarity averaged over five blocks; topics permuted \(options.permutations) times",
          criterion: "same-topic pairs are told from others with an area under the curve above 0.7, p < 0.01",
          measured:
            "same topic \(short(same)), different \(short(different)), area \(short(signed.area)), p = \(short(signed.pValue)); mean size: area \(short(size.area))",
          holds: signed.area > 0.7 && signed.pValue < 0.01,
          reason: "the area is \(short(signed.area)): generic neurons fill most of every core", unless: nil))
    }
    claim("4a", false, "Texts on the same topic share more core neurons")
    claim("4b", true, "The same, after the neurons that all texts use are taken off")
  }

  private func decide(_ purity: (purity: Double, chance: Double, pValue: Double)) {
    lab.add(
      .decided(
        "4c", "Clusters of core sets are topics", paper: "clusters of ag_news texts by core neurons (figure)",
        test:
          "k-means of the core sets without generic neurons, as many clusters as topics; topics permuted \(options.permutations) times",
        criterion: "purity above that of shuffled topics, p < 0.01",
        measured:
          "purity \(short(purity.purity)), shuffled \(short(purity.chance)), p = \(short(purity.pValue))",
        holds: purity.pValue < 0.01, reason: "p = \(short(purity.pValue))", unless: nil))
  }

  private func decide(_ correlations: [(name: String, correlation: Correlation)]?) {
    let pairs = correlations?.first?.correlation.count ?? 0
    let obstacle =
      correlations == nil
      ? options.sentences > 1
        ? "sentence embeddings are not here: 'cajal data fetch minilm'" : "this size compares no sentences"
      : pairs < 200 ? "\(pairs) pairs of sentences are fewer than 200" : nil
    let found = correlations ?? []
    let best = found.map(\.correlation.coefficient).max() ?? .nan
    lab.add(
      .decided(
        "4d", "Core similarity goes with similarity of meaning",
        paper: "Spearman 0.56 and 0.42 (OPT-6.7B), 0.66 and 0.49 (Llama-2-7B) on STS-B and SICK",
        test:
          "\(pairs) pairs of sentences; Spearman's correlation of core similarity with the cosine of all-MiniLM-L6-v2 embeddings",
        criterion: "above 0.3 for one of the four ways of comparing cores",
        measured: found.map { "\($0.name) \(short($0.correlation.coefficient))" }.joined(separator: ", "),
        holds: best > 0.3, reason: "the highest is \(short(best))", unless: obstacle))
  }
}
