import CHDF5
import Foundation
import Support

/// An array of an HDF5 file.
public struct HDF5Dataset: HDF5Object {
  let source: HDF5Source
  let handle: HDF5Handle
  public let path: String
  /// Extents, outermost first; empty for a single value.
  public let shape: [Int]
  /// What the elements are in the file; they are converted when read.
  public let element: HDF5Element
  public var filePath: String { source.path }
  public var hdf5Identifier: Int64 { handle.id }
  /// How many elements there are.
  public var count: Int { shape.reduce(1, *) }
  /// Bytes an element in the file.
  let width: Int

  init(_ source: HDF5Source, _ handle: HDF5Handle, path: String) throws {
    self.source = source
    self.handle = handle
    self.path = path
    let what = "\(source.path), dataset '\(path)'"
    let type = try HDF5Handle(what) { hdf5.H5Dget_type(handle.id) }
    element = try HDF5Element(type)
    width = HDF5Library.alone { Int(hdf5.H5Tget_size(type.id)) }
    let space = try HDF5Handle(what) { hdf5.H5Dget_space(handle.id) }
    shape = try HDF5Shape.read(space, what)
    try Self.checkStorage(source, handle, what)
  }

  /// Refuses what lies in other files, and chunks that the file cannot hold.
  private static func checkStorage(_ source: HDF5Source, _ handle: HDF5Handle, _ what: String) throws {
    let plan = try HDF5Handle(what) { hdf5.H5Dget_create_plist(handle.id) }
    let layout = HDF5Library.alone { hdf5.H5Pget_layout(plan.id) }
    guard layout != H5D_VIRTUAL, HDF5Library.alone({ hdf5.H5Pget_external_count(plan.id) }) <= 0 else {
      throw CajalError("\(what) lies in other files, which are not followed")
    }
    guard layout == H5D_CHUNKED else { return }
    var extents = [hsize_t](repeating: 0, count: 32)
    let rank = try HDF5Library.check(what) { hdf5.H5Pget_chunk(plan.id, 32, &extents) }
    let type = try HDF5Handle(what) { hdf5.H5Dget_type(handle.id) }
    let width = HDF5Library.alone { Int(hdf5.H5Tget_size(type.id)) }
    let chunk = try HDF5Shape.count(extents.prefix(Int(rank)).map { Int(clamping: $0) }, "\(what), a chunk")
    _ = try source.bytes(chunk, of: width, "\(what), a chunk")
  }

  /// File and place, as errors name them.
  public var description: String { "\(source.path), dataset '\(path)'" }
}

/// Extents of arrays in files, which are not to be trusted.
enum HDF5Shape {
  static func read(_ space: HDF5Handle, _ what: String) throws -> [Int] {
    guard HDF5Library.alone({ hdf5.H5Sget_simple_extent_type(space.id) }) != H5S_NULL else { return [0] }
    let rank = try HDF5Library.check(what) { hdf5.H5Sget_simple_extent_ndims(space.id) }
    var extents = [hsize_t](repeating: 0, count: max(Int(rank), 1))
    try HDF5Library.check(what) { hdf5.H5Sget_simple_extent_dims(space.id, &extents, nil) }
    let shape = extents.prefix(Int(rank)).map { Int(clamping: $0) }
    _ = try count(shape, what)
    return shape
  }

  /// The product of the extents.
  ///
  /// - Throws: `CajalError` when it is no possible number of elements.
  static func count(_ shape: [Int], _ what: String) throws -> Int {
    var product = 1
    for extent in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      guard !overflow, next < 1 << 48 else {
        throw CajalError("\(what): a shape of \(shape) cannot be right")
      }
      product = next
    }
    return product
  }
}
