import CZlib
import Foundation
import Support

/// Reads a file from start to end, unpacking it if it is gzipped.
package final class GzipFile {
  private let handle: gzFile
  let path: String
  /// How many unpacked bytes have been read.
  private(set) var offset = 0

  /// - Throws: `CajalError` naming the file.
  package init(_ url: URL) throws {
    path = url.path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
      throw CajalError("there is no file \(path)")
    }
    guard let opened = gzopen(path, "rb") else { throw CajalError("cannot read \(path)") }
    handle = opened
    gzbuffer(handle, 1 << 18)
  }

  deinit { gzclose(handle) }

  /// Reads up to `count` bytes; fewer only at the end of the file.
  ///
  /// Memory grows with what is really there, so that a header that promises too much does no harm.
  /// - Throws: `CajalError` naming file and offset when the packed data are damaged or cut off.
  package func read(upTo count: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let want = min(count - bytes.count, 1 << 24)
      let start = bytes.count
      bytes.append(contentsOf: repeatElement(0, count: want))
      let got = bytes.withUnsafeMutableBytes {
        Int(gzread(handle, $0.baseAddress! + start, UInt32(want)))
      }
      bytes.removeLast(want - max(got, 0))
      offset += max(got, 0)
      if got < want {
        try checkError()
        break
      }
    }
    return bytes
  }

  /// As ``read(upTo:)``, where fewer bytes are an error.
  func read(exactly count: Int, _ what: String) throws -> [UInt8] {
    let start = offset
    let bytes = try read(upTo: count)
    guard bytes.count == count else {
      throw CajalError(
        "\(path) ends at byte \(offset), inside \(what): \(count) bytes were expected from byte \(start), \(bytes.count) are there"
      )
    }
    return bytes
  }

  private func checkError() throws {
    var code: Int32 = 0
    let message = gzerror(handle, &code).map { String(cString: $0) } ?? ""
    guard code == Z_OK || code == Z_STREAM_END else {
      throw CajalError("\(path) is damaged near unpacked byte \(offset): \(message)")
    }
  }
}
