import Datasets
import Foundation
import Support
import Tensors

/// Recordings of worms as their laboratories publish them.
public enum WormFile {
  /// Reads a recording with names and behaviour: HDF5 in the layout of the Flavell laboratory, MATLAB in that of the Zimmer
  /// laboratory, JSON of WormWideWeb, or whatever ``RecordingFile`` reads.
  ///
  /// - Parameter labels: Names by column, where the file itself has none.
  /// - Throws: `CajalError` naming the file and what is missing in it.
  public static func read(_ url: URL, labels: WormLabels? = nil) throws -> Recording {
    switch url.pathExtension.lowercased() {
    case "h5", "hdf5": return try flavell(url, labels)
    case "mat":
      guard let zimmer = try zimmer(url) else { return try RecordingFile.read(url) }
      return zimmer
    case "json": return try wormWideWeb(url)
    default: return try RecordingFile.read(url)
    }
  }

  /// All recordings of a folder, in the order of their names; `labels.csv` beside them names neurons.
  ///
  /// - Throws: `CajalError` naming the folder without a recording, or the file that cannot be read.
  public static func readFolder(_ folder: URL) throws -> [Recording] {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    let labels = names.contains("labels.csv") ? try WormLabels(csv: folder.appendingPathComponent("labels.csv")) : nil
    let known: Set<String> = ["h5", "hdf5", "mat", "json", "nwb", "npz", "csv"]
    let files = names.filter { name in
      known.contains((name as NSString).pathExtension.lowercased()) && name != "labels.csv" && name != "manifest.csv"
    }
    guard !files.isEmpty else {
      throw CajalError("\(folder.path) holds no recording: .h5, .mat, .json, .nwb, .npz or .csv were expected")
    }
    return try files.map { try read(folder.appendingPathComponent($0), labels: labels) }
  }

  // MARK: Flavell

  private static func flavell(_ url: URL, _ labels: WormLabels?) throws -> Recording {
    let root = try HDF5File(contentsOf: url).root
    let data = try root.dataset("gcamp/trace_array")
    guard data.shape.count == 2 else { throw CajalError("\(data.description) has shape \(data.shape)") }
    let stamps = try root.dataset("timing/timestamp_confocal").read(Double.self)
    // In some files there are more frames than stamps.
    let count = min(stamps.count, data.shape[0])
    let traces = Tensor(try data.read(Double.self), shape: data.shape).narrowed(0, from: 0, to: count).contiguous()
    let first = stamps.first ?? 0
    let time = try TimeAxis(stamps: stamps.prefix(count).map { $0 - first }, what: "\(url.path), timestamp_confocal")
    var columns: [(name: String, values: SampleTable.Column)] = []
    for name in ["velocity", "angular_velocity", "worm_curvature", "head_angle", "pumping", "reversal_vec"] {
      guard let behaviour = try? root.dataset("behavior/\(name)"), behaviour.shape.count == 1,
        behaviour.shape[0] >= count
      else { continue }
      columns.append((name, .numbers(Array(try behaviour.read(Double.self).prefix(count)))))
    }
    var epochs: [String: Epochs] = [:]
    if let reversal = columns.first(where: { $0.name == "reversal_vec" })?.values.numbers {
      epochs["reversal"] = Epochs(where: reversal.map { $0 > 0.5 }, times: time)
    }
    let id = url.deletingPathExtension().lastPathComponent.replacingOccurrences(of: "-data", with: "")
    return try Recording(
      name: id, activity: traces, neurons: labels.map { try $0.table(recording: id, count: data.shape[1]) }
        ?? NeuronTable(names: (1...max(1, data.shape[1])).prefix(data.shape[1]).map { "\($0)" }, site: "head"),
      time: time, samples: SampleTable(columns), epochs: epochs, unit: "z", source: ["file": url.path])
  }

  // MARK: Zimmer

  /// Nil where the file is laid out in another way.
  private static func zimmer(_ url: URL) throws -> Recording? {
    guard let mat = try? MATFile(contentsOf: url) else { return nil }
    // One record that holds everything, or its fields by themselves.
    let record = mat.variables.first { if case .structure = $0.value { true } else { false } }?.value
    func field(_ names: [String]) -> MATValue? {
      names.lazy.compactMap { record?[$0] ?? mat[$0] }.first
    }
    guard let traces = field(["traces", "deltaFOverF_bc", "deltaFOverF"]), let values = traces.numbers,
      traces.shape.count == 2, let stamps = field(["timeVectorSeconds", "tv", "time"])?.numbers
    else { return nil }
    guard stamps.count == traces.shape[0] else {
      throw CajalError("\(url.path): \(stamps.count) times for traces \(traces.shape)")
    }
    let raw = field(["IDs", "NeuronNames", "NeuronIds", "names"])
    var names = [String](repeating: "", count: traces.shape[1])
    if case .cell(let cells, _) = raw {
      for (column, cell) in cells.prefix(names.count).enumerated() { names[column] = cell.texts?.first ?? "" }
    } else if let texts = raw?.texts {
      for (column, text) in texts.prefix(names.count).enumerated() { names[column] = text }
    }
    return try Recording(
      name: url.deletingPathExtension().lastPathComponent, activity: Tensor(values, shape: traces.shape),
      neurons: WormLabels.unique(names), time: RecordingFile.axis(stamps, what: "\(url.path), times"), unit: "ΔF/F",
      source: ["file": url.path])
  }

