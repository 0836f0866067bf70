import Foundation
import Support

/// A model file of the GGUF format, versions 2 and 3: metadata, then tensors, mostly in blocks of few bits.
///
/// The file is mapped: what is not asked for is not read. Every length and offset is checked before it is used.
public final class GGUFFile: Sendable {
  /// A tensor of the file.
  public struct Entry: Sendable, Equatable {
    public let name: String
    /// Row-major: the last extent is that of a row. The file lists them the other way round.
    public let shape: [Int]
    public let format: BlockFormat
    /// Where its bytes lie in the file.
    public let range: Range<Int>

    /// Elements of a row.
    public var rowLength: Int { shape.last ?? 1 }
    /// How many rows there are.
    public var rows: Int { shape.dropLast().reduce(1, *) }
  }

  /// A metadata value.
  public enum Value: Sendable, Equatable {
    case integer(Int)
    case number(Double)
    case flag(Bool)
    case text(String)
    case integers([Int])
    case numbers([Double])
    /// A list of strings: where it begins in the file's bytes, and how many there are; ``GGUFFile/texts(_:)`` reads it.
    case texts(at: Int, count: Int)
  }

  private let file: MappedFile
  public let metadata: [String: Value]
  /// In the order of the file.
  public let entries: [Entry]
  private let places: [String: Int]

  /// The path, for messages.
  public var path: String { file.path }

  /// - Throws: `CajalError` naming the file, the place and what is wrong there.
  public init(_ url: URL) throws {
    file = try MappedFile(url)
    var reader = GGUFReader(file)
    let header = try reader.header()
    metadata = try reader.metadata(header.values)
    var alignment = 32
    if let value = metadata["general.alignment"] {
      guard case .integer(let bytes) = value, bytes > 0, bytes <= 1 << 16, bytes % 8 == 0 else {
        throw CajalError("\(file.path): general.alignment is \(value), expected a multiple of 8 bytes")
      }
      alignment = bytes
    }
    entries = try reader.entries(header.tensors, alignment: alignment)
    places = Dictionary(entries.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// All bytes of the file; valid as long as the file object lives.
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(file.bytes) }

  public func contains(_ name: String) -> Bool { places[name] != nil }

  /// - Throws: `CajalError` that says which tensor is missing.
  public func entry(_ name: String) throws -> Entry {
    guard let place = places[name] else { throw CajalError("\(path) has no tensor '\(name)'") }
    return entries[place]
  }

  /// The elements of a tensor as 32-bit floats.
  public func tensor(_ name: String) throws -> Tensor {
    let entry = try entry(name)
    let result = Tensor.uninitialized(entry.shape)
    result.withUnsafeMutableElements(of: Float.self) { decode(entry, into: $0.baseAddress!) }
    return result
  }

  /// Writes all elements of an entry as 32-bit floats.
  public func decode(_ entry: Entry, into target: UnsafeMutablePointer<Float>) {
    let (width, count) = (entry.rowLength, entry.rows)
    let chunk = max(1, 65_536 / max(1, width))
    let base = SendableAddress(target)
    parallelFor((count + chunk - 1) / chunk) { index in
      for row in index * chunk..<min(count, (index + 1) * chunk) {
        self.decode(entry, row: row, into: base.pointer! + row * width)
      }
    }
  }

  /// Writes one row of an entry as 32-bit floats.
  public func decode(_ entry: Entry, row: Int, into target: UnsafeMutablePointer<Float>) {
    let bytes = entry.format.bytes(entry.rowLength)
    let start = entry.range.lowerBound + row * bytes
    entry.format.decode(
      UnsafeRawBufferPointer(rebasing: file.bytes[start..<start + bytes]), into: target,
      count: entry.rowLength)
  }

  /// Tells the system that these bytes will not be read again soon, so that they take no memory.
  public func forget(_ range: Range<Int>) {
    let page = Int(getpagesize())
    let (lower, upper) = ((range.lowerBound + page - 1) / page * page, range.upperBound / page * page)
    guard upper > lower else { return }
    madvise(file.bytes.baseAddress! + lower, upper - lower, Int32(MADV_DONTNEED))
  }
}

// Metadata by type.
extension GGUFFile {
  /// - Throws: `CajalError` naming the key when it is missing or no whole number.
  public func integer(_ key: String, default standard: Int? = nil) throws -> Int {
    switch metadata[key] {
    case .integer(let value): return value
    case nil: if let standard { return standard }
    default: break
    }
    throw CajalError("\(path): '\(key)' is \(described(key)), expected a whole number")
  }

  public func number(_ key: String, default standard: Double? = nil) throws -> Double {
    switch metadata[key] {
    case .number(let value): return value
    case .integer(let value): return Double(value)
    case nil: if let standard { return standard }
    default: break
    }
    throw CajalError("\(path): '\(key)' is \(described(key)), expected a number")
  }

  public func text(_ key: String, default standard: String? = nil) throws -> String {
    switch metadata[key] {
    case .text(let value): return value
    case nil: if let standard { return standard }
    default: break
    }
    throw CajalError("\(path): '\(key)' is \(described(key)), expected text")
  }

  /// The places of a list of strings in ``bytes``.
  public func texts(_ key: String) throws -> [Range<Int>] {
    guard case .texts(var place, let count) = metadata[key] else {
      throw CajalError("\(path): '\(key)' is \(described(key)), expected a list of texts")
    }
    // Every length was checked when the file was opened.
    return (0..<count).map { _ in
      let length = Int(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
      defer { place += 8 + length }
      return place + 8..<place + 8 + length
    }
  }

  private func described(_ key: String) -> String {
    guard let value = metadata[key] else { return "missing" }
    switch value {
    case .integers(let list): return "a list of \(list.count) whole numbers"
    case .numbers(let list): return "a list of \(list.count) numbers"
    case .texts(_, let count): return "a list of \(count) texts"
    case .text(let text): return "'\(text.prefix(40))'"
    case .integer(let value): return "\(value)"
    case .number(let value): return "\(value)"
    case .flag(let value): return "\(value)"
    }
  }
}
