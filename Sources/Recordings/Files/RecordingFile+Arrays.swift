import Datasets
import Foundation
import Support
import Tensors

// NumPy's archives and MATLAB's files.
extension RecordingFile {
  static func npz(_ file: URL, _ options: Options, _ kind: Kind) throws -> Contents {
    let (tensors, texts) = try NPZ.readAll(file)
    func tensor(_ names: [String]) -> Tensor? {
      names.lazy.compactMap { name in tensors.first { $0.name == name }?.tensor }.first
    }
    if options.dataset == nil, let times = tensor(["spike_times"]), let units = tensor(["spike_units"]) {
      return .spikes(try spikes(file, times, units, tensor(["support"]), texts["names"]))
    }
    let matrices = tensors.filter { $0.tensor.rank == 2 && !$0.name.hasPrefix("epoch.") }
    let wanted = options.dataset.map { [$0] } ?? ["activity", "traces", "data"]
    guard let activity = tensor(wanted) ?? (options.dataset == nil && matrices.count == 1 ? matrices[0].tensor : nil)
    else {
      throw CajalError(
        "\(file.path): which array? There are \(tensors.map { "\($0.name) \($0.tensor.shape)" }.joined(separator: ", "))")
    }
    let stamps = tensor(["time", "times", "timestamps"])?.doubles
    let known: [(name: String, values: SampleTable.Column)] =
      tensors.filter { $0.name.hasPrefix(samplePrefix) }
      .map { (String($0.name.dropFirst(samplePrefix.count)), .numbers($0.tensor.doubles)) }
      + texts.filter { $0.key.hasPrefix(samplePrefix) }.sorted { $0.key < $1.key }
      .map { (String($0.key.dropFirst(samplePrefix.count)), .texts($0.value)) }
    let count = activity.rank == 2 ? activity.size(options.isTransposed ? 0 : 1) : 1
    let names = texts["names"].flatMap { $0.count == count ? $0 : nil }
    var recording = try plain(
      activity, name: file.path, options,
      neurons: names.map { try NeuronTable(names: $0, regions: texts["regions"], cellTypes: texts["cell_types"]) },
      time: stamps.map { try axis($0, what: "\(file.path), array 'time'") }, samples: SampleTable(known),
      unit: texts["unit"]?.first ?? "")
    for (name, tensor) in tensors where name.hasPrefix("epoch.") && tensor.rank == 2 && tensor.size(1) == 2 {
      let flat = tensor.doubles
      recording.epochs[String(name.dropFirst(6))] = try Epochs(
        starts: stride(from: 0, to: flat.count, by: 2).map { flat[$0] },
        ends: stride(from: 1, to: flat.count, by: 2).map { flat[$0] }, what: "\(file.path), array '\(name)'")
    }
    return .recording(recording)
  }

  private static func spikes(_ file: URL, _ times: Tensor, _ units: Tensor, _ support: Tensor?, _ names: [String]?) throws
    -> SpikeTrains
  {
    guard times.shape == units.shape, times.rank == 1 else {
      throw CajalError("\(file.path): spike_times is \(times.shape), spike_units \(units.shape)")
    }
    let (stamps, owners) = (times.doubles, units.integers)
    let count = max(names?.count ?? 0, (owners.max() ?? -1) + 1)
    guard owners.allSatisfy({ $0 >= 0 }), count <= 1 << 24 else {
      throw CajalError("\(file.path): spike_units has \(owners.min() ?? 0), units are counted from 0")
    }
    var trains = [[Double]](repeating: [], count: count)
    for (unit, time) in zip(owners, stamps) { trains[unit].append(time) }
    let observed = try support.map { support in
      let flat = support.doubles
      return try Epochs(
        starts: stride(from: 0, to: flat.count, by: 2).map { flat[$0] },
        ends: stride(from: 1, to: flat.count, by: 2).map { flat[$0] }, what: "\(file.path), array 'support'")
    }
    return try SpikeTrains(
      name: file.path, trains, units: names.map { try NeuronTable(names: $0, site: "units") }, support: observed)
  }

