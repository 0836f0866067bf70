import Support

/// The names that a pickle of tensors may use, and what each stands for.
enum PickleNames {
  private static let storages: [String: ElementType] = [
    "DoubleStorage": .float64, "FloatStorage": .float32, "HalfStorage": .float16,
    "BFloat16Storage": .bfloat16,
    "LongStorage": .int64, "IntStorage": .int32, "ShortStorage": .int16, "CharStorage": .int8,
    "ByteStorage": .uint8,
    "BoolStorage": .bool, "ComplexFloatStorage": .complex64, "ComplexDoubleStorage": .complex128,
  ]
  private static let plain: Set<String> = [
    "collections.OrderedDict", "collections.defaultdict", "builtins.set", "builtins.dict", "builtins.list",
    "__builtin__.set", "__builtin__.dict", "__builtin__.list", "torch.Size", "torch.device", "_codecs.encode",
    "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_parameter",
    "torch.nn.parameter.Parameter", "numpy.ndarray", "numpy.dtype",
  ]
  /// Functions that make NumPy's arrays and numbers; the module was renamed in version 2.
  private static let arrays: [String: ArrayMaker] = Dictionary(
    uniqueKeysWithValues: ["numpy.core", "numpy._core"].flatMap { module in
      [
        ("\(module).multiarray._reconstruct", ArrayMaker.empty), ("\(module).multiarray.scalar", .number),
        ("\(module).numeric._frombuffer", .filled),
      ]
    })

  private enum ArrayMaker { case empty, number, filled }
  private static let types: Set<String> = [
    "float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool", "double",
    "float",
    "half", "long", "int", "short", "complex64", "complex128",
  ]

  /// - Throws: `CajalError` that names what the file asks for.
  static func checked(_ name: String, _ path: String) throws -> String {
    let parts = name.split(separator: ".").map(String.init)
    let isTorch = parts.count == 2 && parts[0] == "torch"
    guard
      plain.contains(name) || arrays[name] != nil
        || isTorch && (storages[parts[1]] != nil || types.contains(parts[1]))
    else {
      throw CajalError(
        "\(path) asks for '\(name)'; only tensors and plain containers are read, nothing is executed")
    }
    return name
  }

  /// The storage that a persistent identifier `('storage', type, key, device, count)` describes.
  static func storage(_ value: PickleValue, _ path: String) throws -> PickleStorage {
    guard let parts = value.tuple, parts.count >= 5, parts[0].string == "storage",
      case .global(let name) = parts[1], let type = storages[String(name.dropFirst("torch.".count))],
      let key = parts[2].string ?? parts[2].int.map(String.init), let count = parts[4].int, count >= 0
    else { throw CajalError("\(path) describes the elements of a tensor in a way that is not known") }
    return PickleStorage(key: key, type: type, count: count)
  }

  /// What a call of `function` stands for.
  static func result(of function: PickleValue, _ arguments: PickleValue, _ path: String) throws -> PickleValue
  {
    guard case .global(let name) = function, let values = arguments.tuple else {
      throw CajalError("\(path) calls something that has no name")
    }
    if let maker = arrays[name] { return .array(try array(maker, values, path)) }
    switch name {
    case "numpy.dtype":
      guard let code = values.first?.string else {
        throw CajalError("\(path) names a type of NumPy without a code")
      }
      let type = PickleArray()
      (type.code, type.isType) = (code, true)
      return .array(type)
    case "_codecs.encode":
      // Python 3 writes bytes so for older readers.
      guard let text = values.first?.string else {
        throw CajalError("\(path) encodes something that is no text")
      }
      return .bytes(text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
    case "collections.OrderedDict", "collections.defaultdict", "builtins.dict", "__builtin__.dict":
      return .dictionary(PickleDictionary())
    case "builtins.set", "builtins.list", "__builtin__.set", "__builtin__.list":
      return values.first ?? .list(PickleList())
    case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2":
      return .tensor(try tensor(values, path))
    case "torch._utils._rebuild_parameter", "torch.nn.parameter.Parameter", "torch.Size", "torch.device":
      guard let first = values.first else { throw CajalError("\(path) calls \(name) without arguments") }
      return first
    default: throw CajalError("\(path) calls '\(name)'; only tensors and plain containers are read")
    }
  }

  /// An array still to be described, a number, or an array over bytes.
  private static func array(_ maker: ArrayMaker, _ values: [PickleValue], _ path: String) throws
    -> PickleArray
  {
    let result = PickleArray()
    switch maker {
    case .empty: break
    case .number:
      guard values.count >= 2, case .array(let type) = values[0], type.isType, let bytes = values[1].rawBytes
      else {
        throw CajalError("\(path) holds a number of NumPy that cannot be read")
      }
      try result.take(type: type, shape: [1], bytes: bytes, path)
    case .filled:
      guard values.count >= 3, let bytes = values[0].rawBytes, case .array(let type) = values[1], type.isType,
        let shape = values[2].integers
      else { throw CajalError("\(path) holds an array of NumPy that cannot be read") }
      result.isColumnMajor = values.count > 3 && values[3].string == "F"
      try result.take(type: type, shape: shape, bytes: bytes, path)
    }
    return result
  }

  /// A tensor from `(storage, offset, shape, strides, …)`, every element inside its storage.
  private static func tensor(_ values: [PickleValue], _ path: String) throws -> PickleTensor {
    guard values.count >= 4, case .storage(let storage) = values[0], let offset = values[1].int,
      let shape = values[2].integers, let strides = values[3].integers, shape.count == strides.count
    else { throw CajalError("\(path) holds a tensor whose description cannot be read") }
    let sizes = shape + strides + [offset]
    guard sizes.allSatisfy({ $0 >= 0 && $0 < 1 << 40 }), shape.count <= 64 else {
      throw CajalError("\(path) holds a tensor of shape \(shape), strides \(strides) and offset \(offset)")
    }
    if !shape.contains(0) {
      let last = zip(shape, strides).reduce(Double(offset)) { $0 + Double($1.0 - 1) * Double($1.1) }
      guard last < Double(storage.count) else {
        throw CajalError(
          "\(path) holds a tensor of shape \(shape), strides \(strides) and offset \(offset) over \(storage.count) elements"
        )
      }
    }
    return PickleTensor(storage: storage, offset: offset, shape: shape, strides: strides)
  }
}
