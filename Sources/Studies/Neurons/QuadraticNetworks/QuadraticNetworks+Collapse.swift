import Figures
import Foundation
import Neurons
import Recordings
import StudyCore
import Support
import Tensors

extension QuadraticNetworks {
  /// Claim 2: plain training collapses, ReLinear cures.
  struct Collapse {
    let options: QuadraticNetworks.Options
    let data: ImageSplit
    let lab: Lab

    /// How the networks of a row start and are trained.
    private struct Way: Sendable {
      var label: String
      var start: QuadraticInitialisation
      var policy: ReLinear
      /// Zero for random starts.
      var gamma: Double?
    }

    private var ways: [Way] {
      [Way(label: "random start", start: .random(), policy: .unrestrained)]
        + options.collapseGammas.map {
          Way(label: "ReLinear, γ = \($0)", start: .reLinear(), policy: .shrinkGradients($0), gamma: $0)
        }
    }

    /// The failures of one way at one depth, over learning rates and seeds.
    private struct Cell {
      var way: Way
      var depth: Int
      var failures: Int
      var total: Int
      var share: Double { Double(failures) / Double(total) }
    }

    func run() throws {
      var cells: [Cell] = []
      var table = Table(
        name: "collapse",
        caption: "Networks that lost their loss or ended at chance, by start, depth and learning rate.",
        columns: ["way", "hidden layers", "learning rate", "failed", "seeds", "mean test accuracy"])
      let rows = ways.flatMap { way in
        options.collapseDepths.flatMap { depth in options.collapseRates.map { (way, depth, $0) } }
      }
      let trials = try lab.train(
        "collapse", rows.map { setting($0.0, depth: $0.1, rate: $0.2) }, on: data,
        seeds: options.collapseSeeds)
      for (row, trial) in zip(rows, trials) {
        table.append([
          .text(row.0.label), .integer(row.1), .number(row.2), .integer(trial.failures),
          .integer(trial.outcomes.count), .number(trial.test.mean),
        ])
      }
      for way in ways {
        for depth in options.collapseDepths {
          let own = zip(rows, trials).filter { $0.0.0.label == way.label && $0.0.1 == depth }.map(\.1)
          cells.append(
            Cell(
              way: way, depth: depth, failures: own.reduce(0) { $0 + $1.failures },
              total: own.reduce(0) { $0 + $1.outcomes.count }))
        }
      }
      try lab.add(table)
      try lab.add(figure(cells))
      try lab.add(activationFigure())
      for cell in cells {
        lab.measure(
          "collapse.\(cell.way.gamma.map { "gamma\($0)" } ?? "random").depth\(cell.depth)", cell.share)
      }
      lab.add(claim(cells))
    }

    private func setting(_ way: Way, depth: Int, rate: Double) -> Setting {
      let widths = [data.inputSize] + Array(repeating: options.width, count: depth) + [data.classes]
      var training = SupervisedTraining(policy: way.policy, learningRate: rate)
      training.epochs = options.collapseEpochs
      return Setting(
        label: way.label, make: { DenseNetwork(widths, .quadratic(.full, way.start), using: &$0) },
        training: training)
    }

    private func claim(_ cells: [Cell]) -> Claim {
      let deep = cells.filter { $0.depth >= 4 }
      let random = deep.filter { $0.way.gamma == nil }
      let curing = options.collapseGammas.filter { gamma in
        gamma >= 1e-4 && cells.filter { $0.way.gamma == gamma }.allSatisfy { $0.failures == 0 }
      }
      let listed = ways.map { way in
        let own = cells.filter { $0.way.label == way.label }
        return "\(way.label): "
          + own.map { "\($0.failures) of \($0.total) at \($0.depth) layers" }.joined(separator: ", ")
      }
      let randomFails = random.allSatisfy { $0.share >= 0.8 }
      return .decided(
        "2", "Quadratic networks that start at random collapse; ReLinear trains them.",
        paper: "Activations and gradients explode with depth; ReLinear prevents it.",
        test:
          "Dense networks of \(options.width) neurons a layer without batch normalisation on \(data.train.inputs.size(0)) images, \(options.collapseEpochs) epochs, \(options.collapseSeeds) seeds, learning rates \(options.collapseRates); failed: a loss that is not finite, or test accuracy below \(Outcome.chance).",
        criterion:
          "at every depth of 4 layers or more at least 80 % of the random starts fail, and for some γ of at least 10^-4 no network fails at any depth",
        measured: listed.joined(separator: "; ") + ".", holds: randomFails && !curing.isEmpty,
        reason: randomFails
          ? "every strength had a network that failed"
          : "fewer than 80 % of the random starts failed at a depth of 4 or more",
        unless: random.isEmpty ? "no depth of 4 or more was asked for" : nil)
    }

    private func figure(_ cells: [Cell]) -> Plot {
      let positions = options.collapseDepths.indices.map { Double($0 + 1) }
      var plot = Plot(
        name: "collapse", title: "Share of networks lost, by depth",
        caption:
          "Share of networks whose loss was lost or that ended at chance, over learning rates and seeds, by number of hidden layers.",
        x: .init(
          "hidden layers", range: 0.5...(Double(positions.count) + 0.5),
          ticks: zip(positions, options.collapseDepths).map { ($0, "\($1)") }),
        y: .init("share that failed", range: -0.03...1.03))
      for way in ways {
        plot.add(
          .linePoints, way.label, x: positions,
          y: cells.filter { $0.way.label == way.label }.map(\.share))
      }
      return plot
    }

    /// The size of activity layer by layer before training.
    private func activationFigure() throws -> Plot {
      let depth = options.collapseDepths.max()!
      let batch = data.train.inputs[0..<100]
      let layers = (1...depth).map(Double.init)
      var plot = Plot(
        name: "activation-norms", title: "Size of activity, layer by layer, before training",
        caption:
          "Root mean square of the activity of each hidden layer at the start, for one batch, mean over seeds; a line ends where numbers overflow.",
        x: .init("hidden layer"), y: .init("root mean square activity", scale: .log))
      for (label, start) in [
        ("random start", QuadraticInitialisation.random()), ("ReLinear start", .reLinear()),
      ] {
        let widths = [data.inputSize] + Array(repeating: options.width, count: depth) + [data.classes]
        let profiles = try lab.trials("activity, \(label)", settings: 1, seeds: options.collapseSeeds) {
          _, _, generator, _ in
          let network = DenseNetwork(widths, .quadratic(.full, start), using: &generator)
          let monitor = CollapseMonitor()
          _ = withInstruments(monitor) { withoutGradients { network(batch) } }
          return monitor.profile()
        }[0]
        let means = (0..<depth).map { layer in Spread(profiles.map { $0[layer] }).mean }
        plot.add(.linePoints, label, x: layers, y: means)
        lab.measure("activity.\(label == "random start" ? "random" : "reLinear").last", means.last!)
      }
      return plot
    }
  }
}
