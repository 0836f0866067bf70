import Foundation

/// Keeps other programs out of a folder while it is held, as far as they ask for it.
package struct FolderLock: Sendable {
  private let descriptor: Int32

  /// Waits until the folder is free; nothing is held where it cannot be opened.
  package init(_ folder: URL) {
    descriptor = Self.open(folder)
    if descriptor >= 0 { flock(descriptor, LOCK_EX) }
  }

  /// Nil where another holds the folder.
  ///
  /// - Throws: `CajalError` when the folder can be neither made nor opened.
  package init?(trying folder: URL) throws {
    descriptor = Self.open(folder)
    guard descriptor >= 0 else { throw CajalError("cannot open the folder \(folder.path)") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      return nil
    }
  }

  package func release() { if descriptor >= 0 { close(descriptor) } }

  private static func open(_ folder: URL) -> Int32 {
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return Foundation.open(folder.path, O_RDONLY | O_CLOEXEC)
  }
}
