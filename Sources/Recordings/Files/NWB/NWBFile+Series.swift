import Datasets
import Foundation
import Support
import Tensors

extension NWBFile {
  /// A series with its channels as neurons, in its unit: numbers are multiplied by the file's conversion.
  ///
  /// ROIs and electrodes give names, regions and positions.
  /// - Parameter path: As ``series`` lists it.
  /// - Throws: `CajalError` naming the series that is not there, or what is damaged.
  public func recording(of path: String) throws -> Recording {
    guard let found = series.first(where: { $0.path == path || $0.name == path }) else {
      throw CajalError(
        "\(self.path) has no series '\(path)'; it has \(series.prefix(20).map(\.path).joined(separator: ", "))")
    }
    let group = try file.root.group(String(found.path.dropFirst()))
    let data = try group.dataset("data")
    let (samples, channels) = (found.shape[0], found.channels)
    let raw = Tensor(try data.read(Float.self), shape: [samples, channels])
    let scaled = try scaled(raw, data, group)
    return try Recording(
      name: "\(self.path):\(found.path)", activity: scaled, neurons: neurons(of: group, found),
      time: time(of: group, count: samples), epochs: intervals(), unit: found.unit,
      source: ["file": self.path, "series": found.path, "session": sessionDescription])
  }

  /// The main series, with behaviour of one dimension as columns of the samples.
  ///
  /// - Parameter series: As ``series`` lists it; the first of several channels in `processing`, or else `acquisition`, if nil.
  /// - Throws: `CajalError` when there is no series.
  public func recording(series path: String? = nil) throws -> Recording {
    let candidates = series.filter { $0.shape.count >= 2 && $0.channels > 1 && !$0.type.contains("Image") }
    func rank(_ series: Series) -> Int {
      let order = ["/processing/cajal", "/processing/ophys", "/processing", "/acquisition"]
      return order.firstIndex { series.path.hasPrefix($0) } ?? order.count
    }
    let chosen = path ?? (candidates.min { rank($0) < rank($1) } ?? series.first)?.path
    guard let chosen else { throw CajalError("\(self.path) has no series of numbers") }
    var recording = try recording(of: chosen)
    guard let time = recording.time else { return recording }
    for other in series where other.path.hasPrefix("/processing/behavior") && other.channels == 1 {
      let behaviour = try self.recording(of: other.path)
      guard behaviour.sampleCount > 1, let stamps = behaviour.time?.values else { continue }
      let values = behaviour.activity.doubles
      recording = recording.setting(
        other.name, .numbers(time.values.map { Self.interpolate($0, stamps, values) }))
    }
    return recording
  }

  /// Not a number outside of the times.
  private static func interpolate(_ time: Double, _ stamps: [Double], _ values: [Double]) -> Double {
    guard time >= stamps[0], time <= stamps[stamps.count - 1] else { return .nan }
    let next = max(1, TimeAxis(ascending: stamps).firstIndex(notBefore: time))
    let share = (time - stamps[next - 1]) / (stamps[next] - stamps[next - 1])
    return values[next - 1] + share * (values[next] - values[next - 1])
  }

  private func scaled(_ raw: Tensor, _ data: HDF5Dataset, _ group: HDF5Group) throws -> Tensor {
    let conversion = (try? data.attribute("conversion", as: Double.self).first) ?? 1
    let offset = (try? data.attribute("offset", as: Double.self).first) ?? 0
    var values = raw
    if conversion != 1 { values = values * conversion }
    if group.contains("channel_conversion") {
      let factors = try group.dataset("channel_conversion").read(Float.self)
      guard factors.count == raw.size(1) else {
        throw CajalError("\(data.description): \(factors.count) conversions for \(raw.size(1)) channels")
      }
      values = values * Tensor(factors)
    }
    return offset != 0 ? values + offset : values
  }

  private func time(of group: HDF5Group, count: Int) throws -> TimeAxis? {
    if group.contains("timestamps") {
      let stamps = try group.dataset("timestamps").read(Double.self)
      guard stamps.count >= count else {
        throw CajalError("\(path), '\(group.path)': \(stamps.count) time stamps for \(count) samples")
      }
      return try TimeAxis(stamps: Array(stamps.prefix(count)), what: "\(path), '\(group.path)/timestamps'")
    }
    guard group.contains("starting_time") else { return nil }
    let start = try group.dataset("starting_time")
    guard let rate = try start.attribute("rate", as: Double.self).first, rate > 0, rate.isFinite else {
      throw CajalError("\(start.description) has no rate above 0")
    }
    return TimeAxis(start: try start.readNumber(Double.self), rate: rate, count: count)
  }

  private func neurons(of group: HDF5Group, _ series: Series) throws -> NeuronTable? {
    // What Cajal wrote itself lies beside the series.
    let parent = String(series.path.dropLast(series.name.count + 1))
    if let beside = try? file.root.group(String(parent.dropFirst())).group("\(series.name)_neurons") {
      return try described(NWBTable(beside, root: file.root), rows: nil, series)
    }
    for column in ["rois", "electrodes"] where group.contains(column) {
      let region = try group.dataset(column)
      guard let target = try? region.referenceAttribute("table").first,
        let table = try? NWBTable(file.root.group(String(target.dropFirst())), root: file.root)
      else { continue }
      let rows = try region.read(Int.self)
      guard rows.count == series.channels, rows.allSatisfy(table.ids.indices.contains) else { continue }
      return try described(table, rows: rows, series)
    }
    return nil
  }

  private func described(_ table: NWBTable, rows: [Int]?, _ series: Series) throws -> NeuronTable? {
    let chosen = rows ?? Array(table.ids.indices)
    guard chosen.count == series.channels else { return nil }
    var columns = table.columns.columns.isEmpty ? table.columns : table.columns.selected(chosen)
    let kind = series.type.contains("Electrical") ? "electrode" : "roi"
    let named = columns["neuron_name"] ?? columns["name"] ?? columns["label"] ?? columns["channel_name"]
    let names = named.flatMap { Set($0).count == chosen.count ? $0 : nil }
      ?? chosen.map { "\(kind) \(table.ids[$0])" }
    guard Set(names).count == names.count else { return nil }
    var positions: [SIMD3<Double>]?
    if let x = columns.numbers("x"), let y = columns.numbers("y"), let z = columns.numbers("z") {
      positions = x.indices.map { SIMD3(x[$0], y[$0], z[$0]) }
    }
    if columns["region"] == nil, let location = columns["location"] { columns.set("region", .texts(location)) }
    let kept = columns.columns.filter { !["name", "neuron_name", "x", "y", "z"].contains($0.name) }
      .map { ($0.name == "cell_type" ? "cell type" : $0.name, $0.values) }
    return try NeuronTable(names: names, site: series.name, positions: positions, table: SampleTable(kept))
  }
}
