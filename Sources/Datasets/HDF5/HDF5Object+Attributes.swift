import CHDF5
import Foundation
import Support

extension HDF5Object {
  private var what: String { "\(filePath), '\(path)'" }

  /// The names of the attributes, in alphabetical order.
  public func attributeNames() throws -> [String] {
    let count = try HDF5Library.check(what) { hdf5.H5Aget_num_attrs(hdf5Identifier) }
    return try (0..<hsize_t(count)).map { index in
      func name(_ buffer: UnsafeMutablePointer<CChar>?, _ size: Int) -> Int {
        hdf5.H5Aget_name_by_idx(
          hdf5Identifier, ".", H5_INDEX_NAME, H5_ITER_INC, index, buffer, size, ch5_default())
      }
      let length = try HDF5Library.check("\(what), attribute \(index)") { name(nil, 0) }
      var buffer = [CChar](repeating: 0, count: length + 1)
      try HDF5Library.check("\(what), attribute \(index)") { name(&buffer, length + 1) }
      return buffer.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
  }

  public func hasAttribute(_ name: String) -> Bool {
    HDF5Library.alone { hdf5.H5Aexists(hdf5Identifier, name) } > 0
  }

  /// What an attribute holds, and its extents.
  public func attributeShape(_ name: String) throws -> (element: HDF5Element, shape: [Int]) {
    let attribute = try OpenAttribute(self, name)
    return (attribute.element, attribute.shape)
  }

  /// The numbers of an attribute row-major, converted to `Number`.
  ///
  /// - Throws: `CajalError` naming file, object and attribute when it is missing, holds no numbers or one
  ///   that does not fit.
  public func attribute<Number: HDF5Number>(_ name: String, as type: Number.Type) throws -> [Number] {
    let attribute = try OpenAttribute(self, name)
    guard attribute.element.isNumeric else {
      throw CajalError("\(attribute.what) holds \(attribute.element), not numbers")
    }
    let exact = try attribute.read(attribute.isWhole ? Int64.self : nil, Double.self)
    switch exact {
    case .whole(let values): return try values.map { try attribute.convert($0, to: type) }
    case .real(let values): return try values.map { try attribute.convert($0, to: type) }
    }
  }

  /// The texts of an attribute row-major.
  ///
  /// - Throws: `CajalError` naming file, object and attribute when it is missing or holds no text.
  public func textAttribute(_ name: String) throws -> [String] {
    let attribute = try OpenAttribute(self, name)
    guard case .text(let length) = attribute.element else {
      throw CajalError("\(attribute.what) holds \(attribute.element), not text")
    }
    if length == nil {
      try HDF5GlobalHeap.checkAttribute(name, count: attribute.count, attribute.source, attribute.what)
    }
    return try HDF5Text.read(
      length, count: attribute.count, space: attribute.space.id, attribute.source, attribute.what
    ) { type, buffer in hdf5.H5Aread(attribute.handle.id, type, buffer) }
  }

  /// The paths of the objects that an attribute refers to.
  ///
  /// - Throws: `CajalError` naming file, object and attribute when it is missing, holds no references or one
  ///   that names nothing.
  public func referenceAttribute(_ name: String) throws -> [String] {
    let attribute = try OpenAttribute(self, name)
    guard attribute.element == .reference else {
      throw CajalError("\(attribute.what) holds \(attribute.element), not references")
    }
    return try HDF5Reference.paths(attribute.count, attribute.source, attribute.what) {
      hdf5.H5Aread(attribute.handle.id, hdf5.reference, $0)
    }
  }

  /// Attaches numbers, one without axes unless `shape` is given.
  ///
  /// - Throws: `CajalError` naming the attribute, for instance when it is there already.
  public func setAttribute<Number: HDF5Number>(_ name: String, _ values: [Number], shape: [Int]? = nil) throws
  {
    let shape = shape ?? (values.count == 1 ? [] : [values.count])
    precondition(shape.reduce(1, *) == values.count, "\(values.count) numbers for shape \(shape)")
    try createAttribute(name, Number.hdf5Native, shape) { handle in
      values.withUnsafeBytes {
        hdf5.H5Awrite(handle, Number.hdf5Native, $0.baseAddress ?? UnsafeRawPointer(bitPattern: 8)!)
      }
    }
  }

  /// Attaches a text of variable length, as h5py does.
  public func setAttribute(_ name: String, _ text: String) throws {
    let type = try HDF5Text.type(nil, "\(what), attribute '\(name)'")
    try createAttribute(name, type.id, []) { handle in
      text.withCString { pointer in
        var pointer: UnsafePointer<CChar>? = pointer
        return hdf5.H5Awrite(handle, type.id, &pointer)
      }
    }
  }

  func createAttribute(_ name: String, _ type: hid_t, _ shape: [Int], _ write: (hid_t) -> herr_t) throws {
    let what = "\(what), attribute '\(name)' cannot be written"
    let space = try HDF5Handle(what) {
      hdf5.H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil)
    }
    let attribute = try HDF5Handle(what) {
      hdf5.H5Acreate2(hdf5Identifier, name, type, space.id, ch5_default(), ch5_default())
    }
    try HDF5Library.check(what) { write(attribute.id) }
  }
}

