import Datasets
import Figures
import Foundation
import Models
import Probing
import Statistics
import StudyCore
import Support

/// Claims 1 to 3: whole networks, as they form and as they are in the end.
struct FormationPart {
  let bench: FewShotBench
  var lab: Lab { bench.lab }
  var options: FewShotBench.Options { bench.options }

  init(_ bench: FewShotBench) { self.bench = bench }

  /// A network and what was seen of it.
  struct Network: Sendable {
    var iterations: [Int] = []
    /// By split, at each of these iterations.
    var losses: [FewShotSampler.Split: [Double]] = [:]
    var accuracies: [FewShotSampler.Split: [Double]] = [:]
    /// By iteration and head: of the last block, and of the first.
    var induction: [[Double]] = []
    var previousToken: [[Double]] = []
    let trained: FastAttentionOnlyTransformer
    let sampler: FewShotSampler
    var change: PhaseChange
  }

  func run() throws {
    let networks = try bench.sideBySide(options.seeds, "training whole networks") { seed in
      try Self.train(bench, bench.features, classes: options.classes, seed: seed)
    }
    if options.runs(.phase) { try PhaseReport(part: self, networks: networks).report() }
    if options.runs(.heads) { try HeadReport(part: self, networks: networks).report() }
  }

  /// Why claims over networks cannot be decided, if they cannot.
  var obstacle: String? {
    if options.seeds < 5 { return "\(options.seeds) networks; five are needed" }
    return nil
  }

  /// Trains a network without clamps and watches it.
  static func train(_ bench: FewShotBench, _ features: FewShotFeatures, classes: Int, seed: Int) throws
    -> Network
  {
    let options = bench.options
    let sampler = try bench.sampler(features, classes: classes, labels: options.labels, seed: seed)
    let trained = try bench.network(features, labels: options.labels, seed: seed)
    let batches = FewShotSampler.Split.allCases.map { split in
      (split, bench.batch(sampler, options.sequences, from: split, seed: seed))
    }
    var network = Network(
      trained: trained, sampler: sampler,
      change: try PhaseChange(iterations: [], losses: [], plateau: FewShotBench.plateau))
    var generator = bench.lab.generator("training").split(seed)
    let training = options.training(options.iterations, [], every: options.interval)
    try training.run(trained, sampler, using: &generator) { iteration, trained in
      if bench.lab.isInterrupted { throw Interruption() }
      network.iterations.append(iteration)
      for (split, batch) in batches {
        let outcome = try trained.outcome(of: batch, features)
        network.losses[split, default: []].append(outcome.loss)
        network.accuracies[split, default: []].append(outcome.accuracy)
        guard split == .training else { continue }
        network.induction.append(
          try HeadStrength.induction(outcome.patterns.last!, heads: options.heads, batch))
        network.previousToken.append(
          try HeadStrength.previousToken(outcome.patterns[0], heads: options.heads, batch))
      }
      return true
    }
    network.change = try PhaseChange(
      iterations: network.iterations, losses: network.losses[.training]!, plateau: FewShotBench.plateau)
    return network
  }
}

/// Claim 1: the phase change.
struct PhaseReport {
  let part: FormationPart
  let networks: [FormationPart.Network]
  private var lab: Lab { part.lab }

  func report() throws {
    let changes = networks.map(\.change)
    let passing = changes.count { change in
      change.plateauLength > 0 && (change.abruptness ?? 1) < 0.4
    }
    let times = changes.compactMap { $0.time.map(Double.init) }
    let shares = changes.compactMap(\.abruptness)
    if !times.isEmpty {
      lab.measure("phase.time", Spread(times).mean, unit: "iterations")
      lab.measure("phase.abruptness", Spread(shares).mean)
    }
    lab.measure("phase.plateau", Spread(changes.map { Double($0.plateauLength) }).mean, unit: "iterations")
    for split in FewShotSampler.Split.allCases {
      lab.measure(
        "accuracy.\(split.rawValue)", Spread(networks.map { $0.accuracies[split]!.last! }).mean)
    }
    let needed = Int((0.8 * Double(networks.count)).rounded(.up))
    lab.add(
      .decided(
        "1", "The circuit forms abruptly, after a plateau",
        paper:
          "the loss stays at ln 2, where one of the two labels in context is guessed, and then drops at once",
        test:
          "\(networks.count) networks of \(part.options.iterations) steps; loss on \(part.options.sequences) sequences of training every \(part.options.interval) steps",
        criterion:
          "the loss stays within 10 % of ln 2, then falls below 0.4 ln 2; from 0.9 to 0.4 ln 2 takes less than 40 % of the whole time; in four of five networks",
        measured: measured(passing, changes, times, shares), holds: passing >= needed,
        reason: times.count < needed
          ? "not all networks left the plateau in \(part.options.iterations) steps"
          : "the loss falls too slowly, or passes ln 2 without staying",
        unless: part.obstacle))
    try lab.add(table(changes))
    try lab.add(splits(networks[0]))
    try lab.add(seeds())
  }

