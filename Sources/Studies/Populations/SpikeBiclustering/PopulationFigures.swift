import Decomposition
import Figures
import Foundation
import Statistics
import StudyCore
import Support

/// Pictures of counts and similarities, for simulated and recorded populations alike.
enum PopulationFigures {
  /// The neurons' order: by group, and within it as given.
  static func order(_ partition: [Int]) -> [Int] {
    partition.indices.sorted { (partition[$0], $0) < (partition[$1], $1) }
  }

  /// Counts, neurons by group from the bottom up, with the states in strips above.
  static func raster(
    _ counts: SpikeCounts, _ posterior: BiclusterPosterior, name: String, title: String,
    against labels: [Int]?,
    called reference: String
  ) -> Plot {
    let partition = posterior.neuronPartition
    let neurons = order(partition)
    // A picture of more cells would be a file of megabytes.
    let stride = max(1, counts.bins / 140)
    let bins = Swift.stride(from: 0, to: counts.bins, by: stride).map { $0 }
    let limit = 3.0
    var rows = neurons.map { neuron in
      let row = counts.row(neuron)
      return bins.map { bin in
        min(limit, Double(row[bin..<min(counts.bins, bin + stride)].max() ?? 0).squareRoot())
      }
    }
    let strip = max(1, counts.neurons / 12)
    let gap = [[Double]](repeating: bins.map { _ in .nan }, count: 1)
    let states = posterior.statePartition
    var strips = [(labels.map { PosteriorPartition.aligned(states, to: $0) } ?? states, "states")]
    if let labels { strips.append((labels, reference)) }
    let names = strips.flatMap(\.0)
    let (lowest, span) = (names.min() ?? 0, Double(max(1, (names.max() ?? 1) - (names.min() ?? 0))))
    var ticks = groupTicks(partition, neurons)
    for (values, label) in strips {
      rows += gap
      ticks.append((Double(rows.count) + Double(strip) / 2, label))
      rows += [[Double]](repeating: bins.map { limit * Double(values[$0] - lowest) / span }, count: strip)
    }
    let duration = Double(counts.bins) * counts.binWidth
    var plot = Plot(
      name: name, title: title,
      caption:
        "Square roots of the counts of \(counts.neurons) neurons in bins of \(short(counts.binWidth)) s\(stride > 1 ? " (the largest of every \(stride))" : ""), ordered by their group in the maxPEAR partition. Strips above: the state of each bin in the maxPEAR partition"
        + (labels == nil ? "." : ", and the \(reference) one; a colour is a state."),
      x: .init("time", unit: "s", range: 0...duration),
      y: .init("neurons by group", range: 0...Double(rows.count), ticks: ticks))
    plot.heatMap = .init(
      rows: rows, x: 0...duration, y: 0...Double(rows.count), label: "square root of count", range: 0...limit)
    return plot
  }

  private static func groupTicks(_ partition: [Int], _ neurons: [Int]) -> [(position: Double, label: String)]
  {
    Set(partition).sorted().map { group in
      let places = neurons.indices.filter { partition[neurons[$0]] == group }
      let middle = places.reduce(0.0) { $0 + Double($1) + 0.5 } / Double(places.count)
      return (middle, "group \(group + 1)")
    }
  }

  /// The posterior similarity of neurons, and a reference grouping beside it.
  static func neuronSimilarity(
    _ posterior: BiclusterPosterior, reference: [Int]?, name: String, title: String, called label: String
  ) -> Plot {
    let similarity = posterior.neuronSimilarity
    let partition = posterior.neuronPartition
    let neurons = order(
      reference.map { reference in zip(reference, partition).map { $0 * 1_000 + $1 } } ?? partition)
    let rows = neurons.map { i in neurons.map { similarity[i][$0] } }
    return pair(
      rows,
      reference.map { labels in neurons.map { i in neurons.map { labels[i] == labels[$0] ? 1.0 : 0 } } },
      width: Double(neurons.count), unit: nil, axis: "neuron", name: name, title: title,
      caption:
        "How often two neurons are in one group over the posterior samples, neurons ordered by \(reference == nil ? "their group" : label)",
      label)
  }

  /// The posterior similarity of bins, and a reference labelling beside it.
  static func stateSimilarity(
    _ posterior: BiclusterPosterior, reference: [Int]?, name: String, title: String, called label: String
  ) -> Plot {
    let bins = posterior.samples[0].states.count
    let stride = max(1, bins / 50)
    let rows = posterior.stateSimilarity(every: stride)
    let kept = Swift.stride(from: 0, to: bins, by: stride).map { $0 }
    return pair(
      rows, reference.map { labels in kept.map { i in kept.map { labels[i] == labels[$0] ? 1.0 : 0 } } },
      width: Double(bins), unit: "bins", axis: "time", name: name, title: title,
      caption: "How often two bins are in one state over the posterior samples", label)
  }

  private static func pair(
    _ rows: [[Double]], _ reference: [[Double]]?, width: Double, unit: String?, axis: String, name: String,
    title: String, caption: String, _ label: String
  ) -> Plot {
    let count = rows.count
    let gap = max(1, count / 20)
    let all =
      reference.map { reference in
        zip(rows, reference).map { $0 + [Double](repeating: .nan, count: gap) + $1 }
      } ?? rows
    let scale = width / Double(count)
    let full = Double(all[0].count) * scale
    let ticks: [(position: Double, label: String)] =
      reference == nil ? [] : [(width / 2, "posterior"), (full - width / 2, label)]
    var plot = Plot(
      name: name, title: title,
      caption: caption + (reference == nil ? "." : " (left), and the \(label) (right)."),
      x: .init(
        reference == nil ? axis : "", unit: reference == nil ? unit : nil, range: 0...full, ticks: ticks),
      y: .init(axis, unit: unit, range: 0...width))
    plot.heatMap = .init(
      rows: all, x: 0...full, y: 0...width, label: "share of samples", range: 0...1, keepsAspect: true)
    return plot
  }
}
