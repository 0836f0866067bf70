import Foundation
import Support

/// What a pickle of plain data holds: dictionaries, lists, numbers, texts and arrays of NumPy. Nothing in the file is executed; a file that asks
/// for anything else is an error that says so.
package struct PickledData {
  private let value: PickleValue

  /// - Throws: `CajalError` naming the file and what it asks for, or where it is damaged.
  package static func read(_ url: URL) throws -> PickledData {
    guard let data = try? Data(contentsOf: url, options: .alwaysMapped) else {
      throw CajalError("cannot read \(url.path)")
    }
    return try data.withUnsafeBytes { bytes in
      var unpickler = Unpickler(bytes, path: url.path)
      return PickledData(value: try unpickler.read())
    }
  }

  /// The entry of a dictionary; empty where there is none.
  package subscript(key: String) -> PickledData {
    guard case .dictionary(let dictionary) = value,
      let found = dictionary.entries.last(where: { $0.key.string == key })
    else { return PickledData(value: .none) }
    return PickledData(value: found.value)
  }

  /// The elements of a list or tuple.
  package var items: [PickledData]? { value.tuple.map { $0.map { PickledData(value: $0) } } }

  /// The entries of a dictionary.
  package var entries: [(key: PickledData, value: PickledData)]? {
    guard case .dictionary(let dictionary) = value else { return nil }
    return dictionary.entries.map { (PickledData(value: $0.key), PickledData(value: $0.value)) }
  }

  package var integer: Int? {
    value.int ?? numbers.flatMap { $0.count == 1 ? Int(exactly: $0[0]) : nil }
  }

  package var string: String? { value.string }

  /// The numbers of a list, tuple, array or single number.
  package var numbers: [Double]? {
    switch value {
    case .int(let number): return [Double(number)]
    case .bool(let truth): return [truth ? 1 : 0]
    case .double(let number): return [number]
    case .array(let array): return array.isType ? nil : array.doubles
    default:
      guard let items else { return nil }
      let numbers = items.map { item in item.items == nil ? item.numbers : nil }
      guard numbers.allSatisfy({ $0?.count == 1 }) else { return nil }
      return numbers.map { $0![0] }
    }
  }
}
