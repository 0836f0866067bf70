import Foundation
import Support

/// Any JSON value, with paths that give clear errors.
public enum JSONValue: Sendable, Codable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }

  /// The entry `key` of an object, or null.
  public subscript(key: String) -> JSONValue {
    if case .object(let object) = self { return object[key] ?? .null }
    return .null
  }

  public subscript(index: Int) -> JSONValue {
    if case .array(let array) = self, array.indices.contains(index) { return array[index] }
    return .null
  }

  public var isNull: Bool { self == .null }
  public var double: Double? { if case .number(let value) = self { value } else { nil } }
  public var int: Int? { double.flatMap { Int(exactly: $0) } }
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
  public var object: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }

  /// The number at `key`.
  /// - Throws: `CajalError` naming the key.
  public func number(_ key: String) throws -> Double {
    guard let value = self[key].double else { throw CajalError("'\(key)' should be a number") }
    return value
  }

  public func integer(_ key: String) throws -> Int {
    guard let value = self[key].int else { throw CajalError("'\(key)' should be a whole number") }
    return value
  }

  public func numbers(_ key: String) throws -> [Double] {
    guard let array = self[key].array, case let values = array.compactMap(\.double),
      values.count == array.count
    else { throw CajalError("'\(key)' should be an array of numbers") }
    return values
  }

  public func integers(_ key: String) throws -> [Int] {
    guard let array = self[key].array, case let values = array.compactMap(\.int),
      values.count == array.count
    else { throw CajalError("'\(key)' should be an array of whole numbers") }
    return values
  }

  /// An array `{"shape": […], "data": […]}`, row-major.
  public func tensor(_ key: String) throws -> (shape: [Int], data: [Double]) {
    let value = self[key]
    let shape = try value.integers("shape")
    let data = try value.numbers("data")
    guard shape.reduce(1, *) == data.count else {
      throw CajalError("'\(key)' has shape \(shape) but \(data.count) numbers")
    }
    return (shape, data)
  }
}
