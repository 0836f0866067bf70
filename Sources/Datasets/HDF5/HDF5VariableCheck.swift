import CHDF5
import Foundation
import Support

/// Looks through the references to rows or texts of variable length before the library follows them.
///
/// The library (1.10) believes the length that stands in such a reference: too large a one makes it take that
/// much memory, one smaller than the stored object makes it write beyond its buffer. So every reference is
/// compared here with the object on the file's global heap (HDF5 File Format Specification).
/// References in packed chunks are not seen; for those of attributes see
/// ``HDF5GlobalHeap/checkAttribute(_:count:_:_:)``.
struct HDF5VariableCheck {
  private let dataset: HDF5Dataset
  /// Bytes an element of a row in the file.
  private let width: Int

  init(_ dataset: HDF5Dataset) throws {
    self.dataset = dataset
    let type = try HDF5Handle(dataset.description) { hdf5.H5Dget_type(dataset.handle.id) }
    if case .rows = dataset.element {
      let inner = try HDF5Handle(dataset.description) { hdf5.H5Tget_super(type.id) }
      width = HDF5Library.alone { Int(hdf5.H5Tget_size(inner.id)) }
    } else {
      width = 1
    }
  }

  /// - Throws: `CajalError` naming file, dataset and the reference that is wrong.
  func run(rows: Range<Int>?) throws {
    guard dataset.source.size != nil, dataset.count > 0 else { return }
    guard let heap = try HDF5GlobalHeap(dataset.source, dataset.description) else { return }
    if let rows, rows.lowerBound < 0 || rows.upperBound > (dataset.shape.first ?? 0) { return }
    for (place, count) in try blocks(rows, heap) {
      for index in 0..<count { try heap.check(place + index * HDF5GlobalHeap.referenceWidth, width) }
    }
  }

  /// Where unpacked references stand, as offset and number.
  private func blocks(_ rows: Range<Int>?, _ heap: HDF5GlobalHeap) throws -> [(Int, Int)] {
    let plan = try HDF5Handle(dataset.description) { hdf5.H5Dget_create_plist(dataset.handle.id) }
    switch HDF5Library.alone({ hdf5.H5Pget_layout(plan.id) }) {
    case H5D_CONTIGUOUS:
      let offset = HDF5Library.alone { hdf5.H5Dget_offset(dataset.handle.id) }
      guard offset != haddr_t.max else { return [] }
      let inner = dataset.shape.dropFirst().reduce(1, *)
      let part = rows ?? 0..<(dataset.shape.first ?? 1)
      return [
        (Int(clamping: offset) + part.lowerBound * inner * HDF5GlobalHeap.referenceWidth, part.count * inner)
      ]
    case H5D_CHUNKED where HDF5Library.alone { hdf5.H5Pget_nfilters(plan.id) } == 0: return try chunks()
    default: return []
    }
  }

  private func chunks() throws -> [(Int, Int)] {
    var count: hsize_t = 0
    let space = try HDF5Handle(dataset.description) { hdf5.H5Dget_space(dataset.handle.id) }
    try HDF5Library.check(dataset.description) {
      hdf5.H5Dget_num_chunks(dataset.handle.id, space.id, &count)
    }
    return try (0..<count).map { index in
      var (address, size, mask) = (haddr_t(0), hsize_t(0), UInt32(0))
      var offset = [hsize_t](repeating: 0, count: max(dataset.shape.count, 1))
      try HDF5Library.check(dataset.description) {
        hdf5.H5Dget_chunk_info(dataset.handle.id, space.id, index, &offset, &mask, &address, &size)
      }
      return (Int(clamping: address), Int(clamping: size) / HDF5GlobalHeap.referenceWidth)
    }
  }
}

/// The collections of objects of variable length in a file.
final class HDF5GlobalHeap {
  /// A length of four bytes, an address of eight, an index of four.
  static let referenceWidth = 16

  private let data: Data
  private let what: String
  /// Where addresses count from.
  private let base: Int
  /// Bytes of each object, by address of the collection and index.
  private var collections: [Int: [Int: Int]] = [:]

