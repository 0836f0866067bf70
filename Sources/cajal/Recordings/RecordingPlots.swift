import Figures
import Recordings
import Support
import Tensors

/// Pictures of a recording: what is seen at first sight.
enum RecordingPlots {
  /// More than this many neurons are not told apart in a picture of traces.
  private static let shownTraces = 40

  static func plots(of contents: RecordingFile.Contents) throws -> [Plot] {
    switch contents {
    case .spikes(let spikes): return try plots(of: spikes)
    case .recording(let recording): return plots(of: recording)
    }
  }

  private static func plots(of spikes: SpikeTrains) throws -> [Plot] {
    guard let span = spikes.support.span else { throw CajalError("\(spikes.name) has no spikes") }
    let names = spikes.units.allNames
    // A raster of more strokes than can be seen would only be black.
    let length = min(span.duration, 3_000 / max(1, Double(spikes.spikeCount) / span.duration))
    let part = spikes.restricted(to: Epochs(from: span.start, to: span.start + length))
    let raster = Plot.raster(
      name: "raster", title: "Spikes of \(spikes.count) units",
      caption: "Every stroke is a spike; \(round(length)) of \(round(span.duration)) s.",
      spikes: (0..<part.count).map { Array(part[$0]) }, units: names, groups: spikes.units.regions)
    var rates = Plot(
      name: "rates", title: "Firing rates", caption: "Spikes per second of the time observed, by unit.",
      x: .init("unit", ticks: ticks(names)), y: .init("rate", unit: "Hz"))
    rates.add(.bars, "", x: names.indices.map(Double.init), y: spikes.rates)
    let width = max(0.02, span.duration / 2_000)
    let counts = try spikes.binned(width: width)
    return [raster, rates] + (spikes.count > 1 ? [correlations(counts, "Correlations of counts in bins of \(text(width)) s")] : [])
  }

  private static func plots(of recording: Recording) -> [Plot] {
    let names = recording.neurons.allNames
    let time = recording.time?.values ?? (0..<recording.sampleCount).map(Double.init)
    let shown = min(shownTraces, recording.neuronCount)
    let first = recording.activity.narrowed(1, from: 0, to: shown).to(.float64).transposed(0, 1).contiguous()
      .doubles
    let samples = recording.sampleCount
    let rest = recording.neuronCount > shown ? " The first \(shown) of \(recording.neuronCount) neurons." : ""
    var traces = Plot.traces(
      name: "traces", title: "Activity of \(shown) neurons",
      caption: "One row a neuron, about its median, all on one scale.\(rest)", time: time,
      traces: (0..<shown).map { Array(first[$0 * samples..<($0 + 1) * samples]) },
      neurons: Array(names.prefix(shown)), unit: recording.unit.isEmpty ? "a.u." : recording.unit)
    var map = heatMap(recording, time, names)
    if recording.time == nil {
      traces.x = .init("sample")
      map.x = .init("sample")
    }
    let pairs = recording.neuronCount > 1 && recording.neuronCount <= 1_000
    return [traces, map] + (pairs ? [correlations(recording, "Correlations of \(recording.neuronCount) neurons")] : [])
  }

  /// Samples and neurons averaged to what a picture can show.
  private static func heatMap(_ recording: Recording, _ time: [Double], _ names: [String]) -> Plot {
    let (s, n) = (recording.sampleCount, recording.neuronCount)
    let (columns, rows) = (min(s, 600), min(n, 200))
    var (sums, counts) = ([Double](repeating: 0, count: rows * columns), [Double](repeating: 0, count: rows * columns))
    recording.forEachBlock { first, block in
      for (index, value) in block.enumerated() where value.isFinite {
        let (sample, neuron) = (first + index / n, index % n)
        let cell = neuron * rows / n * columns + sample * columns / s
        sums[cell] += value
        counts[cell] += 1
      }
    }
    let means = zip(sums, counts).map { $1 > 0 ? $0 / $1 : Double.nan }
    let values = means.filter(\.isFinite).sorted()
    let (low, high) = values.isEmpty ? (0, 1) : (values[values.count / 100], values[values.count - 1 - values.count / 100])
    let isSigned = low < 0 && high > 0
    let limit = max(abs(low), abs(high))
    var plot = Plot(
      name: "heat-map", title: "Activity of \(n) neurons over time",
      caption: "One row a neuron, the first on top; colours end at the 1st and 99th percentile.",
      x: .init("time", unit: "s"), y: .init("", ticks: ticks(names).map { (Double(n) - 0.5 - $0.position, $0.label) }))
    plot.heatMap = .init(
      rows: (0..<rows).reversed().map { Array(means[$0 * columns..<($0 + 1) * columns]) },
      x: (time.first ?? 0)...max(time.last ?? 1, (time.first ?? 0) + 1e-9), y: 0...Double(max(1, n)),
      label: recording.unit.isEmpty ? "activity" : recording.unit,
      range: isSigned ? -limit...limit : low < high ? low...high : nil, isDiverging: isSigned)
    plot.height = max(300, min(900, 140 + 12 * min(rows, 60)))
    return plot
  }

  private static func correlations(_ recording: Recording, _ title: String) -> Plot {
    let n = recording.neuronCount
    let filled = recording.interpolated().recording
    let values = filled.correlationMatrix().doubles
    return Plot.neuronMatrix(
      name: "correlations", title: title, caption: "Pearson's correlation of each pair of neurons over the recording.",
      rows: (0..<n).map { Array(values[$0 * n..<($0 + 1) * n]) }, neurons: recording.neurons.allNames,
      label: "correlation", range: -1...1)
  }

  private static func ticks(_ names: [String]) -> [(position: Double, label: String)] {
    let step = max(1, (names.count + 39) / 40)
    return stride(from: 0, to: names.count, by: step).map { (Double($0), names[$0]) }
  }

  private static func round(_ seconds: Double) -> String { text((seconds * 10).rounded() / 10) }
  private static func text(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value))" : "\(value)"
  }
}
