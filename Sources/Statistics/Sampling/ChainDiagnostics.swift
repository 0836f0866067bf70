import Foundation

/// Whether Markov chains have come to agree, and how much they tell (Gelman et al., *Bayesian Data Analysis*, 3rd
/// edition, 11.4-11.5).
public enum ChainDiagnostics {
  /// The potential scale reduction of half chains: near 1 when all halves of all chains see the same distribution. Not
  /// a number below four samples; 1 where all samples are equal.
  ///
  /// - Parameter chains: `[chains][samples]`, all of the same length.
  public static func splitRHat(_ chains: [[Double]]) -> Double {
    let halves = halves(chains)
    guard let n = halves.first?.count, n > 1 else { return .nan }
    let (within, between) = variances(halves)
    if within == 0 { return between == 0 ? 1 : .infinity }
    return ((Double(n - 1) / Double(n) * within + between / Double(n)) / within).squareRoot()
  }

  /// How many independent samples tell as much about the mean: autocorrelations summed while those of adjacent pairs
  /// stay positive (Geyer's initial monotone sequence). All samples where they are all equal.
  public static func effectiveSampleSize(_ chains: [[Double]]) -> Double {
    let halves = halves(chains)
    guard let n = halves.first?.count, n > 1 else { return .nan }
    let total = Double(n * halves.count)
    let (within, between) = variances(halves)
    let pooled = Double(n - 1) / Double(n) * within + between / Double(n)
    guard pooled > 0 else { return total }
    func correlation(_ lag: Int) -> Double {
      let variogram = halves.reduce(0.0) { sum, chain in
        sum + (lag..<n).reduce(0.0) { $0 + pow(chain[$1] - chain[$1 - lag], 2) }
      }
      return 1 - variogram / Double(halves.count * (n - lag)) / (2 * pooled)
    }
    var (sum, last, lag) = (0.0, Double.infinity, 1)
    while lag + 1 < n {
      let pair = correlation(lag) + correlation(lag + 1)
      guard pair > 0 else { break }
      last = min(last, pair)
      sum += last
      lag += 2
    }
    return min(total, total / (1 + 2 * sum))
  }

  private static func halves(_ chains: [[Double]]) -> [[Double]] {
    let length = (chains.first?.count ?? 0) / 2
    precondition(chains.allSatisfy { $0.count / 2 == length }, "chains of different lengths")
    return chains.flatMap { [Array($0.prefix(length)), Array($0.suffix(length))] }
  }

  /// The mean variance inside the halves, and n times the variance of their means.
  private static func variances(_ chains: [[Double]]) -> (within: Double, between: Double) {
    let n = Double(chains[0].count)
    let means = chains.map { $0.reduce(0, +) / n }
    let within = zip(chains, means).reduce(0.0) { sum, pair in
      sum + pair.0.reduce(0) { $0 + ($1 - pair.1) * ($1 - pair.1) } / (n - 1)
    }
    let mean = means.reduce(0, +) / Double(means.count)
    let between = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } * n / Double(max(1, means.count - 1))
    return (within / Double(chains.count), between)
  }
}
