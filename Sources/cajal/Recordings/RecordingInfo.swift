import Foundation
import Recordings
import Support
import Tensors

/// What a recording holds, for people and for programs.
struct RecordingInfo: Encodable {
  struct Stretch: Encodable { let name: String, count: Int, seconds: Double }
  struct Neuron: Encodable { let name: String, mean: Double, deviation: Double?, missing: Int? }

  let kind: String
  let name: String
  let neurons: Int
  let samples: Int?
  let spikes: Int?
  let unit: String?
  let rate: Double?
  let start, end, observed: Double?
  let columns: [String]
  let regions: [String: Int]
  let epochs: [Stretch]
  /// Mean and spread of each neuron's activity, or its rate in Hz.
  let activity: [Neuron]

  init(_ contents: RecordingFile.Contents) {
    switch contents {
    case .recording(let recording): self.init(recording)
    case .spikes(let spikes): self.init(spikes)
    }
  }

  private init(_ recording: Recording) {
    kind = "recording"
    name = recording.name
    (neurons, samples, spikes) = (recording.neuronCount, recording.sampleCount, nil)
    unit = recording.unit.isEmpty ? nil : recording.unit
    rate = recording.time?.rate
    (start, end) = (recording.support.span?.start, recording.support.span?.end)
    observed = recording.time == nil ? nil : recording.support.duration
    columns = recording.samples.names
    regions = Self.count(recording.neurons.regions)
    epochs = Self.stretches(recording.epochs)
    activity = Self.activity(recording)
  }

  private init(_ trains: SpikeTrains) {
    kind = "spikes"
    name = trains.name
    (neurons, samples, spikes) = (trains.count, nil, trains.spikeCount)
    (unit, rate, columns) = (nil, nil, [])
    (start, end) = (trains.support.span?.start, trains.support.span?.end)
    observed = trains.support.duration
    regions = Self.count(trains.units.regions)
    epochs = Self.stretches(trains.epochs)
    let rates = trains.rates
    activity = (0..<trains.count).map {
      Neuron(name: trains.units.name(ofNeuron: $0), mean: rates[$0], deviation: nil, missing: nil)
    }
  }

  private static func count(_ regions: [String]?) -> [String: Int] {
    Dictionary((regions ?? []).map { ($0, 1) }, uniquingKeysWith: +)
  }

  private static func stretches(_ epochs: [String: Epochs]) -> [Stretch] {
    epochs.sorted { $0.key < $1.key }.map { Stretch(name: $0.key, count: $0.value.count, seconds: $0.value.duration) }
  }

  /// In one pass over the samples, whatever their number.
  private static func activity(_ recording: Recording) -> [Neuron] {
    let n = recording.neuronCount
    var (counts, sums, squares) = ([Int](repeating: 0, count: n), [Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
    recording.forEachBlock { _, block in
      for (index, value) in block.enumerated() where !value.isNaN {
        let neuron = index % n
        counts[neuron] += 1
        let distance = value - sums[neuron]
        sums[neuron] += distance / Double(counts[neuron])
        squares[neuron] += distance * (value - sums[neuron])
      }
    }
    return (0..<n).map { neuron in
      Neuron(
        name: recording.neurons.name(ofNeuron: neuron), mean: sums[neuron],
        deviation: (squares[neuron] / Double(max(1, counts[neuron]))).squareRoot(),
        missing: recording.sampleCount - counts[neuron])
    }
  }

  var line: String {
    samples.map { "\($0) samples of \(neurons) neurons" } ?? "\(spikes ?? 0) spikes of \(neurons) units"
  }

  func print(asJSON: Bool) throws {
    if asJSON { return try printJSON(self) }
    func row(_ name: String, _ value: String) { Swift.print("\(pad(name, 10)) \(value)") }
    row("what", line + (unit.map { ", in \($0)" } ?? ""))
    if let start, let end, let observed {
      let gaps = abs(end - start - observed) > 1e-6 ? ", \(Self.text(observed)) s of them observed" : ""
      row("time", "\(Self.text(start)) to \(Self.text(end)) s\(gaps)" + (rate.map { ", \(Self.text($0)) Hz" } ?? ""))
    }
    if !regions.isEmpty {
      let sorted = regions.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      row("regions", sorted.map { "\($0.key.isEmpty ? "unknown" : $0.key) \($0.value)" }.joined(separator: ", "))
    }
    if !columns.isEmpty { row("columns", columns.joined(separator: ", ")) }
    for epoch in epochs { row("epochs", "\(epoch.name): \(epoch.count), \(Self.text(epoch.seconds)) s") }
    let missing = activity.compactMap(\.missing).reduce(0, +)
    if missing > 0 { row("missing", "\(missing) values are not numbers") }
    let width = activity.prefix(12).map(\.name.count).max() ?? 0
    for neuron in activity.prefix(12) {
      let spread = neuron.deviation.map { " ± \(Self.text($0))" } ?? " Hz"
      row("", "\(pad(neuron.name, width))  \(Self.text(neuron.mean))\(spread)")
    }
    if activity.count > 12 { row("", "… and \(activity.count - 12) more (--json lists all)") }
  }

  private static func text(_ value: Double) -> String { String(format: "%.4g", value) }
}
