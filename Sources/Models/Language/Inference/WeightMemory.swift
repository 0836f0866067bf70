import Foundation
import Support

/// One piece of memory for all weights, in large pages where the system has them.
final class WeightMemory: @unchecked Sendable {
  private let start: UnsafeMutableRawPointer
  private let size: Int
  private var used = 0

  /// - Throws: `CajalError` when the system has not so much memory.
  init(bytes: Int) throws {
    let page = 2 << 20
    size = (bytes + page - 1) / page * page
    guard let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      start != MAP_FAILED
    else { throw CajalError("there is no memory for \(bytes) bytes of weights") }
    madvise(start, size, Int32(MADV_HUGEPAGE))
    self.start = start
  }

  deinit { munmap(start, size) }

  /// The next `bytes`, at a multiple of 64.
  func take(_ bytes: Int) -> UnsafeMutablePointer<UInt8> {
    let rounded = (bytes + 63) / 64 * 64
    precondition(used + rounded <= size, "\(used + rounded) of \(size) bytes of weights")
    defer { used += rounded }
    return (start + used).assumingMemoryBound(to: UInt8.self)
  }
}
