import Foundation

/// A folder that is gone when the test is.
public final class Scratch {
  public let url: URL

  public init() {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("cajal-\(UUID().uuidString)")
    try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Writes bytes and gives their place.
  @discardableResult
  public func write(_ name: String, _ bytes: [UInt8]) -> URL {
    let place = url.appendingPathComponent(name)
    try? FileManager.default.createDirectory(
      at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    try? Data(bytes).write(to: place)
    return place
  }
}

/// What an error says.
public func message(_ body: () throws -> Void) -> String {
  do { try body() } catch { return "\(error)" }
  return "nothing was thrown"
}
