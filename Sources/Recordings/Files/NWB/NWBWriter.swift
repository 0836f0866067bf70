import Datasets
import Foundation
import Support
import Tensors

extension NWBFile {
  /// Who recorded what, when: an NWB file must say so.
  public struct Session: Sendable {
    public var identifier: String
    public var description: String
    /// When the session began, which is 0 s of all its times.
    public var start: Date

    public init(identifier: String = UUID().uuidString, description: String = "Recording", start: Date = .now) {
      (self.identifier, self.description, self.start) = (identifier, description, start)
    }
  }

  /// Writes recordings and spikes as one session; the file appears whole or not at all.
  ///
  /// A recording becomes a time series in the processing module `cajal`, with its neurons in a table beside it and columns of numbers that
  /// are known of its samples as series in the module `behavior`. Spikes become the units. Epochs become tables of
  /// intervals; those called `trials` the trials of the session. Units with positions get electrodes.
  /// - Throws: `CajalError` naming the recording that has no times, or the file when the disk is full.
  public static func write(
    _ recordings: [Recording] = [], spikes: SpikeTrains? = nil, session: Session = Session(), to url: URL
  ) throws {
    for recording in recordings { _ = try recording.requiredTime(for: "an NWB file") }
    try HDF5File.write(to: url) { root in
      let writer = NWBWriter(root: root)
      try writer.begin(session)
      for (index, recording) in recordings.enumerated() {
        try writer.write(recording, name: recordings.count == 1 ? "activity" : "activity_\(index)")
      }
      if let spikes { try writer.write(spikes) }
      var epochs = spikes?.epochs ?? [:]
      for recording in recordings { epochs.merge(recording.epochs) { first, _ in first } }
      for name in epochs.keys.sorted() { try writer.write(epochs[name]!, name: name) }
    }
  }
}

/// Writes the parts of an NWB file, each with the marks that the standard asks for.
private struct NWBWriter {
  static let version = "2.7.0"
  let root: HDF5Group

  func mark(_ object: some HDF5Object, _ type: String, namespace: String = "core") throws {
    try object.setAttribute("neurodata_type", type)
    try object.setAttribute("namespace", namespace)
    try object.setAttribute("object_id", UUID().uuidString.lowercased())
  }

  func begin(_ session: NWBFile.Session) throws {
    let format = ISO8601DateFormatter()
    format.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
    try root.setAttribute("nwb_version", Self.version)
    try mark(root, "NWBFile")
    for name in ["acquisition", "analysis", "general", "processing", "stimulus/presentation", "stimulus/templates"] {
      try root.createGroup(name)
    }
    try root.write([format.string(from: .now)], to: "file_create_date")
    try root.write(session.identifier, to: "identifier")
    try root.write(session.description, to: "session_description")
    try root.write(format.string(from: session.start), to: "session_start_time")
    try root.write(format.string(from: session.start), to: "timestamps_reference_time")
    try root.write("Cajal", to: "general/source_script").setAttribute("file_name", "cajal")
  }

  private func module(_ name: String, _ description: String) throws -> HDF5Group {
    if root.contains("processing/\(name)") { return try root.group("processing/\(name)") }
    let module = try root.createGroup("processing/\(name)")
    try mark(module, "ProcessingModule")
    try module.setAttribute("description", description)
    return module
  }

  // MARK: Series

  func write(_ recording: Recording, name: String) throws {
    let module = try module("cajal", "Activity of neurons")
    let series = try series(
      name, in: module, "Activity of \(recording.neuronCount) neurons", recording.time!)
    let storage: HDF5Storage = recording.activity.count > 1 << 16 ? .packed() : .plain
    let data =
      recording.activity.elementType == .float64
      ? try series.write(
        recording.activity.doubles, shape: recording.activity.shape, to: "data", storage: storage)
      : try series.write(
        recording.activity.floats, shape: recording.activity.shape, to: "data", storage: storage)
    try describe(data, unit: recording.unit)
    try write(recording.neurons, name: "\(name)_neurons", in: module)
    for (column, values) in recording.samples.columns {
      guard let numbers = values.numbers else { continue }
      let behaviour = try self.module("behavior", "What is known about every sample")
      guard !behaviour.contains(column) else { continue }
      let series = try self.series(Self.safe(column), in: behaviour, column, recording.time!)
      try describe(series.write(numbers, to: "data"), unit: "")
    }
  }

  private static func safe(_ name: String) -> String {
    name.replacingOccurrences(of: "/", with: " per ").replacingOccurrences(of: ":", with: " ")
  }

  private func series(_ name: String, in group: HDF5Group, _ description: String, _ time: TimeAxis) throws
    -> HDF5Group
  {
    let series = try group.createGroup(name)
    try mark(series, "TimeSeries")
    try series.setAttribute("description", description)
    try series.setAttribute("comments", "no comments")
    if time.isRegular {
      let start = try series.write([time.start], shape: [], to: "starting_time")
      try start.setAttribute("rate", [Float(time.rate)])
      try start.setAttribute("unit", "seconds")
    } else {
      let stamps = try series.write(time.values, to: "timestamps")
      try stamps.setAttribute("interval", [Int32(1)])
      try stamps.setAttribute("unit", "seconds")
    }
    return series
  }

  private func describe(_ data: HDF5Dataset, unit: String) throws {
    try data.setAttribute("conversion", [Float(1)])
    try data.setAttribute("offset", [Float(0)])
    try data.setAttribute("resolution", [Float(-1)])
    try data.setAttribute("unit", unit.isEmpty ? "a.u." : unit)
  }

  // MARK: Tables

