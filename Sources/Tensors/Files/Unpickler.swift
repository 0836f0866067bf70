import Foundation
import Support

/// Reads pickles that hold nothing but tensors, NumPy's arrays and plain containers.
///
/// A pickle is a program that may name any function and call it. Here only the few names that `torch.save` and NumPy need are
/// known, and none is ever executed: whatever else a file asks for is an error that says so.
struct Unpickler {
  private let bytes: UnsafeRawBufferPointer
  private let path: String
  /// The next byte to be read.
  private(set) var offset: Int
  private var stack: [PickleValue] = []
  private var memo: [Int: PickleValue] = [:]

  init(_ bytes: UnsafeRawBufferPointer, from offset: Int = 0, path: String) {
    self.bytes = bytes
    self.offset = offset
    self.path = path
  }

  /// Reads one pickle to its end.
  ///
  /// - Throws: `CajalError` naming the file and the byte.
  mutating func read() throws -> PickleValue {
    stack = []
    memo = [:]
    while true {
      let code = try byte()
      if code == UInt8(ascii: ".") { return try pop() }
      try execute(code)
      guard stack.count < 10_000_000 else { throw error("a stack that grows without end") }
    }
  }

  private mutating func execute(_ code: UInt8) throws {
    switch code {
    case 0x80: offset += 1  // protocol
    case 0x95: offset += 8  // frame
    case UInt8(ascii: "("): stack.append(.mark)
    case UInt8(ascii: "0"): _ = try pop()
    case UInt8(ascii: "N"): stack.append(.none)
    case 0x88: stack.append(.bool(true))
    case 0x89: stack.append(.bool(false))
    case UInt8(ascii: "J"): stack.append(.int(Int(try number(Int32.self))))
    case UInt8(ascii: "K"): stack.append(.int(Int(try number(UInt8.self))))
    case UInt8(ascii: "M"): stack.append(.int(Int(try number(UInt16.self))))
    case 0x8A: stack.append(try long(Int(try number(UInt8.self))))
    case UInt8(ascii: "G"): stack.append(.double(Double(bitPattern: try number(UInt64.self).byteSwapped)))
    case UInt8(ascii: "X"): stack.append(.string(try text(Int(try number(UInt32.self)))))
    case 0x8C: stack.append(.string(try text(Int(try number(UInt8.self)))))
    case UInt8(ascii: "U"): stack.append(oldText(try take(Int(try number(UInt8.self)))))
    case UInt8(ascii: "T"): stack.append(oldText(try take(Int(try number(UInt32.self)))))
    case UInt8(ascii: "C"): stack.append(.bytes(try take(Int(try number(UInt8.self)))))
    case UInt8(ascii: "B"): stack.append(.bytes(try take(Int(try number(UInt32.self)))))
    case 0x8E, 0x96: stack.append(.bytes(try take(Int(clamping: try number(UInt64.self)))))
    default: try executeContainer(code)
    }
  }

  private mutating func executeContainer(_ code: UInt8) throws {
    switch code {
    case UInt8(ascii: ")"): stack.append(.tuple([]))
    case UInt8(ascii: "t"): stack.append(.tuple(try popToMark()))
    case 0x85, 0x86, 0x87: stack.append(.tuple(try (0..<Int(code) - 0x84).map { _ in try pop() }.reversed()))
    case UInt8(ascii: "]"), 0x8F: stack.append(.list(PickleList()))
    case UInt8(ascii: "l"): stack.append(list(try popToMark()))
    case UInt8(ascii: "}"): stack.append(.dictionary(PickleDictionary()))
    case UInt8(ascii: "a"): try append([pop()])
    case UInt8(ascii: "e"), 0x90: try append(popToMark())
    case UInt8(ascii: "s"):
      let value = try pop()
      try set([try pop(), value])
    case UInt8(ascii: "u"): try set(popToMark())
    case UInt8(ascii: "q"): memo[Int(try number(UInt8.self))] = try top()
    case UInt8(ascii: "r"): memo[Int(try number(UInt32.self))] = try top()
    case 0x94: memo[memo.count] = try top()
    case UInt8(ascii: "h"): stack.append(try remembered(Int(try number(UInt8.self))))
    case UInt8(ascii: "j"): stack.append(try remembered(Int(try number(UInt32.self))))
    default: try executeName(code)
    }
  }

