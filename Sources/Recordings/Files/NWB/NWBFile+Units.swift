import Datasets
import Foundation
import Support

extension NWBFile {
  /// The spikes of the file, with its intervals as epochs; nil where it has no units.
  ///
  /// Columns of the table go along, `region` where units or their electrodes say where they are. The time observed is
  /// that of all `obs_intervals`, or from the first spike to the last.
  /// - Throws: `CajalError` naming file, table and row of what is damaged.
  public func units() throws -> SpikeTrains? {
    guard file.root.contains("units") else { return nil }
    let table = try NWBTable(file.root.group("units"), root: file.root)
    guard table.group.contains("spike_times"), let rows = try table.ragged("spike_times") else { return nil }
    let flat = try table.group.dataset("spike_times").read(Double.self)
    guard rows.count == table.ids.count else {
      throw CajalError("\(path), /units: \(rows.count) spike trains for \(table.ids.count) units")
    }
    let times = rows.map { Array(flat[$0]) }
    let trains = try SpikeTrains(
      name: path, times, units: try described(table), support: observed(table, times), epochs: intervals())
    return trains
  }

  private func described(_ table: NWBTable) throws -> NeuronTable {
    var columns = table.columns
    if let regions = columns["region"] ?? columns["brain_area"] ?? columns["location"] {
      columns.set("region", .texts(regions))
    } else if let regions = try regionsOfElectrodes(table) {
      columns.set("region", .texts(regions))
    }
    if let types = columns["cell_type"] { columns.set("cell type", .texts(types)) }
    let named = columns["unit_name"] ?? columns["neuron_name"] ?? columns["name"]
    let names =
      named.flatMap { Set($0).count == table.ids.count ? $0 : nil } ?? table.ids.map { "unit \($0)" }
    var positions: [SIMD3<Double>]?
    if let x = columns.numbers("x"), let y = columns.numbers("y"), let z = columns.numbers("z") {
      positions = x.indices.map { SIMD3(x[$0], y[$0], z[$0]) }
    }
    return try NeuronTable(names: names, site: "units", positions: positions, table: columns)
  }

  /// The location of each unit's first electrode.
  private func regionsOfElectrodes(_ units: NWBTable) throws -> [String]? {
    guard units.group.contains("electrodes"), let rows = try units.ragged("electrodes"),
      let locations = try electrodes()?.columns["location"]
    else { return nil }
    let chosen = try units.group.dataset("electrodes").read(Int.self)
    return rows.map { row in
      guard let first = row.first, locations.indices.contains(chosen[first]) else { return "" }
      return locations[chosen[first]]
    }
  }

  /// Files in the wild have spikes outside of the intervals they call observed: then all from the first to the last counts.
  private func observed(_ table: NWBTable, _ times: [[Double]]) throws -> Epochs? {
    guard table.group.contains("obs_intervals") else { return nil }
    let data = try table.group.dataset("obs_intervals")
    guard data.shape.count == 2, data.shape[1] == 2 else { return nil }
    let flat = try data.read(Double.self)
    let starts = stride(from: 0, to: flat.count, by: 2).map { flat[$0] }
    let ends = stride(from: 1, to: flat.count, by: 2).map { flat[$0].nextUp }
    let epochs = try Epochs(starts: starts, ends: ends, what: "\(path), /units/obs_intervals").union
    let all = times.flatMap { $0 }
    guard let first = all.min(), let last = all.max(), let span = epochs.span else { return epochs }
    let isWhole = all.allSatisfy(epochs.contains)
    return isWhole ? epochs : Epochs(from: min(first, span.start), to: max(last.nextUp, span.end))
  }
}
