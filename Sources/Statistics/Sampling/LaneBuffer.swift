/// Numbers in memory of their own that a loop reads and writes eight at a time: aligned, zero at first, as many as
/// asked for and a few more up to a multiple of eight.
package final class LaneBuffer {
  @usableFromInline package typealias Lanes = SIMD8<Double>

  package let count: Int
  package let pointer: UnsafeMutablePointer<Double>

  package init(_ count: Int) {
    self.count = LaneBuffer.padded(count)
    let bytes = max(64, self.count * 8)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    pointer = memory.bindMemory(to: Double.self, capacity: bytes / 8)
    pointer.initialize(repeating: 0, count: bytes / 8)
  }

  deinit { pointer.deallocate() }

  /// The next multiple of eight.
  @inlinable @inline(__always) package static func padded(_ count: Int) -> Int { (count + 7) & ~7 }

  /// The same memory, larger or new; what was in it is lost when it grows.
  package static func reserve(_ buffer: inout LaneBuffer, _ count: Int) {
    if buffer.count < count { buffer = LaneBuffer(count + count / 2) }
  }
}

extension UnsafeMutablePointer where Pointee == Double {
  /// Eight numbers from `position` on, wherever that is.
  @inlinable @inline(__always) package func lanes(_ position: Int) -> SIMD8<Double> {
    UnsafeMutableRawPointer(self + position).loadUnaligned(as: SIMD8<Double>.self)
  }

  @inlinable @inline(__always) package func store(_ value: SIMD8<Double>, _ position: Int) {
    UnsafeMutableRawPointer(self + position).storeBytes(of: value, as: SIMD8<Double>.self)
  }
}
