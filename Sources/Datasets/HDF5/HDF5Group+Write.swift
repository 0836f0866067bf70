import CHDF5
import Foundation
import Support

/// How an array lies in a file.
public struct HDF5Storage: Sendable {
  /// Extents of a chunk; nil lets them be chosen. Only for packed arrays.
  public var chunk: [Int]?
  /// Level of deflate, 1...9; nil does not pack.
  public var level: Int?

  /// In one piece.
  public static let plain = HDF5Storage(chunk: nil, level: nil)

  /// In chunks packed by deflate ("gzip") after their bytes have been shuffled.
  public static func packed(level: Int = 4, chunk: [Int]? = nil) -> HDF5Storage {
    precondition((1...9).contains(level), "deflate has levels from 1 to 9, not \(level)")
    return HDF5Storage(chunk: chunk, level: level)
  }

  /// The list of properties for an array of `shape`.
  func plan(_ shape: [Int], width: Int, _ what: String) throws -> HDF5Handle {
    let plan = try HDF5Handle(what) { hdf5.H5Pcreate(hdf5.datasetCreation) }
    guard let level, !shape.isEmpty, !shape.contains(0) else { return plan }
    let extents = chunk ?? Self.chunk(shape, width)
    precondition(
      extents.count == shape.count && zip(extents, shape).allSatisfy { $0 > 0 && $0 <= $1 },
      "chunks of \(extents) for an array of \(shape)")
    try HDF5Library.check(what) {
      hdf5.H5Pset_chunk(plan.id, Int32(shape.count), extents.map { hsize_t($0) })
    }
    try HDF5Library.check(what) { hdf5.H5Pset_shuffle(plan.id) }
    try HDF5Library.check(what) { hdf5.H5Pset_deflate(plan.id, UInt32(level)) }
    return plan
  }

  /// Halves the longest extent until a chunk has at most half a million bytes.
  private static func chunk(_ shape: [Int], _ width: Int) -> [Int] {
    var extents = shape
    while extents.reduce(width, *) > 1 << 19, let longest = extents.max(), longest > 1 {
      extents[extents.firstIndex(of: longest)!] = (longest + 1) / 2
    }
    return extents
  }
}

extension HDF5Group {
  /// Makes a group, with those on the way.
  ///
  /// - Throws: `CajalError` when something of that name is there.
  @discardableResult
  public func createGroup(_ path: String) throws -> HDF5Group {
    let what = "\(description): group '\(path)' cannot be made"
    let links = try makingWay(what)
    let handle = try HDF5Handle(what) {
      hdf5.H5Gcreate2(self.handle.id, path, links.id, ch5_default(), ch5_default())
    }
    return HDF5Group(source, handle, path: joined(path))
  }

  /// Writes numbers row-major, in the type they have; a vector unless `shape` is given, `[]` for a single
  /// number.
  ///
  /// Groups on the way to `path` are made.
  /// - Throws: `CajalError` naming the dataset when something of that name is there or the disk is full.
  @discardableResult
  public func write<Number: HDF5Number>(
    _ values: [Number], shape: [Int]? = nil, to path: String, storage: HDF5Storage = .plain
  ) throws -> HDF5Dataset {
    let shape = shape ?? [values.count]
    precondition(shape.reduce(1, *) == values.count, "\(values.count) numbers for shape \(shape)")
    return try create(path, Number.hdf5Native, shape, MemoryLayout<Number>.size, storage) { handle in
      values.withUnsafeBytes { bytes in
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return 0 }
        return hdf5.H5Dwrite(handle, Number.hdf5Native, ch5_all(), ch5_all(), ch5_default(), start)
      }
    }
  }

  /// Writes rows of different lengths, one axis.
  @discardableResult
  public func write<Number: HDF5Number>(rows: [[Number]], to path: String) throws -> HDF5Dataset {
    let what = "\(description): dataset '\(path)' cannot be written"
    let type = try HDF5Handle(what) { hdf5.H5Tvlen_create(Number.hdf5Native) }
    var flat = rows.flatMap { $0 }
    if flat.isEmpty { flat.append(.zero) }
    return try create(path, type.id, [rows.count], MemoryLayout<hvl_t>.size, .plain) { handle in
      flat.withUnsafeMutableBufferPointer { elements in
        var start = elements.baseAddress!
        let references = rows.map { row in
          defer { start += row.count }
          return hvl_t(len: row.count, p: row.isEmpty ? nil : UnsafeMutableRawPointer(start))
        }
        guard !rows.isEmpty else { return 0 }
        return hdf5.H5Dwrite(handle, type.id, ch5_all(), ch5_all(), ch5_default(), references)
      }
    }
  }

  /// Writes texts, of variable length unless the number of bytes is fixed; a vector unless `shape` is given.
  ///
  /// - Throws: `CajalError` when a text is longer than `fixedLength` in UTF-8 or contains a zero byte.
  @discardableResult
  public func write(
    _ texts: [String], shape: [Int]? = nil, to path: String, fixedLength: Int? = nil
  ) throws -> HDF5Dataset {
    let what = "\(description): dataset '\(path)' cannot be written"
    let shape = shape ?? [texts.count]
    precondition(shape.reduce(1, *) == texts.count, "\(texts.count) texts for shape \(shape)")
    if let wrong = texts.first(where: { $0.utf8.contains(0) || $0.utf8.count > fixedLength ?? .max }) {
      throw CajalError("\(what): '\(wrong)' is too long or contains a zero byte")
    }
    let type = try HDF5Text.type(fixedLength, what)
    return try create(path, type.id, shape, fixedLength ?? 16, .plain) { handle in
      guard !texts.isEmpty else { return 0 }
      if let fixedLength {
        let bytes = texts.flatMap {
          Array($0.utf8) + [UInt8](repeating: 0, count: fixedLength - $0.utf8.count)
        }
        return hdf5.H5Dwrite(handle, type.id, ch5_all(), ch5_all(), ch5_default(), bytes)
      }
      let copies = texts.map { strdup($0) }
      defer { for copy in copies { free(copy) } }
      return hdf5.H5Dwrite(handle, type.id, ch5_all(), ch5_all(), ch5_default(), copies)
    }
  }

  /// Writes one text, without axes.
  @discardableResult
  public func write(_ text: String, to path: String) throws -> HDF5Dataset {
    try write([text], shape: [], to: path)
  }

  private func makingWay(_ what: String) throws -> HDF5Handle {
    let links = try HDF5Handle(what) { hdf5.H5Pcreate(hdf5.linkCreation) }
    try HDF5Library.check(what) { hdf5.H5Pset_create_intermediate_group(links.id, 1) }
    return links
  }

  func create(
    _ path: String, _ type: hid_t, _ shape: [Int], _ width: Int, _ storage: HDF5Storage,
    _ write: (hid_t) -> herr_t
  ) throws -> HDF5Dataset {
    let what = "\(description): dataset '\(path)' cannot be written"
    let (links, plan) = (try makingWay(what), try storage.plan(shape, width: width, what))
    let space = try HDF5Handle(what) {
      hdf5.H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil)
    }
    let handle = try HDF5Handle(what) {
      hdf5.H5Dcreate2(self.handle.id, path, type, space.id, links.id, plan.id, ch5_default())
    }
    try HDF5Library.check(what) { write(handle.id) }
    return try HDF5Dataset(source, handle, path: joined(path))
  }
}
