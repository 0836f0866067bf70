import Foundation
import Neurons
import Support

/// What ranks started by `mpirun` tell each other: `mpirun -n 2 cajal bench --sample ranks`.
enum RankBenchmarks {
  /// Started by others.
  static let hidden: [Benchmark] = [exchange, failure]

  private static let exchange = Benchmark(
    "ranks", "exchanges of 100 spikes, with all others that ranks do, checked", work: (1000, "exchanges")
  ) {
    let ranks = try joined()
    try check(ranks)
    let spikes = values(100, of: ranks.index)
    return try Benchmark.time(5) {
      for _ in 0..<1000 { _ = try ranks.exchange(spikes) }
    }
  }

  private static let failure = Benchmark(
    "ranks-failing", "the last rank fails, all must end", work: (1, "ends")
  ) {
    let ranks = try joined()
    if ranks.index == ranks.count - 1 { throw CajalError("rank \(ranks.index) fails on purpose") }
    while true { try ranks.barrier() }
  }

  private static func joined() throws -> Ranks {
    guard let ranks = try Ranks.joined() else { throw CajalError("start it with mpirun -n 2") }
    return ranks
  }

  private static func values(_ count: Int, of rank: Int) -> [Int32] {
    (0..<count).map { Int32(truncatingIfNeeded: $0 &* 7919 &+ rank) }
  }

  /// Exchanges of all lengths, so that the first message grows, overflows and shrinks, and everything else once.
  private static func check(_ ranks: Ranks) throws {
    func expect(_ isRight: Bool, _ what: String) throws {
      guard isRight else { throw CajalError("rank \(ranks.index) of \(ranks.count): wrong \(what)") }
    }
    let lengths = [0, 1, 62, 63, 64, 65, 100, 5000, 16_383, 16_384, 100_000, 0, 3]
    for turn in 0..<700 {
      // Every rank has another number of values.
      func length(_ rank: Int) -> Int { lengths[turn % lengths.count] * (turn % (rank + 2)) }
      let mine = values(turn < 300 ? length(ranks.index) : ranks.index, of: ranks.index)
      for (rank, received) in try ranks.exchange(mine).enumerated() {
        try expect(
          received == values(turn < 300 ? length(rank) : rank, of: rank),
          "values of \(rank) in exchange \(turn)")
      }
    }
    let n = ranks.count
    try expect(ranks.sum(ranks.index + 1) == n * (n + 1) / 2, "sum")
    try expect(ranks.sum([0.5, Double(ranks.index)]) == [Double(n) / 2, Double(n * (n - 1) / 2)], "sums")
    try expect(ranks.all([Double(ranks.index)]) == (0..<n).map { [Double($0)] }, "numbers of all")
    let text = Data((0..<1_000_003).map { UInt8(truncatingIfNeeded: $0) })
    try expect(ranks.broadcast(ranks.index == 0 ? text : Data()) == text, "broadcast")
    let gathered = try ranks.gather(text.prefix(1000 * ranks.index + 3))
    try expect((gathered == nil) == (ranks.index != 0), "gathering rank")
    if let gathered {
      try expect(gathered == (0..<n).map { text.prefix(1000 * $0 + 3) }, "gathered data")
    }
    try ranks.barrier()
  }
}
