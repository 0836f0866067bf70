import Figures
import Foundation
import Neurons
import StudyCore
import Support

/// Claims 3 and 4: weak synapses can be spared, long delays cannot.
struct ReductionPart {
  private let bench: MotionBench
  private let trials: [MotionTrial]

  /// A reduced layer: how many synapses are left, and how well it does with each seed.
  private struct Point {
    /// Delays left, for shortening.
    var delays: Int?
    var synapses: [Int]
    var accuracy: [Double]

    func share(of total: Int) -> Double { Spread(synapses.map(Double.init)).mean / Double(total) }
  }

  init(_ bench: MotionBench, _ trials: [MotionTrial]) {
    self.bench = bench
    self.trials = trials
  }

  private var lab: Lab { bench.lab }
  private var options: HeterogeneousDelays.Options { bench.options }
  private var total: Int { options.shape.synapseCount }

  func report() throws {
    let shortened = try delaysLeft.map { delays in
      try point("shortening", delays, of: options.delays, delays: delays) { $0.shortened(to: delays) }
    }
    // To as many synapses as each shortening leaves, seed by seed, and to the levels asked for.
    let matched = try shortened.enumerated().map { index, point in
      var seed = 0
      return try self.point("pruning", index, of: shortened.count) { layer in
        defer { seed += 1 }
        return layer.pruned(toCount: point.synapses[seed])
      }
    }
    let levels = try options.pruneLevels.sorted().enumerated().map { index, level in
      try point("pruning to levels", index, of: options.pruneLevels.count) { $0.pruned(keeping: level) }
    }
    let pruned = (matched + levels).sorted { $0.share(of: total) < $1.share(of: total) }
    try lab.add(table(pruned: pruned, shortened: shortened))
    let (first, second) = (fits(pruned), fits(shortened))
    try lab.add(figure(pruned, shortened, fits: (first.mean, second.mean)))
    lab.add(try efficiencyClaim(shortened, matched))
    lab.add(saturationClaim(first.seeds, second.seeds))
  }

  /// The numbers of delays that are tried: each half as many again as the one before, up to all that there are.
  private var delaysLeft: [Int] {
    var counts = [1]
    while let last = counts.last, last < options.delays {
      counts.append(min(options.delays, max(last + 1, last * 3 / 2)))
    }
    return counts
  }

  private func point(
    _ stage: String, _ done: Int, of count: Int, delays: Int? = nil,
    _ reduce: (DelayKernelLayer) -> DelayKernelLayer
  ) throws -> Point {
    var point = Point(delays: delays, synapses: [], accuracy: [])
    for trial in trials {
      try lab.progress(stage, done, of: count, unit: "layers")
      let layer = reduce(trial.layer)
      point.synapses.append(layer.activeSynapses)
      point.accuracy.append(try trial.predictions(of: layer, from: options.delays).accuracy)
    }
    return point
  }

  // Fits.

  /// Fits of accuracy against the logarithm of the share of active synapses: of the mean over seeds, and of each seed.
  private func fits(_ points: [Point]) -> (mean: SaturationFit, seeds: [SaturationFit]) {
    func fit(_ seeds: Range<Int>) -> SaturationFit {
      let used = points.filter { point in seeds.allSatisfy { point.synapses[$0] > 0 } }
      return SaturationFit(
        x: used.map { point in log10(Spread(seeds.map { Double(point.synapses[$0]) }).mean / Double(total)) },
        y: used.map { point in Spread(seeds.map { point.accuracy[$0] }).mean }, floor: options.chance)
    }
    return (fit(trials.indices), trials.indices.map { fit($0..<$0 + 1) })
  }

  // What is reported.

  private func table(pruned: [Point], shortened: [Point]) -> Table {
    var table = Table(
      name: "reduction", caption: "Accuracy of reduced layers; the whole kernel bank has \(total) synapses.",
      columns: [
        "reduction", "delays", "active synapses", "share of all", "accuracy", "deviation over seeds",
      ])
    for (name, points) in [("pruned", pruned), ("shortened", shortened)] {
      for point in points {
        let accuracy = Spread(point.accuracy)
        table.append([
          .text(name), .integer(point.delays ?? options.delays),
          .number(Spread(point.synapses.map(Double.init)).mean), .number(point.share(of: total)),
          .number(accuracy.mean), .number(accuracy.deviation),
        ])
      }
    }
    return table
  }

