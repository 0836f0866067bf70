import Foundation

/// Files that appear whole or not at all: written beside their place, then renamed.
public enum AtomicFile {
  /// Writes `data` to `url`, making missing folders.
  ///
  /// - Throws: ``CajalError`` naming the path when the folder cannot be made, the disk is full or the
  ///   place is not writable. An existing file is untouched then.
  public static func write(_ data: Data, to url: URL) throws {
    try stream(to: url) { try $0.write(contentsOf: data) }
  }

  public static func write(_ text: String, to url: URL) throws {
    try write(Data(text.utf8), to: url)
  }

  /// Lets `body` write piece by piece.
  public static func stream(to url: URL, _ body: (FileHandle) throws -> Void) throws {
    try write(to: url) { temporary in
      guard FileManager.default.createFile(atPath: temporary.path, contents: nil) else {
        throw CajalError("cannot create a file in \(url.deletingLastPathComponent().path)")
      }
      let handle = try FileHandle(forWritingTo: temporary)
      defer { try? handle.close() }
      try body(handle)
    }
  }

  /// Lets `body` write a temporary file, then moves it to `url`.
  public static func write(to url: URL, _ body: (URL) throws -> Void) throws {
    let folder = url.deletingLastPathComponent()
    let temporary = folder.appendingPathComponent(
      ".\(url.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0...(.max))).part"
    )
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try body(temporary)
      guard rename(temporary.path, url.path) == 0 else {
        throw CajalError(String(cString: strerror(errno)))
      }
    } catch {
      try? FileManager.default.removeItem(at: temporary)
      if let error = error as? CajalError { throw CajalError("cannot write \(url.path): \(error.message)") }
      throw CajalError("cannot write \(url.path): \(error.localizedDescription)")
    }
  }
}