  /// Nil where addresses are not of eight bytes, which no writer in use makes, or the file cannot be mapped.
  init?(_ source: HDF5Source, _ what: String) throws {
    let plan = try HDF5Handle(what) { hdf5.H5Fget_create_plist(source.handle.id) }
    var (addresses, sizes, block) = (0, 0, hsize_t(0))
    try HDF5Library.check(what) { hdf5.H5Pget_sizes(plan.id, &addresses, &sizes) }
    try HDF5Library.check(what) { hdf5.H5Pget_userblock(plan.id, &block) }
    guard addresses == 8, sizes == 8,
      let data = try? Data(contentsOf: URL(fileURLWithPath: source.path), options: .mappedIfSafe)
    else { return nil }
    (self.data, self.what, base) = (data, what, Int(clamping: block))
  }

  /// Looks through the heaps of a file and the references of attributes of a name; both are found by their
  /// marks, and only in small files, since all of it is read.
  ///
  /// - Throws: `CajalError` naming the file and the place that is wrong.
  static func checkAttribute(_ name: String, count: Int, _ source: HDF5Source, _ what: String) throws {
    guard let size = source.size, size <= 1 << 28, let heap = try HDF5GlobalHeap(source, what) else { return }
    try heap.places(of: Data("GCOL".utf8 + [1, 0, 0, 0])) { _ = try heap.collection($0) }
    let length = name.utf8.count + 1
    try heap.places(of: Data(name.utf8 + [0])) { place in
      guard let data = heap.attributeData(nameAt: place, length) else { return }
      for index in 0..<count { try heap.check(data + index * referenceWidth, 1) }
    }
  }

  private func places(of mark: Data, _ body: (Int) throws -> Void) rethrows {
    var start = data.startIndex
    while let found = data[start...].range(of: mark) {
      try body(found.lowerBound)
      start = found.upperBound
    }
  }

  /// Where the content of an attribute of variable length begins, if its message has its name at `place`
  /// (HDF5 File Format Specification).
  private func attributeData(nameAt place: Int, _ length: Int) -> Int? {
    for version in [1, 2, 3] {
      let start = place - (version == 3 ? 9 : 8)
      guard number(start, 1) == version, number(start + 2, 2) == length, let type = number(start + 4, 2),
        let space = number(start + 6, 2)
      else { continue }
      // Only the first version fills up to eight bytes.
      func filled(_ size: Int) -> Int { version == 1 ? (size + 7) / 8 * 8 : size }
      let typePlace = place + filled(length)
      guard let kind = number(typePlace, 1), kind & 15 == 9 else { continue }
      return typePlace + filled(type) + filled(space)
    }
    return nil
  }

  /// Compares the reference at `place` with the object it names.
  func check(_ place: Int, _ width: Int) throws {
    guard let length = number(place, 4), let address = number(place + 4, 8), let index = number(place + 12, 4)
    else {
      throw CajalError("\(what): the file ends at byte \(data.count), before the reference at \(place)")
    }
    guard length > 0 || address > 0 else { return }
    let object = try collection(base + address)[index]
    // Nothing may also stand in an object of some bytes, which is read but not used.
    guard let object, length == 0 || object % width == 0 && object / width == length,
      object < 4096 || length > 0
    else {
      throw CajalError(
        "\(what): the reference at byte \(place) promises \(length) elements of \(width) bytes, "
          + (object.map { "the object it names has \($0) bytes" } ?? "it names no object"))
    }
  }

  private func collection(_ address: Int) throws -> [Int: Int] {
    if let known = collections[address] { return known }
    guard address >= 0, address <= data.count - 16, data[address..<address + 4].elementsEqual("GCOL".utf8),
      let size = number(address + 8, 8), size >= 16, size <= data.count - address
    else { throw CajalError("\(what): there is no global heap at byte \(address)") }
    var objects: [Int: Int] = [:]
    var place = address + 16
    while place + 16 <= address + size {
      let left = address + size - place
      guard let index = number(place, 2), let bytes = number(place + 8, 8), objects[index] == nil,
        index == 0 ? (16...left).contains(bytes) : bytes <= left - 16
      else { throw CajalError("\(what): the global heap at byte \(address) is damaged at byte \(place)") }
      // Index 0 is what is left, up to the end; its size includes the header.
      guard index > 0 else { break }
      objects[index] = bytes
      place += 16 + (bytes + 7) / 8 * 8
    }
    collections[address] = objects
    return objects
  }

  /// A little-endian number; nil beyond the end of the file or where it is no possible size.
  private func number(_ place: Int, _ bytes: Int) -> Int? {
    guard place >= 0, place <= data.count - bytes else { return nil }
    let value = data[place..<place + bytes].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(exactly: value).flatMap { $0 < 1 << 60 ? $0 : nil }
  }
}
