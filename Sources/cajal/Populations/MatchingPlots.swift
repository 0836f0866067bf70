import Alignment
import Figures
import PopulationStudies
import Tensors

/// Pictures of a matching of two populations.
enum MatchingPlots {
  static func all(
    _ correlations: PopulationCorrelations, _ nearest: UnitMatching, _ oneToOne: UnitMatching
  ) -> [Plot] {
    let (rows, columns) = (oneToOne.order, oneToOne.columns)
    let flat = correlations.between.doubles
    let width = oneToOne.second
    let natural = stride(from: 0, to: flat.count, by: width).map { Array(flat[$0..<$0 + width]) }
    let places = rows.compactMap { oneToOne.partners[$0] >= 0 ? oneToOne.partners[$0] : nil }
    let behind = Set(columns).subtracting(places).sorted()
    let aligned = rows.map { row in (places + behind).map { natural[row][$0] } }
    return [
      heatMap("correlations", "Correlations in the order of the files", natural),
      heatMap("correlations-aligned", "The same, matched pairs on the diagonal", aligned),
      .matching(
        "matching", title: "How well every unit is matched",
        caption:
          "Units of the first population, the best matched first: correlation with the most similar unit of the second, and with the partner in the best one-to-one matching. Where points and line part, the most similar unit is another's.",
        population: "the first population", nearest: nearest, oneToOne: oneToOne),
    ]
  }

  private static func heatMap(_ name: String, _ title: String, _ rows: [[Double]]) -> Plot {
    var plot = Plot(
      name: name, title: title,
      caption: "Pearson's correlation of every unit of the first population with every unit of the second.",
      x: .init("unit of the second population"), y: .init("unit of the first population"))
    plot.heatMap = Plot.HeatMap(
      rows: rows, x: 0...Double(rows.first?.count ?? 1), y: 0...Double(max(1, rows.count)),
      label: "correlation", isDiverging: true)
    return plot
  }
}
