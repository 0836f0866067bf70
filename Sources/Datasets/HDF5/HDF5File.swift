import CHDF5
import Foundation
import Support

/// An HDF5 file: a tree of groups that hold arrays, each with attributes.
///
/// Built on the HDF5 C library (1.10 or newer). Files are read defensively: sizes are compared with the size
/// of the file before memory is taken, and nothing outside the file is followed (external links, external
/// storage, virtual datasets). May be used from several threads; the calls take turns.
///
/// The C library itself is not proof against every damaged file. What it is known to take on trust (lengths
/// of rows and texts, bits of numbers, fields of records, sizes of chunks) is checked before; of files with a
/// few random bytes changed, about one in two thousand still ends the program inside the library, in its
/// handling of damaged headers.
///
/// ```swift
/// let file = try HDF5File(contentsOf: url)
/// let times = try file.root.dataset("spikes/times").readRows(Float.self, rows: 0..<10)
/// try HDF5File.write(to: other) { root in
///   try root.write([1.5, 2, 3, 4], shape: [2, 2], to: "group/values", storage: .packed())
/// }
/// ```
public struct HDF5File: Sendable {
  /// The group that holds all others.
  public let root: HDF5Group
  public var path: String { root.source.path }

  /// Opens a file for reading.
  ///
  /// - Throws: `CajalError` naming the file when it is missing, no HDF5 file or cut off.
  public init(contentsOf url: URL) throws {
    let path = url.path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
      throw CajalError("there is no file \(path)")
    }
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    let handle = try HDF5Handle("\(path) cannot be read as an HDF5 file") {
      hdf5.H5Fopen(path, ch5_read_only(), ch5_default())
    }
    root = try HDF5Group(HDF5Source(handle, path: path, size: size), "/")
  }

  private init(creating path: String) throws {
    let handle = try HDF5Handle("the file cannot be created") {
      hdf5.H5Fcreate(path, ch5_truncate(), ch5_default(), ch5_default())
    }
    root = try HDF5Group(HDF5Source(handle, path: path, size: nil), "/")
  }

  /// Writes a file that appears whole or not at all.
  ///
  /// - Throws: `CajalError` naming the file, or what `body` throws. An existing file is untouched then.
  public static func write(to url: URL, _ body: (HDF5Group) throws -> Void) throws {
    try AtomicFile.write(to: url) { temporary in
      let file = try HDF5File(creating: temporary.path)
      try body(file.root)
      try HDF5Library.check("the file cannot be completed") {
        hdf5.H5Fflush(file.root.source.handle.id, H5F_SCOPE_GLOBAL)
      }
    }
  }
}
