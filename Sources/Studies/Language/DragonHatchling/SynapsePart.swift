import Datasets
import Figures
import Foundation
import Models
import Statistics
import StudyCore
import Support
import Tensors

/// Claim 6: single synapses stand for concepts.
struct SynapsePart {
  private let bench: HatchlingBench
  private var lab: Lab { bench.lab }
  private var options: HatchlingBench.Options { bench.options }
  /// Bytes of a sentence.
  private static let lengths = 50...160

  init(_ bench: HatchlingBench) { self.bench = bench }

  private struct Concept {
    var name: String
    /// Words in small letters, or marks.
    var words: Set<String>

    func isIn(_ sentence: String) -> Bool {
      !words.isDisjoint(
        with: sentence.lowercased().split { !$0.isLetter && $0 != "?" }.flatMap { word -> [String] in
          word.hasSuffix("?") ? [String(word.dropLast()), "?"] : [String(word)]
        })
    }
  }

  private var concepts: [Concept] {
    guard options.words.isEmpty else {
      let words = options.words.lowercased().split(separator: ",").map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      return [Concept(name: words[0], words: Set(words))]
    }
    func concept(_ name: String, _ words: String) -> Concept {
      Concept(name: name, words: Set(words.split(separator: " ").map(String.init)))
    }
    return [
      concept(
        "numbers",
        "two three four five six seven eight nine ten twelve twenty thirty forty fifty sixty seventy eighty ninety hundred thousand hundreds thousands"
      ),
      concept(
        "kin", "son sons daughter daughters father fathers mother brother brethren sister wife children begat"
      ),
      concept("kings", "king kings kingdom queen prince princes throne reigned reign"),
      concept("questions", "?"),
    ]
  }

  /// One concept's best synapse and its controls.
  private struct Outcome {
    var concept: String
    var layer, head, row, column: Int
    /// Areas under the curve: where it was chosen, and in other sentences.
    var chosen: Double
    var test: MannWhitneyTest
    /// r in the other sentences of random synapses, and of the best after labels were shuffled.
    var random: Spread
    var shuffled: Double
  }

  func run() throws {
    let model = bench.hatchling()
    var outcomes: [Outcome] = []
    var example: (outcome: Outcome, sentence: String)?
    let concepts = concepts
    for (index, concept) in concepts.enumerated() {
      try lab.progress("Probing synapses", index, of: concepts.count, unit: "concepts")
      guard let sentences = sentences(concept) else {
        lab.note(
          "The held-out text has too few sentences with and without '\(concept.name)' of alike length.")
        continue
      }
      let outcome = probe(concept, sentences, model)
      outcomes.append(outcome)
      if example == nil {
        // The test sentence in which the synapse is the strongest.
        let tested = (2 * options.sentences..<3 * options.sentences).map { sentences[$0] }
        let values = tested.map { course(outcome, $0, model).last! }
        let best = values.indices.max { values[$0] < values[$1] }!
        example = (outcome, tested[best])
      }
    }
    try decide(outcomes)
    guard !outcomes.isEmpty else { return }
    try draw(outcomes)
    if let example { try drawCourse(example.outcome, example.sentence, model) }
  }

  // MARK: - Sentences

  /// Held-out sentences: with the concept and without to choose by, then with and without to test; each one without is about as
  /// long as the one with it at its place.
  private func sentences(_ concept: Concept) -> [String]? {
    let units = bench.corpus.stretches().heldOut.flatMap { $0 }.filter {
      Self.lengths.contains($0.utf8.count)
    }
    let n = options.sentences
    var generator = lab.generator("sentences of \(concept.name)")
    var with = units.filter(concept.isIn)
    var without = units.filter { !concept.isIn($0) }
    guard with.count >= 2 * n, without.count >= 4 * n else { return nil }
    generator.shuffle(&with)
    generator.shuffle(&without)
    with = Array(with.prefix(2 * n))
    let partners = with.map { sentence -> String in
      let length = sentence.utf8.count
      let place = without.indices.min {
        abs(without[$0].utf8.count - length) < abs(without[$1].utf8.count - length)
      }!
      return without.remove(at: place)
    }
    return Array(with[..<n]) + Array(partners[..<n]) + Array(with[n...]) + Array(partners[n...])
  }

