import CHDF5
import Foundation
import Support

/// References to objects of the same file, which NWB uses to say what a table's rows or a column's numbers
/// mean.
enum HDF5Reference {
  /// The paths of the objects that `count` references name; `body` reads the references into a buffer.
  ///
  /// - Throws: `CajalError` with `what` when one names no object that has a path.
  static func paths(
    _ count: Int, _ source: HDF5Source, _ what: String, _ body: (UnsafeMutablePointer<hobj_ref_t>) -> herr_t
  ) throws -> [String] {
    _ = try source.bytes(count, of: MemoryLayout<hobj_ref_t>.size, what)
    guard count > 0 else { return [] }
    var references = [hobj_ref_t](repeating: 0, count: count)
    try HDF5Library.check("\(what): references cannot be read") {
      references.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
    }
    return try references.enumerated().map { index, reference in
      try path(reference, source, "\(what): reference \(index) names nothing")
    }
  }

  private static func path(_ reference: hobj_ref_t, _ source: HDF5Source, _ what: String) throws -> String {
    var reference = reference
    func name(_ buffer: UnsafeMutablePointer<CChar>?, _ size: Int) -> Int {
      hdf5.H5Rget_name(source.handle.id, H5R_OBJECT, &reference, buffer, size)
    }
    let length = try HDF5Library.check(what) { name(nil, 0) }
    guard length > 0 else { throw CajalError(what) }
    var buffer = [CChar](repeating: 0, count: length + 1)
    try HDF5Library.check(what) { name(&buffer, length + 1) }
    return buffer.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

extension HDF5Dataset {
  /// The paths of the objects that a dataset of references names.
  ///
  /// - Throws: `CajalError` naming file and dataset when it holds no references or one that names nothing.
  public func readReferences() throws -> [String] {
    guard element == .reference else { throw CajalError("\(description) holds \(element), not references") }
    return try HDF5Reference.paths(count, source, description) {
      hdf5.H5Dread(handle.id, hdf5.reference, ch5_all(), ch5_all(), ch5_default(), $0)
    }
  }
}
