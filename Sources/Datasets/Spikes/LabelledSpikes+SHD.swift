import Foundation
import Support

extension LabelledSpikes {
  /// In how many bits times are written.
  public enum TimePrecision: Sendable {
    /// As the published files: steps of 0.5 to 1 ms towards the end of a second.
    case half
    case single
  }

  /// Reads the HDF5 layout of the Spiking Heidelberg Digits and Spiking Speech Commands (Cramer et al.,
  /// 2022).
  ///
  /// `spikes/times` (seconds) and `spikes/units` are rows of different lengths, one a sample; `labels` has
  /// one class a sample. Optional: `extra/keys` names the classes, `extra/speaker` says who spoke.
  /// - Parameter channelCount: How many channels there are; what the file's attribute `channels` says, else
  ///   700.
  /// - Throws: `CajalError` naming file and dataset of what is missing, damaged or does not fit.
  public init(shd url: URL, channelCount: Int? = nil) throws {
    let root = try HDF5File(contentsOf: url).root
    let (times, units) = (try root.dataset("spikes/times"), try root.dataset("spikes/units"))
    let labels = try root.dataset("labels").read(Int.self)
    guard times.shape == [labels.count], units.shape == times.shape else {
      throw CajalError(
        "\(url.path): spikes/times \(times.shape) and spikes/units \(units.shape) do not match \(labels.count) labels"
      )
    }
    let spikes = try Self.readSpikes(times, units, count: labels.count)
    let stated = root.hasAttribute("channels") ? try root.attribute("channels", as: Int.self).first : nil
    let highest = Int(spikes.units.max() ?? 0) + 1
    let speakers = root.contains("extra/speaker") ? try root.dataset("extra/speaker").read(Int.self) : nil
    try self.init(
      name: url.lastPathComponent, channelCount: channelCount ?? stated ?? max(700, highest),
      times: spikes.times,
      units: spikes.units, starts: spikes.starts, labels: labels, classNames: Self.classNames(root, labels),
      speakers: speakers, fingerprint: Fingerprint.ofFile(url))
  }

  /// Classes named by their numbers, up to the highest label.
  static func numberedClasses(_ labels: [Int]) -> [String] {
    (0...max(0, min(labels.max() ?? 0, 1 << 16))).map(String.init)
  }

  private static func classNames(_ root: HDF5Group, _ labels: [Int]) throws -> [String] {
    if root.contains("extra/keys") { return try root.dataset("extra/keys").readTexts() }
    // A damaged label must not become as many names.
    return numberedClasses(labels)
  }

  /// Reads some thousand samples at a time, so that the library's copy stays small.
  private static func readSpikes(_ times: HDF5Dataset, _ units: HDF5Dataset, count: Int) throws -> (
    times: [Float], units: [Int32], starts: [Int]
  ) {
    var (allTimes, allUnits, starts) = ([Float](), [Int32](), [0])
    // Converting half precision in the library takes many times as long.
    let isHalf = times.element == .rows(of: .float(bytes: 2))
    for start in stride(from: 0, to: count, by: 1024) {
      let range = start..<min(start + 1024, count)
      let timeRows =
        isHalf
        ? try times.readRows(Float16.self, rows: range).map { $0.map(Float.init) }
        : try times.readRows(Float.self, rows: range)
      let unitRows = try units.readRows(Int32.self, rows: range)
      for (index, (timeRow, unitRow)) in zip(timeRows, unitRows).enumerated() {
        guard timeRow.count == unitRow.count else {
          throw CajalError(
            "\(times.filePath): sample \(start + index) has \(timeRow.count) times and \(unitRow.count) units"
          )
        }
        allTimes += timeRow
        allUnits += unitRow
        starts.append(allTimes.count)
      }
    }
    return (allTimes, allUnits, starts)
  }

  /// Writes the layout that ``init(shd:channelCount:)`` reads, and any reader of SHD.
  ///
  /// - Throws: `CajalError` naming the file, or a channel or time that the layout cannot hold.
  public func write(shd url: URL, precision: TimePrecision = .single) throws {
    guard channelCount <= 1 << 16, labels.max() ?? 0 < 1 << 16 else {
      throw CajalError("\(url.path): the layout of SHD holds 65536 channels, not \(channelCount)")
    }
    try HDF5File.write(to: url) { root in
      try root.setAttribute("channels", [Int64(channelCount)])
      switch precision {
      case .single: try root.write(rows: rows { times[$0] }, to: "spikes/times")
      case .half: try root.write(rows: rows { Float16(times[$0]) }, to: "spikes/times")
      }
      try root.write(rows: rows { UInt16(units[$0]) }, to: "spikes/units")
      try root.write(labels.map { UInt16($0) }, to: "labels")
      let longest = classNames.map(\.utf8.count).max() ?? 1
      try root.write(classNames, to: "extra/keys", fixedLength: max(longest, 1))
      if let speakers { try root.write(speakers.map { Int32($0) }, to: "extra/speaker") }
    }
  }

  private func rows<Number>(_ value: (Int) -> Number) -> [[Number]] {
    (0..<count).map { spikes(of: $0).map(value) }
  }
}
