import Datasets
import Foundation
import Support
import Tensors

// Comma-separated tables.
extension RecordingFile {
  private static let timeNames: Set<String> = [
    "time", "time_s", "time (s)", "t", "times", "timestamp", "spike_time", "seconds",
  ]
  private static let unitNames: Set<String> = ["unit", "unit_id", "cluster", "neuron", "cell", "id"]
  static let samplePrefix = "sample."

  static func csv(_ file: URL, _ options: Options, _ kind: Kind) throws -> Contents {
    let table = try CSVFile(contentsOf: file)
    let names = table.header.map { $0.lowercased().trimmingCharacters(in: .whitespaces) }
    let time = names.firstIndex(where: timeNames.contains)
    if let time, let unit = names.firstIndex(where: unitNames.contains), names.count <= 3 {
      return .spikes(try spikes(table, unit: unit, time: time))
    }
    return .recording(try samples(table, time: time, options))
  }

  /// A row a spike. Units come in the order of their numbers, or else of their names.
  private static func spikes(_ table: CSVFile, unit: Int, time: Int) throws -> SpikeTrains {
    let times = try table.numbers(columns: [time]).map { $0[0] }
    let names = table.rows.map { $0[unit].trimmingCharacters(in: .whitespaces) }
    let known = Set(names).sorted { a, b in
      if let x = Double(a), let y = Double(b), x != y { return x < y }
      return a < b
    }
    let index = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1, $0) })
    var trains = [[Double]](repeating: [], count: known.count)
    for (name, time) in zip(names, times) { trains[index[name]!].append(time) }
    return try SpikeTrains(
      name: table.path, trains,
      units: NeuronTable(names: known.map { Double($0) == nil ? $0 : "unit \($0)" }, site: "units"))
  }

  private static func samples(_ table: CSVFile, time: Int?, _ options: Options) throws -> Recording {
    var (neurons, known): ([Int], [(name: String, values: SampleTable.Column)]) = ([], [])
    for (column, name) in table.header.enumerated() where column != time {
      let texts = table.rows.map { $0[column] }
      let numbers = SampleTable.Column.texts(texts).numbers
      if name.hasPrefix(samplePrefix) {
        known.append((String(name.dropFirst(samplePrefix.count)), numbers.map { .numbers($0) } ?? .texts(texts)))
      } else if numbers == nil {
        known.append((name, .texts(texts)))
      } else {
        neurons.append(column)
      }
    }
    guard !neurons.isEmpty else { throw CajalError("\(table.path) has no column of numbers") }
    var values: [Double] = []
    values.reserveCapacity(table.rows.count * neurons.count)
    for row in table.rows {
      for column in neurons { values.append(row[column].isEmpty ? .nan : Double(row[column])!) }
    }
    let stamps = try time.map { try table.numbers(columns: [$0]).map { $0[0] } }
    return try plain(
      Tensor(values, shape: [table.rows.count, neurons.count]), name: table.path, options,
      neurons: options.isTransposed ? nil : NeuronTable(names: neurons.map { table.header[$0] }),
      time: stamps.map { try axis($0, what: "\(table.path), column '\(table.header[time!])'") },
      samples: options.isTransposed ? SampleTable() : SampleTable(known))
  }

  /// Time, then a column a neuron, then what is known of the samples.
  static func csv(_ recording: Recording) -> String {
    var header = recording.time == nil ? [] : ["time"]
    header += recording.neurons.allNames + recording.samples.names.map { samplePrefix + $0 }
    let texts = recording.samples.columns.map(\.values.texts)
    let n = recording.neuronCount
    let isDouble = recording.activity.elementType == .float64
    var text = RecordingTable.line(header)
    recording.forEachBlock { first, block in
      for row in 0..<(n > 0 ? block.count / n : 0) {
        var fields = recording.time.map { ["\($0[first + row])"] } ?? []
        for neuron in 0..<n {
          let value = block[row * n + neuron]
          fields.append(value.isNaN ? "" : isDouble ? "\(value)" : "\(Float(value))")
        }
        fields += texts.map { $0[first + row] }
        text += RecordingTable.line(fields)
      }
    }
    return text
  }

  static func csv(_ spikes: SpikeTrains) -> String {
    var text = RecordingTable.line(["unit", "time"])
    for unit in 0..<spikes.count {
      let name = spikes.units.name(ofNeuron: unit)
      for time in spikes[unit] { text += RecordingTable.line([name, "\(time)"]) }
    }
    return text
  }
}
