import Figures
import Models
import Recordings
import StudyCore
import Support
import Tensors

/// Claim 2: how many neurons are active.
struct SparsityPart {
  private let bench: HatchlingBench
  private var lab: Lab { bench.lab }
  private var options: HatchlingBench.Options { bench.options }

  init(_ bench: HatchlingBench) { self.bench = bench }

  /// Shares of active neurons by layer, and by layer and position.
  struct Shares {
    /// Before attention (x), and behind the gate (y).
    var activity: [Double]
    var neurons: [Double]
    /// Of y: by layer and position.
    var courses: [[Double]]
    /// Whether any activity is negative.
    var isNegative: Bool
  }

  func run() throws {
    let trained = (0..<options.seeds).map { shares(bench.hatchling($0)) }
    let fresh = shares(bench.untrained())
    let silent = silentShare(bench.gpt())
    let layers = options.layers
    func over(_ value: (Shares) -> [Double]) -> [Spread] {
      (0..<layers).map { layer in Spread(trained.map { value($0)[layer] }) }
    }
    let (activity, neurons) = (over(\.activity), over(\.neurons))
    try record(activity, neurons, fresh)
    let upper = Array(layers / 2..<layers)
    let isSparse = upper.allSatisfy { neurons[$0].mean < 0.1 }
    let hasFallen = upper.allSatisfy { neurons[$0].mean < 0.6 * fresh.neurons[$0] }
    let limit = options.steps < 100 ? "too few steps of training" : nil
    lab.add(
      .decided(
        "2", "Activity is positive and sparse, and training makes it so",
        paper:
          "about 5 % of entries are not zero after long training of large models; nothing else asks for sparsity than ReLU and gate",
        test:
          "shares of neurons above zero in \(bench.rows.size(0)) held-out texts; \(options.seeds) models after \(options.steps) steps, one before; the same for GELUs of the GPT with |h| < 1e-6 as silent",
        criterion:
          "in the upper half of the layers fewer than 10 % of y are active, less than 0.6 times the share before training; no activity is negative; fewer than 1 % of the GPT's neurons are silent",
        measured:
          "active y by layer \(listed(neurons.map(\.mean))) % (before training \(listed(fresh.neurons)) %), active x \(listed(activity.map(\.mean))) % (\(listed(fresh.activity)) %); silent neurons of the GPT \(short(silent * 100)) %",
        holds: isSparse && hasFallen && !trained.contains { $0.isNegative } && silent < 0.01,
        reason: isSparse
          ? "it did not fall enough, or the GPT's neurons are silent, too"
          : "after \(options.steps) steps more neurons are active than the paper says of long training",
        unless: limit))
    var plot = Plot(
      name: "active-position", title: "Active neurons along the text",
      caption:
        "Share of neurons behind the gate that are active, by position in held-out texts; the first position has nothing to read. Thin: before training.",
      x: .init("position", unit: "bytes"), y: .init("active neurons", unit: "%"))
    for layer in 0..<layers {
      let course = (0..<options.length).map { t in Spread(trained.map { $0.courses[layer][t] }).mean }
      plot.add(
        .line, "layer \(layer + 1)", x: course.indices.map(Double.init), y: course.map { $0 * 100 })
      plot.add(
        .thinLine, "", x: course.indices.map(Double.init), y: fresh.courses[layer].map { $0 * 100 },
        colourOf: "layer \(layer + 1)")
    }
    try lab.add(plot)
  }

  private func listed(_ values: [Double]) -> String { values.map { short($0 * 100) }.joined(separator: ", ") }

  private func record(_ activity: [Spread], _ neurons: [Spread], _ fresh: Shares) throws {
    var table = Table(
      name: "active", caption: "Share of active neurons (%) on held-out text, by layer",
      columns: ["layer", "x before training", "x", "y before training", "y"])
    for layer in 0..<options.layers {
      table.append([
        .integer(layer + 1), .number(fresh.activity[layer] * 100), .number(activity[layer].mean * 100),
        .number(fresh.neurons[layer] * 100), .number(neurons[layer].mean * 100),
      ])
      lab.measure("active.y.layer\(layer + 1)", neurons[layer].mean)
      lab.measure("active.x.layer\(layer + 1)", activity[layer].mean)
    }
    try lab.add(table)
  }

  private func shares(_ model: DragonHatchling) -> Shares {
    let inputs = bench.rows.narrowed(1, from: 0, to: options.length)
    let recorder = HatchlingShares(layers: options.layers)
    withoutGradients {
      withInstruments(recorder) { for part in inputs.split(16) { _ = model(part) } }
    }
    return Shares(
      activity: recorder.shares("mlp.gate.active"), neurons: recorder.shares("mlp"),
      courses: recorder.courses("mlp"), isNegative: recorder.least < 0)
  }

  /// The share of a GPT's neurons that are as good as silent.
  private func silentShare(_ model: GPT) -> Double {
    let recorder = ActivityRecorder("blocks.*.mlp")
    let inputs = bench.rows.narrowed(0, from: 0, to: min(8, bench.rows.size(0)))
      .narrowed(1, from: 0, to: options.length)
    withoutGradients { withInstruments(recorder) { _ = model(inputs) } }
    let all = recorder.taken().values.map { activity in
      (activity.abs() .< 1e-6).to(.float32).mean().item
    }
    return all.reduce(0, +) / Double(all.count)
  }
}

/// Counts active neurons by layer and position without keeping activity.
final class HatchlingShares: Instrument {
  let sites: SitePattern = "blocks.**"
  private let layers: Int
  private var sums: [String: [Double]] = [:]
  private var texts: [String: Int] = [:]
  /// The least activity seen.
  private(set) var least = 0.0

  init(layers: Int) { self.layers = layers }

  func apply(_ site: String, _ activity: Tensor) -> Tensor {
    guard site.hasSuffix(".mlp") || site.hasSuffix(".mlp.gate.active") else { return activity }
    let share = (activity .> 0).to(.float32).mean(axis: 2).sum(axis: 0).doubles
    least = min(least, activity.min().item)
    sums[site] = sums[site].map { zip($0, share).map { $0 + $1 } } ?? share
    texts[site, default: 0] += activity.size(0)
    return activity
  }

  /// `[layer][position]`
  func courses(_ part: String) -> [[Double]] {
    (0..<layers).map { layer in
      let site = "blocks.\(layer).\(part)"
      return sums[site]!.map { $0 / Double(texts[site]!) }
    }
  }

  func shares(_ part: String) -> [Double] {
    courses(part).map { $0.reduce(0, +) / Double($0.count) }
  }
}
