/// What a restricted pickle can hold: plain containers, numbers, text and descriptions of tensors.
indirect enum PickleValue {
  case none
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case bytes([UInt8])
  case tuple([PickleValue])
  case list(PickleList)
  case dictionary(PickleDictionary)
  /// A class or function that may be named; nothing is ever called.
  case global(String)
  case storage(PickleStorage)
  case tensor(PickleTensor)
  /// An array of NumPy, or the type of its elements.
  case array(PickleArray)
  /// A mark on the stack.
  case mark

  var int: Int? {
    switch self {
    case .int(let value): value
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }
  var string: String? { if case .string(let value) = self { value } else { nil } }
  /// Bytes, also those that older pickles keep as text.
  var rawBytes: [UInt8]? {
    switch self {
    case .bytes(let bytes): bytes
    case .string(let text): Array(text.utf8)
    default: nil
    }
  }
  var tuple: [PickleValue]? {
    switch self {
    case .tuple(let values): values
    case .list(let list): list.values
    default: nil
    }
  }
  var integers: [Int]? {
    guard let values = tuple else { return nil }
    let found = values.compactMap(\.int)
    return found.count == values.count ? found : nil
  }
}

/// Lists and dictionaries are shared by reference, as the memo of a pickle demands.
final class PickleList { var values: [PickleValue] = [] }
final class PickleDictionary { var entries: [(key: PickleValue, value: PickleValue)] = [] }

/// Where the elements of tensors lie: an entry of the archive or of the stream.
struct PickleStorage {
  let key: String
  let type: ElementType
  /// Elements.
  let count: Int
}

/// A tensor over a storage.
struct PickleTensor {
  let storage: PickleStorage
  let offset: Int
  let shape: [Int]
  let strides: [Int]
}
