import Figures
import Foundation
import Probing
import Support

/// Pictures of the neurons that were found.
struct SelectionFigures {
  let bench: RhythmBench
  let responses: RhythmResponses
  let found: TaggedNeurons
  let scaled: [(TaggedNeurons.Scale, TaggedNeurons)]
  let halves: [TaggedNeurons]

  private var x: [Double] { (0..<bench.blocks).map(Double.init) }

  func all() -> [Plot] { [proportions, profiles, heatMap, examples] }

  private var proportions: Plot {
    func percent(_ set: Set<Int>) -> [Double] { TaggedNeurons.shares(set, bench.layers).map { 100 * $0 } }
    var plot = Plot(
      name: "proportions", title: "Neurons of sentences and phrases, by layer",
      caption:
        "Share of each layer's neurons that are selected for sentences only, for both, and for phrases only, stacked. Late layers have larger activity, which counts here as in the paper; see the profiles for other scales.",
      x: .init("layer", range: -0.7...Double(bench.blocks) - 0.3), y: .init("share of neurons", unit: "%"))
    var below = x.map { _ in 0.0 }
    for (label, set) in [
      ("sentence only", found.selected[0].subtracting(found.shared)), ("both", found.shared),
      ("phrase only", found.selected[1].subtracting(found.shared)),
    ] {
      let tops = zip(below, percent(set)).map { $0 + $1 }
      plot.add(.spans, label, x: x, y: tops, intervals: zip(below, tops).map { $0...$1 })
      below = tops
    }
    return plot
  }

  private var profiles: Plot {
    var plot = Plot(
      name: "profiles", title: "Sentence neurons by layer, on three scales",
      caption:
        "Share of sentence neurons by excess as it is (the paper's), within each layer on its own, and of series divided by their standard deviation. Dashed: as it is, by either half of the sentences.",
      x: .init("layer"), y: .init("share of neurons", unit: "%"))
    func add(_ style: Plot.Series.Style, _ label: String, _ neurons: TaggedNeurons, colourOf: String? = nil) {
      let shares = TaggedNeurons.shares(neurons.selected[0], bench.layers)
      plot.add(style, label, x: x, y: shares.map { 100 * $0 }, colourOf: colourOf)
    }
    add(.linePoints, TaggedNeurons.Scale.plain.rawValue, found)
    for (scale, neurons) in scaled { add(.linePoints, scale.rawValue, neurons) }
    for half in halves { add(.dashed, "", half, colourOf: TaggedNeurons.Scale.plain.rawValue) }
    return plot
  }

  /// The strongest neurons of each layer.
  private var heatMap: Plot {
    let kept = min(100, bench.neurons)
    let rows = bench.layers.map { layer -> [Double] in
      layer.map { found.z[0][$0] }.sorted(by: >).prefix(kept).map { max($0, 0.1) }.map { log10($0) }
    }
    var plot = Plot(
      name: "sentence-map", title: "Strongest sentence neurons of each layer",
      caption:
        "Excess amplitude at the sentence's rate, in standard deviations over all neurons, decimal logarithm; each layer's \(kept) strongest neurons, the strongest to the left.",
      x: .init("neuron, by rank within its layer"), y: .init("layer"))
    plot.heatMap = Plot.HeatMap(
      rows: rows, x: 0...Double(kept), y: -0.5...Double(bench.blocks) - 0.5, label: "log10 of z")
    return plot
  }

  /// The strongest neuron of either kind that is not of the other, over some sentences.
  private var examples: Plot {
    let length = bench.corpus.length
    let sentences = responses.sentences.neurons.units / length
    // From the middle, where the drift at the beginning is over.
    let start = sentences / 2 * length
    let units = min(6, sentences - sentences / 2) * length
    var plot = Plot(
      name: "example-neurons", title: "A sentence neuron and a phrase neuron",
      caption:
        "Series of the strongest neuron selected for sentences only and of the strongest for phrases only, averaged over orders, in standard deviations from their mean. Lines: beginnings of sentences.",
      x: .init("word"), y: .init("activity", unit: "standard deviations"))
    plot.marks = stride(from: 0, to: units, by: length).map { .vertical(Double($0), label: "") }
    for tag in 0..<2 {
      let own = found.selected[tag].subtracting(found.shared)
      guard let neuron = own.max(by: { (found.z[tag][$0], $1) < (found.z[tag][$1], $0) }) else { continue }
      let series = responses.sentences.neurons.series.narrowed(1, from: neuron, to: neuron + 1).doubles
      let spread = Spread(series)
      plot.add(
        .linePoints,
        "\(TaggedNeurons.names[tag]): layer \(neuron / bench.neurons), neuron \(neuron % bench.neurons)",
        x: (0..<units).map(Double.init),
        y: series[start..<start + units].map { ($0 - spread.mean) / max(spread.deviation, 1e-12) })
    }
    return plot
  }
}