  /// Begins a table with its rows numbered; `names` are its columns.
  private func table(
    _ path: String, _ type: String, _ description: String, rows: Int, names: [String], in group: HDF5Group
  ) throws -> HDF5Group {
    let table = try group.createGroup(path)
    try mark(table, type, namespace: type == "DynamicTable" ? "hdmf-common" : "core")
    try table.setAttribute("description", description)
    try table.setAttribute("colnames", names)
    try mark(table.write(Array(0..<rows), to: "id"), "ElementIdentifiers", namespace: "hdmf-common")
    return table
  }

  private func column(_ name: String, _ values: SampleTable.Column, in table: HDF5Group) throws {
    let data =
      switch values {
      case .texts(let texts): try table.write(texts, to: name)
      case .numbers(let numbers): try table.write(numbers, to: name)
      }
    try describe(column: data, name)
  }

  private func describe(column data: HDF5Dataset, _ description: String, type: String = "VectorData") throws {
    try mark(data, type, namespace: "hdmf-common")
    try data.setAttribute("description", description)
  }

  /// Names, positions and further columns, as the standard spells them.
  private func columns(of neurons: NeuronTable) -> [(name: String, values: SampleTable.Column)] {
    var all: [(name: String, values: SampleTable.Column)] = [("neuron_name", .texts(neurons.allNames))]
    if let positions = neurons.positions {
      for (axis, name) in ["x", "y", "z"].enumerated() { all.append((name, .numbers(positions.map { $0[axis] }))) }
    }
    for (name, values) in neurons.table.columns where !["name", "neuron_name", "x", "y", "z"].contains(name) {
      all.append((Self.safe(name == "cell type" ? "cell_type" : name), values))
    }
    return all
  }

  private func write(_ neurons: NeuronTable, name: String, in module: HDF5Group) throws {
    let columns = columns(of: neurons)
    let table = try table(
      name, "DynamicTable", "The neurons of the series", rows: neurons.count, names: columns.map(\.name),
      in: module)
    for (name, values) in columns { try column(name, values, in: table) }
  }

  func write(_ epochs: Epochs, name: String) throws {
    let names = ["start_time", "stop_time"] + epochs.table.names.map(Self.safe)
    let table = try table(
      "intervals/\(Self.safe(name))", "TimeIntervals", name, rows: epochs.count, names: names, in: root)
    try column("start_time", .numbers(epochs.starts), in: table)
    try column("stop_time", .numbers(epochs.ends), in: table)
    for (name, values) in epochs.table.columns { try column(Self.safe(name), values, in: table) }
  }

  // MARK: Units

  func write(_ spikes: SpikeTrains) throws {
    // What only older files call so would collide with the standard's own columns.
    let reserved: Set<String> = ["spike_times", "obs_intervals", "electrodes", "electrode_group", "waveform_mean"]
    var own = columns(of: spikes.units).filter { !reserved.contains($0.name) && $0.name != "region" }
    own[0].name = "unit_name"
    if let regions = spikes.units.regions { own.append(("region", .texts(regions))) }
    own = own.filter { name, _ in name != "id" }
    let hasElectrodes = spikes.units.positions != nil
    var names = ["spike_times", "obs_intervals"] + own.map(\.name)
    if hasElectrodes {
      try writeElectrodes(spikes.units)
      names.append("electrodes")
    }
    let table = try table("units", "Units", "Sorted units", rows: spikes.count, names: names, in: root)
    try describe(column: table.write(spikes.times, to: "spike_times"), "the spike times for each unit in seconds")
    try index("spike_times", ends: Array(spikes.starts.dropFirst()), in: table)
    let intervals = spikes.support.intervals.flatMap { [$0.start, $0.end] }
    let all = (0..<spikes.count).flatMap { _ in intervals }
    try describe(
      column: table.write(all, shape: [all.count / 2, 2], to: "obs_intervals"), "the observed intervals")
    try index(
      "obs_intervals", ends: (1...max(1, spikes.count)).prefix(spikes.count).map { $0 * spikes.support.count },
      in: table)
    for (name, values) in own { try column(name, values, in: table) }
    if hasElectrodes {
      let region = try table.write(Array(0..<spikes.count), to: "electrodes")
      try describe(column: region, "the electrode of each unit", type: "DynamicTableRegion")
      try region.setReferenceAttribute("table", to: "/general/extracellular_ephys/electrodes")
      try index("electrodes", ends: Array(1...spikes.count), in: table)
    }
  }

  private func index(_ name: String, ends: [Int], in table: HDF5Group) throws {
    let data = try table.write(ends.map(UInt64.init), to: "\(name)_index")
    try describe(column: data, "Index for \(name)", type: "VectorIndex")
    try data.setReferenceAttribute("target", to: "\(table.path)/\(name)")
  }

  /// One electrode a unit, where the unit was.
  private func writeElectrodes(_ units: NeuronTable) throws {
    let device = try root.createGroup("general/devices/device")
    try mark(device, "Device")
    let group = try root.createGroup("general/extracellular_ephys/electrodes_of_units")
    try mark(group, "ElectrodeGroup")
    try group.setAttribute("description", "Where the units were found")
    try group.setAttribute("location", "see the electrodes")
    try group.link("device", to: device.path)
    let names = ["x", "y", "z", "location", "group", "group_name"]
    let table = try table(
      "general/extracellular_ephys/electrodes", "DynamicTable", "Electrodes", rows: units.count, names: names,
      in: root)
    for (axis, name) in ["x", "y", "z"].enumerated() {
      try column(name, .numbers(units.positions!.map { $0[axis] }), in: table)
    }
    try column("location", .texts(units.regions ?? Array(repeating: "unknown", count: units.count)), in: table)
    let groups = try table.write(references: Array(repeating: group.path, count: units.count), to: "group")
    try describe(column: groups, "the group of the electrode")
    try column("group_name", .texts(Array(repeating: "electrodes_of_units", count: units.count)), in: table)
  }
}
