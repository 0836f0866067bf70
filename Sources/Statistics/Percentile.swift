/// Percentiles with linear interpolation between ranks, as NumPy's default.
public enum Percentile {
  /// - Parameter percentile: 0...100.
  public static func of(_ values: [Double], _ percentile: Double) -> Double {
    ofSorted(values.sorted(), percentile)
  }

  /// The middle value, or the mean of the two in the middle; not a number without values.
  public static func median(_ values: [Double]) -> Double { of(values, 50) }

  /// Of values that ascend already.
  public static func ofSorted(_ sorted: [Double], _ percentile: Double) -> Double {
    quantile(ofSorted: sorted, percentile / 100)
  }

  /// The same by the share of values below, 0...1.
  public static func quantile(ofSorted sorted: [Double], _ share: Double) -> Double {
    guard !sorted.isEmpty else { return .nan }
    let place = share * Double(sorted.count - 1)
    let low = max(0, min(sorted.count - 1, Int(place)))
    let high = min(low + 1, sorted.count - 1)
    return sorted[low] + (sorted[high] - sorted[low]) * (place - Double(low))
  }
}

/// The percentile of a window that slides over a series, kept sorted.
package struct SlidingPercentile {
  private let input: UnsafeBufferPointer<Double>
  private let half: Int
  private let percentile: Double
  private var sorted: [Double] = []
  private var index = 0

  package init(_ input: UnsafeBufferPointer<Double>, half: Int, _ percentile: Double) {
    (self.input, self.half, self.percentile) = (input, half, percentile)
    sorted = input.prefix(half).sorted()
  }

  /// Of the samples from `half` before to `half` behind, as far as there are any.
  package mutating func next() -> Double {
    if index + half < input.count { sorted.insert(input[index + half], at: position(input[index + half])) }
    if index > half { sorted.remove(at: position(input[index - half - 1])) }
    index += 1
    return Percentile.ofSorted(sorted, percentile)
  }

  private func position(_ value: Double) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
