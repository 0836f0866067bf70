import Foundation
import Support
import Tensors

extension LabelledSpikes {
  /// Reads a file by what it is called: `.h5`, `.hdf5` (SHD), `.npz` or `.csv`.
  ///
  /// - Throws: `CajalError` naming the file and what is wrong with it.
  public init(contentsOf url: URL) throws {
    switch url.pathExtension.lowercased() {
    case "h5", "hdf5", "hdf": try self.init(shd: url)
    case "npz": try self.init(npz: url)
    case "csv", "tsv": try self.init(csv: url)
    default:
      throw CajalError("\(url.path): spike trains are read from .h5 (the layout of SHD), .npz and .csv")
    }
  }

  /// Reads NumPy arrays: `times` (seconds) and `units` of all spikes, `samples` (the sample of each spike,
  /// ascending) or `starts` (where each begins, and the end), `labels` of the samples; optional `speakers`
  /// and `channels`.
  ///
  /// - Throws: `CajalError` naming the file and the array that is missing or does not fit.
  public init(npz url: URL) throws {
    let arrays = Dictionary(
      try NPZ.read(url).map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
    func values(_ name: String) throws -> [Double] {
      guard let array = arrays[name] else {
        let there = arrays.keys.sorted().joined(separator: ", ")
        throw CajalError("\(url.path) holds no array '\(name)'; it holds \(there)")
      }
      return array.flattened().to(.float64).doubles
    }
    func whole(_ name: String) throws -> [Int] {
      try values(name).map { value in
        guard let whole = Int(exactly: value) else {
          throw CajalError("\(url.path), array '\(name)': \(value) is no whole number")
        }
        return whole
      }
    }
    let (labels, units) = (try whole("labels"), try whole("units"))
    let starts =
      arrays["starts"] != nil
      ? try whole("starts") : try Self.starts(whole("samples"), count: labels.count, url.path)
    let channels = arrays["channels"] == nil ? nil : try whole("channels").first
    try self.init(
      name: url.lastPathComponent, channelCount: channels ?? (units.max() ?? 0) + 1,
      times: values("times").map { Float($0) }, units: units.map { Int32(clamping: $0) }, starts: starts,
      labels: labels, classNames: Self.numberedClasses(labels),
      speakers: arrays["speakers"] == nil ? nil : whole("speakers"), fingerprint: Fingerprint.ofFile(url))
  }

  /// Where samples begin, from the sample of each spike.
  private static func starts(_ samples: [Int], count: Int, _ path: String) throws -> [Int] {
    var starts = [Int](repeating: 0, count: count + 1)
    for (index, sample) in samples.enumerated() {
      guard (0..<count).contains(sample), index == 0 || samples[index - 1] <= sample else {
        throw CajalError(
          "\(path): spike \(index) belongs to sample \(sample), expected ascending numbers below \(count)")
      }
      starts[sample + 1] += 1
    }
    for index in 0..<count { starts[index + 1] += starts[index] }
    return starts
  }

  /// Writes what ``init(npz:)`` reads. Class names are not kept.
  public func write(npz url: URL) throws {
    var arrays: NamedTensors = [
      ("times", Tensor(times)), ("units", Tensor(units)), ("starts", Tensor(starts)),
      ("labels", Tensor(labels)),
      ("channels", Tensor([channelCount])),
    ]
    if let speakers { arrays.append(("speakers", Tensor(speakers))) }
    try NPZ.write(arrays, compressed: true, to: url)
  }

  /// Reads lines of `sample, time, unit, label` (and `speaker`), in this or another order, with a header;
  /// times in seconds.
  ///
  /// Samples are numbered from 0; those without a line have no spikes and cannot be told a label, so they are
  /// an error.
  /// - Throws: `CajalError` naming file and line of what is wrong.
  public init(csv url: URL, channelCount: Int? = nil) throws {
    let file = try CSVFile(contentsOf: url)
    func column(_ name: String) -> Int? {
      file.header.firstIndex { $0.trimmingCharacters(in: .whitespaces) == name }
    }
    guard let sample = column("sample"), let time = column("time"), let unit = column("unit"),
      let label = column("label")
    else {
      throw CajalError(
        "\(url.path) has columns \(file.header.joined(separator: ", ")); sample, time, unit and label are needed"
      )
    }
    let speaker = column("speaker")
    let rows = try file.numbers(columns: [sample, time, unit] + (speaker.map { [$0] } ?? []))
    let classes = Self.classes(file.rows.map { $0[label] })
    var (samples, labels, speakers) = ([SpikeSample](), [Int](), [Int]())
    for (index, row) in rows.enumerated() {
      let number = Int(exactly: row[0]) ?? -1
      guard number == samples.count || number == samples.count - 1, number >= 0 else {
        throw CajalError(
          "\(url.path), line \(index + 2): sample \(row[0]) where \(samples.count) was expected")
      }
      if number == samples.count {
        samples.append(SpikeSample(times: [], units: []))
        labels.append(classes.firstIndex(of: file.rows[index][label])!)
        if speaker != nil { speakers.append(Int(exactly: row[3]) ?? -1) }
      }
      samples[number].times.append(Float(row[1]))
      samples[number].units.append(Int32(exactly: row[2]) ?? -1)
    }
    let highest = samples.compactMap { $0.units.max() }.max() ?? 0
    try self.init(
      name: url.lastPathComponent, channelCount: channelCount ?? max(Int(highest), 0) + 1, samples: samples,
      labels: labels,
      classNames: classes, speakers: speaker == nil ? nil : speakers, fingerprint: Fingerprint.ofFile(url))
  }

  /// The different names in order: of numbers where all are, else of the alphabet.
  private static func classes(_ names: [String]) -> [String] {
    let different = Array(Set(names))
    return different.allSatisfy { Int($0) != nil }
      ? different.sorted { Int($0)! < Int($1)! } : different.sorted()
  }

  /// Writes what ``init(csv:channelCount:)`` reads.
  ///
  /// - Throws: `CajalError` naming the file, or a sample without spikes, which has no line.
  public func write(csv url: URL) throws {
    if let silent = labels.indices.first(where: { spikes(of: $0).isEmpty }) {
      throw CajalError("\(url.path): sample \(silent) has no spikes, which a table of spikes cannot say")
    }
    var text = "sample,time,unit,label" + (speakers == nil ? "\n" : ",speaker\n")
    for index in labels.indices {
      let name = "\"" + classNames[labels[index]].replacingOccurrences(of: "\"", with: "\"\"") + "\""
      let end = name + (speakers.map { ",\($0[index])" } ?? "") + "\n"
      for spike in spikes(of: index) { text += "\(index),\(times[spike]),\(units[spike]),\(end)" }
    }
    try AtomicFile.write(text, to: url)
  }
}
