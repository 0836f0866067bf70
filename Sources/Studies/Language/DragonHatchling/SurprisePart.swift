import Datasets
import Figures
import Models
import Recordings
import StudyCore
import Support
import Tensors

/// Claim 4: activity follows surprise.
struct SurprisePart {
  private let bench: HatchlingBench
  private var lab: Lab { bench.lab }
  private var options: HatchlingBench.Options { bench.options }
  private var words: RepeatedWords { bench.words }

  init(_ bench: HatchlingBench) { self.bench = bench }

  /// What one model does with fresh strings.
  private struct Outcome {
    /// Active y by layer and position, and by quarter of frequencies (fast first), layers and neurons averaged.
    var courses: [[Double]]
    var quarters: [[Double]]
    /// The share of letters foretold right, by the repetition that they belong to.
    var accuracies: [Double]
  }

  func run() throws {
    let outcomes = (0..<options.surpriseSeeds).map(measure)
    let layers = options.layers
    func byRepetition(_ course: [Double]) -> [Double] {
      (0..<words.repetitions).map { repetition in
        let places = course.indices.filter { words.repetition(at: $0) == repetition }
        return places.reduce(0) { $0 + course[$1] } / Double(places.count)
      }
    }
    let ratios = (0..<layers).map { layer in
      Spread(
        outcomes.map { outcome in
          let shares = byRepetition(outcome.courses[layer])
          return Spread(Array(shares.dropFirst())).mean / shares[0]
        })
    }
    let accuracy = Spread(outcomes.map { Spread(Array($0.accuracies.dropFirst())).mean })
    for (layer, ratio) in ratios.enumerated() { lab.measure("surprise.ratio.layer\(layer + 1)", ratio.mean) }
    lab.measure("surprise.accuracy", accuracy.mean)
    let falls = ratios.allSatisfy { $0.mean < 0.7 }
    let knows = accuracy.mean > 0.95
    let limit = options.surpriseSteps < 100 ? "too few steps of training" : nil
    lab.add(
      .decided(
        "4", "Neurons are active where the text surprises, and fall silent where it repeats itself",
        paper:
          "in layer 2 of a model with 65,536 neurons 4.0 to 7.5 % while a word is memorised, about 2.5 % while it is repeated; most in slowly turning neurons",
        test:
          "\(words.beginning.count) fixed letters and a random word of \(words.wordLength), said \(words.repetitions) times; \(options.surpriseSteps) steps of \(options.batch) fresh strings, then \(options.strings) others; \(options.surpriseSeeds) models",
        criterion:
          "in every layer the share of active y in repetitions 2 to \(words.repetitions) is below 0.7 times that of the first; more than 95 % of their letters are foretold",
        measured:
          "by layer \(ratios.map { $0.text(2) }.joined(separator: ", ")) times; \(accuracy.percent) foretold",
        holds: falls && knows,
        reason: knows
          ? "repeated words are foretold, but activity does not fall so far in every layer"
          : "the model does not foretell repeated words well enough after so many steps", unless: limit))
    try draw(outcomes, byRepetition)
  }

  private func measure(_ seed: Int) -> Outcome {
    let model = bench.outcomes["surprise-\(seed)"]!.model as! DragonHatchling
    var generator = lab.generator("fresh strings \(seed)")
    let rows = words.rows(options.strings, using: &generator)
    let counter = HatchlingShares(layers: options.layers)
    let quarters = FrequencyShares(heads: options.heads)
    let logits = withoutGradients {
      withInstruments(counter, quarters) { model(rows.narrowed(1, from: 0, to: words.length)) }
    }
    let (best, letters) = (logits.argmax(axis: 2).integers, rows.integers)
    var (right, all) = (
      [Int](repeating: 0, count: words.repetitions), [Int](repeating: 0, count: words.repetitions)
    )
    for row in 0..<options.strings {
      for t in 0..<words.length - 1 {
        guard let repetition = words.repetition(at: t + 1) else { continue }
        all[repetition] += 1
        right[repetition] += best[row * words.length + t] == letters[row * (words.length + 1) + t + 1] ? 1 : 0
      }
    }
    return Outcome(
      courses: counter.courses("mlp"), quarters: quarters.courses,
      accuracies: zip(right, all).map { Double($0) / Double($1) })
  }

  private func draw(_ outcomes: [Outcome], _ byRepetition: ([Double]) -> [Double]) throws {
    let repetitions = (1...words.repetitions).map(Double.init)
    func mean(_ value: (Outcome) -> [Double]) -> [Double] {
      let all = outcomes.map(value)
      return all[0].indices.map { place in Spread(all.map { $0[place] }).mean * 100 }
    }
    var course = Plot(
      name: "surprise-course", title: "Active neurons along a string whose word repeats",
      caption:
        "Share of active y by position, mean over \(options.strings) fresh strings. Lines mark where the word begins anew.",
      x: .init("position", unit: "letters"), y: .init("active neurons", unit: "%"))
    for layer in 0..<options.layers {
      let values = mean { $0.courses[layer] }
      course.add(.line, "layer \(layer + 1)", x: values.indices.map(Double.init), y: values)
    }
    course.marks = (0..<words.repetitions).map {
      .vertical(Double(words.beginning.count + $0 * words.wordLength), label: "")
    }
    try lab.add(course)
    var quarters = Plot(
      name: "surprise-frequencies", title: "Active neurons by repetition and by how fast they turn",
      caption:
        "Share of active y over that of the first repetition, all layers, by quarter of the rotary frequencies.",
      x: .init("repetition"), y: .init("active neurons over the first repetition's"))
    for (index, label) in ["fastest quarter", "second", "third", "slowest quarter"].enumerated() {
      let values = byRepetition(mean { $0.quarters[index] })
      quarters.add(.linePoints, label, x: repetitions, y: values.map { $0 / values[0] })
    }
    try lab.add(quarters)
    var table = Table(
      name: "surprise", caption: "By repetition: active y (%) of each layer, and letters foretold (%)",
      columns: ["repetition"] + (1...options.layers).map { "layer \($0)" } + ["foretold"])
    let shares = (0..<options.layers).map { layer in byRepetition(mean { $0.courses[layer] }) }
    let accuracies = mean { $0.accuracies }
    for repetition in 0..<words.repetitions {
      table.append(
        [.integer(repetition + 1)] + shares.map { .number($0[repetition]) } + [
          .number(accuracies[repetition])
        ])
    }
    try lab.add(table)
  }
}

/// Counts active neurons by quarter of their rotary frequencies, over all layers.
private final class FrequencyShares: Instrument {
  let sites: SitePattern = "blocks.*.mlp"
  private let heads: Int
  private var sums: [[Double]] = []
  private var count = 0.0

  init(heads: Int) { self.heads = heads }

  func apply(_ site: String, _ activity: Tensor) -> Tensor {
    let (texts, length, N) = (activity.size(0), activity.size(1), activity.size(2) / heads)
    let active = (activity .> 0).to(.float32).reshaped(texts, length, heads, N)
    let shares = (0..<4).map { quarter in
      active.narrowed(3, from: N * quarter / 4, to: N * (quarter + 1) / 4).mean(axes: [0, 2, 3]).doubles
    }
    sums = sums.isEmpty ? shares : zip(sums, shares).map { zip($0, $1).map { $0 + $1 } }
    count += 1
    return activity
  }

  /// `[quarter][position]`
  var courses: [[Double]] { sums.map { $0.map { $0 / count } } }
}