  private mutating func executeName(_ code: UInt8) throws {
    switch code {
    case UInt8(ascii: "c"):
      let module = try line()
      stack.append(.global(try PickleNames.checked("\(module).\(try line())", path)))
    case 0x93:
      let (name, module) = (try pop().string ?? "", try pop().string ?? "")
      stack.append(.global(try PickleNames.checked("\(module).\(name)", path)))
    case UInt8(ascii: "Q"): stack.append(.storage(try PickleNames.storage(pop(), path)))
    case UInt8(ascii: "R"):
      let arguments = try pop()
      stack.append(try PickleNames.result(of: pop(), arguments, path))
    case UInt8(ascii: "b"):
      let state = try pop()
      // Otherwise attributes of a container, such as a state dictionary's versions.
      if case .array(let array) = try top() { try array.build(state, path) }
    default: throw error(String(format: "an instruction %02x that is not supported", code))
    }
  }

  private mutating func append(_ values: [PickleValue]) throws {
    guard case .list(let list) = try top() else { throw error("items for something that is no list") }
    list.values += values
  }

  private mutating func set(_ pairs: [PickleValue]) throws {
    guard case .dictionary(let dictionary) = try top(), pairs.count % 2 == 0 else {
      throw error("items for something that is no dictionary")
    }
    for index in stride(from: 0, to: pairs.count, by: 2) {
      dictionary.entries.append((pairs[index], pairs[index + 1]))
    }
  }

  private func list(_ values: [PickleValue]) -> PickleValue {
    let list = PickleList()
    list.values = values
    return .list(list)
  }

  private mutating func pop() throws -> PickleValue {
    guard let value = stack.popLast() else { throw error("an instruction that lacks its operand") }
    return value
  }

  private func top() throws -> PickleValue {
    guard let value = stack.last else { throw error("an instruction that lacks its operand") }
    return value
  }

  private mutating func popToMark() throws -> [PickleValue] {
    guard let index = stack.lastIndex(where: { if case .mark = $0 { true } else { false } }) else {
      throw error("an instruction that lacks its mark")
    }
    defer { stack.removeSubrange(index...) }
    return Array(stack[(index + 1)...])
  }

  private func remembered(_ index: Int) throws -> PickleValue {
    guard let value = memo[index] else { throw error("a reference to what was not kept") }
    return value
  }

  // Bytes.

  private mutating func take(_ count: Int) throws -> [UInt8] {
    guard count >= 0, count <= bytes.count - offset else {
      throw CajalError(
        "\(path) ends at byte \(bytes.count), inside a pickle that needs \(count) bytes from \(offset)")
    }
    defer { offset += count }
    return Array(bytes[offset..<offset + count])
  }

  private mutating func byte() throws -> UInt8 { try take(1)[0] }

  private mutating func number<Value: FixedWidthInteger>(_: Value.Type) throws -> Value {
    try take(MemoryLayout<Value>.size).withUnsafeBytes {
      Value(littleEndian: $0.loadUnaligned(as: Value.self))
    }
  }

  private mutating func text(_ count: Int) throws -> String {
    String(decoding: try take(count), as: UTF8.self)
  }

  /// Text of Python 2, which kept bytes in it as well.
  private func oldText(_ bytes: [UInt8]) -> PickleValue {
    String(validating: bytes, as: UTF8.self).map { .string($0) } ?? .bytes(bytes)
  }

  private mutating func line() throws -> String {
    guard let end = bytes[offset...].firstIndex(of: 0x0A) else { throw error("a name without end") }
    defer { offset = end + 1 }
    return String(decoding: bytes[offset..<end], as: UTF8.self)
  }

  /// A whole number of any length; what does not fit becomes a number with a point.
  private mutating func long(_ count: Int) throws -> PickleValue {
    let digits = try take(count)
    guard count > 8 else {
      let sign: UInt8 = (digits.last ?? 0) & 0x80 == 0 ? 0 : 0xFF
      let padded = digits + [UInt8](repeating: sign, count: 8 - count)
      return .int(padded.withUnsafeBytes { $0.loadUnaligned(as: Int.self) })
    }
    return .double(digits.reversed().reduce(0) { $0 * 256 + Double($1) })
  }

  private func error(_ what: String) -> CajalError {
    CajalError("\(path) asks, before byte \(offset), for \(what)")
  }
}
