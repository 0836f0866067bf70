import CHDF5
import Foundation
import Support

/// What has a place in an HDF5 file and attributes: a group or a dataset.
public protocol HDF5Object: Sendable {
  /// The place in the file, `/` for the root.
  var path: String { get }
  /// The name of the file.
  var filePath: String { get }
  /// The library's identifier; only for HDF5's own use.
  var hdf5Identifier: Int64 { get }
}

/// A folder of an HDF5 file.
public struct HDF5Group: HDF5Object {
  let source: HDF5Source
  let handle: HDF5Handle
  public let path: String
  public var filePath: String { source.path }
  public var hdf5Identifier: Int64 { handle.id }

  public enum Member: Sendable, Equatable {
    case group, dataset
    /// A named type, or a link that leads nowhere or outside.
    case other
  }

  init(_ source: HDF5Source, _ path: String) throws {
    self.source = source
    self.path = path
    handle = try HDF5Handle("\(source.path): group '\(path)' cannot be opened") {
      hdf5.H5Gopen2(source.handle.id, path, ch5_default())
    }
  }

  init(_ source: HDF5Source, _ handle: HDF5Handle, path: String) {
    self.source = source
    self.handle = handle
    self.path = path
  }

  /// The names of the members, in alphabetical order.
  ///
  /// - Throws: `CajalError` naming file and group when it is damaged.
  public func names() throws -> [String] {
    var info = H5G_info_t()
    try HDF5Library.check(description) { hdf5.H5Gget_info(handle.id, &info) }
    return try (0..<info.nlinks).map(name)
  }

  private func name(_ index: hsize_t) throws -> String {
    let what = "\(description): member \(index) is damaged"
    func name(_ buffer: UnsafeMutablePointer<CChar>?, _ size: Int) -> Int {
      hdf5.H5Lget_name_by_idx(
        handle.id, ".", H5_INDEX_NAME, H5_ITER_INC, index, buffer, size, source.linkAccess.id)
    }
    let length = try HDF5Library.check(what) { name(nil, 0) }
    var buffer = [CChar](repeating: 0, count: length + 1)
    try HDF5Library.check(what) { name(&buffer, length + 1) }
    return buffer.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// What stands at `path` below this group; nil if nothing does.
  public func member(_ path: String) throws -> Member? {
    guard try exists(path) else { return nil }
    guard let handle = try? open(path) else { return .other }
    return switch HDF5Library.alone({ hdf5.H5Iget_type(handle.id) }) {
    case H5I_GROUP: .group
    case H5I_DATASET: .dataset
    default: .other
    }
  }

  public func contains(_ path: String) -> Bool { (try? exists(path)) ?? false }

  /// Whether every link on the way is there.
  private func exists(_ path: String) throws -> Bool {
    var way = ""
    for part in path.split(separator: "/") {
      way += (way.isEmpty ? "" : "/") + part
      let found = try HDF5Library.check("\(description): '\(way)' cannot be looked up") {
        hdf5.H5Lexists(handle.id, way, source.linkAccess.id)
      }
      guard found > 0 else { return false }
    }
    return true
  }

  /// The group at `path`, whose parts are separated by slashes.
  ///
  /// - Throws: `CajalError` naming file, path and what is there instead.
  public func group(_ path: String) throws -> HDF5Group {
    HDF5Group(source, try open(path, expecting: H5I_GROUP, "group"), path: joined(path))
  }

  /// The dataset at `path`, whose parts are separated by slashes.
  ///
  /// - Throws: `CajalError` naming file, path and what is there instead.
  public func dataset(_ path: String) throws -> HDF5Dataset {
    try HDF5Dataset(source, try open(path, expecting: H5I_DATASET, "dataset"), path: joined(path))
  }

  private func open(_ path: String, expecting type: H5I_type_t, _ name: String) throws -> HDF5Handle {
    guard try exists(path) else {
      let there = (try? names()) ?? []
      throw CajalError(
        "\(description) holds no \(name) '\(path)'; it holds \(there.prefix(20).joined(separator: ", "))")
    }
    let handle = try open(path)
    guard HDF5Library.alone({ hdf5.H5Iget_type(handle.id) }) == type else {
      throw CajalError("\(description): '\(path)' is no \(name)")
    }
    return handle
  }

  private func open(_ path: String) throws -> HDF5Handle {
    try HDF5Handle("\(description): '\(path)' cannot be opened") {
      hdf5.H5Oopen(handle.id, path, source.linkAccess.id)
    }
  }

  func joined(_ name: String) -> String { path == "/" ? "/\(name)" : "\(path)/\(name)" }

  /// File and place, as errors name them.
  var description: String { "\(source.path), group '\(path)'" }
}