  private func measured(
    _ passing: Int, _ changes: [PhaseChange], _ times: [Double], _ shares: [Double]
  ) -> String {
    guard !times.isEmpty else { return "no network left the plateau" }
    let plateau = Spread(changes.map { Double($0.plateauLength) })
    return
      "\(passing) of \(networks.count) networks; 0.4 ln 2 after \(short(Spread(times).mean.rounded())) steps (\(short(times.min()!)) to \(short(times.max()!))), plateau of \(short(plateau.mean.rounded())), the change \(short((100 * Spread(shares).mean).rounded())) % of the time (\(shares.map { short((100 * $0).rounded()) }.joined(separator: ", ")))"
  }

  private func table(_ changes: [PhaseChange]) -> Table {
    var table = Table(
      name: "phase-changes", caption: "When each network left its plateau, and its accuracy in the end.",
      columns: [
        "network", "below 0.9 ln 2 (step)", "below 0.4 ln 2 (step)", "plateau (steps)", "share of the time",
      ]
        + FewShotSampler.Split.allCases.map(\.words))
    func cell(_ value: Int?) -> Table.Cell { value.map { .integer($0) } ?? .missing }
    for (index, change) in changes.enumerated() {
      table.append(
        [
          .integer(index), cell(change.onset), cell(change.time), .integer(change.plateauLength),
          change.abruptness.map { .number($0) } ?? .missing,
        ] + FewShotSampler.Split.allCases.map { .number(networks[index].accuracies[$0]!.last!) })
    }
    return table
  }

  private func splits(_ network: FormationPart.Network) -> Plot {
    var plot = Plot.losses(
      name: "loss-splits", title: "The loss of one network",
      caption:
        "Cross-entropy at the query over training: on what was trained on, and with exemplars, classes or pairs of labels that were held out."
    )
    for split in FewShotSampler.Split.allCases {
      plot.add(
        .line, split.words, x: network.iterations.map(Double.init), y: network.losses[split]!)
    }
    if let time = network.change.time { plot.x.range = 0...Double(min(5 * time, part.options.iterations)) }
    return plot
  }

  private func seeds() -> Plot {
    var plot = Plot.losses(
      name: "loss-seeds", title: "The loss of each network",
      caption: "Cross-entropy on sequences of training, for networks that differ in weights and data.")
    for (index, network) in networks.enumerated() {
      plot.add(
        .line, "network \(index)", x: network.iterations.map(Double.init), y: network.losses[.training]!)
    }
    if let last = networks.compactMap(\.change.time).max() { plot.x.range = 0...Double(2 * last) }
    return plot
  }
}

extension FewShotSampler.Split {
  /// What it is, for figures.
  var words: String {
    switch self {
    case .training: "training"
    case .newExemplars: "new exemplars"
    case .newClasses: "new classes"
    case .newLabels: "new label pairs"
    }
  }
}

extension Plot {
  /// Axes of a loss over training, with the plateau and the end of the change.
  static func losses(name: String, title: String, caption: String) -> Plot {
    var plot = Plot(
      name: name, title: title, caption: caption, x: Axis("step"),
      y: Axis("loss", unit: "nats", range: 0...1.8))
    plot.marks = [
      .horizontal(FewShotBench.plateau, label: "ln 2"),
      .horizontal(0.4 * FewShotBench.plateau, label: "0.4 ln 2"),
    ]
    return plot
  }
}
