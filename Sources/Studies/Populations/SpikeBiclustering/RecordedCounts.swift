import Datasets
import Decomposition
import Foundation
import StudyCore
import Support

/// A recording's counts, with what else is known of it.
struct RecordedCounts {
  var name: String
  var counts: SpikeCounts
  /// Region of each neuron.
  var regions: [Int]?
  /// Label of each bin: the stimulus, say.
  var labels: [Int]?

  /// The user's recording, or the one in the package.
  ///
  /// - Throws: `CajalError` naming the file that is missing or of another shape.
  static func load(_ lab: Lab, binWidth: Double, most: Int) throws -> RecordedCounts {
    guard let path = lab.dataPath else { return try packaged(lab, binWidth, most) }
    let url = URL(fileURLWithPath: path)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw CajalError("there is no file or folder \(path)")
    }
    let file = isFolder.boolValue ? url.appendingPathComponent("Y.csv") : url
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw CajalError("\(path) holds no Y.csv, a table of counts with a neuron in each row")
    }
    lab.usesData(path, fingerprint: try Fingerprint.ofFile(file))
    var recorded = RecordedCounts(
      name: url.lastPathComponent, counts: try SpikeCounts(contentsOf: file, binWidth: binWidth))
    if isFolder.boolValue {
      recorded.regions = try column(
        url.appendingPathComponent("Lab_neuron.csv"), recorded.counts.neurons, "neurons")
      recorded.labels = try column(url.appendingPathComponent("Lab_states.csv"), recorded.counts.bins, "bins")
    }
    return try recorded.cut(most)
  }

  private static func packaged(_ lab: Lab, _ binWidth: Double, _ most: Int) throws -> RecordedCounts {
    let url = Bundle.module.bundleURL.appendingPathComponent("Recordings/rat-hippocampus-spikes.csv.gz")
    let text = String(decoding: try GzipFile(url).read(upTo: 1 << 24), as: UTF8.self)
    lab.usesData("rat hippocampus, 16 units", fingerprint: try Fingerprint.ofFile(url))
    return try RecordedCounts(
      name: "rat hippocampus", counts: SpikeCounts(csv: text, path: url.lastPathComponent, binWidth: binWidth)
    ).cut(most)
  }

  /// A whole number in each line, or nil where there is no such file.
  private static func column(_ url: URL, _ count: Int, _ what: String) throws -> [Int]? {
    guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
    let lines = text.split(whereSeparator: { $0.isNewline || $0 == "," }).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    let values = lines.compactMap { Double($0).flatMap { Int(exactly: $0) } }
    guard values.count == lines.count, values.count == count else {
      throw CajalError("\(url.path) should hold a whole number for each of the \(count) \(what)")
    }
    return values
  }

  /// The first bins.
  private func cut(_ most: Int) throws -> RecordedCounts {
    guard counts.bins > most else { return self }
    var copy = self
    copy.counts = try SpikeCounts(
      (0..<counts.neurons).map { Array(counts.row($0).prefix(most)) }, binWidth: counts.binWidth)
    copy.labels = labels.map { Array($0.prefix(most)) }
    return copy
  }
}
