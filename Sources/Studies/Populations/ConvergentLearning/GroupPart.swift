import Alignment
import Figures
import Statistics
import StudyCore
import Support

/// Many to many: groups of units of both networks that span one space.
struct GroupPart {
  let layers: LayerComparisons
  let options: ConvergentLearning.Options
  let lab: Lab

  /// The groups of a pair that the claim looks at.
  private struct Gains {
    var groups = 0
    var real: [Double] = []
    /// First canonical correlation less the best pair's; first and mean of the further ones; mean of the pairs.
    var leading: [Double] = []
    var first: [Double] = []
    var further: [Double] = []
    var paired: [Double] = []
    var random: [Double] = []
  }
  private static let kept = 5
  private static let controls = 20

  func run() throws {
    var table = Table(
      name: "groups",
      caption:
        "The most correlated mixed groups: canonical correlations of their two sides against one-to-one pairs.",
      columns: [
        "layer", "networks", "groups", "units of the first", "units of the second", "mean |correlation|",
        "mean canonical correlation", "mean one-to-one |correlation|",
      ])
    var gains: [String: [Gains]] = [:]
    for (index, layer) in LayerComparisons.layers.enumerated() {
      try lab.progress("groups of \(layer)", index, of: LayerComparisons.layers.count, unit: "layers")
      var generator = lab.generator("groups.\(layer)")
      gains[layer] = try zip(layers.pairs, layers.byLayer[layer]!).map { pair, found in
        try measure(found, layer, "\(pair.first)-\(pair.second)", &table, &generator)
      }
      guard gains[layer]!.contains(where: { !$0.real.isEmpty }) else { continue }
      lab.measure("groups.gain.\(layer)", mean(gains[layer]!.flatMap(\.real)))
      lab.measure("groups.randomGain.\(layer)", mean(gains[layer]!.flatMap(\.random)))
    }
    try lab.add(table)
    lab.add(claim(gains))
    try lab.add(figure(gains))
    try lab.add(jointFigure())
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  /// How many groups are looked for.
  private func count(_ clustering: SpectralClustering) -> Int {
    let units = clustering.eigenvalues.count
    guard options.groups == 0 else { return min(options.groups, units) }
    return clustering.eigengap(in: 5...max(5, units / 3))
  }

  private func measure(
    _ found: PairComparison, _ layer: String, _ pair: String, _ table: inout Table,
    _ generator: inout RandomGenerator
  ) throws -> Gains {
    let clustering = try SpectralClustering(found.correlations.joint)
    let labels = clustering.groups(count(clustering), using: &generator)
    let mixed = JointGroup.all(labels, found.correlations).filter { $0.isMixed(2) }.prefix(Self.kept)
    var gains = Gains(groups: Set(labels).count)
    for group in mixed {
      gains.real.append(group.subspaceGain)
      gains.leading.append(group.leadingGain)
      gains.first.append(group.canonical[0])
      gains.further += Array(group.canonical.dropFirst())
      gains.paired.append(group.paired)
      table.append([
        .text(layer), .text(pair), .integer(gains.groups), .integer(group.first.count),
        .integer(group.second.count), .number(group.meanCorrelation), .number(mean(group.canonical)),
        .number(group.paired),
      ])
      for _ in 0..<Self.controls {
        let random = JointGroup(
          first: generator.subset(group.first.count, of: found.firstUnits.count),
          second: generator.subset(group.second.count, of: found.secondUnits.count), found.correlations)
        gains.random.append(random.subspaceGain)
      }
    }
    return gains
  }

  private func claim(_ gains: [String: [Gains]]) -> Claim {
    let real = layers.pairs.indices.map { pair in
      mean(LayerComparisons.layers.flatMap { gains[$0]![pair].real })
    }.filter(\.isFinite)
    let byLayer = LayerComparisons.layers.map { layer in
      "\(layer) \(short(mean(gains[layer]!.flatMap(\.real)))) (random groups \(short(mean(gains[layer]!.flatMap(\.random)))))"
    }.joined(separator: ", ")
    func all(_ path: KeyPath<Gains, [Double]>) -> Double {
      mean(LayerComparisons.layers.flatMap { gains[$0]!.flatMap { $0[keyPath: path] } })
    }
    let spread = Spread(real)
    let leading = Spread(
      layers.pairs.indices.map { pair in
        mean(LayerComparisons.layers.flatMap { gains[$0]![pair].leading })
      }.filter(\.isFinite))
    return .decided(
      "5", "Groups of units of two networks span the same space in different bases.",
      paper: "units span shared low-dimensional subspaces, the bases differ (about 40 groups on conv1)",
      test:
        "The five most correlated groups with at least two units of either network, of spectral clustering with the number of groups by the largest gap of eigenvalues: mean canonical correlation minus mean |correlation| of their best one-to-one pairs; all layers. Random groups of the same sizes beside it.",
      criterion: "at least 0.05, mean over layers and pairs",
      measured:
        "\(spread.text(3)) over pairs; \(byLayer); all random groups \(short(all(\.random))); the first canonical correlation exceeds the best single pair by \(leading.text(3)); means over all groups: first \(short(all(\.first))), further \(short(all(\.further))), one-to-one pairs \(short(all(\.paired)))",
      holds: spread.mean >= 0.05,
      reason:
        "the first canonical correlation of a group (\(short(all(\.first))) on average) does exceed its best pair, by \(short(leading.mean)), but the further ones (\(short(all(\.further)))) lie below the pairs (\(short(all(\.paired)))): groups by mutual correlation share one direction more than a space",
      unless: real.isEmpty ? "no group has two units of either network" : nil)
  }

  private func figure(_ gains: [String: [Gains]]) -> Plot {
    var plot = Plot(
      name: "subspace-gain", title: "Spaces of groups against their single units",
      caption:
        "Mean canonical correlation of a group's two sides minus the mean correlation of its best one-to-one pairs; the five most correlated mixed groups of every pair, and random groups of the same sizes. Bars: standard deviation over groups.",
      x: .init("layer", range: 0.6...4.4, ticks: LayerComparisons.ticks), y: .init("gain of correlation"))
    for (label, path) in [("groups", \Gains.real), ("random groups", \Gains.random)] {
      let spreads = LayerComparisons.layers.map { layer in Spread(gains[layer]!.flatMap { $0[keyPath: path] })
      }
      plot.add(
        .linePoints, label, x: LayerComparisons.ticks.map(\.position), y: spreads.map(\.mean),
        error: spreads.map(\.deviation))
    }
    return plot
  }

  /// The joint correlations of conv1 in the order of the groups.
  private func jointFigure() throws -> Plot {
    let found = layers.byLayer["conv1"]![0]
    var generator = lab.generator("groups.figure")
    let clustering = try SpectralClustering(found.correlations.joint)
    let labels = clustering.groups(count(clustering), using: &generator)
    let groups = JointGroup.all(labels, found.correlations)
    let shift = found.firstUnits.count
    let order = groups.flatMap { $0.first + $0.second.map { $0 + shift } }
    let flat = found.correlations.joint.doubles
    let size = labels.count
    let rows = order.reversed().map { i in order.map { flat[i * size + $0] } }
    var (ends, ticks): (Int, [(position: Double, label: String)]) = (0, [])
    for group in groups {
      let count = group.first.count + group.second.count
      ticks.append((Double(ends) + Double(count) / 2, "\(group.first.count)+\(group.second.count)"))
      ends += count
    }
    var plot = Plot(
      name: "joint-groups", title: "Groups of conv1 in networks 0 and 1",
      caption:
        "Correlations of all units of both networks, group by group, the most correlated first. Labels: units of network 0 + units of network 1.",
      x: .init("group", ticks: ticks), y: .init("unit of either network", ticks: []))
    plot.heatMap = Plot.HeatMap(
      rows: rows, x: 0...Double(size), y: 0...Double(size), label: "correlation", range: -1...1,
      isDiverging: true, keepsAspect: true)
    return plot
  }
}
