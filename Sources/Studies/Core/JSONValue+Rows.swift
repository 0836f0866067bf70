import Support

extension JSONValue {
  /// The matrix at `key`: rows of numbers, all of the same length.
  /// - Throws: `CajalError` naming the key.
  public func rows(_ key: String) throws -> [[Double]] {
    guard let rows = self[key].array, !rows.isEmpty else {
      throw CajalError("'\(key)' should be a matrix: an array of rows of numbers")
    }
    let numbers = rows.map { $0.array?.compactMap(\.double) ?? [] }
    let width = numbers[0].count
    guard width > 0, zip(rows, numbers).allSatisfy({ $0.array?.count == width && $1.count == width }) else {
      throw CajalError("'\(key)' should be a matrix of numbers with rows of the same length")
    }
    return numbers
  }
}
