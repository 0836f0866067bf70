/// The best pairing of rows with columns, each at most once (the Hungarian problem), by shortest augmenting paths (Jonker and
/// Volgenant, 1987; rectangular after Crouse, 2016): exact, `O(n² m)`.
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

  private static func solve(_ values: [Double], rows: Int, columns: Int, sign: Double) -> LinearAssignment {
    precondition(values.count == rows * columns, "\(values.count) values for \(rows) × \(columns)")
    precondition(values.allSatisfy(\.isFinite), "a weight of an assignment is not finite")
    let isWide = rows <= columns
    let (small, large) = isWide ? (rows, columns) : (columns, rows)
    var costs = [Double](repeating: 0, count: values.count)
    for row in 0..<rows {
      for column in 0..<columns {
        costs[isWide ? row * columns + column : column * rows + row] = sign * values[row * columns + column]
      }
    }
    var search = AssignmentSearch(costs, small, large)
    for row in 0..<small { search.augment(row) }
    var pairs = (0..<small).map { row in
      isWide
        ? Pair(row: row, column: search.columnOfRow[row]) : Pair(row: search.columnOfRow[row], column: row)
    }
    pairs.sort { $0.row < $1.row }
    return LinearAssignment(
      pairs: pairs, total: pairs.reduce(0) { $0 + values[$1.row * columns + $1.column] })
  }
}

/// One shortest augmenting path after the other, with potentials that keep reduced costs from being negative.
private struct AssignmentSearch {
  let costs: [Double]
  let rows: Int
  let columns: Int
  var columnOfRow: [Int]
  private var rowOfColumn: [Int]
  private var rowPotential: [Double]
  private var columnPotential: [Double]
  private var distance: [Double]
  private var previous: [Int]
  /// Columns not yet reached for good, without gaps.
  private var open: [Int]

  init(_ costs: [Double], _ rows: Int, _ columns: Int) {
    (self.costs, self.rows, self.columns) = (costs, rows, columns)
    columnOfRow = Array(repeating: -1, count: rows)
    rowOfColumn = Array(repeating: -1, count: columns)
    rowPotential = Array(repeating: 0, count: rows)
    columnPotential = Array(repeating: 0, count: columns)
    distance = Array(repeating: 0, count: columns)
    previous = Array(repeating: -1, count: columns)
    open = Array(0..<columns)
  }

  /// Gives `start` a column, moving others along the cheapest path.
  mutating func augment(_ start: Int) {
    for column in 0..<columns {
      distance[column] = .infinity
      open[column] = columns - 1 - column
    }
    var (row, least, sink, remaining) = (start, 0.0, -1, columns)
    var settled: [Int] = []
    while sink < 0 {
      let position = relax(from: row, at: least, remaining)
      let column = open[position]
      least = distance[column]
      remaining -= 1
      open[position] = open[remaining]
      settled.append(column)
      if rowOfColumn[column] < 0 { sink = column } else { row = rowOfColumn[column] }
    }
    rowPotential[start] += least
    for column in settled where column != sink {
      rowPotential[rowOfColumn[column]] += least - distance[column]
      columnPotential[column] -= least - distance[column]
    }
    var column = sink
    while true {
      let row = previous[column]
      rowOfColumn[column] = row
      swap(&columnOfRow[row], &column)
      if row == start { return }
    }
  }

  /// Shortens paths to the open columns through `row`; the position of the nearest one, a free one first among equals.
  private mutating func relax(from row: Int, at least: Double, _ remaining: Int) -> Int {
    let offset = least - rowPotential[row]
    var (nearest, nearestDistance) = (-1, Double.infinity)
    costs.withUnsafeBufferPointer { costs in
      let costs = costs.baseAddress! + row * columns
      for position in 0..<remaining {
        let column = open[position]
        let through = offset + costs[column] - columnPotential[column]
        if through < distance[column] {
          distance[column] = through
          previous[column] = row
        }
        let reached = distance[column]
        if reached < nearestDistance || (reached == nearestDistance && rowOfColumn[column] < 0) {
          (nearest, nearestDistance) = (position, reached)
        }
      }
    }
    return nearest
  }
}
