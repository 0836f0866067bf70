import Figures
import Foundation
import Recordings
import Statistics
import StudyCore
import Support
import Tensors

extension WormRecordings {
  /// How much of the worm's velocity is in its neurons, and in which.
  struct BehaviourPart {
    let bench: Bench
    private static let backward = ["AVA", "AVE", "RIM"]
    private static let forward = ["AVB", "RIB"]

    private struct Decoding {
      let worm: Int
      let correlation: Double
      /// Of the named neurons, by name.
      let weights: [String: Double]
      let measured, told: [Double]
      let times: [Double]
    }

    func run() throws {
      var decodings: [Decoding] = []
      for (index, worm) in bench.native.worms.enumerated() {
        try bench.lab.progress("velocity", index, of: bench.native.worms.count, unit: "worms")
        guard let velocity = bench.raw[index].recording.samples.numbers("velocity") else { continue }
        if let decoding = decode(worm, velocity, index) { decodings.append(decoding) }
      }
      guard !decodings.isEmpty else {
        return bench.lab.add(
          Claim(
            notTestable: "7", Self.statement, paper: Self.paper, test: test, criterion: Self.criterion,
            reason: "no recording has a column 'velocity'"))
      }
      try report(decodings)
    }

    private static let statement =
      "Velocity can be read from the neurons; those of reversals have negative weights, those of forward movement positive ones"
    private static let paper = "elsewhere r = 0.23 to 0.81, median 0.53"
    private static let criterion =
      "median correlation at least 0.4; the mean weight over worms below 0 for AVA, AVE and RIM together, above 0 for AVB and RIB together"
    private var test: String {
      "ridge regression (α = \(bench.options.alpha)) of velocity on z-scored neurons, tried on the last \(Int(100 * bench.options.testShare)) % of each worm"
    }

    private func decode(_ worm: WormRecording, _ velocity: [Double], _ index: Int) -> Decoding? {
      let count = worm.native.sampleCount
      guard velocity.count == count, velocity.allSatisfy(\.isFinite), count > 60 else { return nil }
      let cut = Int((1 - bench.options.testShare) * Double(count))
      let scaled = Tensor(velocity, shape: [count, 1])
      let values = worm.native.activity.to(.float64)
      let train = scaled.narrowed(0, from: 0, to: cut)
      let centred = train - train.mean()
      let deviation = max((centred * centred).mean().item.squareRoot(), 1e-12)
      let model = RidgeRegression(
        values.narrowed(0, from: 0, to: cut), centred / deviation, alpha: bench.options.alpha)
      let told = model(values.narrowed(0, from: cut, to: count)).doubles
      let weights = model.weights.doubles
      var named: [String: Double] = [:]
      for (column, slot) in worm.labelled { named[worm.slots[slot]] = weights[column] }
      let rest = Array(velocity[cut...])
      return Decoding(
        worm: index, correlation: Correlation.pearson(told, rest).coefficient, weights: named, measured: rest,
        told: told.map { $0 * deviation + train.mean().item }, times: Array(worm.native.time!.values[cut...]))
    }

    /// The mean weight over worms of the neurons of some classes.
    private func weights(_ classes: [String], _ decodings: [Decoding]) -> Spread {
      Spread(
        decodings.compactMap { decoding -> Double? in
          let own = decoding.weights.filter { entry in classes.contains { entry.key.hasPrefix($0) } }.map(
            \.value)
          return own.isEmpty ? nil : own.reduce(0, +) / Double(own.count)
        })
    }

    private func report(_ decodings: [Decoding]) throws {
      let correlations = decodings.map(\.correlation).filter { !$0.isNaN }.sorted()
      let median = Percentile.median(correlations)
      let (back, ahead) = (weights(Self.backward, decodings), weights(Self.forward, decodings))
      bench.lab.measure("velocity.median", median)
      bench.lab.measure("velocity.backwardWeight", back.mean)
      bench.lab.measure("velocity.forwardWeight", ahead.mean)
      func text(_ spread: Spread) -> String {
        String(format: "%+.4f ± %.4f (%d worms)", spread.mean, spread.standardError, spread.count)
      }
      bench.lab.add(
        .decided(
          "7", Self.statement, paper: Self.paper, test: test, criterion: Self.criterion,
          measured: String(
            format: "r = %.2f to %.2f, median %.2f in %d worms; weights of AVA, AVE, RIM ",
            correlations.first ?? .nan, correlations.last ?? .nan, median, correlations.count)
            + text(back) + ", of AVB, RIB " + text(ahead),
          holds: median >= 0.4 && back.mean < 0 && ahead.mean > 0,
          reason: "velocity is told less well, or the weights have other signs", unless: bench.obstacle))
      try bench.lab.add(decodingFigure(decodings))
      try bench.lab.add(weightFigure(decodings))
    }

    private func decodingFigure(_ decodings: [Decoding]) -> Plot {
      let sorted = decodings.sorted { $0.correlation < $1.correlation }
      let shown = sorted[sorted.count / 2]
      var plot = Plot(
        name: "velocity", title: "Velocity read from the neurons of \(bench.native.worms[shown.worm].name)",
        caption: String(
          format:
            "The part of the recording that was not learned from; the worm of the median correlation, %.2f.",
          shown.correlation),
        x: .init("time", unit: "s"), y: .init("velocity", unit: "as recorded"))
      plot.add(.line, "measured", x: shown.times, y: shown.measured)
      plot.add(.line, "read", x: shown.times, y: shown.told)
      return plot
    }

    /// Classes of neurons by their weight, the mean over worms.
    private func weightFigure(_ decodings: [Decoding]) -> Plot {
      var byClass: [String: [Double]] = [:]
      for decoding in decodings {
        var own: [String: [Double]] = [:]
        for (name, weight) in decoding.weights {
          let stem = name.hasSuffix("L") || name.hasSuffix("R") ? String(name.dropLast()) : name
          own[stem, default: []].append(weight)
        }
        for (stem, weights) in own {
          byClass[stem, default: []].append(weights.reduce(0, +) / Double(weights.count))
        }
      }
      let least = min(3, max(1, decodings.count / 2))
      let spreads = byClass.filter { $0.value.count >= least }.map { ($0.key, Spread($0.value)) }
        .sorted { ($0.1.mean, $0.0) < ($1.1.mean, $1.0) }
      let chosen = spreads.count > 24 ? Array(spreads.prefix(12) + spreads.suffix(12)) : spreads
      var plot = Plot(
        name: "velocity-weights", title: "Which neurons tell velocity",
        caption:
          "Weights of the classes at both ends, mean over worms and 95 % confidence of it: below 0 the neuron is active in reversals.",
        x: .init("", ticks: chosen.enumerated().map { (Double($0), $1.0) }), y: .init("weight"))
      plot.add(
        .points, "", x: chosen.indices.map(Double.init), y: chosen.map(\.1.mean),
        error: chosen.map { 1.96 * $0.1.standardError })
      plot.marks = [.horizontal(0, label: "")]
      return plot
    }
  }
}
