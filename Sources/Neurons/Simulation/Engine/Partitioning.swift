/// How the neurons of a population are split: over ranks, and within them over threads.
struct Partitioning: Sendable {
  let ranks, rank, threads: Int

  /// Where each partition of a rank begins, and behind them where the last ends.
  ///
  /// - Parameter block: Partitions begin on multiples of this.
  func bounds(of count: Int, block: Int) -> [Int] {
    let parts = ranks * threads
    let blocks = (count + block - 1) / block
    return (0...threads).map { min(count, blocks * (rank * threads + $0) / parts * block) }
  }
}
