/// Mean and spread of a quantity that was measured several times, over seeds say.
public struct Spread: Sendable, Equatable {
  public let count: Int
  public let mean: Double
  /// Sample standard deviation; 0 for a single value.
  public let deviation: Double

  /// - Parameter values: At least one; the mean of none is not a number.
  public init(_ values: [Double]) {
    count = values.count
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    deviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : 0
  }

  /// The standard deviation of the mean itself.
  public var standardError: Double { deviation / Double(count).squareRoot() }
}