/// An attribute that is open.
private struct OpenAttribute {
  enum Numbers {
    case whole([Int64])
    case real([Double])
  }

  let handle: HDF5Handle
  let space: HDF5Handle
  let source: HDF5Source
  let what: String
  let element: HDF5Element
  let shape: [Int]
  var count: Int { shape.reduce(1, *) }
  /// Whether the elements are whole numbers that 64 bits with a sign hold.
  var isWhole: Bool {
    switch element {
    case .enumeration: true
    case .integer(let bytes, let signed): bytes < 8 || signed
    default: false
    }
  }

  init(_ object: some HDF5Object, _ name: String) throws {
    let what = "\(object.filePath), attribute '\(name)' of '\(object.path)'"
    guard object.hasAttribute(name) else { throw CajalError("\(what) is not there") }
    let handle = try HDF5Handle(what) { hdf5.H5Aopen(object.hdf5Identifier, name, ch5_default()) }
    let space = try HDF5Handle(what) { hdf5.H5Aget_space(handle.id) }
    let type = try HDF5Handle(what) { hdf5.H5Aget_type(handle.id) }
    let shape = try HDF5Shape.read(space, what)
    let source = (object as? HDF5Group)?.source ?? (object as! HDF5Dataset).source
    _ = try source.bytes(
      HDF5Shape.count(shape, what), of: HDF5Library.alone { Int(hdf5.H5Tget_size(type.id)) }, what)
    element = try HDF5Element(type)
    (self.handle, self.space, self.source, self.what, self.shape) = (handle, space, source, what, shape)
  }

  /// The library converts attributes without a word where numbers do not fit, so they are read in full width.
  func read(_ whole: Int64.Type?, _ real: Double.Type) throws -> Numbers {
    if whole != nil {
      var values = [Int64](repeating: 0, count: count)
      if count > 0 { try HDF5Library.check(what) { hdf5.H5Aread(handle.id, Int64.hdf5Native, &values) } }
      return .whole(values)
    }
    var values = [Double](repeating: 0, count: count)
    if count > 0 { try HDF5Library.check(what) { hdf5.H5Aread(handle.id, Double.hdf5Native, &values) } }
    return .real(values)
  }

  func convert<Number: HDF5Number>(_ value: Int64, to type: Number.Type) throws -> Number {
    guard let number = type.hdf5Exactly(value) else {
      throw CajalError("\(what) holds \(value), which is no \(type)")
    }
    return number
  }

  func convert<Number: HDF5Number>(_ value: Double, to type: Number.Type) throws -> Number {
    guard let number = type.hdf5Exactly(value) else {
      throw CajalError("\(what) holds \(value), which is no \(type)")
    }
    return number
  }
}
