/// Joins the bytes of a piece, the earliest merge first, the leftmost where ranks are equal.
///
/// The tokens are a linked list and the merges that they allow a heap, so that a piece of n bytes takes n log n.
struct BytePairMerger {
  private struct Node {
    var token: UInt32
    var next: Int32
    var previous: Int32
    /// What it makes with the next one.
    var merge: MergeTable.Merge?
  }
  private var nodes: [Node] = []
  /// rank · 2³² + position of the left one.
  private var heap: [UInt64] = []

  /// Appends the tokens of a piece; bytes without a token are left out.
  mutating func append(
    _ bytes: UnsafeBufferPointer<UInt8>, _ tokenOfByte: [Int32], _ merges: MergeTable,
    to tokens: inout [Int]
  ) {
    nodes.removeAll(keepingCapacity: true)
    heap.removeAll(keepingCapacity: true)
    for byte in bytes where tokenOfByte[Int(byte)] >= 0 {
      let position = Int32(nodes.count)
      nodes.append(
        Node(token: UInt32(tokenOfByte[Int(byte)]), next: position + 1, previous: position - 1, merge: nil))
    }
    guard !nodes.isEmpty else { return }
    nodes[nodes.count - 1].next = -1
    for position in nodes.indices.dropLast() { consider(position, merges) }
    mergeAll(merges)
    var position: Int32 = 0
    while position >= 0 {
      tokens.append(Int(nodes[Int(position)].token))
      position = nodes[Int(position)].next
    }
  }

  private mutating func mergeAll(_ merges: MergeTable) {
    while let first = heap.popSmallest() {
      let left = Int(first & 0xFFFF_FFFF)
      // The pair may have changed since this was pushed.
      guard let merge = nodes[left].merge, UInt64(merge.rank) == first >> 32 else { continue }
      let right = Int(nodes[left].next)
      nodes[left].token = merge.token
      nodes[left].next = nodes[right].next
      nodes[right].merge = nil
      if nodes[left].next >= 0 { nodes[Int(nodes[left].next)].previous = Int32(left) }
      consider(left, merges)
      if nodes[left].previous >= 0 { consider(Int(nodes[left].previous), merges) }
    }
  }

  /// Looks up what a token makes with the next.
  private mutating func consider(_ position: Int, _ merges: MergeTable) {
    let next = nodes[position].next
    let merge =
      next < 0 ? nil : merges.find(left: nodes[position].token, right: nodes[Int(next)].token)
    nodes[position].merge = merge
    if let merge { heap.pushSmallest(UInt64(merge.rank) << 32 | UInt64(position)) }
  }
}

/// A binary heap, the smallest on top.
extension [UInt64] {
  fileprivate mutating func pushSmallest(_ value: UInt64) {
    append(value)
    var child = count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard self[child] < self[parent] else { return }
      swapAt(child, parent)
      child = parent
    }
  }

  fileprivate mutating func popSmallest() -> UInt64? {
    guard let smallest = first else { return nil }
    let last = removeLast()
    guard !isEmpty else { return smallest }
    self[0] = last
    var parent = 0
    while 2 * parent + 1 < count {
      var child = 2 * parent + 1
      if child + 1 < count, self[child + 1] < self[child] { child += 1 }
      guard self[child] < self[parent] else { break }
      swapAt(child, parent)
      parent = child
    }
    return smallest
  }
}
