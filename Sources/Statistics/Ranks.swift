/// The order of many numbers, by radix sort: a few passes over the bits of numbers, no comparisons.
enum RadixOrder {
  private static let digits = 11

  /// The positions of `values` from the least up; equal values stay in their order, and 0 equals -0.
  static func ascending(_ values: [Double]) -> [UInt32] {
    let count = values.count
    precondition(count <= UInt32.max, "\(count) values to be ranked")
    var keys = values.map(key)
    var order = [UInt32](unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in 0..<count { buffer[index] = UInt32(index) }
      initialized = count
    }
    var (otherKeys, otherOrder) = (keys, order)
    for shift in stride(from: 0, to: 64, by: digits) {
      if pass(shift, keys, order, &otherKeys, &otherOrder) {
        swap(&keys, &otherKeys)
        swap(&order, &otherOrder)
      }
    }
    return order
  }

  /// Bits that order as the numbers do.
  private static func key(_ value: Double) -> UInt64 {
    let bits = (value == 0 ? 0.0 : value).bitPattern
    return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
  }

  /// Sorts stably by one digit; false where all digits are the same.
  private static func pass(
    _ shift: Int, _ keys: [UInt64], _ order: [UInt32], _ toKeys: inout [UInt64], _ toOrder: inout [UInt32]
  ) -> Bool {
    let mask = UInt64(1 << digits - 1)
    var starts = [Int](repeating: 0, count: 1 << digits)
    return keys.withUnsafeBufferPointer { keys in
      order.withUnsafeBufferPointer { order in
        starts.withUnsafeMutableBufferPointer { starts in
          for key in keys { starts[Int(key >> UInt64(shift) & mask)] += 1 }
          guard starts[Int(keys.first.map { $0 >> UInt64(shift) & mask } ?? 0)] < keys.count else {
            return false
          }
          var sum = 0
          for digit in 0..<starts.count { (starts[digit], sum) = (sum, sum + starts[digit]) }
          toKeys.withUnsafeMutableBufferPointer { toKeys in
            toOrder.withUnsafeMutableBufferPointer { toOrder in
              for index in 0..<keys.count {
                let digit = Int(keys[index] >> UInt64(shift) & mask)
                let place = starts[digit]
                starts[digit] = place + 1
                toKeys[place] = keys[index]
                toOrder[place] = order[index]
              }
            }
          }
          return true
        }
      }
    }
  }
}

extension Correlation {
  /// Ranks from 1 on; equal values share the mean of theirs.
  public static func ranks(_ values: [Double]) -> [Double] {
    let order: [UInt32] =
      values.count > 1_024
      ? RadixOrder.ascending(values)
      : values.indices.sorted { values[$0] < values[$1] }.map { UInt32($0) }
    var ranks = [Double](repeating: 0, count: values.count)
    ranks.withUnsafeMutableBufferPointer { ranks in
      values.withUnsafeBufferPointer { values in
        var start = 0
        while start < order.count {
          let value = values[Int(order[start])]
          var end = start + 1
          while end < order.count, values[Int(order[end])] == value { end += 1 }
          let rank = Double(start + end + 1) / 2
          for place in start..<end { ranks[Int(order[place])] = rank }
          start = end
        }
      }
    }
    return ranks
  }

  /// Kendall's: the share of pairs that both series put in the same order less the share of the others, with equal values
  /// accounted for (τ-b); `O(n log n)` (Knight, 1966).
  public static func kendall(_ x: [Double], _ y: [Double]) -> Correlation {
    precondition(x.count == y.count, "series of \(x.count) and \(y.count) values")
    let order = x.indices.sorted { (x[$0], y[$0]) < (x[$1], y[$1]) }
    let (tiedX, tiedBoth) = (tiedPairs(order.map { [x[$0]] }), tiedPairs(order.map { [x[$0], y[$0]] }))
    var byX = order.map { y[$0] }
    var buffer = byX
    let swaps = inversions(&byX, &buffer, 0, byX.count)
    let tiedY = tiedPairs(byX.map { [$0] })
    let pairs = x.count * (x.count - 1) / 2
    let difference = Double(pairs - tiedX - tiedY + tiedBoth - 2 * swaps)
    let scale = Double(pairs - tiedX).squareRoot() * Double(pairs - tiedY).squareRoot()
    return Correlation(coefficient: scale > 0 ? max(-1, min(1, difference / scale)) : .nan, count: x.count)
  }

  /// How many pairs of neighbours of a sorted series are equal.
  private static func tiedPairs(_ sorted: [[Double]]) -> Int {
    var (total, run) = (0, 0)
    for (a, b) in zip(sorted, sorted.dropFirst()) {
      run = a == b ? run + 1 : 0
      total += run
    }
    return total
  }

  /// Sorts a part and counts how many pairs stood in the wrong order.
  private static func inversions(_ values: inout [Double], _ buffer: inout [Double], _ low: Int, _ high: Int)
    -> Int
  {
    guard high - low > 1 else { return 0 }
    let middle = (low + high) / 2
    var count = inversions(&values, &buffer, low, middle) + inversions(&values, &buffer, middle, high)
    var (left, right) = (low, middle)
    for place in low..<high {
      if right >= high || (left < middle && values[left] <= values[right]) {
        buffer[place] = values[left]
        left += 1
      } else {
        buffer[place] = values[right]
        right += 1
        count += middle - left
      }
    }
    for place in low..<high { values[place] = buffer[place] }
    return count
  }
}
