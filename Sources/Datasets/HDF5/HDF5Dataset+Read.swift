import CHDF5
import Foundation
import Support

extension HDF5Dataset {
  /// The elements row-major, converted to `Number`; all of them, or a range of each axis.
  ///
  /// - Parameter ranges: The part to read, outermost axis first; axes that are not named are read whole.
  ///   Reading `[k..<k + n]` again and again goes through a large file in rows.
  /// - Throws: `CajalError` naming file and dataset when the elements are no numbers, a range goes beyond its
  ///   axis, a number does not fit into `Number` (too large, or a fraction where whole numbers are wanted) or
  ///   the file is damaged.
  public func read<Number: HDF5Number>(_ type: Number.Type, in ranges: [Range<Int>] = []) throws -> [Number] {
    guard element.isNumeric else { throw CajalError("\(description) holds \(element), not numbers") }
    return try read(type, ranges, memoryType: Number.hdf5Native, width: width)
  }

  /// The single number of a dataset without axes, or with one element.
  public func readNumber<Number: HDF5Number>(_ type: Number.Type) throws -> Number {
    guard count == 1 else { throw CajalError("\(description) has shape \(shape), one number was expected") }
    return try read(type)[0]
  }

  /// One field of records, as ``read(_:in:)`` reads plain numbers.
  public func read<Number: HDF5Number>(_ type: Number.Type, field: String, in ranges: [Range<Int>] = [])
    throws -> [Number]
  {
    guard case .record(let fields) = element, fields.contains(field) else {
      throw CajalError("\(description) holds \(element), which has no field '\(field)'")
    }
    let whole = try HDF5Handle(description) { hdf5.H5Dget_type(handle.id) }
    let index = HDF5Library.alone { hdf5.H5Tget_member_index(whole.id, field) }
    let member = try HDF5Element(
      HDF5Handle(description) { hdf5.H5Tget_member_type(whole.id, UInt32(max(index, 0))) })
    guard member.isNumeric else {
      throw CajalError("\(description), field '\(field)' holds \(member), not numbers")
    }
    let record = try HDF5Handle(description) { hdf5.H5Tcreate(H5T_COMPOUND, MemoryLayout<Number>.size) }
    try HDF5Library.check(description) { hdf5.H5Tinsert(record.id, field, 0, Number.hdf5Native) }
    return try read(type, ranges, memoryType: record.id, width: width)
  }

  /// Rows of different lengths, flattened if there are several axes; or only the rows of a range of the first
  /// axis.
  ///
  /// - Throws: `CajalError` naming file and dataset when it holds no such rows or they are damaged.
  public func readRows<Number: HDF5Number>(_ type: Number.Type, rows range: Range<Int>? = nil) throws
    -> [[Number]]
  {
    guard case .rows(let inner) = element, inner.isNumeric else {
      throw CajalError("\(description) holds \(element), not rows of numbers")
    }
    try HDF5VariableCheck(self).run(rows: range)
    let row = try HDF5Handle(description) { hdf5.H5Tvlen_create(Number.hdf5Native) }
    return try withSelection(range.map { [$0] } ?? []) { memory, space, count in
      _ = try source.bytes(count, of: max(width, MemoryLayout<hvl_t>.size), description)
      var raw = [hvl_t](repeating: hvl_t(), count: count)
      let transfer = try exactTransfer(toFloat: Number.isFloatingPoint)
      defer { reclaim(row, memory, &raw) }
      try HDF5Library.check("\(description): rows cannot be read as \(Number.self)") {
        hdf5.H5Dread(handle.id, row.id, memory, space, transfer.id, &raw)
      }
      return try copy(raw)
    }
  }

  private func copy<Number: HDF5Number>(_ raw: [hvl_t]) throws -> [[Number]] {
    try raw.enumerated().map { index, row in
      guard row.len > 0 else { return [] }
      guard let start = row.p else { throw CajalError("\(description): row \(index) has no elements") }
      return Array(
        UnsafeBufferPointer(start: start.assumingMemoryBound(to: Number.self), count: Int(row.len)))
    }
  }

