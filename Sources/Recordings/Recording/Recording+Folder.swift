import Datasets
import Foundation
import Support
import Tensors

// A recording lies in a folder: `activity.npy` `[S, N]`, which NumPy maps too, `samples.csv` with a row for every sample,
// `recording.json`; and, where there is something to say, `neurons.csv`, `time.npy`, `epochs-0.csv`, …
extension Recording {
  /// Opens the folder of a recording; its activity is mapped: what is not touched is not read.
  ///
  /// - Throws: `CajalError` naming the file and what is wrong with it.
  public init(contentsOf folder: URL) throws {
    let description = try RecordingDescription.read(folder)
    guard description.isComplete else {
      throw CajalError(
        "the recording \(folder.path) was stopped after \(description.samples) samples: record it again into the same folder, and it goes on"
      )
    }
    let activity = try NPY.map(folder.appendingPathComponent("activity.npy"))
    guard activity.shape == [description.samples, description.neurons] else {
      throw CajalError(
        "\(folder.path): activity.npy is \(activity.shape), recording.json says [\(description.samples), \(description.neurons)]"
      )
    }
    let neurons =
      description.hasNeuronTable == true
      ? try NeuronTable(csv: folder.appendingPathComponent("neurons.csv"), sites: description.sites)
      : NeuronTable(sites: description.sites)
    var epochs: [String: Epochs] = [:]
    for (index, name) in (description.epochs ?? []).enumerated() {
      epochs[name] = try Epochs(csv: folder.appendingPathComponent("epochs-\(index).csv"))
    }
    try self.init(
      name: folder.path, activity: activity, neurons: neurons, time: Self.time(folder, description),
      support: description.time.map { Epochs($0.support) },
      samples: Self.table(folder.appendingPathComponent("samples.csv"), description), epochs: epochs,
      unit: description.unit ?? "", source: description.source)
  }

  private static func time(_ folder: URL, _ description: RecordingDescription) throws -> TimeAxis? {
    guard let time = description.time else { return nil }
    let file = folder.appendingPathComponent("time.npy")
    guard let start = time.start, let rate = time.rate else {
      return try TimeAxis(stamps: NPY.read(file).doubles, what: file.path)
    }
    guard start.isFinite, rate > 0, rate.isFinite else {
      throw CajalError("\(folder.path)/recording.json: samples from \(start) s on at \(rate) Hz")
    }
    return TimeAxis(start: start, rate: rate, count: description.samples)
  }

  private static func table(_ file: URL, _ description: RecordingDescription) throws -> SampleTable {
    guard !description.columns.isEmpty else { return SampleTable() }
    guard let text = try? String(contentsOf: file, encoding: .utf8) else {
      throw CajalError("\(file.path) cannot be read")
    }
    let rows = RecordingTable.rows(text)
    guard rows.count == description.samples + 1, rows.allSatisfy({ $0.count == description.columns.count })
    else {
      throw CajalError(
        "\(file.path) has \(max(0, rows.count - 1)) samples, recording.json says \(description.samples) of \(description.columns.count) columns"
      )
    }
    return SampleTable(header: description.columns, rows: Array(rows.dropFirst()))
  }

