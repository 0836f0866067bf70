import CHDF5
import Foundation
import Support

// References and links, which formats built on HDF5 (NWB) use to say what belongs to what.
extension HDF5Object {
  /// Attaches texts of variable length, one axis.
  public func setAttribute(_ name: String, _ texts: [String]) throws {
    let what = "\(filePath), '\(path)', attribute '\(name)'"
    let type = try HDF5Text.type(nil, what)
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    try createAttribute(name, type.id, [texts.count]) { handle in
      copies.isEmpty ? 0 : hdf5.H5Awrite(handle, type.id, copies)
    }
  }

  /// Attaches a reference to the object at `target`, an absolute path of the same file.
  ///
  /// - Throws: `CajalError` naming the attribute when there is no such object.
  public func setReferenceAttribute(_ name: String, to target: String) throws {
    let what = "\(filePath), '\(path)', attribute '\(name)': a reference to '\(target)' cannot be made"
    var reference = hobj_ref_t()
    try HDF5Library.check(what) {
      hdf5.H5Rcreate(&reference, hdf5Identifier, target, H5R_OBJECT, -1)
    }
    try createAttribute(name, hdf5.reference, []) { hdf5.H5Awrite($0, hdf5.reference, &reference) }
  }
}

extension HDF5Group {
  /// Writes references to objects of the same file, by their absolute paths, one axis.
  ///
  /// - Throws: `CajalError` naming the path that leads nowhere.
  @discardableResult
  public func write(references targets: [String], to path: String) throws -> HDF5Dataset {
    let references = try targets.map { target in
      var reference = hobj_ref_t()
      try HDF5Library.check("\(description), dataset '\(path)': '\(target)' cannot be referred to") {
        hdf5.H5Rcreate(&reference, handle.id, target, H5R_OBJECT, -1)
      }
      return reference
    }
    return try create(path, hdf5.reference, [targets.count], 8, .plain) { handle in
      targets.isEmpty
        ? 0 : hdf5.H5Dwrite(handle, hdf5.reference, ch5_all(), ch5_all(), ch5_default(), references)
    }
  }

  /// Makes `name` of this group lead to `target`, an absolute path of the same file.
  public func link(_ name: String, to target: String) throws {
    try HDF5Library.check("\(description): a link '\(name)' to '\(target)' cannot be made") {
      hdf5.H5Lcreate_soft(target, handle.id, name, ch5_default(), ch5_default())
    }
  }
}
