import Recordings
import Support

/// Spike trains, beside Elephant and NumPy; one thread on both sides.
enum RecordingBenchmarks {
  static let all: [Benchmark] = [correlograms, correlogramsNumPy, binning, binningNumPy]

  /// Poisson trains of `rate` Hz over ten minutes.
  private static func trains(_ units: Int, rate: Double) throws -> SpikeTrains {
    var generator = RandomGenerator(seed: 1)
    let duration = 600.0
    let times = (0..<units).map { _ in
      (0..<Int(rate * duration)).map { _ in generator.uniform() * duration }.sorted()
    }
    return try SpikeTrains(times, support: Epochs(from: 0, to: duration))
  }

  private static func correlograms(_ name: String, _ peer: String) -> Benchmark {
    Benchmark(
      name,
      "correlograms of all pairs of 20 units of 6,000 spikes, lags to 50 ms in bins of 1 ms, one thread",
      work: (210, "pairs"), peer: ("recordings.py", peer), target: 10
    ) {
      Threads.count = 1
      let trains = try trains(20, rate: 10)
      return Benchmark.time(15) { _ = trains.correlograms(width: 0.001, window: 0.05) }
    }
  }

  private static func binning(_ name: String, _ peer: String) -> Benchmark {
    Benchmark(
      name, "200 units of 12,000 spikes as counts in 30,000 bins of 20 ms, one thread",
      work: (200 * 12_000, "spikes"), peer: ("recordings.py", peer), target: 10
    ) {
      Threads.count = 1
      let trains = try trains(200, rate: 20)
      return try Benchmark.time(15) { _ = try trains.binned(width: 0.02) }
    }
  }

  private static let correlograms = correlograms("spike-correlograms", "Elephant")
  private static let correlogramsNumPy = correlograms("spike-correlograms-numpy", "NumPy")
  private static let binning = binning("spike-binning", "Elephant")
  private static let binningNumPy = binning("spike-binning-numpy", "NumPy")
}
