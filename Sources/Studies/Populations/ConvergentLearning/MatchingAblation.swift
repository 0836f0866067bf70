import Alignment
import Figures
import Statistics
import StudyCore
import Support
import Tensors

/// Other affinities and other twins: mutual information, activity before rectification, the same start, the same order, double
/// width.
struct MatchingAblation {
  let bench: TwinBench
  let layers: LayerComparisons
  let lab: Lab

  func run() throws {
    var table = Table(
      name: "ablations",
      caption: "What changes the matching; mean correlation of one-to-one pairs unless said otherwise.",
      columns: ["what"] + LayerComparisons.layers.map { .init($0) })
    table.append(
      ["different start and order"]
        + LayerComparisons.layers.map { layer in
          .number(layers.spread(layer) { $0.oneToOne.mean }.mean)
        })
    table.append(try information())
    table.append(try linear(.signed, "before rectification"))
    table.append(try linear(.absolute, "before rectification, either sign"))
    let twins = bench.options.ablations ? try self.twins() : []
    for (name, values) in twins { table.append([.text(name)] + values.map { .number($0) }) }
    try lab.add(table)
    try lab.add(figure(twins))
  }

  /// Whether mutual information ranks units by their best match as correlation does.
  private func information() throws -> [Table.Cell] {
    var row: [Table.Cell] = ["rank correlation of best matches by mutual information"]
    for (index, layer) in LayerComparisons.layers.enumerated() {
      try lab.progress("mutual information of \(layer)", index, of: 4, unit: "layers")
      let agreements = try zip(layers.pairs, layers.byLayer[layer]!).map { pair, found -> Double in
        let (a, b) = (
          layers.networks[pair.first].activity[layer]!.selected(Tensor(found.firstUnits), axis: 1),
          layers.networks[pair.second].activity[layer]!.selected(Tensor(found.secondUnits), axis: 1)
        )
        let bits = try MutualInformationMatrix().between(a, b)
        return Correlation.spearman(UnitMatching.nearest(bits).similarities, found.nearest.similarities)
          .coefficient
      }
      let known = agreements.filter(\.isFinite)
      row.append(known.isEmpty ? .missing : .number(Spread(known).mean))
      if !known.isEmpty { lab.measure("mutualInformation.rankCorrelation.\(layer)", Spread(known).mean) }
    }
    return row
  }

  /// The matching of activity before rectification.
  private func linear(_ sign: UnitMatching.Sign, _ name: String) throws -> [Table.Cell] {
    var row: [Table.Cell] = [.text(name)]
    for layer in LayerComparisons.layers {
      let values = try layers.pairs.map { pair in
        let correlations = try JointMoments(
          layers.networks[pair.first].activity["\(layer).linear"]!,
          layers.networks[pair.second].activity["\(layer).linear"]!
        ).correlations().active
        return UnitMatching.oneToOne(correlations.between, sign).mean
      }
      lab.measure("linear.\(sign).\(layer)", Spread(values).mean)
      row.append(.number(Spread(values).mean))
    }
    return row
  }

  /// Networks that share one thing with network 0, or are wider.
  private func twins() throws -> [(name: String, values: [Double])] {
    let other = 1_000
    let recipes: [(String, String, TwinBench.Recipe)] = [
      ("same start, another order", "sameStart", .init(start: 0, order: other)),
      ("same order, another start", "sameOrder", .init(start: other, order: 0)),
      ("double width", "doubleWidth", .init(start: other + 1, order: other + 1, width: 2)),
    ]
    let networks = try bench.make("training other twins", recipes.map(\.2))
    return try zip(recipes, networks).map { recipe, network in
      let values = try LayerComparisons.layers.map { layer -> Double in
        let correlations = try JointMoments(
          layers.networks[0].activity[layer]!, network.activity[layer]!
        ).correlations().active
        let mean = UnitMatching.oneToOne(correlations.between).mean
        lab.measure("twin.\(recipe.1).\(layer)", mean)
        return mean
      }
      return (recipe.0, values)
    }
  }

  private func figure(_ twins: [(name: String, values: [Double])]) -> Plot {
    var plot = Plot(
      name: "ablations", title: "What twins have in common",
      caption:
        "Mean correlation of one-to-one pairs with network 0 for a twin of another start and order (bars: standard deviation over pairs), of the same start, of the same order, and of double width.",
      x: .init("layer", range: 0.6...4.4, ticks: LayerComparisons.ticks),
      y: .init("mean correlation of one-to-one pairs", range: 0...1))
    layers.add(.linePoints, "different start and order", to: &plot) { $0.oneToOne.mean }
    for (name, values) in twins {
      plot.add(.linePoints, name, x: LayerComparisons.ticks.map(\.position), y: values)
    }
    return plot
  }
}
