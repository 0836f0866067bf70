import Figures
import Foundation
import Neurons
import StudyCore
import Support
import Tensors

extension QuadraticNetworks {
  /// Claims 3a, 4a and 6 with dense networks: the sweep of γ, the widened conventional network, the ablations.
  struct DenseComparison {
    let options: QuadraticNetworks.Options
    let data: ImageSplit
    let lab: Lab

    private var widths: [Int] { hidden(options.width) }

    private func hidden(_ width: Int) -> [Int] {
      [data.inputSize] + Array(repeating: width, count: options.hiddenLayers) + [data.classes]
    }

    func run() throws {
      let conventional = setting("conventional", .conventional())
      let widened = widened()
      let sweep = options.gammas.map { setting("γ = \($0)", .quadratic(), .shrinkGradients($0)) }
      let all = try lab.train(
        "dense, strengths", [conventional, widened.setting] + sweep, on: data, seeds: options.denseSeeds)
      let comparison = GammaComparison(
        part: "dense", claimSuffix: "a", gammas: options.gammas, conventional: all[0], widened: all[1],
        trials: Array(all[2...]), parameters: (count(conventional), count(sweep[0]), count(widened.setting)),
        setting:
          "Dense networks of \(options.hiddenLayers) hidden layers of \(options.width) neurons (widened: \(widened.width)) without normalisation, \(data.train.inputs.size(0)) images, \(options.denseEpochs) epochs, \(options.denseSeeds) seeds",
        obstacle: GammaComparison.obstacle(
          isLarge: data.train.inputs.size(0) >= 5000 && options.denseSeeds >= 3))
      try comparison.report(to: lab)
      try lab.add(curves(comparison))
      try growth(comparison.bestGamma)
      try Ablations(
        options: options, data: data, lab: lab, comparison: comparison,
        setting: { setting($0, $1, $2) }
      ).run()
    }

    private func setting(
      _ label: String, _ neurons: NeuronChoice, _ policy: ReLinear = .unrestrained, width: Int? = nil
    ) -> Setting {
      var training = SupervisedTraining(policy: policy, learningRate: options.denseRate)
      training.epochs = options.denseEpochs
      let widths = hidden(width ?? options.width)
      return Setting(label: label, make: { DenseNetwork(widths, neurons, using: &$0) }, training: training)
    }

    private func count(_ setting: Setting) -> Int {
      var unused = RandomGenerator(seed: 0)
      return setting.make(&unused).parameterCount
    }

    /// The conventional network whose parameter count is nearest to the quadratic one's.
    private func widened() -> (setting: Setting, width: Int) {
      let goal = count(setting("", .quadratic()))
      let candidates = (options.width...3 * options.width).map { width in
        (width, parameters(hidden(width)))
      }
      let width = candidates.min { abs($0.1 - goal) < abs($1.1 - goal) }!.0
      return (setting("conventional, widened", .conventional(), width: width), width)
    }

    private func parameters(_ widths: [Int]) -> Int {
      zip(widths, widths.dropFirst()).reduce(0) { $0 + $1.1 * ($1.0 + 1) }
    }

    /// Training losses of one seed.
    private func curves(_ comparison: GammaComparison) -> Plot {
      var plot = Plot(
        name: "training-curves", title: "Training with and without ReLinear",
        caption:
          "Mean training loss of each epoch of the dense networks, first seed; a line that ends was lost to numbers that are not finite.",
        x: .init("epoch"), y: .init("training loss"))
      let greater = zip(comparison.gammas, comparison.trials).filter { $0.0 > comparison.bestGamma }.map(\.1)
      let shown = [comparison.conventional, comparison.best] + greater
      for trials in shown where !trials.outcomes[0].history.losses.isEmpty {
        let losses = trials.outcomes[0].history.losses
        plot.add(.linePoints, trials.label, x: losses.indices.map { Double($0 + 1) }, y: losses)
      }
      return plot
    }

    /// How the quadratic weights of the hidden layers grow in training at the chosen strength.
    private func growth(_ gamma: Double) throws {
      let setting = setting("", .quadratic(), .shrinkGradients(gamma))
      let histograms = try lab.trials("growth of quadratic weights", settings: 1, seeds: 1) {
        _, _, generator, check in
        let network = setting.make(&generator)
        var kept: [WeightHistogram] = []
        _ = try setting.training.fit(
          network, data.train.inputs, data.train.labels, using: &generator,
          afterEpoch: { history in
            try check()
            kept.append(WeightHistogram(network, epoch: history.losses.count))
          }, loss: { $0.crossEntropy($1) })
        return kept
      }[0][0]
      try lab.add(WeightHistogram.plot(histograms, \.gate, name: "gate-weights", symbol: "w_g", gamma: gamma))
      try lab.add(
        WeightHistogram.plot(histograms, \.square, name: "square-weights", symbol: "w_b", gamma: gamma))
    }
  }

  /// Shares of the magnitudes of gate and square weights by power of ten.
  struct WeightHistogram: Sendable {
    let epoch: Int
    let gate: [Double]
    let square: [Double]

    /// The logarithm of the left edge of the first bin; bins are a quarter of a power of ten wide.
    private static let first = -9.0
    private static let bins = 40

    init(_ network: Layer, epoch: Int) {
      let layers = network.quadraticLayers
      self.epoch = epoch
      gate = Self.shares(layers.compactMap { $0.gate?.weight.value })
      square = Self.shares(layers.compactMap { $0.square?.weight.value })
    }

    private static func shares(_ weights: [Tensor]) -> [Double] {
      let magnitudes = weights.flatMap(\.doubles).map(abs)
      var counts = [Double](repeating: 0, count: bins)
      for value in magnitudes where value > 0 {
        let bin = Int(((log10(value) - first) * 4).rounded(.down))
        counts[min(max(bin, 0), bins - 1)] += 1
      }
      return counts.map { $0 / Double(max(magnitudes.count, 1)) }
    }

    /// The first, the middle and the last epoch.
    static func plot(
      _ histograms: [WeightHistogram], _ which: (WeightHistogram) -> [Double], name: String, symbol: String,
      gamma: Double
    ) -> Plot {
      var plot = Plot(
        name: name, title: "Growth of |\(symbol)| from zero under ReLinear, γ = \(gamma)",
        caption:
          "Shares of the magnitudes of \(symbol) in all hidden layers after the first, the middle and the last epoch, in bins of a quarter of a power of ten.",
        x: .init("magnitude", scale: .log), y: .init("share of weights"))
      let middle = histograms.count / 2
      let chosen = Set([0, middle, histograms.count - 1]).filter(histograms.indices.contains).sorted()
      for index in chosen {
        let shares = which(histograms[index])
        let centres = shares.indices.map { pow(10, first + (Double($0) + 0.5) / 4) }
        let filled = shares.indices.filter { shares[$0] > 0 }
        let range = (filled.first ?? 0)...(filled.last ?? 0)
        plot.add(
          .steps, "epoch \(histograms[index].epoch)", x: Array(centres[range]), y: Array(shares[range]))
      }
      return plot
    }
  }
}
