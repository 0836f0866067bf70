/// The work of ``LinearAssignment``: least costs of at most as many rows as columns.
///
/// Prices of columns keep `cost - price` of a row at its least on the column that the row has. Rows lie eight numbers to a vector,
/// filled up with infinite costs, so that every scan of a row is a few instructions for eight columns.
final class AssignmentSearch {
  private typealias Lane = SIMD8<Double>
  private let rows: Int
  private let columns: Int
  /// Vectors to a row.
  private let width: Int
  private let costs: UnsafeMutablePointer<Lane>
  /// The prices: not above 0, and 0 for a column that no row has, where there are more columns than rows.
  private let price: UnsafeMutablePointer<Lane>
  /// The shortest path to each column; not a number, which no comparison holds for, once it is known for good.
  private let distance: UnsafeMutablePointer<Lane>
  /// The row before each column on that path; as the distances in 64 bits and floating, so that one mask serves both.
  private let previous: UnsafeMutablePointer<Lane>
  private var columnOfRow: [Int]
  private var rowOfColumn: [Int]

  init(_ values: [Double], rows: Int, columns: Int, sign: Double, transposing: Bool) {
    (self.rows, self.columns) = transposing ? (columns, rows) : (rows, columns)
    width = (self.columns + 7) / 8
    costs = .allocate(capacity: self.rows * width)
    price = .allocate(capacity: width)
    distance = .allocate(capacity: width)
    previous = .allocate(capacity: width)
    columnOfRow = Array(repeating: -1, count: self.rows)
    rowOfColumn = Array(repeating: -1, count: self.columns)
    costs.initialize(repeating: Lane(repeating: .infinity), count: self.rows * width)
    price.initialize(repeating: .zero, count: width)
    distance.initialize(repeating: .zero, count: width)
    previous.initialize(repeating: .zero, count: width)
    let stride = width * 8
    let scalars = UnsafeMutableRawPointer(costs).assumingMemoryBound(to: Double.self)
    values.withUnsafeBufferPointer { values in
      for row in 0..<rows {
        let source = values.baseAddress! + row * columns
        if transposing {
          for column in 0..<columns { scalars[column * stride + row] = sign * source[column] }
        } else {
          for column in 0..<columns { scalars[row * stride + column] = sign * source[column] }
        }
      }
    }
  }

  deinit {
    costs.deallocate()
    price.deallocate()
    distance.deallocate()
    previous.deallocate()
  }

