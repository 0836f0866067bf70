/// Which token has given bytes: a hash table with open addressing over one buffer of bytes.
struct ByteStringTable {
  /// Upper half: the upper half of the hash; lower half: token + 1, or 0 where it is free.
  private var slots: [UInt64]
  private let mask: Int

  /// - Parameter count: How many strings it will take at most.
  init(count: Int) {
    let size = hashTableSize(count)
    slots = [UInt64](repeating: 0, count: size)
    mask = size - 1
  }

  /// Adds a token whose bytes stand in `strings`; an earlier one with the same bytes stays.
  mutating func insert(_ token: Int, of strings: ByteStrings.View) {
    let key = strings[token]
    let hash = hashOfBytes(key)
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 {
      if isKey(slots[slot], hash, key, strings) { return }
      slot = (slot + 1) & mask
    }
    slots[slot] = hash & 0xFFFF_FFFF_0000_0000 | UInt64(token + 1)
  }

  /// The token with these bytes.
  func find(_ key: UnsafeBufferPointer<UInt8>, in strings: ByteStrings.View) -> Int? {
    let hash = hashOfBytes(key)
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 {
      if isKey(slots[slot], hash, key, strings) { return Int(slots[slot] & 0xFFFF_FFFF) - 1 }
      slot = (slot + 1) & mask
    }
    return nil
  }

  @inline(__always)
  private func isKey(
    _ slot: UInt64, _ hash: UInt64, _ key: UnsafeBufferPointer<UInt8>, _ strings: ByteStrings.View
  ) -> Bool {
    guard slot >> 32 == hash >> 32 else { return false }
    return equalBytes(strings[Int(slot & 0xFFFF_FFFF) - 1], key)
  }
}

/// Which two tokens merge, how early, and into what: a hash table with open addressing.
struct MergeTable {
  struct Merge {
    /// 0 is the earliest.
    var rank: UInt32
    var token: UInt32
  }
  private struct Slot {
    /// left · 2³² + right, or all ones where it is free.
    var pair: UInt64
    var merge: Merge
  }
  private var slots: [Slot]
  private let shift: Int

  init(count: Int) {
    let size = hashTableSize(count)
    slots = [Slot](repeating: Slot(pair: .max, merge: Merge(rank: 0, token: 0)), count: size)
    shift = 64 - size.trailingZeroBitCount
  }

  /// Adds a merge; an earlier one of the same pair stays.
  mutating func insert(left: Int, right: Int, _ merge: Merge) {
    let pair = UInt64(left) << 32 | UInt64(right)
    var slot = place(pair)
    while slots[slot].pair != .max {
      if slots[slot].pair == pair { return }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = Slot(pair: pair, merge: merge)
  }

  /// How two neighbours merge, if they do.
  @inline(__always)
  func find(left: UInt32, right: UInt32) -> Merge? {
    slots.withUnsafeBufferPointer { slots in
      let pair = UInt64(left) << 32 | UInt64(right)
      var slot = place(pair)
      while slots[slot].pair != .max {
        if slots[slot].pair == pair { return slots[slot].merge }
        slot = (slot + 1) & (slots.count - 1)
      }
      return nil
    }
  }

  @inline(__always)
  private func place(_ pair: UInt64) -> Int {
    Int(truncatingIfNeeded: ((pair ^ pair >> 29) &* 0x9E37_79B9_7F4A_7C15) >> UInt64(shift))
  }
}

/// Byte strings one behind the other.
struct ByteStrings {
  private(set) var bytes: [UInt8] = []
  /// Where each begins, and the end of the last.
  private(set) var starts: [UInt32] = [0]

  var count: Int { starts.count - 1 }

  func bytes(of index: Int) -> ArraySlice<UInt8> { bytes[Int(starts[index])..<Int(starts[index + 1])] }

  /// Appends what `body` adds to the bytes as one string.
  mutating func append(_ body: (inout [UInt8]) -> Void) {
    body(&bytes)
    starts.append(UInt32(bytes.count))
  }

  mutating func reserve(_ count: Int, bytes size: Int) {
    starts.reserveCapacity(count + 1)
    bytes.reserveCapacity(size)
  }

  /// The strings for a hot loop; valid inside ``withView(_:)``.
  struct View {
    let bytes: UnsafeBufferPointer<UInt8>
    let starts: UnsafeBufferPointer<UInt32>

    @inline(__always)
    subscript(index: Int) -> UnsafeBufferPointer<UInt8> {
      UnsafeBufferPointer(rebasing: bytes[Int(starts[index])..<Int(starts[index + 1])])
    }
  }

  func withView<Result>(_ body: (View) throws -> Result) rethrows -> Result {
    try bytes.withUnsafeBufferPointer { bytes in
      try starts.withUnsafeBufferPointer { try body(View(bytes: bytes, starts: $0)) }
    }
  }
}

/// A power of two that leaves more than half of the slots free.
private func hashTableSize(_ count: Int) -> Int {
  var size = 16
  while size < 2 * count { size *= 2 }
  return size
}

/// A hash of bytes, eight at a time.
@inline(__always)
func hashOfBytes(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
  let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
  var hash = UInt64(bytes.count) &* factor
  let raw = UnsafeRawBufferPointer(bytes)
  var index = 0
  while index + 8 <= raw.count {
    hash = (hash ^ raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)) &* factor
    hash ^= hash >> 29
    index += 8
  }
  var tail: UInt64 = 0
  while index < raw.count {
    tail = tail << 8 | UInt64(raw[index])
    index += 1
  }
  hash = (hash ^ tail) &* factor
  hash = (hash ^ hash >> 32) &* factor
  return hash ^ hash >> 29
}

@inline(__always)
func equalBytes(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
  guard left.count == right.count else { return false }
  for index in 0..<left.count where left[index] != right[index] { return false }
  return true
}
