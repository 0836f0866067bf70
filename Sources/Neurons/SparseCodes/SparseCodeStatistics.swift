import Support

/// What a set of binary patterns looks like: how sparse it is and how far its cells depend on each other.
public struct SparseCodeStatistics: Sendable {
  /// Patterns in the set.
  public let patterns: Int
  /// Cells in the population.
  public let n: Int
  /// The mean number of active cells of a pattern.
  public let meanActive: Double
  /// The standard deviation of the number of active cells.
  public let deviationOfActive: Double
  /// The share of cells that are active in at least one pattern.
  public let usedCells: Double
  /// Mean correlation of the cells of a pattern: for every pattern and every ordered pair of its active
  /// cells the Pearson correlation of the two cells over the whole set, averaged over all of them.
  ///
  /// 0 for independent cells (slightly below, as a fixed number is active), towards 1 when cells always go together.
  public let patternCorrelation: Double
  /// For every active cell of a pattern the mean of its `k` largest correlations with the other active cells,
  /// averaged over cells and patterns: sensitive to small clusters that the overall mean dilutes.
  public let strongestCorrelation: Double

  /// - Parameter k: how many of the strongest partners of a cell count in ``strongestCorrelation``.
  /// - Throws: `CajalError` when there are fewer than two patterns.
  public init(_ data: SDRMatrix, strongest k: Int = 10) throws {
    guard data.count >= 2 else {
      throw CajalError("correlations need at least two patterns, not \(data.count)")
    }
    patterns = data.count
    n = data.n
    let counts = data.activeCounts.map(Double.init)
    let mean = counts.reduce(0, +) / Double(counts.count)
    meanActive = mean
    let squares = counts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    deviationOfActive = (squares / Double(counts.count)).squareRoot()
    let cells = CellCorrelations(data)
    usedCells = Double(cells.active.filter { $0 > 0 }.count) / Double(n)
    let sums = parallelMap(data.count) { cells.within(data[$0].indices, strongest: k) }
    patternCorrelation =
      sums.reduce(0) { $0 + $1.sum } / Double(max(1, sums.reduce(0) { $0 + $1.pairs }))
    strongestCorrelation =
      sums.reduce(0) { $0 + $1.strongest } / Double(max(1, sums.reduce(0) { $0 + $1.cells }))
  }
}

/// Pearson correlations between the cells of a set of patterns, from how often two are active together.
private struct CellCorrelations: Sendable {
  let active: [Int32]
  /// `[n, n]`: patterns in which both cells are active.
  private let together: [Int32]
  private let patterns: Double
  /// Share of the patterns in which a cell is active, and one over its standard deviation; 0 for constant cells.
  private let share: [Double]
  private let scale: [Double]

  init(_ data: SDRMatrix) {
    let cells = data.transposed()
    let total = Double(data.count)
    patterns = total
    active = cells.activeCounts
    together = cells.overlaps(with: cells)
    share = active.map { Double($0) / total }
    scale = share.map { $0 > 0 && $0 < 1 ? 1 / ($0 * (1 - $0)).squareRoot() : 0 }
  }

  /// Sums over the ordered pairs of `cells`, and the mean of each cell's `k` largest.
  func within(
    _ cells: [Int32], strongest k: Int
  ) -> (sum: Double, pairs: Int, strongest: Double, cells: Int) {
    guard cells.count > 1 else { return (0, 0, 0, 0) }
    let k = max(1, min(k, cells.count - 1))
    var (sum, strongest) = (0.0, 0.0)
    var best = [Double](repeating: -1, count: k)
    for i in cells {
      let row = Int(i) * active.count
      for place in 0..<k { best[place] = -1 }
      for j in cells where j != i {
        let joint = Double(together[row + Int(j)]) / patterns
        let value = (joint - share[Int(i)] * share[Int(j)]) * scale[Int(i)] * scale[Int(j)]
        sum += value
        insert(value, into: &best)
      }
      strongest += best.reduce(0, +) / Double(k)
    }
    return (sum, cells.count * (cells.count - 1), strongest, cells.count)
  }

  /// Keeps the largest values, largest first.
  private func insert(_ value: Double, into best: inout [Double]) {
    var place = best.count - 1
    guard value > best[place] else { return }
    while place > 0, best[place - 1] < value {
      best[place] = best[place - 1]
      place -= 1
    }
    best[place] = value
  }
}

/// Spearman's rank correlation; equal values share their mean rank. Not a number when one side is constant.
public func rankCorrelation(_ left: [Double], _ right: [Double]) -> Double {
  precondition(left.count == right.count, "\(left.count) values against \(right.count)")
  func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var result = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start
      while end + 1 < order.count, values[order[end + 1]] == values[order[start]] { end += 1 }
      for place in start...end { result[order[place]] = Double(start + end) / 2 }
      start = end + 1
    }
    return result
  }
  let (a, b) = (ranks(left), ranks(right))
  let mean = Double(left.count - 1) / 2
  var (cross, first, second) = (0.0, 0.0, 0.0)
  for (x, y) in zip(a, b) {
    cross += (x - mean) * (y - mean)
    first += (x - mean) * (x - mean)
    second += (y - mean) * (y - mean)
  }
  return cross / (first * second).squareRoot()
}
