/// The best pairing of rows with columns, each at most once (the Hungarian problem), by shortest augmenting paths after
/// reduction of the columns and of the rows (Jonker and Volgenant, 1987; rectangular after Crouse, 2016): exact, `O(n² m)`.
public struct LinearAssignment: Sendable, Equatable {
  public struct Pair: Sendable, Equatable {
    public var row: Int
    public var column: Int
  }

  /// The smaller side whole, by row.
  public let pairs: [Pair]
  /// The sum over the pairs.
  public let total: Double

  /// The column of each row, -1 for rows without one.
  public func columnOfRow(rows: Int) -> [Int] {
    var columns = [Int](repeating: -1, count: rows)
    for pair in pairs { columns[pair.row] = pair.column }
    return columns
  }

  /// The pairing of the largest sum.
  ///
  /// - Parameter weights: `[rows][columns]`, all finite.
  public static func maximising(_ weights: [[Double]]) -> LinearAssignment {
    let columns = weights.first?.count ?? 0
    precondition(weights.allSatisfy { $0.count == columns }, "rows of different lengths")
    return solve(weights.flatMap { $0 }, rows: weights.count, columns: columns, sign: -1)
  }

  /// The pairing of the least sum.
  ///
  /// - Parameter costs: `[rows][columns]`, all finite.
  public static func minimising(_ costs: [[Double]]) -> LinearAssignment {
    let columns = costs.first?.count ?? 0
    precondition(costs.allSatisfy { $0.count == columns }, "rows of different lengths")
    return solve(costs.flatMap { $0 }, rows: costs.count, columns: columns, sign: 1)
  }

  /// The pairing of the largest sum of a matrix row by row, `[rows · columns]`, all finite.
  public static func maximising(_ weights: [Double], rows: Int, columns: Int) -> LinearAssignment {
    solve(weights, rows: rows, columns: columns, sign: -1)
  }

  /// The pairing of the least sum of a matrix row by row, `[rows · columns]`, all finite.
  public static func minimising(_ costs: [Double], rows: Int, columns: Int) -> LinearAssignment {
    solve(costs, rows: rows, columns: columns, sign: 1)
  }

  private static func solve(_ values: [Double], rows: Int, columns: Int, sign: Double) -> LinearAssignment {
    precondition(values.count == rows * columns, "\(values.count) values for \(rows) × \(columns)")
    // A product with 0 is not a number for whatever is not finite.
    let traces = values.withUnsafeBufferPointer { $0.reduce(0.0) { $0 + $1 * 0 } }
    precondition(traces == 0, "a weight of an assignment is not finite")
    guard !values.isEmpty else { return LinearAssignment(pairs: [], total: 0) }
    let isWide = rows <= columns
    let search = AssignmentSearch(values, rows: rows, columns: columns, sign: sign, transposing: !isWide)
    let columnOfRow = search.solved()
    var pairs = columnOfRow.enumerated().map { row, column in
      isWide ? Pair(row: row, column: column) : Pair(row: column, column: row)
    }
    pairs.sort { $0.row < $1.row }
    return LinearAssignment(
      pairs: pairs, total: pairs.reduce(0) { $0 + values[$1.row * columns + $1.column] })
  }
}
