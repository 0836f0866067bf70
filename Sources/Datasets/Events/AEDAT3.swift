import Foundation
import Support

/// AEDAT 3.1, the format of iniVation's and iniLabs' cAER: a header of text lines, then packets of one kind
/// of event each.
///
/// DVS-Gesture comes in it.
public enum AEDAT3 {
  private static let lastLine = Array("#!END-HEADER\r\n".utf8)
  /// Type, source, bytes an event, offset of the time, overflows, capacity, number, number of valid ones.
  private static let packetHeader = 28

  /// Reads the polarity events; those that are marked invalid and other kinds of events are left out.
  ///
  /// - Parameters:
  ///   - size: Columns and rows of the sensor; by default those of the camera in the header, or as many as
  ///     the events need.
  /// - Throws: `CajalError` naming file and byte of what is wrong.
  public static func read(_ url: URL, size: (width: Int, height: Int)? = nil) throws -> EventStream {
    guard let data = try? Data(contentsOf: url, options: .mappedIfSafe) else {
      throw CajalError("cannot read \(url.path)")
    }
    let bytes = [UInt8](data)
    guard bytes.starts(with: "#!AER-DAT3.".utf8) else {
      throw CajalError("\(url.path) is no AEDAT 3 file: it does not start with #!AER-DAT3")
    }
    let start = try headerEnd(bytes, url.path)
    let header = String(decoding: bytes[..<start], as: UTF8.self)
    var events = Events()
    try events.read(ByteReader(bytes[...], url.path), from: start)
    let (width, height) = size ?? sensor(header) ?? events.extent
    return try EventStream(
      width: width, height: height, x: events.x, y: events.y, polarity: events.polarity, times: events.times,
      name: url.path)
  }

  private static func headerEnd(_ bytes: [UInt8], _ path: String) throws -> Int {
    // The mark is searched in the lines of text only, which all start with '#'.
    var offset = 0
    while offset < bytes.count, bytes[offset] == UInt8(ascii: "#"),
      let end = bytes[offset...].firstIndex(of: UInt8(ascii: "\n"))
    {
      if bytes[offset...end].elementsEqual(lastLine) { return end + 1 }
      offset = end + 1
    }
    throw CajalError("\(path): the header has no last line #!END-HEADER")
  }

  /// The pixels of a camera named in the header.
  private static func sensor(_ header: String) -> (width: Int, height: Int)? {
    let cameras: [(String, Int, Int)] = [
      ("DVS128", 128, 128), ("DAVIS128", 128, 128), ("DAVIS208", 208, 192), ("DAVIS240", 240, 180),
      ("DAVIS346", 346, 260), ("DAVIS640", 640, 480),
    ]
    return cameras.first { header.uppercased().contains($0.0) }.map { ($0.1, $0.2) }
  }

  private struct Events {
    var (x, y, polarity, times) = ([UInt16](), [UInt16](), [UInt8](), [Int64]())
    var extent: (Int, Int) { (Int(x.max() ?? 0) + 1, Int(y.max() ?? 0) + 1) }

    mutating func read(_ reader: ByteReader, from start: Int) throws {
      var offset = start
      while offset < reader.count {
        let type = try reader.number(offset, as: Int16.self)
        let size = try Int(reader.number(offset + 4, as: Int32.self))
        let overflow = try Int64(reader.number(offset + 12, as: Int32.self))
        let number = try Int(reader.number(offset + 20, as: Int32.self))
        guard size > 0, number >= 0, overflow >= 0, number <= (reader.count - offset - packetHeader) / size
        else {
          throw CajalError(
            "\(reader.what): the packet at byte \(offset) promises \(number) events of \(size) bytes, \(reader.count - offset) bytes are left"
          )
        }
        if type == 1 {
          guard size == 8 else {
            throw CajalError(
              "\(reader.what): polarity events of \(size) bytes at byte \(offset), 8 were expected")
          }
          for index in 0..<number {
            try add(reader, offset + packetHeader + 8 * index, overflow)
          }
        }
        offset += packetHeader + number * size
      }
    }

    /// Bit 0 valid, 1 polarity, 2...16 row, 17...31 column; then the time.
    private mutating func add(_ reader: ByteReader, _ offset: Int, _ overflow: Int64) throws {
      let word: UInt32 = try reader.number(offset)
      guard word & 1 == 1 else { return }
      x.append(UInt16(word >> 17))
      y.append(UInt16(word >> 2 & 0x7FFF))
      polarity.append(UInt8(word >> 1 & 1))
      times.append(overflow << 31 | Int64(try reader.number(offset + 4, as: Int32.self)))
    }
  }

  /// Writes events as one recording of a camera.
  ///
  /// - Parameter camera: The name in the header, from which readers know the sensor's size.
  /// - Throws: `CajalError` naming the path, or a time or place that the format cannot hold.
  public static func write(_ stream: EventStream, camera: String = "DVS128", to url: URL) throws {
    guard stream.width <= 1 << 15, stream.height <= 1 << 15, stream.times.first ?? 0 >= 0 else {
      throw CajalError("\(url.path): AEDAT 3 holds 32768 columns and rows and no negative times")
    }
    var data = Data("#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: \(camera)\r\n#!END-HEADER\r\n".utf8)
    var start = 0
    while start < stream.count {
      // A packet has one count of overflows, so it ends where the 31 bits of the time do.
      let overflow = stream.times[start] >> 31
      var end = start
      while end < min(start + 4096, stream.count), stream.times[end] >> 31 == overflow { end += 1 }
      let count = Int32(end - start)
      for value in [1, 1] as [Int16] { append(value, to: &data) }
      for value in [8, 4, Int32(truncatingIfNeeded: overflow), count, count, count] {
        append(value, to: &data)
      }
      for index in start..<end {
        let place = UInt32(stream.x[index]) << 17 | UInt32(stream.y[index]) << 2
        append(place | UInt32(stream.polarity[index]) << 1 | 1, to: &data)
        append(Int32(stream.times[index] & 0x7FFF_FFFF), to: &data)
      }
      start = end
    }
    try AtomicFile.write(data, to: url)
  }

  private static func append(_ value: some FixedWidthInteger, to data: inout Data) {
    withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
  }
}
