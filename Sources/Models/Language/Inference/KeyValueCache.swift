import CQuantised
import Foundation

/// Keys and values of a text in half floats. Memory is touched only as the text grows.
final class KeyValueCache: @unchecked Sendable {
  private let memory: UnsafeMutablePointer<UInt16>
  private let width: Int
  private let heads: Int
  private let capacity: Int

  init(_ shape: DecoderConfiguration, capacity: Int) {
    (width, heads, self.capacity) = (shape.headWidth, shape.keyValueHeads, capacity)
    let count = 2 * shape.blocks * heads * capacity * width
    // The system gives zeroed pages when they are touched first.
    guard let memory = calloc(count, 2) else { preconditionFailure("no memory for \(capacity) tokens") }
    self.memory = memory.bindMemory(to: UInt16.self, capacity: count)
  }

  deinit { free(memory) }

  /// `[capacity/16, E, 16]`.
  @inline(__always)
  func keys(_ block: Int, _ head: Int) -> UnsafeMutablePointer<UInt16> {
    memory + (2 * block * heads + head) * capacity * width
  }

  /// `[capacity, E]`.
  @inline(__always)
  func values(_ block: Int, _ head: Int) -> UnsafeMutablePointer<UInt16> {
    memory + ((2 * block + 1) * heads + head) * capacity * width
  }

  /// Keeps 16 numbers of a head's key or value.
  @inline(__always)
  func store(
    _ numbers: UnsafePointer<Float>, isKey: Bool, block: Int, head: Int, offset: Int, position: Int
  ) {
    if isKey {
      cajal_store_keys(numbers, 16, Int64(offset), Int64(position), Int64(width), keys(block, head))
    } else {
      cajal_halves(numbers, values(block, head) + position * width + offset, 16)
    }
  }
}