  // MARK: WormWideWeb

  private struct WideWeb: Decodable {
    struct Label: Decodable { let label: String?, confidence: Double? }
    let trace_array: [[Double]]
    let labeled: [String: Label]?
    let timestamp_confocal: [Double]?
    let avg_timestep: Double?
    let velocity: [Double]?
  }

  private static func wormWideWeb(_ url: URL) throws -> Recording {
    guard let data = try? Data(contentsOf: url) else { throw CajalError("cannot read \(url.path)") }
    let found: WideWeb
    do { found = try JSONDecoder().decode(WideWeb.self, from: data) } catch {
      throw CajalError("\(url.path) is no recording of WormWideWeb: \(error)")
    }
    // One row a neuron.
    let (n, s) = (found.trace_array.count, found.trace_array.first?.count ?? 0)
    guard n > 0, found.trace_array.allSatisfy({ $0.count == s }) else {
      throw CajalError("\(url.path): the rows of trace_array have different lengths")
    }
    let activity = Tensor(found.trace_array.flatMap { $0 }, shape: [n, s]).transposed(0, 1).contiguous()
    var rows: [WormLabels.Row] = []
    for (column, label) in found.labeled ?? [:] {
      guard let column = Int(column) else { continue }
      rows.append(.init(recording: "", column: column, name: label.label ?? "", confidence: label.confidence ?? 5))
    }
    let time = try found.timestamp_confocal.map {
      try TimeAxis(stamps: Array($0.prefix(s)), what: "\(url.path), timestamp_confocal")
    } ?? found.avg_timestep.map { TimeAxis(rate: 1 / (60 * $0), count: s) }
    let velocity = found.velocity.flatMap { $0.count == s ? SampleTable([("velocity", .numbers($0))]) : nil }
    return try Recording(
      name: url.deletingPathExtension().lastPathComponent, activity: activity,
      neurons: WormLabels(rows).table(recording: "", count: n), time: time, samples: velocity ?? SampleTable(),
      unit: "z", source: ["file": url.path])
  }
}

/// Names of neurons by recording and column, as a table beside recordings gives them.
public struct WormLabels: Sendable {
  struct Row: Sendable { let recording: String, column: Int, name: String, confidence: Double }
  private let rows: [String: [Row]]

  init(_ rows: [Row]) { self.rows = Dictionary(grouping: rows, by: \.recording) }

  /// Reads columns `recording`, `column` (counted from 1), `name` and `confidence`.
  ///
  /// - Throws: `CajalError` naming the file and what is missing.
  public init(csv url: URL) throws {
    let csv = try CSVFile(contentsOf: url)
    guard let recording = csv.header.firstIndex(of: "recording"), let column = csv.header.firstIndex(of: "column"),
      let name = csv.header.firstIndex(of: "name")
    else { throw CajalError("\(url.path) needs columns 'recording', 'column' and 'name'") }
    let confidence = csv.header.firstIndex(of: "confidence")
    let numbers = try csv.numbers(columns: [column] + (confidence.map { [$0] } ?? []))
    self.init(
      zip(csv.rows, numbers).map { fields, values in
        Row(
          recording: fields[recording], column: Int(values[0]), name: fields[name],
          confidence: values.count > 1 ? values[1] : 5)
      })
  }

  /// The neurons of a recording of `count` columns: what is not named has its number.
  func table(recording: String, count: Int) throws -> NeuronTable {
    var (names, confidence) = ([String](repeating: "", count: count), [Double](repeating: 0, count: count))
    for row in rows[recording] ?? [] {
      guard (1...max(1, count)).contains(row.column) else {
        throw CajalError("the labels name column \(row.column) of \(recording), which has \(count)")
      }
      names[row.column - 1] = row.name
      confidence[row.column - 1] = row.confidence
    }
    return try Self.unique(names).setting("confidence", .numbers(confidence))
  }

  /// Names that stand twice, or are empty, become numbers, so that each is its neuron's own; what was given stays in the column
  /// `label`.
  static func unique(_ names: [String]) throws -> NeuronTable {
    var seen = Set<String>()
    let own = names.enumerated().map { index, name in
      !name.isEmpty && Int(name) == nil && seen.insert(name).inserted ? name : "\(index + 1)"
    }
    return try NeuronTable(names: own, site: "head", table: SampleTable([("label", .texts(names))]))
  }
}
