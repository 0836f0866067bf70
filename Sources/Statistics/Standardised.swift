extension Array where Element == Double {
  /// The values less their mean, over their standard deviation; zeros where they are all equal.
  package var standardised: [Double] {
    guard !isEmpty else { return self }
    let mean = reduce(0, +) / Double(count)
    let variance = reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    return map { variance > 0 ? ($0 - mean) / variance.squareRoot() : 0 }
  }
}