  static func mat(_ file: URL, _ options: Options, _ kind: Kind) throws -> Contents {
    if let head = try? FileHandle(forReadingFrom: file).read(upToCount: 10), head.starts(with: Data("MATLAB 7.3".utf8)) {
      return .recording(try hdf5(file, options))
    }
    let mat = try MATFile(contentsOf: file)
    if let trains = spikeCells(mat, options.dataset) {
      return .spikes(try SpikeTrains(name: file.path, trains))
    }
    let matrices = mat.variables.filter { $0.value.numbers != nil && $0.value.shape.filter { $0 > 1 }.count == 2 }
    let chosen =
      options.dataset.flatMap { name in mat.variables.first { $0.name == name } } ?? (options.dataset == nil && matrices.count == 1 ? matrices[0] : nil)
    guard let chosen, let values = chosen.value.numbers else {
      throw CajalError(
        "\(file.path): which variable? There are \(mat.variables.map { "\($0.name) (\($0.value.summary))" }.joined(separator: ", "))")
    }
    return .recording(try plain(Tensor(values, shape: chosen.value.shape), name: "\(file.path):\(chosen.name)", options))
  }

  /// A cell whose members are columns of ascending numbers.
  private static func spikeCells(_ mat: MATFile, _ name: String?) -> [[Double]]? {
    for (variable, value) in mat.variables where name == nil || variable == name {
      guard case .cell(let cells, let shape) = value, shape.contains(1), !cells.isEmpty else { continue }
      let trains = cells.compactMap { cell -> [Double]? in
        guard let values = cell.numbers, cell.shape.contains(where: { $0 <= 1 }) else { return nil }
        return values
      }
      if trains.count == cells.count { return trains }
    }
    return nil
  }

  // MARK: Writing

  /// Writes in the format that the extension names: `.nwb`, `.npz`, `.csv`; a folder without one.
  ///
  /// - Throws: `CajalError` naming the path or what does not fit into the format.
  public static func write(_ recording: Recording, to url: URL) throws {
    switch url.pathExtension.lowercased() {
    case "": try recording.write(to: url)
    case "nwb": try NWBFile.write([recording], session: .init(description: recording.name), to: url)
    case "csv": try AtomicFile.write(Data(csv(recording).utf8), to: url)
    case "npz": try writeNPZ(recording, to: url)
    default: throw CajalError("\(url.path): recordings are written as .nwb, .npz, .csv, or a folder")
    }
  }

  /// Writes spikes as `.nwb`, `.npz` or `.csv`.
  public static func write(_ spikes: SpikeTrains, to url: URL) throws {
    switch url.pathExtension.lowercased() {
    case "nwb": try NWBFile.write(spikes: spikes, session: .init(description: spikes.name), to: url)
    case "csv": try AtomicFile.write(Data(csv(spikes).utf8), to: url)
    case "npz":
      let owners = (0..<spikes.count).flatMap { unit in [Int](repeating: unit, count: spikes[unit].count) }
      let support = spikes.support.intervals.flatMap { [$0.start, $0.end] }
      try NPZ.write(
        [
          ("spike_times", Tensor(spikes.times)), ("spike_units", Tensor(owners)),
          ("support", Tensor(support, shape: [support.count / 2, 2])),
        ], texts: [("names", spikes.units.allNames)], compressed: true, to: url)
    default: throw CajalError("\(url.path): spikes are written as .nwb, .npz or .csv")
    }
  }

  private static func writeNPZ(_ recording: Recording, to url: URL) throws {
    var tensors: NamedTensors = [("activity", recording.activity)]
    var texts: [(name: String, values: [String])] = [("names", recording.neurons.allNames)]
    if let time = recording.time { tensors.append(("time", Tensor(time.values))) }
    if let regions = recording.neurons.regions { texts.append(("regions", regions)) }
    if let types = recording.neurons.cellTypes { texts.append(("cell_types", types)) }
    if !recording.unit.isEmpty { texts.append(("unit", [recording.unit])) }
    for (name, column) in recording.samples.columns {
      if case .numbers(let values) = column {
        tensors.append((samplePrefix + name, Tensor(values)))
      } else {
        texts.append((samplePrefix + name, column.texts))
      }
    }
    for (name, epochs) in recording.epochs.sorted(by: { $0.key < $1.key }) {
      let flat = epochs.intervals.flatMap { [$0.start, $0.end] }
      tensors.append(("epoch.\(name)", Tensor(flat, shape: [epochs.count, 2])))
    }
    try NPZ.write(tensors, texts: texts, compressed: true, to: url)
  }
}