  private func figure(
    _ pruned: [Point], _ shortened: [Point], fits: (pruned: SaturationFit, shortened: SaturationFit)
  ) -> Plot {
    var plot = Plot(
      name: "reduction", title: "Weak synapses can go, long delays cannot",
      caption:
        "Accuracy against the share of active synapses, mean over seeds with standard deviation: the weakest synapses pruned, or the longest delays cut. Lines are sigmoids fitted over the logarithm of the share.",
      x: .init("active synapses, share of all", scale: .log), y: .init("accuracy", range: 0...1.05))
    for (label, points, fit) in [("pruned", pruned, fits.pruned), ("shortened", shortened, fits.shortened)] {
      let used = points.filter { $0.share(of: total) > 0 }
      let shares = used.map { $0.share(of: total) }
      plot.add(
        .points, label, x: shares, y: used.map { Spread($0.accuracy).mean },
        error: used.map { Spread($0.accuracy).deviation })
      let (low, high) = (log10(shares.min()!), log10(shares.max()!))
      let line = (0...60).map { low + (high - low) * Double($0) / 60 }
      plot.add(.line, "", x: line.map { pow(10, $0) }, y: line.map { fit($0) }, colourOf: label)
    }
    plot.marks = [.horizontal(options.chance, label: "chance")]
    return plot
  }

  /// The shortening whose share of the whole layer's active synapses is nearest to `share`.
  private func nearest(_ share: Double, _ shortened: [Point]) -> Int {
    let whole = shortened.last!.share(of: total)
    return shortened.indices.filter { shortened[$0].share(of: total) > 0 }.min {
      abs(log(shortened[$0].share(of: total) / whole / share))
        < abs(log(shortened[$1].share(of: total) / whole / share))
    }!
  }

  private func efficiencyClaim(_ shortened: [Point], _ matched: [Point]) throws -> Claim {
    let full = Spread(shortened.last!.accuracy).mean
    var gains: [(text: String, gain: Double)] = []
    for share in [1.0 / 3, 0.1] {
      let index = nearest(share, shortened)
      let gain = Spread(zip(matched[index].accuracy, shortened[index].accuracy).map { $0 - $1 })
      let left = shortened[index].share(of: total) / shortened.last!.share(of: total)
      gains.append(
        (
          "\(String(format: "%.0f", 100 * left)) % of synapses (\(shortened[index].delays!) delays): pruned \(Spread(matched[index].accuracy).percentAndDeviation), shortened \(Spread(shortened[index].accuracy).percentAndDeviation), \(gain.points)",
          gain.mean
        ))
    }
    let tenth = try point("pruning to a tenth", 0, of: 1) { $0.pruned(toCount: $0.activeSynapses / 10) }
    let kept = Spread(tenth.accuracy).mean
    lab.measure("reduction.full", full)
    lab.measure("reduction.prunedToTenth", kept)
    let isBetter = gains.contains { $0.gain >= 0.1 }
    return bench.decided(
      "3", "Pruning weak synapses costs far less than cutting long delays.",
      paper:
        "Accuracy stays near its peak down to 1/31 of the weights, and falls quickly with shorter delays.",
      test:
        "The trained layers, pruned or shortened to the same number of synapses, near 1/3 and 1/10 of those active.",
      criterion:
        "pruned layers are at least 10 points better at one of the two, and pruning to 1/10 keeps at least 95 % of the full accuracy",
      measured: (gains.map(\.text)
        + [
          "pruned to 1/10 \(Spread(tenth.accuracy).percentAndDeviation), full \(Spread(shortened.last!.accuracy).percentAndDeviation)"
        ]).joined(separator: "; ") + ".",
      holds: isBetter && kept >= 0.95 * full,
      reason: isBetter
        ? "pruning to a tenth costs more than 5 % of the accuracy" : "shortening costs hardly more")
  }

  private func saturationClaim(_ pruned: [SaturationFit], _ shortened: [SaturationFit]) -> Claim {
    let halves = (pruned.map(\.half), shortened.map(\.half))
    let gaps = Spread(zip(halves.0, halves.1).map { $1 - $0 })
    let ratio = pow(10, gaps.mean)
    lab.measure("reduction.halfPruned", pow(10, Spread(halves.0).mean))
    lab.measure("reduction.halfShortened", pow(10, Spread(halves.1).mean))
    return bench.decided(
      "4", "Far fewer synapses suffice when they are chosen by weight than by delay.",
      paper: "Half-saturation at 1/670 of the weights when pruned, at a third when shortened.",
      test:
        "Sigmoids of accuracy against the logarithm of the share of active synapses, fitted for each seed.",
      criterion: "half-saturation of pruning lies at least 5 times lower than that of shortening",
      measured:
        "half-saturation at 1/\(String(format: "%.0f", pow(10, -Spread(halves.0).mean))) of all weights when pruned, 1/\(String(format: "%.1f", pow(10, -Spread(halves.1).mean))) when shortened: \(String(format: "%.1f", ratio)) times (log10 \(gaps.text(2))).",
      holds: ratio >= 5, reason: "the ratio is \(short(ratio))")
  }
}
