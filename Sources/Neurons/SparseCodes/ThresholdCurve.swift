import Support

/// The false-positive rate at every threshold over a grid of plausible cells: which spike threshold is sensible
/// whatever the population looks like (paper, optimal NMDA threshold).
public struct ThresholdCurve: Sendable, Equatable {
  /// The rates of all settings at one threshold.
  public struct Row: Sendable, Equatable {
    /// Active synapses that make a spike.
    public var theta: Int
    /// The mean rate over all settings.
    public var mean: Double
    /// The median rate over all settings.
    public var median: Double
    /// The smallest rate.
    public var min: Double
    /// The largest rate.
    public var max: Double
  }

  /// One row a threshold.
  public let rows: [Row]
  /// Settings in the grid.
  public let settings: Int

  /// The paper's grid: 5 populations, 6 sparsities, 7 segment sizes, thresholds 3 to 24.
  public static let paperPopulations = [1000, 5000, 9000, 13_000, 17_000]
  /// The paper's shares of active cells.
  public static let paperSparsities = [0.005, 0.01, 0.015, 0.02, 0.025, 0.03]
  /// The paper's segment sizes.
  public static let paperSynapses = [20, 25, 30, 35, 40, 45, 50]

  /// - Parameter sparsities: share of active cells; the number is rounded half up.
  public init(
    populations: [Int] = paperPopulations, sparsities: [Double] = paperSparsities,
    synapses: [Int] = paperSynapses, thetas: [Int] = Array(3...24)
  ) {
    var grid: [(n: Int, a: Int, s: Int)] = []
    for n in populations {
      for sparsity in sparsities {
        let a = Int((sparsity * Double(n) + 0.5).rounded(.down))
        for s in synapses { grid.append((n, a, s)) }
      }
    }
    precondition(!grid.isEmpty, "a threshold curve needs at least one setting")
    let cells = grid
    settings = cells.count
    rows = parallelMap(thetas.count) { i in
      let rates = cells.map {
        RecognitionTheory.falsePositive(n: $0.n, a: $0.a, s: $0.s, theta: thetas[i])
      }.sorted()
      let middle = rates.count / 2
      let median = rates.count % 2 == 1 ? rates[middle] : (rates[middle - 1] + rates[middle]) / 2
      return Row(
        theta: thetas[i], mean: rates.reduce(0, +) / Double(rates.count), median: median,
        min: rates[0], max: rates[rates.count - 1])
    }
  }

  /// The smallest threshold with a median rate below `limit`.
  public func firstTheta(medianBelow limit: Double) -> Int? { rows.first { $0.median < limit }?.theta }
}
