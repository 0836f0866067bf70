import Support

/// How many components a tensor has: decompositions of rising rank, with what speaks for and against each.
///
/// The error falls with every component; restarts stop finding the same ones when there are too many (as in Williams et al., 2018).
public struct RankScan: Sendable {
  public struct Entry: Sendable {
    public let rank: Int
    /// Relative error of the best run.
    public let error: Double
    /// By how much it is below that of the rank before; not a number for the first.
    public let drop: Double
    /// The mean factor match score of the other restarts with the best.
    public let similarity: Double
    /// How many components have, along the chosen axis, a weight above a tenth of the largest of all components.
    public let active: Int
    public let fit: NonNegativeCP.Fit
  }

  public let entries: [Entry]

  /// The largest rank whose restarts agree better than `similarity`; the one of the most similar restarts if none does.
  public func chosenRank(similarity: Double = 0.9) -> Int {
    entries.last { $0.similarity > similarity }?.rank
      ?? entries.max { ($0.similarity, $1.rank) < ($1.similarity, $0.rank) }!.rank
  }

  /// Decompositions of every rank of `ranks`.
  ///
  /// - Parameters:
  ///   - method: Its own rank does not matter; at least two restarts.
  ///   - activityAxis: Along which axis ``Entry/active`` is counted: the animals'.
  ///   - progress: Called before every rank; may throw to stop.
  public static func run(
    _ tensor: NonNegativeTensor, ranks: ClosedRange<Int>, method: NonNegativeCP, activityAxis: Int = 1,
    using generator: inout RandomGenerator, progress: (Int) throws -> Void = { _ in }
  ) rethrows -> RankScan {
    precondition(ranks.lowerBound > 0 && method.restarts > 1, "ranks \(ranks), \(method.restarts) restarts")
    var entries: [Entry] = []
    for rank in ranks {
      try progress(rank)
      var cp = method
      cp.rank = rank
      let fit = cp.fit(tensor, using: &generator)
      entries.append(
        Entry(
          rank: rank, error: fit.best.error, drop: entries.last.map { $0.error - fit.best.error } ?? .nan,
          similarity: fit.similarity, active: active(fit.best.factors, activityAxis), fit: fit))
    }
    return RankScan(entries: entries)
  }

  private static func active(_ factors: CPFactors, _ axis: Int) -> Int {
    // Weights along one axis compare only when the lengths of the components are in them.
    let largest = factors.normalised(into: axis).columns[axis].map { $0.max() ?? 0 }
    let limit = 0.1 * (largest.max() ?? 0)
    return largest.count { $0 > limit }
  }
}
