import Datasets
import Foundation
import Recordings
import StudyCore
import Support
import Tensors

/// Recordings of worms in a folder of the user's.
///
/// Either whole-brain recordings as the Flavell laboratory publishes them (`*-data.h5`) with a table `neuron_labels.csv` (`recording`,
/// `column` from 1, `label`, `confidence`), or recordings of any kind that Cajal reads, with named neurons and epochs.
struct WormFolder {
  let recordings: [Recording]

  /// - Parameters:
  ///   - event: The name of the epochs whose starts are the events.
  ///   - confidence: Names below this are left out, where the table gives confidences.
  init(_ path: String, event: String, confidence: Double, _ lab: Lab) throws {
    let folder = URL(fileURLWithPath: path)
    guard let entries = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw CajalError("there is no folder \(path)")
    }
    let published = entries.filter { $0.hasSuffix("-data.h5") }.sorted()
    if published.isEmpty {
      recordings = try Self.plain(folder, entries.sorted(), event)
    } else {
      let labels = try Self.labels(folder.appendingPathComponent("neuron_labels.csv"), confidence)
      recordings = try published.compactMap { file in
        let name = String(file.dropLast("-data.h5".count))
        return try labels[name].map {
          try Self.published(folder.appendingPathComponent(file), name, $0, event)
        }
      }
    }
    guard recordings.count > 1 else {
      throw CajalError(
        "\(path) holds \(recordings.count) recordings with named neurons and epochs '\(event)', expected two or more"
      )
    }
    for recording in recordings {
      lab.usesData(recording.name, fingerprint: recording.source["fingerprint"] ?? recording.name)
    }
  }

  private static func plain(_ folder: URL, _ entries: [String], _ event: String) throws -> [Recording] {
    let suffixes = [".nwb", ".npz", ".mat", ".csv"]
    return try entries.filter { entry in suffixes.contains { entry.hasSuffix($0) } }.compactMap { entry in
      let recording = try RecordingFile.read(folder.appendingPathComponent(entry))
      return recording.epochs[event] == nil || recording.neurons.names == nil ? nil : recording
    }
  }

  /// By recording, the column of every name; where a name stands twice, the surer one.
  private static func labels(_ file: URL, _ confidence: Double) throws -> [String: [String: Int]] {
    let table = try CSVFile(contentsOf: file)
    let wanted = ["recording", "column", "label", "confidence"]
    let places = wanted.map { table.header.firstIndex(of: $0) }
    guard !places.contains(nil) else {
      throw CajalError(
        "\(file.path) has the columns \(table.header.joined(separator: ", ")), expected \(wanted.joined(separator: ", "))"
      )
    }
    var best: [String: [String: (column: Int, confidence: Double)]] = [:]
    for (row, fields) in table.rows.enumerated() {
      guard let column = Int(fields[places[1]!]), column > 0, let sure = Double(fields[places[3]!]) else {
        throw CajalError(
          "\(file.path), line \(row + 2): column and confidence should be numbers, the column from 1")
      }
      let (recording, label) = (fields[places[0]!], fields[places[2]!])
      guard sure >= confidence, sure > best[recording]?[label]?.confidence ?? -1 else { continue }
      best[recording, default: [:]][label] = (column - 1, sure)
    }
    return best.mapValues { $0.mapValues(\.column) }
  }

  private static func published(
    _ file: URL, _ name: String, _ columns: [String: Int], _ event: String
  ) throws -> Recording {
    let root = try HDF5File(contentsOf: file).root
    let traces = try root.dataset("gcamp/trace_array")
    let stamps = try root.dataset("timing/timestamp_confocal").read(Double.self)
    let reversing = try root.dataset("behavior/reversal_vec").read(Int.self)
    // h5py's order: Julia writes the transpose.
    guard traces.shape.count == 2 else { throw CajalError("\(file.path): the traces are \(traces.shape)") }
    let (rows, width) = (traces.shape[0], traces.shape[1])
    let count = min(rows, stamps.count, reversing.count)
    let values = try traces.read(Double.self)
    let names = columns.keys.sorted()
    if let wrong = names.first(where: { columns[$0]! >= width }) {
      throw CajalError("\(name): neuron \(wrong) is column \(columns[wrong]! + 1) of \(width)")
    }
    var chosen = [Double]()
    chosen.reserveCapacity(count * names.count)
    for row in 0..<count { for neuron in names { chosen.append(values[row * width + columns[neuron]!]) } }
    let time = try TimeAxis(stamps: stamps.prefix(count).map { $0 - stamps[0] }, what: name)
    return try Recording(
      name: name, activity: Tensor(chosen, shape: [count, names.count]), neurons: NeuronTable(names: names),
      time: time, epochs: [event: Epochs(where: reversing.prefix(count).map { $0 > 0 }, times: time)],
      unit: "z", source: ["fingerprint": try Fingerprint.ofFile(file)])
  }
}

/// The signal-propagation atlas (Randi et al., 2023) and a connectome, from a folder of arrays: `wt_dFF.npy`, `wt_q.npy`,
/// `connectome_chem.npy`, `connectome_gap.npy`, `neuron_ids.txt`.
struct AtlasFolder: Sendable {
  let names: [String]
  /// `[N, N]` mean response of the row's neuron to the column's stimulation; not a number where not observed.
  let response: [Double]
  /// `[N, N]` its significance, small for real responses.
  let significance: [Double]
  /// `[N, N]` chemical synapses and gap junctions, from row to column.
  let wiring: [Double]
  var count: Int { names.count }

  /// - Throws: `CajalError` naming the file that is missing or does not fit.
  init(_ folder: URL) throws {
    guard let text = try? String(contentsOf: folder.appendingPathComponent("neuron_ids.txt"), encoding: .utf8)
    else {
      throw CajalError("\(folder.path) has no neuron_ids.txt")
    }
    names = text.split(whereSeparator: \.isNewline).map(String.init)
    let count = names.count
    func matrix(_ name: String) throws -> [Double] {
      let tensor = try NPY.read(folder.appendingPathComponent(name))
      guard tensor.shape == [count, count] else {
        throw CajalError("\(folder.path)/\(name) is \(tensor.shape), expected [\(count), \(count)]")
      }
      return tensor.to(.float64).contiguous().doubles
    }
    response = try matrix("wt_dFF.npy")
    significance = try matrix("wt_q.npy")
    wiring = zip(try matrix("connectome_chem.npy"), try matrix("connectome_gap.npy")).map { $0 + $1 }
  }
}
