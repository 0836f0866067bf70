import Alignment
import Figures
import Foundation
import Statistics
import Support

/// The pictures of matched units, most of the first pair of networks.
struct MatchingFigures {
  let layers: LayerComparisons

  func all() -> [Plot] {
    [profile] + ["conv1", "conv3", "fc1"].map(curves) + ["conv1", "fc1"].map(panels) + [filters, levels]
  }

  private var profile: Plot {
    var plot = Plot(
      name: "depth-profile", title: "Matching by depth",
      caption:
        "Mean correlation of matched units over all pairs of networks (bars: standard deviation over pairs), beside what rotated axes, an untrained partner and shuffled samples give.",
      x: .init("layer", range: 0.6...4.4, ticks: LayerComparisons.ticks),
      y: .init("mean correlation of matched units", range: 0...1))
    layers.add(.linePoints, "most similar", to: &plot) { $0.nearest.mean }
    layers.add(.linePoints, "one to one", to: &plot) { $0.oneToOne.mean }
    layers.add(.linePoints, "rotated axes", to: &plot) { $0.rotated.mean }
    layers.add(.linePoints, "untrained", to: &plot) { $0.untrained }
    layers.add(.linePoints, "shuffled samples", to: &plot) { $0.shuffled }
    return plot
  }

  /// Both matchings of a layer, the best matched units first.
  private func curves(_ layer: String) -> Plot {
    let found = layers.byLayer[layer]![0]
    var plot = Plot.matching(
      "matching-\(layer)", title: "Units of \(layer), the best matched first",
      caption:
        "Networks 0 and 1. Where the points leave the line, the most similar unit is the partner of another: the feature is represented by different numbers of units. The tail to the right has no counterpart.",
      population: "network 0", nearest: found.nearest, oneToOne: found.oneToOne)
    plot.marks = [
      .horizontal(MatchingPart.reliable, label: "reliable"),
      .horizontal(MatchingPart.idiosyncratic, label: "idiosyncratic below"),
    ]
    return plot
  }

  /// Correlations within both networks, and between them in natural order and aligned.
  private func panels(_ layer: String) -> Plot {
    let found = layers.byLayer[layer]![0]
    func rows(_ values: [Double], _ width: Int) -> [[Double]] {
      stride(from: 0, to: values.count, by: width).map { Array(values[$0..<$0 + width]) }
    }
    let (n, m) = (found.firstUnits.count, found.secondUnits.count)
    let between = rows(found.correlations.between.doubles, m)
    let order = found.oneToOne.order
    let matched = order.map { found.oneToOne.partners[$0] }.filter { $0 >= 0 }
    let columns = matched + Array(Set(0..<m).subtracting(matched)).sorted()
    let matrices = [
      rows(found.correlations.withinFirst.doubles, n), rows(found.correlations.withinSecond.doubles, m),
      between, order.map { row in columns.map { between[row][$0] } },
    ]
    let size = max(n, m)
    let gap = max(1, size / 10)
    let width = matrices.count * size + (matrices.count - 1) * gap
    // Rows from the bottom up: the first unit stands on top, as in a matrix.
    let tiled = (0..<size).reversed().map { row in
      (0..<width).map { column -> Double in
        let (panel, place) = (column / (size + gap), column % (size + gap))
        let matrix = matrices[panel]
        guard place < size, row < matrix.count, place < matrix[row].count else { return .nan }
        return matrix[row][place]
      }
    }
    let names = ["within 0", "within 1", "between", "between, matched"]
    var plot = Plot(
      name: "correlations-\(layer)", title: "Correlations of \(layer)",
      caption:
        "Networks 0 and 1: units within either, between both in their natural order, and sorted so that the pairs of the best one-to-one matching form the diagonal, the best matched first.",
      x: .init(
        "unit",
        ticks: names.enumerated().map { (Double($0.offset * (size + gap)) + Double(size) / 2, $0.element) }),
      y: .init("unit of network 0", ticks: [(Double(size) - 0.5, "0"), (0.5, "\(size - 1)")]))
    plot.heatMap = Plot.HeatMap(
      rows: tiled, x: 0...Double(width), y: 0...Double(size), label: "correlation", range: -1...1,
      isDiverging: true, keepsAspect: true)
    return plot
  }

  /// First-layer filters of matched pairs above each other.
  private var filters: Plot {
    let found = layers.byLayer["conv1"]![0]
    let order = found.oneToOne.order.filter { found.oneToOne.partners[$0] >= 0 }.prefix(8)
    let (first, second) = (layers.networks[0].filters, layers.networks[1].filters)
    let side = 5
    func filter(_ values: [Double]) -> [Double] {
      let kept = Array(values.prefix(side * side))
      let largest = kept.map(abs).max() ?? 1
      return kept.map { $0 / max(largest, 1e-12) }
    }
    let tops = order.map { filter(first[found.firstUnits[$0]]) }
    let bottoms = order.map { filter(second[found.secondUnits[found.oneToOne.partners[$0]]]) }
    let width = order.count * (side + 1) - 1
    let rows = (0..<2 * side + 1).map { row -> [Double] in
      (0..<width).map { column in
        let (pair, place) = (column / (side + 1), column % (side + 1))
        guard place < side, row != side else { return .nan }
        let (image, line) = row > side ? (tops[pair], 2 * side - row) : (bottoms[pair], side - 1 - row)
        return image[line * side + place]
      }
    }
    var plot = Plot(
      name: "matched-filters", title: "Matched filters of conv1",
      caption:
        "Above a filter of network 0, below its one-to-one partner in network 1: the eight best pairs; beneath them the correlation of their activity. Each filter is scaled to its largest weight; of coloured images the first channel.",
      x: .init(
        "correlation of the pair",
        ticks: order.enumerated().map {
          (
            Double($0.offset * (side + 1)) + 2.5,
            String(format: "%.2f", found.oneToOne.similarities[$0.element])
          )
        }),
      y: .init("network", ticks: [(8.5, "0"), (2.5, "1")]))
    plot.heatMap = Plot.HeatMap(
      rows: rows, x: 0...Double(width), y: 0...Double(2 * side + 1), label: "weight, scaled", range: -1...1,
      isDiverging: true, keepsAspect: true)
    return plot
  }

  /// Mean activity of matched units.
  private var levels: Plot {
    var plot = Plot(
      name: "matched-levels", title: "Mean activity of matched units of conv1",
      caption:
        "One-to-one pairs of all pairs of networks; on the diagonal both units are as active. Blue: pairs that correlate above 0.5; orange: the others.",
      x: .init("mean activity in one network", scale: .log), y: .init("in the other", scale: .log))
    for (label, isGood) in [("correlation above 0.5", true), ("below", false)] {
      var (x, y): ([Double], [Double]) = ([], [])
      for found in layers.byLayer["conv1"]! {
        for (unit, partner) in found.oneToOne.partners.enumerated()
        where partner >= 0 && (found.oneToOne.similarities[unit] > 0.5) == isGood {
          x.append(found.firstMeans[unit])
          y.append(found.secondMeans[partner])
        }
      }
      plot.add(.points, label, x: x, y: y)
    }
    return plot
  }
}