  private func tokens(_ sentence: String) -> [Int] { ("\n" + sentence).utf8.map(Int.init) }

  // MARK: - Probing

  private func probe(_ concept: Concept, _ sentences: [String], _ model: DragonHatchling) -> Outcome {
    let n = options.sentences
    let labels = (0..<2 * n).map { $0 < n }
    var generator = lab.generator("shuffled labels of \(concept.name)")
    var order = labels
    generator.shuffle(&order)
    var (best, bestShuffled) = ((area: -1.0, place: [0, 0, 0]), (area: -1.0, place: [0, 0, 0]))
    var random: [Double] = []
    var values: [[Int]: [Float]] = [:]
    for layer in 1..<model.configuration.layers {
      let traces = traces(sentences, layer, model)
      for head in 0..<model.configuration.heads {
        let all = traces.map { $0.final(rows: head, columns: head).floats }
        let areas = Self.areas(all, labels)
        func column(_ synapse: Int) -> [Float] { all.map { $0[synapse] } }
        func consider(_ areas: [Double], _ best: inout (area: Double, place: [Int])) {
          let synapse = areas.indices.max { (areas[$0], $1) < (areas[$1], $0) }!
          guard areas[synapse] > best.area else { return }
          best = (areas[synapse], [layer, head, synapse])
          values[best.place] = column(synapse)
        }
        consider(areas, &best)
        consider(Self.areas(all, order), &bestShuffled)
        // Synapses that have a value in some sentence.
        var drawn = 0
        while drawn < 25 {
          let values = column(generator.integer(below: all[0].count))
          drawn += 1
          guard values.contains(where: { $0 != 0 }) else { continue }
          random.append(tested(values).rankBiserial)
        }
      }
    }
    let neurons = model.configuration.neuronsPerHead
    return Outcome(
      concept: concept.name, layer: best.place[0], head: best.place[1], row: best.place[2] / neurons,
      column: best.place[2] % neurons, chosen: best.area, test: tested(values[best.place]!),
      random: Spread(random.map(abs)), shuffled: tested(values[bestShuffled.place]!).rankBiserial)
  }

  private func tested(_ values: [Float]) -> MannWhitneyTest {
    let n = options.sentences
    return MannWhitneyTest(values[2 * n..<3 * n].map(Double.init), values[3 * n..<4 * n].map(Double.init))
  }

  private func traces(_ sentences: [String], _ layer: Int, _ model: DragonHatchling) -> [SynapseTrace] {
    stride(from: 0, to: sentences.count, by: 16).flatMap { start in
      model.synapseTraces(sentences[start..<min(start + 16, sentences.count)].map(tokens), layer: layer)
    }
  }

  private func course(_ outcome: Outcome, _ sentence: String, _ model: DragonHatchling) -> [Double] {
    let neurons = model.configuration.neuronsPerHead
    return model.synapseTraces([tokens(sentence)], layer: outcome.layer)[0]
      .course(outcome.head * neurons + outcome.row, outcome.head * neurons + outcome.column)
  }

  /// The area under the curve of each synapse in the first sentences, given which have the concept.
  private static func areas(_ values: [[Float]], _ labels: [Bool]) -> [Double] {
    let count = labels.count
    let pairs = Double(labels.count { $0 } * labels.count { !$0 })
    return parallelMap(values[0].count) { synapse in
      let column = (0..<count).map { (values[$0][synapse], labels[$0]) }.sorted { $0.0 < $1.0 }
      guard column[0].0 < column[count - 1].0 else { return 0.5 }
      var (wins, below, start) = (0.0, 0, 0)
      while start < count {
        var (end, positive) = (start, 0)
        while end < count, column[end].0 == column[start].0 {
          if column[end].1 { positive += 1 }
          end += 1
        }
        let negative = end - start - positive
        wins += Double(positive) * (Double(below) + Double(negative) / 2)
        below += negative
        start = end
      }
      return wins / pairs
    }
  }

  // MARK: - Results

