import Foundation
import Support
import Tensors

/// Events as arrays: columns, rows, polarities and times, of any whole numbers.
///
/// The common layouts differ in where the arrays stand: `x`, `y`, `p`, `t` in an NPZ archive or in a group
/// `events` of an HDF5 file (with `t_offset`, as DSEC has it), or records with these fields in an NPY file or
/// an HDF5 dataset `events`.
enum EventArrays {
  /// Names under which each of column, row, polarity and time occurs.
  static let names = [
    ["x", "xs"], ["y", "ys"], ["p", "polarity", "ps", "pol"], ["t", "ts", "timestamp", "time"],
  ]

  /// Checks plain numbers and joins them to a stream.
  ///
  /// - Throws: `CajalError` naming the file when a number does not fit. Polarities of -1 count as 0.
  static func stream(_ values: [[Int64]], size: (width: Int, height: Int)?, _ path: String) throws
    -> EventStream
  {
    func narrow(_ values: [Int64], _ name: String) throws -> [UInt16] {
      try values.map { value in
        guard let narrow = UInt16(exactly: value) else {
          throw CajalError("\(path): \(name) \(value) of an event")
        }
        return narrow
      }
    }
    let (x, y) = (try narrow(values[0], "column"), try narrow(values[1], "row"))
    let polarity = try values[2].map { value in
      guard (-1...1).contains(value) else { throw CajalError("\(path): polarity \(value) of an event") }
      return UInt8(max(value, 0))
    }
    let (width, height) = size ?? (Int(x.max() ?? 0) + 1, Int(y.max() ?? 0) + 1)
    return try EventStream(
      width: width, height: height, x: x, y: y, polarity: polarity, times: values[3], name: path)
  }

  /// The name of each array among those that are there.
  static func find(_ there: [String], _ path: String) throws -> [String] {
    try names.map { choices in
      guard let name = choices.first(where: there.contains) else {
        throw CajalError(
          "\(path) holds no array '\(choices[0])' of events; it holds \(there.joined(separator: ", "))")
      }
      return name
    }
  }
}

extension EventStream {
  /// Reads a recording by what it is: AEDAT 3 or 4 (`.aedat`, `.aedat4`), HDF5 (`.h5`, `.hdf5`), NumPy
  /// (`.npz`, `.npy`) or N-MNIST (`.bin`).
  ///
  /// - Parameter size: Columns and rows of the sensor, where the file does not say; as many as the events
  ///   need if nil.
  /// - Throws: `CajalError` naming the file and what is wrong with it.
  public init(contentsOf url: URL, size: (width: Int, height: Int)? = nil) throws {
    switch url.pathExtension.lowercased() {
    case "aedat4": self = try AEDAT4.read(url)
    case "aedat":
      let handle = try? FileHandle(forReadingFrom: url)
      let head = try handle?.read(upToCount: 12) ?? Data()
      self = try head.starts(with: Array("#!AER-DAT4".utf8)) ? AEDAT4.read(url) : AEDAT3.read(url, size: size)
    case "h5", "hdf5", "hdf": try self.init(hdf5: url, size: size)
    case "npz": try self.init(npz: url, size: size)
    case "npy": try self.init(npy: url, size: size)
    case "bin": self = try NMNISTFile.read(url, size: size ?? (34, 34))
    default:
      throw CajalError(
        "\(url.path): events are read from .aedat, .aedat4, .h5, .npz, .npy and .bin (N-MNIST)")
    }
  }

  /// Reads HDF5: a group `events` with `x`, `y`, `p` and `t` (microseconds; plus `t_offset` of the file), or
  /// a dataset `events` of records.
  ///
  /// The sensor's size is that of the attributes `width` and `height`, or `sensor_resolution` (rows,
  /// columns).
  /// - Throws: `CajalError` naming file and dataset of what is missing, damaged or does not fit.
  public init(hdf5 url: URL, size: (width: Int, height: Int)? = nil) throws {
    let root = try HDF5File(contentsOf: url).root
    let known = try size ?? Self.statedSize(root, url.path)
    if try root.member("events") == .dataset {
      let records = try root.dataset("events")
      guard case .record(let fields) = records.element else {
        throw CajalError("\(url.path): dataset 'events' holds \(records.element), records were expected")
      }
      let values = try EventArrays.find(fields, "\(url.path), 'events'").map {
        try records.read(Int64.self, field: $0)
      }
      self = try EventArrays.stream(values, size: known, url.path)
      return
    }
    let group = try root.contains("events") ? root.group("events") : root
    let offset = root.contains("t_offset") ? try root.dataset("t_offset").readNumber(Int64.self) : 0
    var values = try EventArrays.find(group.names(), url.path).map { try group.dataset($0).read(Int64.self) }
    if offset != 0 { values[3] = values[3].map { $0 &+ offset } }
    self = try EventArrays.stream(values, size: known, url.path)
  }

  private static func statedSize(_ root: HDF5Group, _ path: String) throws -> (width: Int, height: Int)? {
    if root.hasAttribute("sensor_resolution") {
      let extents = try root.attribute("sensor_resolution", as: Int.self)
      guard extents.count == 2 else {
        throw CajalError("\(path): sensor_resolution has \(extents.count) numbers")
      }
      return (extents[1], extents[0])
    }
    guard root.hasAttribute("width"), root.hasAttribute("height"),
      let width = try root.attribute("width", as: Int.self).first,
      let height = try root.attribute("height", as: Int.self).first
    else { return nil }
    return (width, height)
  }

  /// Writes what ``init(hdf5:size:)`` reads, packed.
  public func write(hdf5 url: URL) throws {
    try HDF5File.write(to: url) { root in
      try root.setAttribute("width", [Int64(width)])
      try root.setAttribute("height", [Int64(height)])
      try root.write(x, to: "events/x", storage: .packed())
      try root.write(y, to: "events/y", storage: .packed())
      try root.write(polarity, to: "events/p", storage: .packed())
      try root.write(times, to: "events/t", storage: .packed())
    }
  }

  /// Reads NumPy arrays `x`, `y`, `p` and `t` (microseconds).
  public init(npz url: URL, size: (width: Int, height: Int)? = nil) throws {
    let arrays = try NPZ.read(url)
    let names = try EventArrays.find(arrays.map(\.name), url.path)
    let values = try names.map { name in
      let array = arrays.first { $0.name == name }!.tensor
      let numbers = array.flattened()
      guard
        ![.float64, .float32, .float16].contains(numbers.elementType)
          || numbers.doubles.allSatisfy({ $0 == $0.rounded() })
      else { throw CajalError("\(url.path), array '\(name)': events have whole numbers") }
      return numbers.to(.int64).array(of: Int64.self)
    }
    self = try EventArrays.stream(values, size: size, url.path)
  }

  /// Writes what ``init(npz:size:)`` reads, packed. The sensor's size is not kept.
  public func write(npz url: URL) throws {
    try NPZ.write(
      [
        ("x", Tensor(x.map { Int32($0) })), ("y", Tensor(y.map { Int32($0) })), ("p", Tensor(polarity)),
        ("t", Tensor(times)),
      ], compressed: true, to: url)
  }

  /// Reads a NumPy array of records with fields `x`, `y`, `p` and `t` (microseconds).
  public init(npy url: URL, size: (width: Int, height: Int)? = nil) throws {
    let records = try StructuredNPY(contentsOf: url)
    let values = try EventArrays.find(records.fields.map(\.name), url.path).map(records.wholeNumbers)
    self = try EventArrays.stream(values, size: size, url.path)
  }
}
