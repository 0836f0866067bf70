import Foundation
import Support

/// AEDAT 4, the format of iniVation's DV: packets of flatbuffers, plain or packed with LZ4 or Zstandard.
///
/// `#!AER-DAT4.0`, a header (how packets are packed, where the table of packets begins, and the streams
/// described in XML), then packets: number of the stream, bytes, content.
public enum AEDAT4 {
  private static let mark = Array("#!AER-DAT4.0\r\n".utf8)

  /// Reads the events of the first stream of events, or of a given one.
  ///
  /// - Throws: `CajalError` naming file and byte of what is wrong.
  public static func read(_ url: URL, stream: Int? = nil) throws -> EventStream {
    guard let data = try? Data(contentsOf: url, options: .mappedIfSafe) else {
      throw CajalError("cannot read \(url.path)")
    }
    let bytes = [UInt8](data)
    guard bytes.starts(with: mark) else {
      throw CajalError("\(url.path) is no AEDAT 4 file: it does not start with #!AER-DAT4.0")
    }
    let file = ByteReader(bytes[...], url.path)
    let size = try Int(file.number(mark.count, as: UInt32.self))
    let header = try Header(file.part(mark.count + 4, size), url.path)
    let description = try header.events(stream, url.path)
    var events = Events()
    var offset = mark.count + 4 + size
    let end = try header.end(of: file, after: offset)
    while offset < end {
      let number = try Int(file.number(offset, as: Int32.self))
      let length = try Int(file.number(offset + 4, as: Int32.self))
      guard length >= 0, offset + 8 + length <= end else {
        throw CajalError(
          "\(url.path): the packet at byte \(offset) promises \(length) bytes, \(end - offset - 8) are left")
      }
      if number == description.number {
        let packed = try file.part(offset + 8, length)
        let place = "\(url.path), packet at byte \(offset)"
        try events.add(ByteReader(header.packing.unpack(packed, place)[...], place))
      }
      offset += 8 + length
    }
    return try EventStream(
      width: description.width, height: description.height, x: events.x, y: events.y,
      polarity: events.polarity,
      times: events.times, name: url.path)
  }

  /// The table at the start.
  private struct Header {
    let packing: EventPacking
    /// Where the table of packets begins; negative if there is none.
    let tablePosition: Int64
    let xml: String

    init(_ bytes: ArraySlice<UInt8>, _ path: String) throws {
      let table = try FlatTable(root: ByteReader(bytes, "\(path), header"), identifier: "IOHE")
      let code = try table.number(0, as: Int32.self) ?? 0
      guard let packing = EventPacking(rawValue: code) else {
        throw CajalError("\(path): packing \(code) is not known; none, LZ4 and Zstandard are")
      }
      self.packing = packing
      tablePosition = try table.number(1, as: Int64.self) ?? -1
      xml = try table.text(2) ?? ""
    }

    /// Where packets end.
    func end(of file: ByteReader, after start: Int) throws -> Int {
      guard tablePosition >= 0 else { return file.count }
      guard let end = Int(exactly: tablePosition), end >= start, end <= file.count else {
        throw CajalError(
          "\(file.what): the table of packets is said to be at byte \(tablePosition) of \(file.count)")
      }
      return end
    }

    /// A stream of events, with its sensor's size.
    func events(_ wanted: Int?, _ path: String) throws -> (number: Int, width: Int, height: Int) {
      // Each stream is a node named by its number, in which a node `info` has the size.
      let parts = xml.matches(of: /<node name="(\d+)"/)
      for (index, part) in parts.enumerated() {
        let end = index + 1 < parts.count ? parts[index + 1].range.lowerBound : xml.endIndex
        let text = xml[part.range.lowerBound..<end]
        guard let number = Int(part.1), wanted == nil || number == wanted,
          text.contains(/typeIdentifier"[^>]*>EVTS</),
          let width = text.firstMatch(of: /sizeX"[^>]*>(\d+)</).flatMap({ Int($0.1) }),
          let height = text.firstMatch(of: /sizeY"[^>]*>(\d+)</).flatMap({ Int($0.1) })
        else { continue }
        return (number, width, height)
      }
      throw CajalError("\(path) holds no \(wanted.map { "stream \($0)" } ?? "stream") of events")
    }
  }

  private struct Events {
    var (x, y, polarity, times) = ([UInt16](), [UInt16](), [UInt8](), [Int64]())

    /// Adds a packet: a table whose only field is a vector of (time, column, row, polarity), 16 bytes each.
    mutating func add(_ packet: ByteReader) throws {
      let size = try Int(packet.number(0, as: UInt32.self))
      let table = try FlatTable(root: ByteReader(packet.part(4, size), packet.what), identifier: "EVTS")
      guard let vector = try table.vector(0, width: 16) else { return }
      for index in 0..<vector.count / 16 {
        times.append(try vector.number(16 * index))
        x.append(try vector.number(16 * index + 8))
        y.append(try vector.number(16 * index + 10))
        polarity.append(try vector.number(16 * index + 12, as: UInt8.self) == 0 ? 0 : 1)
      }
    }
  }
}

/// The little of Google's flatbuffers that is needed: fields of a table by their number.
private struct FlatTable {
  private let reader: ByteReader
  private let place: Int
  private let fields: Int
  private let fieldCount: Int

  /// The table at the root of a buffer.
  init(root reader: ByteReader, identifier: String) throws {
    guard try reader.part(4, 4).elementsEqual(identifier.utf8) else {
      throw CajalError("\(reader.what): expected '\(identifier)' at byte 4")
    }
    self.reader = reader
    place = try Int(reader.number(0, as: UInt32.self))
    fields = place - Int(try reader.number(place, as: Int32.self))
    fieldCount = (Int(try reader.number(fields, as: UInt16.self)) - 4) / 2
  }

  private func offset(_ field: Int) throws -> Int? {
    guard field < fieldCount else { return nil }
    let offset = try Int(reader.number(fields + 4 + 2 * field, as: UInt16.self))
    return offset == 0 ? nil : place + offset
  }

  func number<Number: FixedWidthInteger>(_ field: Int, as type: Number.Type) throws -> Number? {
    try offset(field).map { try reader.number($0, as: type) }
  }

  /// The elements of a vector, `width` bytes each.
  func vector(_ field: Int, width: Int) throws -> ByteReader? {
    guard let offset = try offset(field) else { return nil }
    let start = offset + Int(try reader.number(offset, as: UInt32.self))
    let count = Int(try reader.number(start, as: UInt32.self))
    return ByteReader(try reader.part(start + 4, count * width), reader.what)
  }

  func text(_ field: Int) throws -> String? {
    try vector(field, width: 1).map { String(decoding: $0.bytes, as: UTF8.self) }
  }
}