  private func decide(_ outcomes: [Outcome]) throws {
    let good = outcomes.filter { $0.test.pGreater < 1e-3 && $0.test.rankBiserial > 0.5 }
    var table = Table(
      name: "synapses",
      caption:
        "The synapse that tells sentences with a concept best, chosen on one half of the sentences and tested on the other",
      columns: [
        "concept", "layer", "head", "from", "to", "area, chosen on", "area, tested", "r", "p",
        "r of random ones",
        "r after shuffling",
      ])
    for outcome in outcomes {
      table.append([
        .text(outcome.concept), .integer(outcome.layer + 1), .integer(outcome.head + 1),
        .integer(outcome.column), .integer(outcome.row), .number(outcome.chosen), .number(outcome.test.area),
        .number(outcome.test.rankBiserial), .number(outcome.test.pGreater), .number(outcome.random.mean),
        .number(outcome.shuffled),
      ])
      lab.measure("synapse.\(outcome.concept).r", outcome.test.rankBiserial)
    }
    try lab.add(table)
    let needed = max(1, (outcomes.count + 1) / 2)
    let limit =
      outcomes.isEmpty
      ? "the held-out text has too few sentences with and without the concepts"
      : options.steps < 100 ? "too few steps of training" : nil
    lab.add(
      .decided(
        "6", "Single synapses stand for concepts",
        paper: "a synapse for currencies: U = 2368 of 2500, p < 1e-14, r = 0.86 over 50 + 50 sentences",
        test:
          "σ at the ends of \(options.sentences) + \(options.sentences) held-out sentences with and without words of \(outcomes.map(\.concept).joined(separator: ", ")), alike in length; the synapse with the largest area under the curve, tested on as many others (Mann-Whitney, one-sided)",
        criterion: "p < 0.001 and r > 0.5 for at least half of the concepts",
        measured: outcomes.map {
          "\($0.concept): r = \(short($0.test.rankBiserial)), p = \(short($0.test.pGreater)) (random \(short($0.random.mean)), shuffled \(short($0.shuffled)))"
        }.joined(separator: "; "),
        holds: good.count >= needed,
        reason: "no synapse of so small a model tells these sentences apart so well",
        unless: limit))
  }

  private func draw(_ outcomes: [Outcome]) throws {
    var plot = Plot(
      name: "synapse-areas", title: "How well one synapse tells a concept",
      caption:
        "Rank-biserial correlation in sentences that the synapse was not chosen on: the best synapse, random ones (mean size), and the best one after the labels to choose by were shuffled.",
      x: .init(
        "", range: -0.6...Double(outcomes.count) - 0.4,
        ticks: outcomes.enumerated().map { (Double($0), $1.concept) }),
      y: .init("rank-biserial correlation"))
    let places = outcomes.indices.map(Double.init)
    plot.add(.points, "chosen synapse", x: places.map { $0 - 0.15 }, y: outcomes.map(\.test.rankBiserial))
    plot.add(.points, "random synapses", x: places, y: outcomes.map(\.random.mean))
    plot.add(.points, "shuffled labels", x: places.map { $0 + 0.15 }, y: outcomes.map(\.shuffled))
    plot.marks = [.horizontal(0.5, label: "asked for"), .horizontal(0, label: "")]
    try lab.add(plot)
  }

  private func drawCourse(_ outcome: Outcome, _ sentence: String, _ model: DragonHatchling) throws {
    let values = course(outcome, sentence, model)
    var ticks: [(position: Double, label: String)] = []
    var place = 1
    for word in sentence.split(separator: " ", omittingEmptySubsequences: false) {
      ticks.append((Double(place) + Double(word.utf8.count) / 2, String(word)))
      place += word.utf8.count + 1
    }
    var plot = Plot(
      name: "synapse-course", title: "A synapse along a sentence",
      caption:
        "Value of the synapse chosen for '\(outcome.concept)' byte by byte in the test sentence where it ends highest: '\(sentence)'.",
      x: .init("", range: 0...Double(values.count), ticks: ticks), y: .init("σ"))
    plot.add(
      .steps, "layer \(outcome.layer + 1), head \(outcome.head + 1)", x: values.indices.map(Double.init),
      y: values)
    try lab.add(plot)
  }
}
