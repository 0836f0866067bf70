import Alignment
import Figures
import StudyCore
import Support

/// Few to one: how well a unit is predicted from few units of the other network.
struct SparsePart {
  let layers: LayerComparisons
  let options: ConvergentLearning.Options
  let lab: Lab

  /// The penalty that the claim looks at.
  static let claimPenalty = 0.05
  private static let counts = [1, 2, 4, 8, 16, 32, 64]

  /// Means over targets, of every pair.
  private struct Result {
    /// Error and number of inputs by penalty.
    var errors, shares: [[Double]]
    /// Error of the best 1, 2, … inputs.
    var few: [[Double]]
  }

  func run() throws {
    var results: [String: Result] = [:]
    for (index, layer) in LayerComparisons.layers.enumerated() {
      try lab.progress(
        "sparse prediction of \(layer)", index, of: LayerComparisons.layers.count, unit: "layers")
      results[layer] = try result(layer)
    }
    try lab.add(table(results))
    lab.add(claim(results["conv1"]!))
    try lab.add(penaltyFigure(results))
    try lab.add(countFigure(results))
  }

  private func result(_ layer: String) throws -> Result {
    var result = Result(errors: [], shares: [], few: [])
    for pair in layers.byLayer[layer]! {
      let regression = try SparseRegression(pair.correlations)
      let path = regression.path(options.allPenalties)
      result.errors.append(path.map(\.meanError))
      result.shares.append(path.map { $0.meanInputs / Double(regression.inputs) })
      let few = regression.errorsOfFew(regression.inputs)
      result.few.append(
        (0..<regression.inputs).map { count in Spread(few.map { $0[count] }).mean })
    }
    return result
  }

  private func index(_ penalty: Double) -> Int { options.allPenalties.firstIndex(of: penalty)! }

  private func table(_ results: [String: Result]) -> Table {
    var table = Table(
      name: "sparse-prediction",
      caption: "Prediction of units from units of the other network, by penalty; means over units and pairs.",
      columns: [
        "layer", "penalty", "mean squared error", "standard deviation over pairs", "share of inputs used",
      ])
    for layer in LayerComparisons.layers {
      for (index, penalty) in options.allPenalties.enumerated() {
        let error = Spread(results[layer]!.errors.map { $0[index] })
        let share = Spread(results[layer]!.shares.map { $0[index] })
        table.append([
          .text(layer), .number(penalty), .number(error.mean), .number(error.deviation), .number(share.mean),
        ])
        lab.measure("sparse.error.\(layer).\(penalty)", error.mean)
        lab.measure("sparse.inputs.\(layer).\(penalty)", share.mean)
      }
    }
    return table
  }

  private func claim(_ result: Result) -> Claim {
    let (zero, some) = (index(0), index(Self.claimPenalty))
    let sparse = Spread(result.errors.map { $0[some] / $0[zero] })
    let share = Spread(result.shares.map { $0[some] })
    let single = Spread(zip(result.few, result.errors).map { $0[0] / $1[zero] })
    let holds = sparse.mean <= 1.2 && share.mean <= 0.5 && single.mean >= 1.2
    return .decided(
      "4",
      "On the first layer few units of one network predict a unit of the other almost as well as all of them, and better than one.",
      paper: "the error of conv1 stays nearly flat over small penalties (figure)",
      test:
        "Sparse regression on conv1, error (1/2S)|y - Xw|² + λ|w|: error at λ = 0.05 over that of least squares, share of inputs used, and error of the best single unit over that of least squares; means over all pairs.",
      criterion: "error ratio at most 1.2 with at most half of the inputs, single unit at least 1.2",
      measured:
        "least squares \(Spread(result.errors.map { $0[zero] }).text(3)); λ = 0.05: ratio \(sparse.text(3)) with \(share.percentAndDeviation) of the inputs; single unit: ratio \(single.text(3))",
      holds: holds,
      reason:
        "ratio \(short(sparse.mean)), inputs \(short(share.mean)), single unit \(short(single.mean)): outside of the bounds",
      unless: layers.obstacle)
  }

  private func penaltyFigure(_ results: [String: Result]) -> Plot {
    var plot = Plot(
      name: "sparse-error", title: "Error of sparse prediction",
      caption:
        "Mean squared error of standardised units predicted from the other network (1: no better than the mean), by the penalty on weights. Dashed: least squares with all units. Bars: standard deviation over pairs.",
      x: .init("penalty λ", scale: .log), y: .init("mean squared error", range: 0...1.05))
    let drawn = options.allPenalties.enumerated().filter { $0.element > 0 }
    for layer in LayerComparisons.layers {
      let spreads = drawn.map { penalty in Spread(results[layer]!.errors.map { $0[penalty.offset] }) }
      plot.add(
        .linePoints, layer, x: drawn.map(\.element), y: spreads.map(\.mean), error: spreads.map(\.deviation))
    }
    guard let low = drawn.first?.element, let high = drawn.last?.element else { return plot }
    for layer in LayerComparisons.layers {
      let all = Spread(results[layer]!.errors.map { $0[index(0)] }).mean
      plot.add(.dashed, "", x: [low, high], y: [all, all], colourOf: layer)
    }
    return plot
  }

  private func countFigure(_ results: [String: Result]) -> Plot {
    var plot = Plot(
      name: "few-to-one", title: "How many units it takes",
      caption:
        "Mean squared error of a unit predicted from the best 1, 2, 4, … units of the other network, chosen one after the other. Bars: standard deviation over pairs.",
      x: .init("units used", scale: .log), y: .init("mean squared error", range: 0...1.05))
    for layer in LayerComparisons.layers {
      let available = results[layer]!.few.map(\.count).min()!
      let counts = Self.counts.filter { $0 <= available }
      let spreads = counts.map { count in Spread(results[layer]!.few.map { $0[count - 1] }) }
      plot.add(
        .linePoints, layer, x: counts.map(Double.init), y: spreads.map(\.mean),
        error: spreads.map(\.deviation))
    }
    return plot
  }
}
