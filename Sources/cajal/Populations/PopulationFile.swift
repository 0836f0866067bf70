import Datasets
import Foundation
import Recordings
import Support
import Tensors

/// A population that a command is given: a recording, or a file of samples × units.
struct PopulationFile {
  let path: String
  /// `[S, N]`
  let activity: Tensor
  /// The names of the units.
  let names: [String]

  /// - Parameter sites: Of a recording, only the sites of this pattern.
  /// - Throws: `CajalError` naming the file and what is wrong with it.
  init(_ path: String, sites: String? = nil) throws {
    self.path = path
    let url = URL(fileURLWithPath: path)
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    // What has no header or no names is read here, all else as any recording.
    let isPlain = exists && ["npy", "csv", "tsv", "txt"].contains(url.pathExtension.lowercased())
    if isPlain, let sites {
      throw CajalError("\(path) is no recording with sites: it has no site '\(sites)'")
    }
    (activity, names) =
      !isPlain
      ? try Self.recording(RecordingFile.read(url), sites)
      : url.pathExtension.lowercased() == "npy" ? try Self.array(url) : try Self.table(url)
    guard activity.isFinite().all(axis: 1).all(axis: 0).item == 1 else {
      let row = activity.isFinite().all(axis: 1).integers.firstIndex(of: 0) ?? 0
      throw CajalError("\(path): sample \(row + 1) has a value that is not finite")
    }
  }

  private static func recording(_ recording: Recording, _ sites: String?) throws -> (Tensor, [String]) {
    let neurons = recording.neurons
    let pattern = SitePattern(sites ?? "**")
    let chosen = neurons.sites.filter { pattern.matches($0.name) }
    guard !chosen.isEmpty else {
      throw CajalError(
        "\(recording.name) has no site '\(sites ?? "**")'; it has \(neurons.sites.map(\.name).joined(separator: ", "))"
      )
    }
    let ranges = chosen.map { neurons.columns(of: $0.name)! }
    return (
      Tensor.concatenated(ranges.map(recording.activity), axis: 1),
      ranges.flatMap { $0.map(neurons.name(ofNeuron:)) }
    )
  }

  private static func array(_ url: URL) throws -> (Tensor, [String]) {
    let array = try NPY.read(url)
    guard array.rank == 2, array.count > 0 else {
      throw CajalError("\(url.path) has the shape \(array.shape), expected samples × units")
    }
    guard ![.complex64, .complex128].contains(array.elementType) else {
      throw CajalError("\(url.path) holds complex numbers, expected real ones")
    }
    return (array.to(.float64), (0..<array.size(1)).map(String.init))
  }

  /// A first line without any number names the units.
  private static func table(_ url: URL) throws -> (Tensor, [String]) {
    let plain = try CSVFile(contentsOf: url, hasHeader: false)
    let first = plain.rows.first ?? []
    let isNamed = !first.contains { Double($0.trimmingCharacters(in: .whitespaces)) != nil }
    let file = isNamed ? try CSVFile(contentsOf: url) : plain
    guard !file.rows.isEmpty else { throw CajalError("\(url.path) has no samples below its names") }
    let rows = try file.numbers()
    let names = isNamed ? file.header : file.header.indices.map(String.init)
    return (Tensor(rows.flatMap { $0 }, shape: [rows.count, file.header.count]), names)
  }
}