  private var prices: UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(price).assumingMemoryBound(to: Double.self)
  }

  private func cost(_ row: Int, _ column: Int) -> Double {
    UnsafeRawPointer(costs).assumingMemoryBound(to: Double.self)[row * width * 8 + column]
  }

  /// The column of each row.
  func solved() -> [Int] {
    var free = rows == columns ? reduceColumns() : Array(0..<rows)
    for _ in 0..<2 where !free.isEmpty { free = reduceRows(free) }
    for row in free { augment(row) }
    return columnOfRow
  }

  /// Prices every column at its least cost and gives it the row of that cost; the rows that have none yet. Only where every
  /// column will have a row.
  private func reduceColumns() -> [Int] {
    let least = previous
    for k in 0..<width { (price[k], least[k]) = (costs[k], .zero) }
    for row in 1..<max(1, rows) {
      let (line, index) = (costs + row * width, Lane(repeating: Double(row)))
      for k in 0..<width {
        let isLess = line[k] .< price[k]
        price[k] = price[k].replacing(with: line[k], where: isLess)
        least[k] = least[k].replacing(with: index, where: isLess)
      }
    }
    let rowOfLeast = UnsafeRawPointer(least).assumingMemoryBound(to: Double.self)
    for column in stride(from: columns - 1, through: 0, by: -1) {
      let row = Int(rowOfLeast[column])
      if columnOfRow[row] < 0 { (columnOfRow[row], rowOfColumn[column]) = (column, row) }
    }
    // Beyond the last column the prices must not meet infinite costs.
    for column in columns..<width * 8 { prices[column] = 0 }
    return (0..<rows).filter { columnOfRow[$0] < 0 }
  }

  /// Every row without a column takes its cheapest, at a price that makes the second cheapest as good, and drives away the row that
  /// had it; the rows that are left without one. In floating point such a chase might not end: it is stopped after
  /// some steps, as whatever is left is augmented; three to a row are fastest for correlations.
  private func reduceRows(_ waiting: [Int]) -> [Int] {
    var queue = Array(waiting.reversed())
    var left: [Int] = []
    var steps = 3 * rows + waiting.count
    while let row = queue.popLast() {
      let (first, least, second, next) = twoCheapest(row)
      steps -= 1
      var column = first
      let lowers = prices[first] - (next - least) < prices[first]
      if lowers {
        prices[first] -= next - least
      } else if rowOfColumn[first] >= 0, second >= 0 {
        column = second
      }
      let driven = rowOfColumn[column]
      (columnOfRow[row], rowOfColumn[column]) = (column, row)
      guard driven >= 0 else { continue }
      columnOfRow[driven] = -1
      if lowers && steps > 0 { queue.append(driven) } else { left.append(driven) }
    }
    return left
  }

  /// The columns of the least and second least `cost - price` of a row, and these.
  private func twoCheapest(_ row: Int) -> (first: Int, least: Double, second: Int, next: Double) {
    let line = costs + row * width
    var low = Lane(repeating: .infinity)
    var (high, lowPlace, highPlace) = (low, Lane(repeating: 0), Lane(repeating: 0))
    for k in 0..<width {
      let reduced = line[k] - price[k]
      let place = Lane(repeating: Double(k))
      let isLow = reduced .< low
      let larger = reduced.replacing(with: low, where: isLow)
      let largerPlace = place.replacing(with: lowPlace, where: isLow)
      let isHigh = larger .< high
      low.replace(with: reduced, where: isLow)
      lowPlace.replace(with: place, where: isLow)
      high.replace(with: larger, where: isHigh)
      highPlace.replace(with: largerPlace, where: isHigh)
    }
    let lane = Self.least(low)
    let (first, least) = (Int(lowPlace[lane]) * 8 + lane, low[lane])
    (low[lane], lowPlace[lane]) = (high[lane], highPlace[lane])
    let other = Self.least(low)
    guard low[other].isFinite else { return (first, least, -1, least) }
    return (first, least, Int(lowPlace[other]) * 8 + other, low[other])
  }

  /// The lane of the least number.
  private static func least(_ values: Lane) -> Int {
    var best = 0
    for lane in 1..<8 where values[lane] < values[best] { best = lane }
    return best
  }

  /// Gives `start` a column, moving others along the cheapest path.
  private func augment(_ start: Int) {
    let distances = UnsafeMutableRawPointer(distance).assumingMemoryBound(to: Double.self)
    let origins = UnsafeRawPointer(previous).assumingMemoryBound(to: Double.self)
    for k in 0..<width { distance[k] = Lane(repeating: .infinity) }
    var (row, offset, sink, least) = (start, 0.0, -1, 0.0)
    var settled: [(column: Int, distance: Double)] = []
    while sink < 0 {
      let nearest = relax(from: row, offset)
      least = nearest.distance
      if rowOfColumn[nearest.column] < 0 {
        sink = nearest.column
      } else {
        settled.append(nearest)
        distances[nearest.column] = .nan
        row = rowOfColumn[nearest.column]
        offset = least - (cost(row, nearest.column) - prices[nearest.column])
      }
    }
    for (column, distance) in settled { prices[column] += distance - least }
    var column = sink
    while true {
      let row = Int(origins[column])
      rowOfColumn[column] = row
      swap(&columnOfRow[row], &column)
      if row == start { return }
    }
  }

  /// Shortens paths to the open columns through `row`; the nearest of them.
  private func relax(from row: Int, _ offset: Double) -> (column: Int, distance: Double) {
    let line = costs + row * width
    let (shift, origin) = (Lane(repeating: offset), Lane(repeating: Double(row)))
    var (low, lowPlace) = (Lane(repeating: .infinity), Lane(repeating: 0))
    for k in 0..<width {
      let through = line[k] - price[k] + shift
      let isShorter = through .< distance[k]
      let reached = distance[k].replacing(with: through, where: isShorter)
      distance[k] = reached
      previous[k] = previous[k].replacing(with: origin, where: isShorter)
      let isLow = reached .< low
      low.replace(with: reached, where: isLow)
      lowPlace.replace(with: Lane(repeating: Double(k)), where: isLow)
    }
    let lane = Self.least(low)
    return (Int(lowPlace[lane]) * 8 + lane, low[lane])
  }
}
