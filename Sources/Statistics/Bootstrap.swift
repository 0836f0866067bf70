import Support

/// Confidence intervals of any statistic by drawing from the measurements with replacement (Efron, 1979).
public struct Bootstrap: Sendable {
  public enum Kind: Sendable {
    /// The quantiles of the statistic over draws.
    case percentile
    /// Corrected for bias and for a spread that changes with the value (Efron, 1987).
    case accelerated
  }

  public struct Interval: Sendable, Equatable {
    /// The statistic of the measurements.
    public var estimate: Double
    public var low: Double
    public var high: Double
  }

  public var level = 0.95
  public var draws = 2_000
  public var kind = Kind.accelerated

  public init(level: Double = 0.95, draws: Int = 2_000, kind: Kind = .accelerated) {
    precondition(level > 0 && level < 1 && draws > 0, "level \(level) from \(draws) draws")
    self.level = level
    self.draws = draws
    self.kind = kind
  }

  /// The interval of `statistic` of the measurements; of their mean unless given.
  ///
  /// - Parameter generator: Draws do not depend on the number of threads.
  public func interval(
    _ values: [Double], using generator: inout RandomGenerator,
    _ statistic: @Sendable ([Double]) -> Double = { $0.reduce(0, +) / Double($0.count) }
  ) -> Interval {
    interval([values], using: &generator) { statistic($0[0]) }
  }

  /// The interval of a statistic of several groups, each drawn from on its own: a difference of means, say.
  public func interval(
    _ groups: [[Double]], using generator: inout RandomGenerator,
    _ statistic: @Sendable ([[Double]]) -> Double
  ) -> Interval {
    precondition(!groups.isEmpty && groups.allSatisfy { !$0.isEmpty }, "a bootstrap of an empty group")
    let own = generator
    _ = generator.next()
    let estimate = statistic(groups)
    let drawn = parallelMap(draws) { index in
      var stream = own.split(index)
      return statistic(groups.map { group in group.map { _ in group[stream.integer(below: group.count)] } })
    }.sorted()
    let tails = [(1 - level) / 2, (1 + level) / 2]
    let shares = kind == .percentile ? tails : accelerated(tails, drawn, estimate, groups, statistic)
    return Interval(
      estimate: estimate, low: Percentile.quantile(ofSorted: drawn, shares[0]),
      high: Percentile.quantile(ofSorted: drawn, shares[1]))
  }

  private func accelerated(
    _ tails: [Double], _ drawn: [Double], _ estimate: Double, _ groups: [[Double]],
    _ statistic: @Sendable ([[Double]]) -> Double
  ) -> [Double] {
    let below =
      drawn.reduce(0.0) { $0 + ($1 < estimate ? 1 : $1 == estimate ? 0.5 : 0) } / Double(drawn.count)
    // All draws on one side of the estimate leave nothing to correct by.
    guard below > 0, below < 1 else { return tails }
    let bias = Distributions.normalQuantile(below)
    let acceleration = acceleration(groups, statistic)
    return tails.map { tail in
      let z = bias + Distributions.normalQuantile(tail)
      return Distributions.normal(bias + z / (1 - acceleration * z))
    }
  }

  /// From the statistic with one measurement left out at a time, each group on its own.
  private func acceleration(_ groups: [[Double]], _ statistic: @Sendable ([[Double]]) -> Double) -> Double {
    var (cubes, squares) = (0.0, 0.0)
    for (g, group) in groups.enumerated() where group.count > 1 {
      let without = parallelMap(group.count) { left in
        var rest = groups
        rest[g].remove(at: left)
        return statistic(rest)
      }
      let size = Double(group.count)
      let mean = without.reduce(0, +) / size
      for value in without {
        let influence = (size - 1) * (mean - value)
        squares += influence * influence / (size * size)
        cubes += influence * influence * influence / (size * size * size)
      }
    }
    return squares > 0 ? cubes / (6 * squares * squares.squareRoot()) : 0
  }
}
