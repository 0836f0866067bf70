import Support

/// An array or element type of NumPy in a pickle: it is named first, and described by an instruction that follows.
final class PickleArray {
  /// NumPy's letter and width: "f8".
  var code = ""
  var isBigEndian = false
  var shape: [Int] = []
  var bytes: [UInt8] = []
  /// Whether this is a type alone.
  var isType = false
  /// Whether elements lie column by column.
  var isColumnMajor = false

  /// Takes the state that a pickle gives an array or a type.
  func build(_ state: PickleValue, _ path: String) throws {
    guard let parts = state.tuple else { throw damaged(path, "a state that is no tuple") }
    if isType {
      guard parts.count >= 2, let order = parts[1].string else {
        throw damaged(path, "a type without byte order")
      }
      isBigEndian = order == ">"
      return
    }
    guard parts.count >= 5, let shape = parts[1].integers, case .array(let type) = parts[2], type.isType,
      let bytes = parts[4].rawBytes
    else { throw damaged(path, "an array whose description cannot be read") }
    isColumnMajor = parts[3].int == 1
    try take(type: type, shape: shape, bytes: bytes, path)
  }

  func take(type: PickleArray, shape: [Int], bytes: [UInt8], _ path: String) throws {
    (code, isBigEndian) = (type.code, type.isBigEndian)
    guard let width = Self.width(code), shape.allSatisfy({ $0 >= 0 && $0 < 1 << 40 }) else {
      throw damaged(path, "an array of type '\(code)' and shape \(shape); numbers are read")
    }
    let count = shape.reduce(1.0) { $0 * Double($1) }
    guard Double(bytes.count) == count * Double(width) else {
      throw damaged(path, "an array of shape \(shape) of '\(code)' over \(bytes.count) bytes")
    }
    guard !isColumnMajor || shape.count < 2 else {
      throw damaged(path, "an array of shape \(shape) that lies column by column")
    }
    (self.shape, self.bytes) = (shape, bytes)
  }

  private func damaged(_ path: String, _ what: String) -> CajalError { CajalError("\(path) holds \(what)") }

  static func width(_ code: String) -> Int? {
    [
      "f8": 8, "f4": 4, "f2": 2, "i8": 8, "i4": 4, "i2": 2, "i1": 1, "u8": 8, "u4": 4, "u2": 2, "u1": 1,
      "b1": 1,
    ][code]
  }

  /// The elements as numbers, in the order in which they lie.
  var doubles: [Double] {
    guard let width = Self.width(code) else { return [] }
    return bytes.withUnsafeBytes { raw in
      func number<Bits: FixedWidthInteger>(_ index: Int, _: Bits.Type) -> Bits {
        let bits = raw.loadUnaligned(fromByteOffset: index * width, as: Bits.self)
        return isBigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits)
      }
      return (0..<bytes.count / width).map { index in
        switch code {
        case "f8": Double(bitPattern: number(index, UInt64.self))
        case "f4": Double(Float(bitPattern: number(index, UInt32.self)))
        case "f2": Double(Float16(bitPattern: number(index, UInt16.self)))
        case "i8": Double(number(index, Int64.self))
        case "i4": Double(number(index, Int32.self))
        case "i2": Double(number(index, Int16.self))
        case "i1": Double(number(index, Int8.self))
        case "u8": Double(number(index, UInt64.self))
        case "u4": Double(number(index, UInt32.self))
        case "u2": Double(number(index, UInt16.self))
        default: Double(number(index, UInt8.self))
        }
      }
    }
  }
}
