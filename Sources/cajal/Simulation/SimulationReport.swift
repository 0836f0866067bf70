import Figures
import Foundation
import Neurons
import Recordings
import StudyCore
import Support
import Tensors

/// What `cajal simulate` writes: recordings, pictures and a page.
struct SimulationReport {
  private let summary: SimulationSummary
  private let results: SimulationResults
  private let command: String

  init(_ summary: SimulationSummary, _ results: SimulationResults, _ command: String) {
    (self.summary, self.results, self.command) = (summary, results, command)
  }

  /// The names of the files.
  func write(to folder: URL, _ format: String) throws -> [String] {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var files = try results.write(to: folder, format: format)
    var page = FigurePage(title: summary.name, lead: lead)
    for plot in try SimulationPlots.plots(of: results) {
      let url = folder.appendingPathComponent("\(plot.name).svg")
      try plot.write(to: url)
      page.figures.append((url, plot.caption))
      files.append(url)
    }
    page.tables = [populations] + (summary.weights.isEmpty ? [] : [weights])
    for table in page.tables {
      let url = folder.appendingPathComponent("\(table.name).csv")
      try table.write(to: url)
      files.append(url)
    }
    page.facts = facts
    page.command = command
    let report = folder.appendingPathComponent("report.html")
    try page.write(to: report)
    return (files + [report]).map(\.lastPathComponent)
  }

  private var lead: String {
    let spikes = summary.populations.reduce(0) { $0 + $1.spikes }
    return
      "\(summary.neurons) neurons with \(summary.synapses) synapses, simulated for \(NumberText.short(summary.simulated)) s; \(spikes) spikes were recorded."
  }

  private var populations: Table {
    var table = Table(
      name: "populations", caption: "What the populations fired",
      columns: ["population", "neurons", "spikes", "rate (Hz)", "CV of intervals", "active neurons (%)"])
    for group in summary.populations {
      table.append([
        .text(group.name), .integer(group.neurons), .integer(group.spikes), .number(group.rate),
        group.variationOfIntervals.map { .number($0) } ?? .missing, .number(100 * group.active),
      ])
    }
    return table
  }

  private var weights: Table {
    var table = Table(
      name: "weights", caption: "Plastic synapses at the end",
      columns: ["projection", "synapses", "unit", "least", "mean", "largest"])
    for weight in summary.weights {
      table.append([
        .text(weight.projection), .integer(weight.synapses), .text(weight.unit), .number(weight.least),
        .number(weight.mean), .number(weight.largest),
      ])
    }
    return table
  }

  private var facts: [(name: String, value: String)] {
    [
      ("Seed", "\(summary.seed)"), ("Precision", summary.precision.rawValue),
      ("Step", "\(NumberText.short(summary.step)) ms"), ("Ranks", "\(summary.ranks)"),
      ("Building", NumberText.duration(summary.building)),
      (
        "Simulation",
        "\(NumberText.duration(summary.simulating)), \(NumberText.short(summary.slowness)) of real time"
      ),
      ("Memory of a synapse", "\(NumberText.short(summary.bytesPerSynapse)) bytes"),
    ]
  }
}

/// Pictures of what a network did.
enum SimulationPlots {
  /// Neurons in a raster, of all populations together.
  private static let rows = 80
  /// Strokes in a row that can be told apart.
  private static let strokes = 120

  static func plots(of results: SimulationResults) throws -> [Plot] {
    let fired = results.spikes.filter { $0.spikeCount > 0 && $0.support.duration > 0 }
    return (fired.isEmpty ? [] : [raster(fired), rates(fired)]) + results.recordings.compactMap(traces)
      + results.plastic.enumerated().compactMap { histogram($1.name, $1.unit, $1.synapses.weights, $0) }
  }

  /// As many neurons of each population as its share, evenly chosen; the end of the run.
  private static func raster(_ populations: [SpikeTrains]) -> Plot {
    let all = populations.reduce(0) { $0 + $1.count }
    var (spikes, groups, units): ([ArraySlice<Double>], [String], [String]) = ([], [], [])
    for trains in populations {
      let shown = min(trains.count, max(5, trains.count * rows / max(all, 1)))
      for k in 0..<shown {
        let unit = k * trains.count / shown
        spikes.append(trains[unit])
        groups.append(trains.name)
        units.append("\(trains.name) \(unit)")
      }
    }
    let end = populations.map { $0.support.span!.end }.max()!
    let count = spikes.reduce(0) { $0 + $1.count }
    let length = min(end, max(end * Double(strokes * spikes.count) / Double(max(1, count)), 0.05))
    let start = end - length
    return Plot.raster(
      name: "raster", title: "Spikes of \(spikes.count) of \(all) neurons",
      caption: "Every stroke is a spike; the last \(text(length)) of \(text(end)) s.",
      spikes: spikes.map { $0.filter { $0 >= start } }, units: units, groups: groups, range: start...end)
  }

  private static func rates(_ populations: [SpikeTrains]) -> Plot {
    let end = populations.map { $0.support.span!.end }.max()!
    let width = max(0.001, end / 200)
    let bins = max(1, Int((end / width).rounded(.up)))
    var plot = Plot(
      name: "rates", title: "Rates of the populations",
      caption: "Spikes per second and neuron, in bins of \(text(1000 * width)) ms.",
      x: .init("time", unit: "s", range: 0...end), y: .init("rate", unit: "Hz"))
    var most = 0.0
    for trains in populations {
      var counts = [Double](repeating: 0, count: bins)
      for time in trains.times { counts[min(bins - 1, Int(time / width))] += 1 }
      let rates = counts.map { $0 / width / Double(trains.count) }
      most = max(most, rates.max() ?? 0)
      plot.add(.line, trains.name, x: (0..<bins).map { (Double($0) + 0.5) * width }, y: rates)
    }
    plot.y.range = 0...(1.05 * most)
    return plot
  }

  private static func traces(_ recording: Recording) -> Plot? {
    let shown = min(8, recording.neuronCount)
    guard shown > 0, recording.sampleCount > 1, let time = recording.time else { return nil }
    let samples = recording.sampleCount
    let values = recording.activity.narrowed(1, from: 0, to: shown).to(.float64).transposed(0, 1).contiguous()
      .doubles
    return Plot.traces(
      name: "traces-\(recording.name)", title: recording.name,
      caption:
        "One row a neuron, about its median, all on one scale; \(shown) of \(recording.neuronCount) neurons.",
      time: time.values, traces: (0..<shown).map { Array(values[$0 * samples..<($0 + 1) * samples]) },
      neurons: Array(recording.neurons.allNames.prefix(shown)), unit: recording.unit)
  }

  private static func histogram(_ name: String, _ unit: String, _ weights: [Double], _ index: Int) -> Plot? {
    guard let least = weights.min(), let largest = weights.max(), largest > least else { return nil }
    let bins = 40
    let width = (largest - least) / Double(bins)
    var counts = [Double](repeating: 0, count: bins)
    for value in weights { counts[min(bins - 1, Int((value - least) / width))] += 1 }
    var plot = Plot(
      name: "weights-\(index)", title: "Weights: \(name)",
      caption: "The \(weights.count) plastic synapses at the end.",
      x: .init("weight", unit: unit), y: .init("synapses"))
    plot.add(.bars, "", x: (0..<bins).map { least + (Double($0) + 0.5) * width }, y: counts)
    return plot
  }

  private static func text(_ value: Double) -> String { NumberText.short(value) }
}
