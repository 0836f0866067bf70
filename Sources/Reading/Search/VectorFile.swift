import Datasets
import Foundation
import Support

/// Vectors of texts in a file, each under the SHA-256 of its text: what has been encoded once need not be again.
///
/// Layout, little-endian: "CAJALVEC", the format's number and the width as 32-bit integers, the number of vectors and three
/// numbers that tell the model's file (size, seconds and nanoseconds of its last change) as 64-bit ones; then 32 bytes
/// of hash a text, sorted; then their vectors as 32-bit floats.
struct VectorFile {
  /// Which file a model was read from, as far as its folder tells.
  struct ModelStamp: Equatable {
    var size: Int64 = 0
    var seconds: Int64 = 0
    var nanoseconds: Int64 = 0
  }

  private static let mark = Array("CAJALVEC".utf8)
  private static let header = 48
  private static let format: UInt32 = 1
  private let data: Data
  let width: Int
  let count: Int
  let model: ModelStamp

  /// - Throws: `CajalError` naming the file when it is not whole.
  init(_ url: URL) throws {
    guard let data = try? Data(contentsOf: url, options: .mappedIfSafe) else {
      throw CajalError("cannot read \(url.path)")
    }
    func number<Value: FixedWidthInteger>(_ offset: Int, _: Value.Type) -> Value {
      data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self).littleEndian }
    }
    guard data.count >= Self.header, Array(data.prefix(8)) == Self.mark, number(8, UInt32.self) == Self.format
    else { throw CajalError("\(url.path) is no file of vectors of this version") }
    (width, count) = (Int(number(12, UInt32.self)), Int(clamping: number(16, Int64.self)))
    guard (1...65_536).contains(width), (0...100_000_000).contains(count),
      data.count == Self.header + count * (32 + 4 * width)
    else {
      throw CajalError("\(url.path) has \(data.count) bytes, which is not as its beginning says")
    }
    model = ModelStamp(
      size: number(24, Int64.self), seconds: number(32, Int64.self), nanoseconds: number(40, Int64.self))
    self.data = data
  }

  static func write(_ vectors: [String: [Float]], width: Int, model: ModelStamp, to url: URL) throws {
    var data = Data(mark)
    func append(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
    }
    append(format)
    append(UInt32(width))
    append(Int64(vectors.count))
    append(model.size)
    append(model.seconds)
    append(model.nanoseconds)
    let sorted = vectors.sorted { $0.key < $1.key }
    for (key, _) in sorted { data.append(contentsOf: bytes(of: key)) }
    for (_, vector) in sorted {
      precondition(vector.count == width)
      for value in vector { append(value.bitPattern) }
    }
    try AtomicFile.write(data, to: url)
  }

  /// What a text is known by.
  static func key(_ text: String) -> String { Fingerprint.of(Data(text.utf8)) }

  /// The vector of a text.
  subscript(key: String) -> [Float]? {
    guard let place = place(of: key) else { return nil }
    return vector(place)
  }

  private func place(of key: String) -> Int? {
    let wanted = Self.bytes(of: key)
    guard wanted.count == 32 else { return nil }
    return data.withUnsafeBytes { bytes in
      var (low, high) = (0, count)
      while low < high {
        let middle = (low + high) / 2
        let order = memcmp(bytes.baseAddress! + Self.header + 32 * middle, wanted, 32)
        if order == 0 { return middle }
        if order < 0 { low = middle + 1 } else { high = middle }
      }
      return nil
    }
  }

  private func vector(_ place: Int) -> [Float] {
    data.withUnsafeBytes { bytes in
      let start = Self.header + 32 * count + 4 * width * place
      return (0..<width).map {
        Float(
          bitPattern: bytes.loadUnaligned(fromByteOffset: start + 4 * $0, as: UInt32.self).littleEndian)
      }
    }
  }

  /// All vectors under the hashes of their texts.
  var all: [String: [Float]] {
    let keys = (0..<count).map { place in
      data[Self.header + 32 * place..<Self.header + 32 * (place + 1)].map { String(format: "%02x", $0) }
        .joined()
    }
    return Dictionary(zip(keys, (0..<count).map(vector)), uniquingKeysWith: { first, _ in first })
  }

  private static func bytes(of key: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Substring(key)
    while !rest.isEmpty {
      guard let byte = UInt8(rest.prefix(2), radix: 16) else { return [] }
      bytes.append(byte)
      rest = rest.dropFirst(2)
    }
    return bytes
  }
}