  /// Texts row-major, of fixed or variable length; padding is dropped.
  ///
  /// - Throws: `CajalError` naming file and dataset when it holds no text, the text is not UTF-8 or damaged.
  public func readTexts(in ranges: [Range<Int>] = []) throws -> [String] {
    guard case .text(let length) = element else {
      throw CajalError("\(description) holds \(element), not text")
    }
    if length == nil { try HDF5VariableCheck(self).run(rows: ranges.first) }
    return try withSelection(ranges) { memory, space, count in
      try HDF5Text.read(length, count: count, space: memory, source, description) { type, buffer in
        hdf5.H5Dread(handle.id, type, memory, space, ch5_default(), buffer)
      }
    }
  }

  /// The single text of a dataset without axes, or with one element.
  public func readText() throws -> String {
    guard count == 1 else { throw CajalError("\(description) has shape \(shape), one text was expected") }
    return try readTexts()[0]
  }

  private func read<Number: HDF5Number>(
    _ type: Number.Type, _ ranges: [Range<Int>], memoryType: hid_t, width: Int
  ) throws -> [Number] {
    try withSelection(ranges) { memory, space, count in
      _ = try source.bytes(count, of: width, description)
      let transfer = try exactTransfer(toFloat: Number.isFloatingPoint)
      return try [Number](unsafeUninitializedCapacity: count) { buffer, initialized in
        guard count > 0 else { return }
        try HDF5Library.check("\(description) cannot be read as \(Number.self)") {
          hdf5.H5Dread(handle.id, memoryType, memory, space, transfer.id, buffer.baseAddress!)
        }
        initialized = count
      }
    }
  }

  /// Gives `body` the spaces of memory and file for a part of the array, and the number of elements.
  private func withSelection<Value>(
    _ ranges: [Range<Int>], _ body: (_ memory: hid_t, _ file: hid_t, _ count: Int) throws -> Value
  ) throws -> Value {
    guard !ranges.isEmpty else {
      let space = try HDF5Handle(description) { hdf5.H5Dget_space(handle.id) }
      return try body(space.id, ch5_all(), count)
    }
    guard ranges.count <= shape.count,
      zip(ranges, shape).allSatisfy({ $0.lowerBound >= 0 && $0.upperBound <= $1 })
    else { throw CajalError("\(description): the part \(ranges) lies outside of shape \(shape)") }
    let all = ranges + shape[ranges.count...].map { 0..<$0 }
    let (start, extent) = (all.map { hsize_t($0.lowerBound) }, all.map { hsize_t($0.count) })
    let space = try HDF5Handle(description) { hdf5.H5Dget_space(handle.id) }
    let memory = try HDF5Handle(description) { hdf5.H5Screate_simple(Int32(all.count), extent, nil) }
    try HDF5Library.check(description) {
      hdf5.H5Sselect_hyperslab(space.id, H5S_SELECT_SET, start, nil, extent, nil)
    }
    return try body(memory.id, space.id, all.reduce(1) { $0 * $1.count })
  }

  /// A transfer that fails where a number would change.
  private func exactTransfer(toFloat: Bool) throws -> HDF5Handle {
    let transfer = try HDF5Handle(description) { hdf5.H5Pcreate(hdf5.transfer) }
    try HDF5Library.check(description) { ch5_set_exact_conversion(transfer.id, toFloat ? 1 : 0) }
    return transfer
  }

  private func reclaim(_ type: HDF5Handle, _ space: hid_t, _ rows: inout [hvl_t]) {
    guard !rows.isEmpty else { return }
    _ = HDF5Library.alone { hdf5.H5Dvlen_reclaim(type.id, space, ch5_default(), &rows) }
  }
}
