import CPNG
import CTurboJPEG
import Foundation
import Support

/// A picture of 8-bit grey (1 channel), colour (3) or colour with opacity (4): bytes `[height, width, channels]`.
public struct Picture: Sendable, Equatable {
  public let width: Int
  public let height: Int
  public let channels: Int
  public var bytes: [UInt8]

  public init(width: Int, height: Int, channels: Int, bytes: [UInt8]) {
    precondition(
      bytes.count == width * height * channels && [1, 3, 4].contains(channels),
      "\(bytes.count) bytes for \(height)×\(width)×\(channels)")
    self.width = width
    self.height = height
    self.channels = channels
    self.bytes = bytes
  }

  /// The largest picture that is read, in pixels: what promises more is taken for damage.
  static let largest = 1 << 28

  /// Reads a PNG or JPEG file, told by its content, converted to `channels`.
  ///
  /// - Throws: `CajalError` naming the file and what is wrong with it.
  public init(contentsOf url: URL, channels: Int = 3) throws {
    precondition([1, 3, 4].contains(channels), "pictures have 1, 3 or 4 channels, not \(channels)")
    guard let data = try? Data(contentsOf: url) else { throw CajalError("cannot read \(url.path)") }
    if data.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
      self = try Self.png(data, channels, url.path)
    } else if data.starts(with: [0xFF, 0xD8]) {
      self = try Self.jpeg(data, channels, url.path)
    } else {
      throw CajalError("\(url.path) is neither PNG nor JPEG")
    }
  }

  private static func png(_ data: Data, _ channels: Int, _ path: String) throws -> Picture {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    return try data.withUnsafeBytes { source in
      guard png_image_begin_read_from_memory(&image, source.baseAddress, source.count) != 0 else {
        throw CajalError("\(path) is damaged: \(message(image))")
      }
      let (width, height) = (Int(image.width), Int(image.height))
      guard width > 0, height > 0, width * height <= largest else {
        throw CajalError("\(path) claims \(width)×\(height) pixels")
      }
      image.format = channels == 1 ? 0 : channels == 3 ? png_uint_32(PNG_FORMAT_FLAG_COLOR) : 3
      var bytes = [UInt8](repeating: 0, count: width * height * channels)
      // Where there is opacity but none is wanted, the picture is laid on white.
      var white = png_color(red: 255, green: 255, blue: 255)
      guard png_image_finish_read(&image, &white, &bytes, png_int_32(width * channels), nil) != 0 else {
        throw CajalError("\(path) is damaged: \(message(image))")
      }
      return Picture(width: width, height: height, channels: channels, bytes: bytes)
    }
  }

  private static func message(_ image: png_image) -> String {
    withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  private static func jpeg(_ data: Data, _ channels: Int, _ path: String) throws -> Picture {
    guard let decoder = tjInitDecompress() else { throw CajalError("the JPEG library cannot be started") }
    defer { tjDestroy(decoder) }
    let format = channels == 1 ? TJPF_GRAY : channels == 3 ? TJPF_RGB : TJPF_RGBA
    return try data.withUnsafeBytes { source in
      let start = source.bindMemory(to: UInt8.self).baseAddress
      var (width, height, sampling, space) = (Int32(0), Int32(0), Int32(0), Int32(0))
      guard
        tjDecompressHeader3(decoder, start, UInt(source.count), &width, &height, &sampling, &space) == 0,
        Int(width) * Int(height) <= largest
      else { throw CajalError("\(path) is damaged: \(String(cString: tjGetErrorStr2(decoder)))") }
      var bytes = [UInt8](repeating: 0, count: Int(width) * Int(height) * channels)
      guard
        tjDecompress2(
          decoder, start, UInt(source.count), &bytes, width, 0, height, Int32(format.rawValue),
          Int32(TJFLAG_STOPONWARNING))
          == 0
      else { throw CajalError("\(path) is damaged: \(String(cString: tjGetErrorStr2(decoder)))") }
      return Picture(width: Int(width), height: Int(height), channels: channels, bytes: bytes)
    }
  }

  /// Writes a PNG file.
  ///
  /// - Throws: `CajalError` naming the path.
  public func writePNG(to url: URL) throws {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    (image.width, image.height) = (png_uint_32(width), png_uint_32(height))
    image.format = channels == 1 ? 0 : channels == 3 ? png_uint_32(PNG_FORMAT_FLAG_COLOR) : 3
    defer { png_image_free(&image) }
    try AtomicFile.write(to: url) { temporary in
      guard png_image_write_to_file(&image, temporary.path, 0, bytes, 0, nil) != 0 else {
        throw CajalError(Self.message(image))
      }
    }
  }
}