  /// Writes the folder, in blocks; it holds nothing or does not exist before.
  ///
  /// - Parameter precision: As the activity has it if nil.
  /// - Throws: `CajalError` naming the folder when it holds something, or the disk is full.
  public func write(to folder: URL, precision: RecordingDescription.Precision? = nil) throws {
    let kept = RecordingDescription.Precision.allCases.first { $0.elementType == activity.elementType }
    var description = RecordingDescription(
      source: source, sites: neurons.sites, precision: precision ?? kept ?? .float32, columns: samples.names)
    description.unit = unit.isEmpty ? nil : unit
    description.hasNeuronTable = neurons.names != nil || !neurons.table.columns.isEmpty
    description.epochs = epochs.isEmpty ? nil : epochs.keys.sorted()
    if let time {
      description.time = .init(
        start: time.isRegular ? time.start : nil, rate: time.isRegular ? time.rate : nil,
        support: support.intervals)
    }
    let writer = try RecordingWriter(folder, description)
    if let time, !time.isRegular {
      try NPY.write(Tensor(time.values), to: folder.appendingPathComponent("time.npy"))
    }
    if description.hasNeuronTable == true {
      try AtomicFile.write(Data(neurons.csv.utf8), to: folder.appendingPathComponent("neurons.csv"))
    }
    for (index, name) in epochs.keys.sorted().enumerated() {
      try AtomicFile.write(
        Data(epochs[name]!.csv.utf8), to: folder.appendingPathComponent("epochs-\(index).csv"))
    }
    let texts = samples.columns.map(\.values.texts)
    for first in stride(from: 0, to: sampleCount, by: 4_096) {
      let range = first..<min(first + 4_096, sampleCount)
      try writer.append(
        activity.narrowed(0, from: range.lowerBound, to: range.upperBound),
        rows: range.map { row in texts.map { $0[row] } })
    }
    try writer.finish()
  }
}

extension NeuronTable {
  private static let axes = ["x (µm)", "y (µm)", "z (µm)"]

  /// Name, positions where known, and all further columns.
  var csv: String {
    var columns: [(name: String, values: SampleTable.Column)] = [("name", .texts(allNames))]
    if let positions {
      for axis in 0..<3 { columns.append((Self.axes[axis], .numbers(positions.map { $0[axis] }))) }
    }
    return SampleTable(columns + table.columns).csv
  }

  /// - Throws: `CajalError` naming the file and what is wrong with it.
  init(csv file: URL, sites: [Site]) throws {
    let csv = try CSVFile(contentsOf: file)
    var table = SampleTable(header: csv.header, rows: csv.rows)
    guard let names = table["name"] else { throw CajalError("\(file.path) has no column 'name'") }
    guard names.count == sites.reduce(0, { $0 + $1.neurons }) else {
      throw CajalError("\(file.path) names \(names.count) neurons, recording.json counts others")
    }
    let axes = Self.axes.compactMap { table.numbers($0) }
    table = SampleTable(table.columns.filter { $0.name != "name" && !Self.axes.contains($0.name) })
    do {
      try self.init(
        names: names, site: sites.first?.name ?? "neurons",
        positions: axes.count == 3
          ? names.indices.map { SIMD3(axes[0][$0], axes[1][$0], axes[2][$0]) } : nil,
        table: table)
    } catch let error as CajalError { throw CajalError("\(file.path): \(error.message)") }
    if sites.count > 1 { self = keepingSites(sites) }
  }
}

extension Epochs {
  /// Start, end, and all further columns.
  var csv: String {
    SampleTable([("start", .numbers(starts)), ("end", .numbers(ends))] + table.columns).csv
  }

  /// Reads a table with columns `start` and `end` in seconds (or `start_time`, `stop_time`), and whatever else.
  ///
  /// - Throws: `CajalError` naming file and row of what is wrong.
  public init(csv file: URL) throws {
    let csv = try CSVFile(contentsOf: file)
    let table = SampleTable(header: csv.header, rows: csv.rows)
    func column(_ names: [String]) throws -> [Double] {
      guard let name = names.first(where: table.names.contains), let values = table.numbers(name) else {
        throw CajalError(
          "\(file.path) has no column '\(names[0])' of numbers; it has \(csv.header.joined(separator: ", "))")
      }
      return values
    }
    let (start, end) = (["start", "start_time", "onset"], ["end", "stop_time", "offset", "stop"])
    try self.init(
      starts: column(start), ends: column(end),
      table: SampleTable(table.columns.filter { !start.contains($0.name) && !end.contains($0.name) }),
      what: file.path)
  }
}
