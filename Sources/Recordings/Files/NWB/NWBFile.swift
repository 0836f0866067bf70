import Datasets
import Foundation
import Support

/// A file of Neurodata Without Borders (NWB 2, on HDF5): the series, units, intervals and electrodes of a session.
///
/// Any standard file is read, whatever extensions it has: what is not known is passed over. What is written passes
/// the validation of PyNWB.
///
/// ```swift
/// let session = try NWBFile(contentsOf: url)
/// let spikes = try session.units()                        // SpikeTrains, with trials as epochs
/// let calcium = try session.recording(series: nil)        // the first series of many channels, with behaviour as columns
/// ```
public struct NWBFile: Sendable {
  /// A series of the file, not read yet.
  public struct Series: Sendable, Equatable {
    /// Where it is: `/processing/ophys/DfOverF/RoiResponseSeries`.
    public let path: String
    /// `ElectricalSeries`, `RoiResponseSeries`, `TimeSeries`, …
    public let type: String
    /// Time first.
    public let shape: [Int]
    public let unit: String

    public var name: String { String(path.split(separator: "/").last ?? "") }
    /// Channels, ROIs: all extents behind time.
    public var channels: Int { shape.dropFirst().reduce(1, *) }
  }

  let file: HDF5File
  public var path: String { file.path }
  public let version: String
  public let identifier: String
  public let sessionDescription: String
  /// ISO 8601.
  public let sessionStart: String
  /// In the order of their paths; data behind links are listed where they are linked to only once.
  public let series: [Series]

  /// - Throws: `CajalError` naming the file when it is no NWB file of version 2.
  public init(contentsOf url: URL) throws {
    file = try HDF5File(contentsOf: url)
    let root = file.root
    guard root.hasAttribute("nwb_version") || root.contains("nwb_version"),
      let version = try? root.hasAttribute("nwb_version")
        ? root.textAttribute("nwb_version").first : root.dataset("nwb_version").readText()
    else { throw CajalError("\(url.path) is no NWB file: its root has no nwb_version") }
    guard version.hasPrefix("2") || version.hasPrefix("NWB-2") else {
      throw CajalError("\(url.path) is of NWB version \(version); files of version 2 are read")
    }
    self.version = version
    func text(_ name: String) -> String { (try? root.dataset(name).readText()) ?? "" }
    identifier = text("identifier")
    sessionDescription = text("session_description")
    sessionStart = text("session_start_time")
    var found: [Series] = []
    for name in ["acquisition", "processing", "stimulus", "analysis", "scratch"] where root.contains(name) {
      if let group = try? root.group(name) { try Self.collect(group, depth: 0, into: &found) }
    }
    series = found
  }

  private static func collect(_ group: HDF5Group, depth: Int, into found: inout [Series]) throws {
    guard depth < 12 else { return }
    for name in try group.names() where try group.member(name) == .group {
      guard let member = try? group.group(name) else { continue }
      let type = (try? member.textAttribute("neurodata_type").first) ?? ""
      if try member.member("data") == .dataset, let data = try? member.dataset("data"), data.element.isNumeric,
        !data.shape.isEmpty
      {
        let unit = (try? data.textAttribute("unit").first) ?? ""
        found.append(Series(path: member.path, type: type, shape: data.shape, unit: unit))
      } else {
        try collect(member, depth: depth + 1, into: &found)
      }
    }
  }

  /// The stretches of time in `/intervals` by name (`trials`, `epochs`, …), with all their columns of numbers and text.
  public func intervals() throws -> [String: Epochs] {
    guard file.root.contains("intervals") else { return [:] }
    let group = try file.root.group("intervals")
    var found: [String: Epochs] = [:]
    for name in try group.names() where try group.member(name) == .group {
      let table = try NWBTable(group.group(name), root: file.root)
      guard let starts = table.columns.numbers("start_time"), let ends = table.columns.numbers("stop_time")
      else { continue }
      let rest = table.columns.columns.filter { !["start_time", "stop_time"].contains($0.name) }
      // A trial that was never ended lasts no time.
      let closed = zip(starts, ends).map { $1.isNaN ? $0 : $1 }
      found[name] = try Epochs(
        starts: starts, ends: closed, table: SampleTable(rest), what: "\(path), /intervals/\(name)")
    }
    return found
  }

  /// The table of electrodes; nil where there is none.
  func electrodes() throws -> NWBTable? {
    let place = "general/extracellular_ephys/electrodes"
    return file.root.contains(place) ? try NWBTable(file.root.group(place), root: file.root) : nil
  }
}

/// A table of an NWB file: columns of equal length. Ragged columns, references and arrays of more than one axis are left to
/// those who know them.
struct NWBTable {
  let group: HDF5Group
  let ids: [Int]
  let columns: SampleTable

  init(_ group: HDF5Group, root: HDF5Group) throws {
    self.group = group
    let known = try (try? group.textAttribute("colnames")) ?? group.names()
    let idCount = group.contains("id") ? try group.dataset("id").read(Int.self) : nil
    var found: [(name: String, values: SampleTable.Column)] = []
    for name in known where name != "id" && !name.hasSuffix("_index") && !group.contains("\(name)_index") {
      guard try group.member(name) == .dataset else { continue }
      let data = try group.dataset(name)
      guard data.shape.count == 1, let column = try Self.column(data, root) else { continue }
      found.append((name, column))
    }
    let count = idCount?.count ?? found.first?.values.count ?? 0
    ids = idCount ?? Array(0..<count)
    if let wrong = found.first(where: { $0.values.count != count }) {
      throw CajalError(
        "\(group.filePath), '\(group.path)': column '\(wrong.name)' has \(wrong.values.count) rows, the table \(count)")
    }
    columns = SampleTable(found)
  }

  private static func column(_ data: HDF5Dataset, _ root: HDF5Group) throws -> SampleTable.Column? {
    if data.element.isNumeric {
      let values = try data.read(Double.self)
      guard data.hasAttribute("elements"), let target = try? data.referenceAttribute("elements").first,
        let names = try? root.dataset(target).readTexts()
      else { return .numbers(values) }
      return .texts(values.map { $0 >= 0 && Int($0) < names.count ? names[Int($0)] : "" })
    }
    if case .text = data.element { return .texts(try data.readTexts()) }
    return nil
  }

  /// The rows of a ragged column.
  func ragged(_ name: String) throws -> [Range<Int>]? {
    guard group.contains("\(name)_index") else { return nil }
    let ends = try group.dataset("\(name)_index").read(Int.self)
    let total = try group.dataset(name).shape.first ?? 0
    var start = 0
    return try ends.enumerated().map { row, end in
      guard end >= start, end <= total else {
        throw CajalError(
          "\(group.filePath), '\(group.path)/\(name)_index': row \(row) ends at \(end) of \(total), after \(start)")
      }
      defer { start = end }
      return start..<end
    }
  }
}
