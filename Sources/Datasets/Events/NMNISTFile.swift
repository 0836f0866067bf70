import Foundation
import Support

/// The binary files of N-MNIST and N-Caltech101 (Orchard et al., 2015): 40 bits an event.
///
/// Column, row, then one bit of polarity and 23 bits of time in microseconds, the highest byte first. Row 240
/// marks an overflow of the camera's counter, after which times are 8192 µs later.
public enum NMNISTFile {
  private static let overflowRow = 240
  private static let overflowStep: Int64 = 1 << 13

  /// - Parameter size: Columns and rows of the sensor; N-MNIST's 34×34 unless given.
  /// - Throws: `CajalError` naming the file when it is cut off or an event lies outside of the sensor.
  public static func read(_ url: URL, size: (width: Int, height: Int) = (34, 34)) throws -> EventStream {
    guard let data = try? Data(contentsOf: url) else { throw CajalError("cannot read \(url.path)") }
    let bytes = [UInt8](data)
    guard bytes.count % 5 == 0 else {
      throw CajalError("\(url.path) has \(bytes.count) bytes, expected five an event")
    }
    var (x, y, polarity, times) = ([UInt16](), [UInt16](), [UInt8](), [Int64]())
    var shift: Int64 = 0
    for start in stride(from: 0, to: bytes.count, by: 5) {
      guard bytes[start + 1] != overflowRow else {
        shift += overflowStep
        continue
      }
      x.append(UInt16(bytes[start]))
      y.append(UInt16(bytes[start + 1]))
      polarity.append(bytes[start + 2] >> 7)
      let time = Int64(bytes[start + 2] & 0x7F) << 16 | Int64(bytes[start + 3]) << 8 | Int64(bytes[start + 4])
      times.append(time + shift)
    }
    return try EventStream(
      width: size.width, height: size.height, x: x, y: y, polarity: polarity, times: times, name: url.path)
  }

  /// Writes what ``read(_:size:)`` reads.
  ///
  /// - Throws: `CajalError` naming the file when a time needs more than 23 bits or the sensor is larger than
  ///   256 columns or 240 rows.
  public static func write(_ stream: EventStream, to url: URL) throws {
    guard stream.width <= 256, stream.height <= overflowRow, (stream.times.last ?? 0) < 1 << 23,
      (stream.times.first ?? 0) >= 0
    else {
      throw CajalError(
        "\(url.path): the format holds 256 columns, 240 rows and times from 0 to 8.4 s, not \(stream.width)×\(stream.height) and \(stream.times.last ?? 0) µs"
      )
    }
    var data = Data(capacity: 5 * stream.count)
    for index in 0..<stream.count {
      let time = stream.times[index]
      data.append(contentsOf: [UInt8(stream.x[index]), UInt8(stream.y[index])])
      data.append(stream.polarity[index] << 7 | UInt8(time >> 16))
      data.append(contentsOf: [UInt8(time >> 8 & 255), UInt8(time & 255)])
    }
    try AtomicFile.write(data, to: url)
  }
}
