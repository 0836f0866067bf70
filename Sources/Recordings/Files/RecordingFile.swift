import Datasets
import Foundation
import Support
import Tensors

/// Recordings in and out, whatever their format.
///
/// | format | what is read |
/// |---|---|
/// | folder | a recording of Cajal's own, from `cajal record` too |
/// | `.nwb` | Neurodata Without Borders 2: a series, or the units |
/// | `.npz` | `activity` `[S, N]` (or the only matrix), `time`, `names`, `regions`, `sample.…` |
/// | `.npy` | `[S, N]` |
/// | `.csv`, `.tsv` | a column a neuron, `time` in seconds, columns of text and `sample.…` for what is known of a sample; or spikes: `unit`, `time` |
/// | `.mat` | level 5: a matrix, or a cell of spike times a unit |
/// | `.h5`, `.hdf5`, `.mat` (7.3) | the array at `dataset`, a path |
public enum RecordingFile {
  public struct Options: Sendable {
    /// Which array or series of a file with several: a path of HDF5 or NWB, a name of NPZ or MAT.
    public var dataset: String?
    /// Samples per second, where the file does not say.
    public var rate: Double?
    /// Whether neurons come first: `[N, S]`.
    public var isTransposed = false

    public init(dataset: String? = nil, rate: Double? = nil, isTransposed: Bool = false) {
      (self.dataset, self.rate, self.isTransposed) = (dataset, rate, isTransposed)
    }
  }

  /// What a file holds.
  public enum Contents: Sendable {
    case recording(Recording)
    case spikes(SpikeTrains)
  }

  /// Reads samples × neurons.
  ///
  /// - Throws: `CajalError` naming the file and what is wrong, or that it holds spikes.
  public static func read(_ url: URL, _ options: Options = Options()) throws -> Recording {
    guard case .recording(let recording) = try open(url, options, preferring: .recording) else {
      throw CajalError("\(url.path) holds spikes, samples × neurons were expected: bin them first")
    }
    return recording
  }

  /// Reads spike times.
  ///
  /// - Throws: `CajalError` naming the file and what is wrong, or that it holds none.
  public static func readSpikes(_ url: URL, _ options: Options = Options()) throws -> SpikeTrains {
    guard case .spikes(let spikes) = try open(url, options, preferring: .spikes) else {
      throw CajalError("\(url.path) holds samples × neurons, spike times were expected")
    }
    return spikes
  }

  enum Kind { case recording, spikes }

  /// Reads whichever a file holds; of both, what is preferred.
  public static func open(_ url: URL, _ options: Options = Options()) throws -> Contents {
    try open(url, options, preferring: .recording)
  }

  static func open(_ url: URL, _ options: Options, preferring kind: Kind) throws -> Contents {
    let (file, dataset) = split(url)
    var options = options
    options.dataset = options.dataset ?? dataset
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder) else {
      throw CajalError("there is no file or folder \(file.path)")
    }
    if isFolder.boolValue { return .recording(try Recording(contentsOf: file)) }
    switch file.pathExtension.lowercased() {
    case "nwb": return try nwb(file, options, kind)
    case "npz": return try npz(file, options, kind)
    case "npy":
      return .recording(try plain(NPY.map(file), name: file.path, options))
    case "csv", "tsv", "txt": return try csv(file, options, kind)
    case "mat": return try mat(file, options, kind)
    case "h5", "hdf5", "hdf", "jld2": return .recording(try hdf5(file, options))
    default:
      throw CajalError(
        "\(file.path): recordings are read as .nwb, .npz, .npy, .csv, .tsv, .mat, .h5, or a folder that 'cajal record' wrote"
      )
    }
  }

  /// `file.h5:/group/data` is a file and a place in it.
  private static func split(_ url: URL) -> (URL, String?) {
    let path = url.path
    guard !FileManager.default.fileExists(atPath: path), let colon = path.lastIndex(of: ":") else {
      return (url, nil)
    }
    let file = String(path[..<colon])
    guard FileManager.default.fileExists(atPath: file) else { return (url, nil) }
    return (URL(fileURLWithPath: file), String(path[path.index(after: colon)...]))
  }

  /// An array without more.
  static func plain(
    _ tensor: Tensor, name: String, _ options: Options, neurons: NeuronTable? = nil, time: TimeAxis? = nil,
    samples: SampleTable = SampleTable(), unit: String = ""
  ) throws -> Recording {
    guard (1...2).contains(tensor.rank) else {
      throw CajalError("\(name) has shape \(tensor.shape), samples × neurons were expected")
    }
    guard ![.complex64, .complex128].contains(tensor.elementType) else {
      throw CajalError("\(name) holds complex numbers, real ones were expected")
    }
    var activity = tensor.rank == 1 ? tensor.reshaped([tensor.count, 1]) : tensor
    if options.isTransposed { activity = activity.transposed(0, 1).contiguous() }
    if !activity.elementType.isFloatingPoint { activity = activity.to(.float64) }
    let axis = time ?? options.rate.map { TimeAxis(rate: $0, count: activity.size(0)) }
    return try Recording(
      name: name, activity: activity, neurons: neurons, time: axis, samples: samples, unit: unit,
      source: ["file": name])
  }

  /// Times from a file: regular where their steps are equal within a millionth.
  static func axis(_ stamps: [Double], what: String) throws -> TimeAxis {
    let axis = try TimeAxis(stamps: stamps, what: what)
    guard stamps.count > 2 else { return axis }
    let step = (stamps[stamps.count - 1] - stamps[0]) / Double(stamps.count - 1)
    let isRegular = stamps.indices.allSatisfy {
      abs(stamps[$0] - stamps[0] - Double($0) * step) < 1e-6 * step
    }
    return isRegular ? TimeAxis(start: stamps[0], rate: 1 / step, count: stamps.count) : axis
  }

  private static func nwb(_ file: URL, _ options: Options, _ kind: Kind) throws -> Contents {
    let session = try NWBFile(contentsOf: file)
    if kind == .spikes || session.series.isEmpty, let spikes = try session.units() { return .spikes(spikes) }
    return .recording(try session.recording(series: options.dataset))
  }

  static func hdf5(_ file: URL, _ options: Options) throws -> Recording {
    let root = try HDF5File(contentsOf: file).root
    guard let dataset = options.dataset else {
      var places: [String] = []
      try list(root, into: &places, depth: 0)
      throw CajalError(
        "which array? Name it as \(file.path):/PATH; there are \(places.prefix(24).joined(separator: ", "))")
    }
    let data = try root.dataset(dataset.hasPrefix("/") ? String(dataset.dropFirst()) : dataset)
    return try plain(
      Tensor(data.read(Double.self), shape: data.shape), name: "\(file.path):\(data.path)", options)
  }

  /// The numeric arrays of a file, with their shapes.
  private static func list(_ group: HDF5Group, into places: inout [String], depth: Int) throws {
    for name in try group.names() where places.count < 200 && depth < 8 {
      switch try group.member(name) {
      case .group: try list(group.group(name), into: &places, depth: depth + 1)
      case .dataset:
        if let data = try? group.dataset(name), data.element.isNumeric {
          places.append("\(data.path) \(data.shape)")
        }
      default: break
      }
    }
  }
}
