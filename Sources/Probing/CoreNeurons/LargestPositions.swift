/// Where the largest of many numbers are, without sorting them: the bound is found by halving the range of their bits.
enum LargestPositions {
  /// Ascending positions of the `count` largest; of equal ones those that come first.
  ///
  /// - Parameter values: None is not a number.
  static func of(_ values: [Double], count: Int) -> [Int] {
    guard count > 0 else { return [] }
    guard count < values.count else { return Array(values.indices) }
    let keys = values.map { value -> Int64 in
      // Of negative numbers larger bits are smaller values; minus zero becomes zero.
      let bits = Int64(bitPattern: (value + 0).bitPattern)
      return bits ^ (bits >> 63) & Int64.max
    }
    let bound = bound(keys, count)
    var positions: [Int] = []
    positions.reserveCapacity(count)
    var equal = count - above(bound, keys)
    for (position, key) in keys.enumerated() where key > bound || (key == bound && equal > 0) {
      positions.append(position)
      if key == bound { equal -= 1 }
    }
    return positions
  }

  /// A key with at most `count` keys above it; where they are fewer, those equal to it fill up.
  private static func bound(_ keys: [Int64], _ count: Int) -> Int64 {
    var (low, high) = (keys.min()!, keys.max()!)
    while low < high {
      // Rounded up, without overflow.
      let middle = low + Int64((UInt64(bitPattern: high &- low) + 1) / 2)
      let found = above(middle - 1, keys)
      if found == count { return middle - 1 }
      if found > count { low = middle } else { high = middle - 1 }
    }
    return low
  }

  private static func above(_ bound: Int64, _ keys: [Int64]) -> Int {
    keys.withUnsafeBufferPointer { keys in
      let (start, length) = (keys.baseAddress!, keys.count)
      var count: Int64 = 0
      for n in 0..<length { count &+= Int64(truncatingIfNeeded: start[n] > bound ? 1 : 0) }
      return Int(count)
    }
  }
}
