import Neurons
import Support

/// Sparse codes of 2,048 bits, beside NumPy's bit operations; one thread on both sides.
enum SparseCodeBenchmarks {
  static let all: [Benchmark] = [overlaps, singleQuery, unions, index, monteCarlo]

  private static let bits = 2_048
  private static let active = 40

  private static func codes(_ count: Int, seed: UInt64) -> SDRMatrix {
    var generator = RandomGenerator(seed: seed)
    return .random(count: count, n: bits, a: active, using: &generator)
  }

  private static let overlaps = Benchmark(
    "sdr-overlap", "overlaps of 64 codes with 20,000, of 2,048 bits, one thread",
    work: (64 * 20_000, "overlaps"),
    peer: ("sparse_codes.py", "NumPy"), target: 10
  ) {
    Threads.count = 1
    let (stored, queries) = (codes(20_000, seed: 1), codes(64, seed: 2))
    return Benchmark.time(15) { _ = stored.overlaps(with: queries) }
  }

  private static let singleQuery = Benchmark(
    "sdr-overlap-single", "overlaps of one code with 1,000, of 2,048 bits, one thread, 100 times",
    work: (100_000, "overlaps"),
    peer: ("sparse_codes.py", "NumPy"), target: 10
  ) {
    Threads.count = 1
    let stored = codes(1_000, seed: 1)
    let queries = codes(100, seed: 2).codes
    return Benchmark.time(15) { for query in queries { _ = stored.overlaps(with: query) } }
  }

  private static let unions = Benchmark(
    "sdr-union",
    "the unions of 2,000 groups of 10 codes, and their overlaps with 64, of 2,048 bits, one thread",
    work: (64 * 2_000, "tests"), peer: ("sparse_codes.py", "NumPy"), target: 10
  ) {
    Threads.count = 1
    let (stored, queries) = (codes(20_000, seed: 1), codes(64, seed: 2))
    let groups = (0..<2_000).map { $0 * 10..<$0 * 10 + 10 }
    return Benchmark.time(15) { _ = stored.unions(of: groups).overlaps(with: queries) }
  }

  private static let index = Benchmark(
    "sdr-index", "which of 100,000 codes share 20 cells with one, through the index, one thread, 64 times",
    work: (64, "queries")
  ) {
    Threads.count = 1
    let index = SDRIndex(codes(100_000, seed: 1))
    let queries = codes(64, seed: 2).codes
    return Benchmark.time(15) { for query in queries { _ = index.matches(query, threshold: 20) } }
  }

  /// The sheet's setting: n = 300, a = 64, s = 24.
  private static let monteCarlo = Benchmark(
    "sdr-monte-carlo",
    "50 million random patterns against a segment, all threads (asked for: under a minute)",
    work: (5e7, "trials")
  ) {
    var generator = RandomGenerator(seed: 1)
    return try Benchmark.time(1) {
      _ = try RecognitionTrials.randomPatterns(n: 300, a: 64, s: 24, trials: 50_000_000, using: &generator)
    }
  }
}
